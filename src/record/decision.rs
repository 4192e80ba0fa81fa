//! The decision on one signature, with all that applying it needs.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};
use xxhash_rust::xxh3::xxh3_64;

use super::{
    ArticleId, Canonical, CreditKind, CreditLocation, Link, Match, Member, Millis, Origin, Relation, StoryId, Versioned,
};

/// The decision on one signature: a record of `NS.decisions`.
///
/// It is applied without being decided again, also on restore, so it carries every absolute value that does not follow
/// from a live article. It holds no wall-clock time and does not depend on how records were batched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// The number of the decision: dense within the log partition, from 0.
    pub seq: u64,
    /// Log offset of the signature. A restore checks it; no decision depends on it.
    pub log_offset: i64,
    /// The hash of the signature ([`LogEntry::hash`]): a restore applies the decision on no other one.
    pub signature_hash: u64,
    /// The first decision that a restore of the state *before* this decision must apply: the log is kept from there on.
    pub restore_point: RestorePoint,
    /// The highest ingestion time so far, this signature included.
    pub stream_time: Millis,
    /// Articles with an earlier event time expire with this decision.
    pub expiry_watermark: Millis,
    /// The event time of the signature lies before the expiry watermark.
    pub late: bool,
    /// What becomes of the signature.
    pub outcome: Outcome,
    /// The summaries of all stories that this decision changes, as they are after it.
    pub stories: Vec<StorySummary>,
    /// Publishers whose boilerplate filters are written with this decision and include it.
    pub filters_written: Vec<Arc<str>>,
    /// The publisher whose boilerplate filter is dropped to make room for another.
    pub filter_evicted: Option<Arc<str>>,
}

/// Where a signature is in the log, and the hash by which a restore knows it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogEntry {
    /// The log offset.
    pub offset: i64,
    /// XXH3-64 of the bytes of the signature.
    pub hash: u64,
}

impl LogEntry {
    /// The entry of a signature with these bytes at this log offset.
    pub fn new(offset: i64, signature: &[u8]) -> Self {
        Self { offset, hash: xxh3_64(signature) }
    }

    /// The entry of the signature with this number in a run that writes no log and restores nothing.
    pub fn unlogged(number: i64) -> Self {
        Self { offset: number, hash: 0 }
    }
}

/// The place from which a restore has to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestorePoint {
    /// The first decision to apply again.
    pub seq: u64,
    /// The log offset of its signature.
    pub log_offset: i64,
}

/// What becomes of a signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// The article is assigned to a story.
    Assigned(Box<Assignment>),
    /// An article of this uri is live with the same text or a later one, or the raw position was read before. Nothing
    /// changes.
    Duplicate {
        /// `seq` of the live article of that uri, or of a live member of the story that the raw record began.
        existing: u64,
    },
    /// The article of this uri is taken back.
    Retracted {
        /// `seq` of the article; absent when none of this uri is live.
        removed: Option<u64>,
    },
    /// The article is neither clustered nor published; a live article of this uri is taken back.
    Withheld {
        /// `seq` of the live article; absent when none of this uri is live.
        removed: Option<u64>,
    },
    /// The record takes back an article that it names by a bare id, and several live articles have this id. Nothing
    /// changes, and the record becomes a dead letter.
    Ambiguous {
        /// The number of live articles of that id.
        articles: u32,
    },
    /// Deciding failed because of a fault in wirefold; the state is unchanged.
    Quarantined {
        /// The message of the fault.
        reason: Arc<str>,
    },
}

/// The decision that puts an article into a story, with what the state keeps of the article.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// The story, of which it may be the first article.
    pub story: StoryId,
    /// Stories that this article merges into `story`.
    pub merged: Vec<StoryId>,
    /// `seq` of the older version of the same uri that this one replaces.
    pub replaced: Option<u64>,
    /// The relation of the article to the story, on arrival.
    pub relation: Relation,
    /// How it matched the story; absent for the first article of a story.
    pub matched: Option<Match>,
    /// Stories that the article is linked to without belonging to them.
    pub links: Vec<Link>,
    /// The 2-shingles of the signature that the state keeps for comparing.
    pub sample: ShingleSample,
    /// The publisher whose boilerplate filter learns the article; absent where none does.
    pub learned_by: Option<Arc<str>>,
}

