//! Where a replay keeps its plan, its log and its results.

use std::fmt::Display;

use crate::kafka::TopicNames;
use crate::pipeline::port::{PortError, TopicPartition};
use crate::record::{ReplayOrder, ReplayPlan};

/// Topics of a namespace, or a directory. It is called by the name that was typed.
pub trait Home: Display {
    /// The plan that holds; none where no replay was begun.
    fn plan(&self) -> Result<Option<ReplayPlan>, PortError>;

    /// What is not a replay's is left alone, although it stands where a replay would write.
    fn refuse_strangers(&self) -> Result<(), PortError>;

    /// Makes everything ready for this plan, and writes it down. `over`: what another replay has left here is thrown away.
    fn found(&mut self, plan: &ReplayPlan, over: bool) -> Result<(), PortError>;

    /// Goes on with this plan, and writes it down, if all that it needs is still there.
    fn take_over(&mut self, plan: &ReplayPlan) -> Result<(), PortError>;

    /// All of the range is judged, as this plan says. It may be said again: what a crash has left over goes.
    fn finish(&mut self, plan: &ReplayPlan) -> Result<(), PortError>;
}

/// The partition in whose name a replay counts how much of a sorted archive is done.
#[must_use]
pub fn sequence(names: &TopicNames) -> TopicPartition {
    TopicPartition { topic: names.replay().into(), partition: 0 }
}

/// Where a replay begins to read.
pub(super) fn positions(plan: &ReplayPlan, names: &TopicNames) -> Vec<(TopicPartition, i64)> {
    match plan.order {
        ReplayOrder::Recorded => plan.ranges.iter().map(|range| (range.into(), range.warmup)).collect(),
        ReplayOrder::Published => vec![(sequence(names), 0)],
    }
}
