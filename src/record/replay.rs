//! What a replay is to do, and how far it is: the record of `NS.replay`.

use std::collections::BTreeMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Millis, RawPosition};

/// The plan of a replay: all that its result depends on. It is written before anything else, so that whoever goes on
/// with it does what was begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "wirefold replay", extend("$id" = "wirefold.replay/1"))]
pub struct ReplayPlan {
    /// `wirefold.replay/1`.
    #[schemars(extend("const" = ReplayPlan::SCHEMA))]
    pub schema: Arc<str>,
    /// The namespace that is written.
    pub namespace: String,
    /// The namespace of the settings, which is left alone.
    pub beside: String,
    /// Generation of the namespace that is written: one more than the other's.
    pub generation: u32,
    /// How far it is.
    pub state: ReplayState,
    /// How often it was started, this time included: a process that finds a higher number has been replaced.
    pub run: u32,
    /// The process that runs it, by a name that no two share: of several that start at once, the one that wrote last goes on.
    pub process: String,
    /// What is read.
    pub source: ReplaySource,
    /// In which order it is folded.
    pub order: ReplayOrder,
    /// Where the range begins, as it was asked for.
    pub from: String,
    /// Where it ends, as it was asked for.
    pub to: String,
    /// What is read of each partition, in the order that breaks ties.
    pub ranges: Vec<ReplayRange>,
    /// When it was planned: no article is taken to have come in later.
    pub planned: Millis,
    /// The build that began it.
    pub wirefold: Arc<str>,
    /// Format version of the signatures.
    pub signature_version: u8,
    /// The settings that signing and judging go by, as they were typed.
    pub settings: BTreeMap<String, String>,
    /// Signatures judged, those read for the sake of the window included; once it is finished.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decisions: Option<u64>,
    /// Where it takes over from the other namespace; once it is promoted, or on its way there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hand_off: Option<HandOff>,
}

impl ReplayPlan {
    /// The value of `schema`.
    pub const SCHEMA: &'static str = "wirefold.replay/1";

    /// What is read now: the range that was asked for, or what a promotion adds to it.
    #[must_use]
    pub fn stretch(&self) -> Stretch<'_> {
        match &self.hand_off {
            Some(hand_off) => Stretch { ranges: &hand_off.catch_up, order: ReplayOrder::Recorded, latest: hand_off.at },
            None => Stretch { ranges: &self.ranges, order: self.order, latest: self.planned },
        }
    }
}

/// What a replay reads at a time.
#[derive(Debug, Clone, Copy)]
pub struct Stretch<'a> {
    /// What is read of each partition.
    pub ranges: &'a [ReplayRange],
    /// In which order it is folded.
    pub order: ReplayOrder,
    /// No article is taken to have come in later.
    pub latest: Millis,
}

/// Where a promoted replay takes over. It is fixed when the other namespace has been retired, and does not change after that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HandOff {
    /// When it was fixed.
    pub at: Millis,
    /// The next raw record of each partition that the other namespace has read.
    pub left: Vec<RawPosition>,
    /// What is read beyond the ranges of the plan.
    pub catch_up: Vec<ReplayRange>,
}

/// Says that a namespace was replaced by another one: a record of `NS.replay`, whether `NS` was a replay or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "wirefold retirement", extend("$id" = "wirefold.retirement/1"))]
pub struct Retirement {
    /// `wirefold.retirement/1`.
    #[schemars(extend("const" = Retirement::SCHEMA))]
    pub schema: Arc<str>,
    /// The namespace that must not be served any more.
    pub namespace: String,
    /// The one that goes on in its place.
    pub successor: String,
    /// When it was retired.
    pub at: Millis,
}

impl Retirement {
    /// The value of `schema`.
    pub const SCHEMA: &'static str = "wirefold.retirement/1";
}

/// How far a replay is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReplayState {
    /// Begun, and not at its end.
    Running,
    /// All of the range is judged.
    Finished,
    /// It is taking over from the other namespace.
    Promoting,
    /// It has taken over: it is a service like any other.
    Promoted,
}

/// What a replay reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReplaySource {
    /// Raw articles.
    Articles,
    /// The signatures that the other namespace has made: no text is read again.
    Signatures,
}

impl ReplaySource {
    /// The name used on the command line and in messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Articles => "articles",
            Self::Signatures => "signatures",
        }
    }
}

/// In which order a replay folds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReplayOrder {
    /// By the time stamps of the records, as they came in.
    Recorded,
    /// By the published times of the articles: for archives whose time stamps say nothing.
    Published,
}

impl ReplayOrder {
    /// The name used on the command line and in messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Recorded => "recorded",
            Self::Published => "published",
        }
    }
}

/// What is read of a partition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReplayRange {
    /// The topic.
    pub topic: Arc<str>,
    /// The partition.
    pub partition: i32,
    /// The first offset that is read.
    pub warmup: i64,
    /// The first offset of the range: what stands between is folded, and not published.
    pub from: i64,
    /// The offset after the last one.
    pub to: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_promotion_adds_comes_in_as_it_was_recorded_and_later_than_what_was_planned() {
        let range = |to| ReplayRange { topic: "articles".into(), partition: 0, warmup: 0, from: 0, to };
        let mut plan = ReplayPlan {
            schema: ReplayPlan::SCHEMA.into(),
            namespace: "march".to_owned(),
            beside: "live".to_owned(),
            generation: 1,
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
            hand_off: None,
        };
        let first = plan.stretch();
        assert_eq!((first.ranges[0].to, first.order, first.latest), (5, ReplayOrder::Published, Millis(10)));
        plan.hand_off = Some(HandOff { at: Millis(20), left: Vec::new(), catch_up: vec![range(9)] });
        let added = plan.stretch();
        assert_eq!((added.ranges[0].to, added.order, added.latest), (9, ReplayOrder::Recorded, Millis(20)));
    }
}
