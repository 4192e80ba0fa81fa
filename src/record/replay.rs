//! What a replay is to do, and how far it is: the record of `NS.replay`.

use std::collections::BTreeMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Millis;

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
}

impl ReplayPlan {
    /// The value of `schema`.
    pub const SCHEMA: &'static str = "wirefold.replay/1";
}

/// How far a replay is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReplayState {
    /// Begun, and not at its end.
    Running,
    /// All of the range is judged.
    Finished,
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
