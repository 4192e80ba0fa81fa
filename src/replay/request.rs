//! What a user asks of a replay.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use super::plan::{ReplayOrder, ReplaySource};
use crate::config::TopicNames;
use crate::record::Millis;

/// A replay as it is asked for.
#[derive(Debug, Clone)]
pub struct ReplayRequest {
    /// Where the results go.
    pub target: TargetChoice,
    /// The names of the service whose articles or signatures are read, and which is left alone.
    pub source_namespace: TopicNames,
    /// What is read; none means [`ReplaySource::Articles`], or that of the plan to resume.
    pub source: Option<ReplaySource>,
    /// The order of reading; none means [`ReplayOrder::Recorded`], or that of the plan to resume.
    pub order: Option<ReplayOrder>,
    /// The start of the range as typed; none means the earliest record, or that of the plan to resume.
    pub from: Option<String>,
    /// The end of the range as typed; none means the latest record, or that of the plan to resume.
    pub to: Option<String>,
    /// How much is read before the range.
    pub warmup: Duration,
    /// The settings that signatures and clustering depend on.
    pub settings: BTreeMap<String, String>,
    /// The current time.
    pub now: Millis,
}

/// Where the results of a replay go.
#[derive(Debug, Clone)]
pub enum TargetChoice {
    /// Topics of these names.
    Topics(TopicNames),
    /// Files in this directory.
    Directory(PathBuf),
}

/// What happens with a replay of that name that was begun before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BeginMode {
    /// There must be none.
    New,
    /// It is resumed.
    Resume,
    /// It is deleted.
    Force,
}
