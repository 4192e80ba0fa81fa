//! Where a replay keeps its plan, its log and its results.

use std::fmt::Display;

use super::journal::Journal;
use super::plan::{ReplayOrder, ReplayPlan};
use super::refusal::ReplayError;
use crate::config::TopicNames;
use crate::stream::port::TopicPartition;

/// Topics of a namespace, or a directory. It displays as the name that was typed.
pub(super) trait ReplayTarget: Display {
    /// The names of its topics; those of a directory are names in its journal.
    fn names(&self) -> &TopicNames;

    /// The journal that holds the log, where that is not a topic. None before a plan was created or resumed.
    fn journal(&self) -> Option<&Journal> {
        None
    }

    /// The topics or files that hold the results.
    fn results(&self) -> Vec<String>;

    /// The present plan; none where no replay was begun.
    fn plan(&self) -> Result<Option<ReplayPlan>, ReplayError>;

    /// Refuses where topics or files that are not a replay's would be overwritten.
    fn check_unused(&self) -> Result<(), ReplayError>;

    /// Prepares everything for this plan and writes it. `overwrite` deletes what another replay has left here.
    fn create(&mut self, plan: &ReplayPlan, overwrite: bool) -> Result<(), ReplayError>;

    /// Writes this plan and prepares to continue, if everything that it needs is still there.
    fn resume(&mut self, plan: &ReplayPlan) -> Result<(), ReplayError>;

    /// Writes the results and the finished plan. It may be called again after a crash.
    fn finish(&mut self, plan: &ReplayPlan) -> Result<(), ReplayError>;
}

/// The partition under whose name the offsets of a sorted archive are committed.
pub(super) fn sorted_partition(names: &TopicNames) -> TopicPartition {
    TopicPartition { topic: names.replay().into(), partition: 0 }
}

/// The offsets at which a replay starts to read.
pub(super) fn initial_offsets(plan: &ReplayPlan, names: &TopicNames) -> Vec<(TopicPartition, i64)> {
    match plan.order {
        ReplayOrder::Recorded => plan.ranges.iter().map(|range| (range.into(), range.warmup_from)).collect(),
        ReplayOrder::Published => vec![(sorted_partition(names), 0)],
    }
}
