//! The decision: what was judged, and all that applying it needs.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{
    ArticleId, Canonical, CreditKind, CreditPlace, Link, Match, Member, Millis, Origin, Relation, StoryId, Versioned,
};

/// One record of the redo log: the judgement of one signature.
///
/// Applying it changes the state without judging again, so it carries every absolute value that no
/// live article implies. It holds no wall clock and nothing of how records were batched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Dense number within the log partition, from 0.
    pub seq: u64,
    /// Offset of the signature in the log. Provenance: checked on restore, never compared in judging.
    pub log_offset: i64,
    /// From where the log must be kept so that the state *before* this decision can be restored.
    pub low: Low,
    /// Running maximum of `ingested`, this record included.
    pub log_time: Millis,
    /// Articles whose event time lies before this expire with this decision.
    pub horizon: Millis,
    /// The record came from before the horizon.
    pub late: bool,
    /// What was decided.
    pub outcome: Outcome,
    /// Every story that this decision changes, as it stands afterwards.
    pub stories: Vec<StoryHeader>,
    /// Sources whose tables are written with this decision and cover it.
    pub sources_written: Vec<Arc<str>>,
    /// A source whose table is dropped to make room.
    pub source_evicted: Option<Arc<str>>,
}

/// The smallest place that a restore has to read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Low {
    /// The first decision to re-apply.
    pub seq: u64,
    /// The offset of its signature.
    pub log_offset: i64,
}

/// What was decided of a signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// An article was placed.
    Admitted(Box<Admission>),
    /// The uri is live with this version or a higher one, or the raw position was seen before.
    /// Nothing changes.
    Duplicate {
        /// The live article of that uri, or one of the story that the raw record began.
        standing: u64,
    },
    /// The article of this uri is taken back; absent when no live article has it.
    Retracted {
        /// The article.
        removed: Option<u64>,
    },
    /// Not judged, not published; a live article of this uri is taken back.
    Withheld {
        /// The article.
        removed: Option<u64>,
    },
    /// Judging it failed inside; the state is untouched.
    Quarantined {
        /// What failed.
        reason: Arc<str>,
    },
}

/// Where an article was placed, and what the state keeps of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Admission {
    /// The story it belongs to, of which it may be the first.
    pub story: StoryId,
    /// Stories that this article brought together with `story`, and that end in it.
    pub merged: Vec<StoryId>,
    /// An older version of the same uri that this one takes the place of.
    pub replaced: Option<u64>,
    /// What it is to the story, on arrival.
    pub relation: Relation,
    /// How it matched; absent for a story of one.
    pub matched: Option<Match>,
    /// Stories it shares passages with and does not belong to.
    pub links: Vec<Link>,
    /// What of the signature the state keeps for comparing.
    pub sample: Sample,
    /// The source whose history this article goes into; absent when it teaches nothing.
    pub teaches: Option<Arc<str>>,
}

/// Which of the signature's 2-shingles the state keeps.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Sample {
    /// The rate: only hashes below 2^(32-rate) are kept.
    pub rate: u8,
    /// Of those, in order, which survived the filter by the source's history at arrival; lowest bit
    /// of the first byte is the first hash.
    pub survivors: Vec<u8>,
}

/// The kinds of decision, as metrics, verdicts and summaries name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// An article was judged.
    Judged,
    /// An article without a single word: unique by rule.
    NoFingerprint,
    /// A newer version took the place of a live one and was judged.
    Replaced,
    /// Known already.
    Duplicate,
    /// Taken back.
    Retracted,
    /// Not to be published.
    Withheld,
    /// Judging it failed.
    Quarantined,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Judged,
        Self::NoFingerprint,
        Self::Replaced,
        Self::Duplicate,
        Self::Retracted,
        Self::Withheld,
        Self::Quarantined,
    ];

    /// The name used in records, labels and summaries.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Judged => "judged",
            Self::NoFingerprint => "no_fingerprint",
            Self::Replaced => "replaced",
            Self::Duplicate => "duplicate",
            Self::Retracted => "retracted",
            Self::Withheld => "withheld",
            Self::Quarantined => "quarantined",
        }
    }
}

impl Decision {
    /// The kind of the decision on a signature with this many tokens.
    #[must_use]
    pub fn kind(&self, tokens: u32) -> Kind {
        match &self.outcome {
            Outcome::Admitted(admission) if admission.replaced.is_some() => Kind::Replaced,
            Outcome::Admitted(_) if tokens == 0 => Kind::NoFingerprint,
            Outcome::Admitted(_) => Kind::Judged,
            Outcome::Duplicate { .. } => Kind::Duplicate,
            Outcome::Retracted { .. } => Kind::Retracted,
            Outcome::Withheld { .. } => Kind::Withheld,
            Outcome::Quarantined { .. } => Kind::Quarantined,
        }
    }
}

/// What is published of a story and cannot be derived from its live articles: absolute values, as
/// they stand after the decision that carries them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoryHeader {
    /// The story.
    pub id: StoryId,
    /// `seq` of the decision that last changed it.
    pub revision: u64,
    /// Whether a decision has published it: it once had two articles. Of what a replay reads ahead nothing is published.
    pub published: bool,
    /// Event time of its earliest article ever.
    pub first_seen: Millis,
    /// Event time of its latest article ever.
    pub last_seen: Millis,
    /// Articles that belong to it, expired ones included, retracted and replaced ones not.
    pub size: u32,
    /// Articles of each source, sorted by source; sources beyond the bound are not told apart.
    pub sources: Vec<(Arc<str>, u32)>,
    /// Languages seen, sorted.
    pub languages: Vec<Arc<str>>,
    /// The article that stands for it; absent when every article was taken back.
    pub canonical: Option<Canonical>,
    /// Where its text comes from: what `credits` say.
    pub origin: Origin,
    /// Who its articles credit, a bounded number of names in the order in which they came up.
    pub credits: Vec<Credited>,
    /// The first articles of it, a bounded number, with the identity of each one's raw record.
    pub members: Vec<(ArticleId, Member)>,
}

/// A name that articles of a story credit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credited {
    /// The name.
    pub name: Arc<str>,
    /// What it is.
    pub kind: CreditKind,
    /// Where, strongest place first.
    pub places: Vec<SeenAt>,
}

/// A place at which articles of a story have a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenAt {
    /// The place.
    pub place: CreditPlace,
    /// How many of its articles have the name there.
    pub articles: u32,
    /// The words of the first of them.
    pub evidence: Arc<str>,
}

impl Versioned for Decision {
    const NAME: &'static str = "decision";
    const VERSION: u8 = 1;
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
