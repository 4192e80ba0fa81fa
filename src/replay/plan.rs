//! The plan of a replay: what it does and how far it is. The record of `NS.replay`, and the file `replay.json`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use clap::ValueEnum;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

use crate::record::{Millis, RawPosition};
use crate::stream::port::TopicPartition;

/// The plan of a replay: everything that its result depends on. It is written before anything else, so that a resumed
/// replay does what was begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "wirefold replay", extend("$id" = "wirefold.replay/1"))]
pub struct ReplayPlan {
    /// `wirefold.replay/1`.
    #[schemars(extend("const" = ReplayPlan::SCHEMA))]
    pub schema: Arc<str>,
    /// The namespace that is written, or the directory.
    pub namespace: String,
    /// The namespace whose articles or signatures are read; nothing is written there.
    pub source_namespace: String,
    /// Epoch of the namespace that is written: one more than that of the source namespace.
    pub epoch: u32,
    /// How far it is.
    pub state: ReplayState,
    /// How often it was started, this time included.
    pub run: u32,
    /// The process that runs it, by a unique name: of several that start at once, the one that wrote last goes on.
    pub process: String,
    /// What is read.
    pub source: ReplaySource,
    /// The order of reading.
    pub order: ReplayOrder,
    /// The start of the range, as it was typed.
    pub from: String,
    /// The end of the range, as it was typed.
    pub to: String,
    /// The range of each partition, in the order that breaks ties.
    pub ranges: Vec<ReplayRange>,
    /// When it was planned: no article has a later ingestion time.
    pub planned: Millis,
    /// The build that began it.
    pub wirefold: Arc<str>,
    /// Format version of the signatures.
    pub signature_version: u8,
    /// The settings that signatures and clustering depend on, as they were given.
    pub settings: BTreeMap<String, String>,
    /// The number of decisions, warm-up included; once it is finished.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decisions: Option<u64>,
    /// Where it takes over from the source namespace; once it is promoted, or being promoted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handover: Option<Handover>,
}

impl ReplayPlan {
    /// The value of `schema`.
    pub const SCHEMA: &'static str = "wirefold.replay/1";

    /// Settings that differ from those of the plan, or exist on one side only, in words.
    pub fn setting_differences(&self, settings: &BTreeMap<String, String>) -> Vec<String> {
        let keys: BTreeSet<&String> = self.settings.keys().chain(settings.keys()).collect();
        let value =
            |settings: &BTreeMap<String, String>, key| settings.get(key).map_or("not set", String::as_str).to_owned();
        keys.into_iter()
            .filter(|key| self.settings.get(*key) != settings.get(*key))
            .map(|key| format!("{key} was {} and is {}", value(&self.settings, key), value(settings, key)))
            .collect()
    }

    /// The segment that is read now: the range that was asked for, or what a promotion adds to it.
    pub fn segment(&self) -> ReplaySegment<'_> {
        match &self.handover {
            Some(handover) => {
                ReplaySegment { ranges: &handover.catch_up, order: ReplayOrder::Recorded, latest: handover.at }
            }
            None => ReplaySegment { ranges: &self.ranges, order: self.order, latest: self.planned },
        }
    }
}

/// What a replay reads at a time.
#[derive(Debug, Clone, Copy)]
pub struct ReplaySegment<'a> {
    /// The range of each partition.
    pub ranges: &'a [ReplayRange],
    /// The order of reading.
    pub order: ReplayOrder,
    /// The latest ingestion time of an article.
    pub latest: Millis,
}

/// Where a promoted replay takes over. It is fixed once the source namespace is retired, and does not change after that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Handover {
    /// When it was fixed.
    pub at: Millis,
    /// The committed offset of the source namespace in each input partition.
    pub committed: Vec<RawPosition>,
    /// The ranges that are read beyond those of the plan.
    pub catch_up: Vec<ReplayRange>,
}

/// States that a namespace was replaced by another one: a record of `NS.replay`, whether `NS` was a replay or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "wirefold retirement", extend("$id" = "wirefold.retirement/1"))]
pub struct Retirement {
    /// `wirefold.retirement/1`.
    #[schemars(extend("const" = Retirement::SCHEMA))]
    pub schema: Arc<str>,
    /// The namespace that must not be served any more.
    pub namespace: String,
    /// The namespace that has replaced it.
    pub successor: String,
    /// When it was retired.
    pub at: Millis,
}

impl Retirement {
    /// The value of `schema`.
    pub const SCHEMA: &'static str = "wirefold.retirement/1";
}

/// The state of a replay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReplayState {
    /// Begun, and not finished.
    Running,
    /// The whole range is clustered.
    Finished,
    /// It is replacing the source namespace.
    Promoting,
    /// It has replaced the source namespace: it is a service like any other.
    Promoted,
}

/// What a replay reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ValueEnum, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ReplaySource {
    /// Raw articles.
    Articles,
    /// The signatures of the source namespace: no text is read again.
    Signatures,
}

impl ReplaySource {
    /// The name used on the command line and in messages.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// The order in which a replay reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ValueEnum, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ReplayOrder {
    /// By the time stamps of the records, as they came in.
    Recorded,
    /// By the published times of the articles: for archives whose time stamps have no meaning.
    Published,
}

impl ReplayOrder {
    /// The name used on the command line and in messages.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// The range of a partition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReplayRange {
    /// The topic.
    pub topic: Arc<str>,
    /// The partition.
    pub partition: i32,
    /// The first offset that is read.
    pub warmup_from: i64,
    /// The first offset of the range: records before it are warm-up.
    pub from: i64,
    /// The offset after the last one.
    pub to: i64,
}

impl From<&ReplayRange> for TopicPartition {
    fn from(range: &ReplayRange) -> Self {
        Self { topic: range.topic.clone(), partition: range.partition }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_promotion_adds_comes_in_as_it_was_recorded_and_later_than_what_was_planned() {
        let range = |to| ReplayRange { topic: "articles".into(), partition: 0, warmup_from: 0, from: 0, to };
        let mut plan = ReplayPlan {
            schema: ReplayPlan::SCHEMA.into(),
            namespace: "march".to_owned(),
            source_namespace: "live".to_owned(),
            epoch: 1,
            state: ReplayState::Finished,
            process: "here".to_owned(),
            run: 1,
            source: ReplaySource::Articles,
            order: ReplayOrder::Published,
            from: "earliest".to_owned(),
            to: "latest".to_owned(),
            ranges: vec![range(5)],
            planned: Millis(10),
            wirefold: "0.0.0".into(),
            signature_version: 1,
            settings: BTreeMap::new(),
            decisions: None,
            handover: None,
        };
        let first = plan.segment();
        assert_eq!((first.ranges[0].to, first.order, first.latest), (5, ReplayOrder::Published, Millis(10)));
        plan.handover = Some(Handover { at: Millis(20), committed: Vec::new(), catch_up: vec![range(9)] });
        let added = plan.segment();
        assert_eq!((added.ranges[0].to, added.order, added.latest), (9, ReplayOrder::Recorded, Millis(20)));
    }
}
