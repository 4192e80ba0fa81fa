//! How an article stands in a story.

use std::fmt;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Millis, StoryId};

/// A share between 0 and 1 in ten-thousandths: exact on every platform, two bytes in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Ratio(pub u16);

impl Ratio {
    /// The whole.
    pub const ONE: Self = Self(10_000);

    /// `part` of `whole`, rounded down; 0 of nothing is 0.
    #[must_use]
    pub fn of(part: usize, whole: usize) -> Self {
        if whole == 0 { Self(0) } else { Self(((part.min(whole) as u64 * 10_000) / whole as u64) as u16) }
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", f64::from(self.0) / 10_000.0)
    }
}

impl Serialize for Ratio {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.serialize_f64(f64::from(self.0) / 10_000.0)
        } else {
            serializer.serialize_u16(self.0)
        }
    }
}

impl<'de> Deserialize<'de> for Ratio {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let share = f64::deserialize(deserializer)?;
            Ok(Self((share.clamp(0.0, 1.0) * 10_000.0).round() as u16))
        } else {
            u16::deserialize(deserializer).map(Self)
        }
    }
}

impl JsonSchema for Ratio {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Ratio".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "number", "minimum": 0, "maximum": 1, "description": "in ten-thousandths" })
    }
}

/// What an article is to the story it was judged against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// The first article of a story that others joined.
    Original,
    /// The same text.
    Exact,
    /// The same text but for small edits.
    Near,
    /// A shortened copy.
    Abridged,
    /// A copy with text of its own added.
    Extended,
    /// Derived from the same source text, reworded or mixed.
    Rewrite,
    /// An update by the same outlet or agency.
    Version,
    /// Shares passages with a story it does not belong to: a link, not membership.
    Partial,
    /// The other text stands in this page's tail: a link, not membership.
    Embedded,
    /// Belongs to no other article.
    Unique,
}

impl Relation {
    /// The name used in records and summaries.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Original => "original",
            Self::Exact => "exact",
            Self::Near => "near",
            Self::Abridged => "abridged",
            Self::Extended => "extended",
            Self::Rewrite => "rewrite",
            Self::Version => "version",
            Self::Partial => "partial",
            Self::Embedded => "embedded",
            Self::Unique => "unique",
        }
    }
}

/// How an article matched its story, and on what evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Match {
    /// The containment in the shorter text that admission went by, averaged over the members compared.
    pub similarity: Ratio,
    /// How much of the article stands in the member it matched best.
    pub containment_in_story: Ratio,
    /// How much of that member stands in the article.
    pub containment_of_story: Ratio,
    /// The uri of that member.
    pub matched_to: Arc<str>,
    /// Shingles they share, at the rate they were compared at.
    pub shared: u32,
    /// Members of the story that the article was compared with.
    pub compared: u32,
    /// How many of them agreed.
    pub agreeing: u32,
}

/// An article of a story, as stories and verdicts publish it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Member {
    /// The article.
    pub uri: Arc<str>,
    /// Its outlet.
    pub source: Arc<str>,
    /// Its published time where it says one that is credible, else when it was ingested.
    pub published_at: Millis,
    /// What it was judged to be on arrival.
    pub relation: Relation,
    /// How it matched; absent for the story's first article.
    #[serde(rename = "match")]
    pub matched: Option<Match>,
    /// The text that it carries was taken back since, or replaced by a newer version: the article that it matched, or the one
    /// which that one carries the text of.
    pub superseded: bool,
}

/// A pointer to a story that an article shares passages with and does not belong to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Link {
    /// The story.
    pub story_id: StoryId,
    /// `partial` or `embedded`.
    pub relation: Relation,
    /// The best containment found, which was not enough.
    pub similarity: Ratio,
    /// The member that gave it.
    pub matched_to: Arc<str>,
}

/// The article that stands for its story.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Canonical {
    /// The article.
    pub uri: Arc<str>,
    /// Why this one.
    pub reason: CanonicalReason,
}

/// Why an article stands for its story.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CanonicalReason {
    /// It was published first.
    Earliest,
    /// It is of the outlet that the story's origin names.
    Origin,
}

/// Where the text of a story comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Origin {
    /// What kind of origin.
    pub kind: OriginKind,
    /// Its name; absent where unknown.
    pub name: Option<Arc<str>>,
    /// How sure that is.
    pub confidence: Ratio,
    /// Where the name was found.
    pub evidence: Vec<Arc<str>>,
}

/// Kinds of origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OriginKind {
    /// A news agency.
    Agency,
    /// A press release.
    Release,
    /// An outlet: one of the story's, or one that they name.
    Outlet,
    /// Nothing says.
    Unknown,
}