/// Selects the 2-shingles of a signature that the state keeps.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ShingleSample {
    /// The sampling rate: only hashes below 2^(32-rate) are kept.
    pub rate: u8,
    /// One bit for each of those hashes, ascending, from the lowest bit of the first byte: set where the publisher's
    /// boilerplate filter left the hash over on arrival.
    pub survivors: Vec<u8>,
}

/// What was decided on a raw record.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
    IntoStaticStr,
    VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum DecisionKind {
    /// The article was assigned to a story, of which it may be the first.
    Assigned,
    /// The article has no words: it has a story of its own, which no other article can join.
    Empty,
    /// The article replaced an older version of the same uri and was assigned to a story.
    Replaced,
    /// The article is known already, with this text or a later one: nothing changed.
    Duplicate,
    /// The article was taken back.
    Retracted,
    /// The article must be neither clustered nor published; if it was known, it was taken back.
    Withheld,
    /// The record takes back an article by an id that several live articles have: nothing changed.
    Ambiguous,
    /// Deciding failed because of a fault in wirefold: nothing changed.
    Quarantined,
}

impl DecisionKind {
    /// The name in records, metric labels and summaries.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

impl Decision {
    /// The kind of this decision, which was taken on a signature of `tokens` tokens.
    pub fn kind(&self, tokens: u32) -> DecisionKind {
        match &self.outcome {
            Outcome::Assigned(assignment) if assignment.replaced.is_some() => DecisionKind::Replaced,
            Outcome::Assigned(_) if tokens == 0 => DecisionKind::Empty,
            Outcome::Assigned(_) => DecisionKind::Assigned,
            Outcome::Duplicate { .. } => DecisionKind::Duplicate,
            Outcome::Retracted { .. } => DecisionKind::Retracted,
            Outcome::Withheld { .. } => DecisionKind::Withheld,
            Outcome::Ambiguous { .. } => DecisionKind::Ambiguous,
            Outcome::Quarantined { .. } => DecisionKind::Quarantined,
        }
    }
}

/// What is published of a story and does not follow from its live articles: absolute values, as they are after the
/// decision that carries them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StorySummary {
    /// The story.
    pub id: StoryId,
    /// `seq` of the decision that changed it last.
    pub revision: u64,
    /// Whether a decision has published the story: it had two articles once, outside the warm-up of a replay.
    pub published: bool,
    /// Event time of its earliest article, expired ones included.
    pub first_seen: Millis,
    /// Event time of its latest article, expired ones included.
    pub last_seen: Millis,
    /// The number of its articles, expired ones included, retracted and replaced ones excluded.
    pub size: u32,
    /// The number of articles of each source, sorted by source in lower case, for a bounded number of sources.
    pub sources: Vec<(Arc<str>, u32)>,
    /// The number of articles of each publisher, sorted by publisher, for a bounded number of publishers.
    pub publishers: Vec<(Arc<str>, u32)>,
    /// The languages of its articles, sorted.
    pub languages: Vec<Arc<str>>,
    /// The article that stands for the story; absent when all were taken back.
    pub canonical: Option<Canonical>,
    /// Where its text comes from, computed from `credits`.
    pub origin: Origin,
    /// The names that its articles credit, in the order in which they first occurred, a bounded number.
    pub credits: Vec<Credited>,
    /// Its first articles, a bounded number.
    pub members: Vec<Member>,
}

/// A name that articles of a story credit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credited {
    /// The name.
    pub name: Arc<str>,
    /// What kind of name it is.
    pub kind: CreditKind,
    /// The locations at which it is credited, strongest first.
    pub locations: Vec<SeenAt>,
}

/// A location at which articles of a story credit a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenAt {
    /// The location.
    pub location: CreditLocation,
    /// The number of articles that credit the name there.
    pub articles: u32,
    /// The quoted words of the first of them.
    pub evidence: Arc<str>,
}

impl Versioned for Decision {
    const NAME: &'static str = "decision";
    const VERSION: u8 = 3;
}

impl Serialize for ArticleId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        StoryId::from(*self).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for ArticleId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        StoryId::deserialize(deserializer).map(|id| Self(id.0))
    }
}
