//! The published facts of an article in its story.

use std::fmt;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use strum::IntoStaticStr;

use super::{Millis, RawPosition, StoryId};

/// A share from 0 to 1 in ten-thousandths: exact on every platform, two bytes in binary records, a number in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Ratio(pub u16);

impl Ratio {
    /// The whole.
    pub const ONE: Self = Self(10_000);

    /// `part` as a share of `whole`, rounded down and at most 1; 0 where `whole` is 0.
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
        json_schema!({ "type": "number", "minimum": 0, "maximum": 1, "description": "A share from 0 to 1, with four decimal places." })
    }
}

/// How an article relates to the article that it matched, or that its link names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Relation {
    /// The first article of a story that others have joined since.
    Original,
    /// The same text: all compared phrases are the same.
    Exact,
    /// The same text with small edits: at least 85 % of each text is in the other.
    Near,
    /// A shortened copy: at least 85 % of the article is in the other text, but not the reverse.
    Abridged,
    /// A copy with text added: at least 85 % of the other text is in the article, but not the reverse.
    Extended,
    /// A copy that is reworded or mixed with other text: less than 85 % of either text is in the other.
    Rewrite,
    /// An update: a changed text by the same outlet or publisher, or a newer version of the story's own text.
    Version,
    /// Shares passages with a story without belonging to it: a link, not membership.
    Partial,
    /// The other text is in the tail of this page, after the body: a link, not membership.
    Embedded,
    /// Matches no earlier article, and shares no passages with one.
    Unique,
}

impl Relation {
    /// The name in records and summaries.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// How an article matched its story on arrival.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Match {
    /// The mean match score over the members compared, 0 to 1. The article joined because this mean reached
    /// `match.threshold` (three quarters of it with `match.rule = "containment"`) and at least half of the members matched.
    pub score: Ratio,
    /// The share of the article's shingles that are in the member `matched_to`, 0 to 1, boilerplate left out.
    pub article_in_matched: Ratio,
    /// The share of that member's shingles that are in the article, 0 to 1, boilerplate left out.
    pub matched_in_article: Ratio,
    /// The uri of the member with the highest match score.
    pub matched_to: Arc<str>,
    /// The number of shingles that the article shares with that member; a sample of them where the texts are long.
    pub shared_shingles: u32,
    /// The number of members that the article was compared with: the latest ones of the story.
    pub members_compared: u32,
    /// The number of these members whose own match score reached `match.threshold`.
    pub members_matching: u32,
}

/// An article of a story, as the story's record lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Member {
    /// The uri of the article.
    pub uri: Arc<str>,
    /// The id in the raw record, as it came; null where it states none.
    pub id: Option<Arc<str>>,
    /// The address of the article's page; null where the raw record states none.
    pub url: Option<Arc<str>>,
    /// The headline, at most 200 bytes; null where the article has none.
    pub title: Option<Arc<str>>,
    /// The outlet: a name or a domain; empty where unknown.
    pub source: Arc<str>,
    /// The publisher of the outlet: by the setting `sources.publishers`, else the registrable domain, else the outlet in
    /// lower case; empty where unknown.
    pub publisher: Arc<str>,
    /// The published time that the article states; null where it states none that can be read.
    pub published_at: Option<Millis>,
    /// The time that windows and stories go by: the published time where it is credible, else the ingestion time.
    pub event_at: Millis,
    /// The position of the raw record in the input.
    pub raw: RawPosition,
    /// How the article related to the member that it matched on arrival; `original` or `unique` for the first article.
    pub relation: Relation,
    /// How it matched the story; null for the story's first article.
    #[serde(rename = "match")]
    pub matched: Option<Match>,
    /// Whether the text that it copies was taken back or replaced by a newer version since: the article `matched_to`, or
    /// the one that article was copied from.
    pub superseded: bool,
}

/// A pointer to a story that an article shares passages with (`partial`) or has in its tail (`embedded`). The article does
/// not belong to that story.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Link {
    /// The linked story.
    pub story_id: StoryId,
    /// `partial` or `embedded`.
    pub relation: Relation,
    /// For `partial` the containment in the shorter of the two texts, for `embedded` the share of the member that is in the
    /// tail: 0 to 1, boilerplate left out.
    pub containment: Ratio,
    /// The uri of the member of that story which `containment` was measured against.
    pub matched_to: Arc<str>,
}

/// The article that stands for its story, e.g. as its headline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Canonical {
    /// The uri of the article.
    pub uri: Arc<str>,
    /// The id in its raw record, as it came; null where it states none.
    pub id: Option<Arc<str>>,
    /// The address of its page; null where its raw record states none.
    pub url: Option<Arc<str>>,
    /// Its headline, at most 200 bytes; null where it has none.
    pub title: Option<Arc<str>>,
    /// Its outlet; empty where unknown.
    pub source: Arc<str>,
    /// The publisher of its outlet; empty where unknown.
    pub publisher: Arc<str>,
    /// Why this article was chosen.
    pub reason: CanonicalReason,
}

impl Canonical {
    /// This member stands for its story.
    pub fn new(member: &Member, reason: CanonicalReason) -> Self {
        Self {
            uri: member.uri.clone(),
            id: member.id.clone(),
            url: member.url.clone(),
            title: member.title.clone(),
            source: member.source.clone(),
            publisher: member.publisher.clone(),
            reason,
        }
    }
}

/// Why an article stands for its story.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CanonicalReason {
    /// It has the earliest `event_at`.
    Earliest,
    /// It is the earliest article of the outlet that the story's origin names.
    Origin,
}

/// Where the text of a story comes from, by what its articles credit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Origin {
    /// The kind of origin.
    pub kind: OriginKind,
    /// The name; null where it is unknown.
    pub name: Option<Arc<str>>,
    /// How certain the origin is: 0 (unknown) to 1.
    pub confidence: Ratio,
    /// The credits of this name, one for each location: the location, a colon and the quoted words.
    pub evidence: Vec<Arc<str>>,
}

/// The kind of a story's origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OriginKind {
    /// A news agency.
    Agency,
    /// A press release, by way of a press release wire.
    Release,
    /// An outlet: one of the story's own, or one that its articles credit.
    Outlet,
    /// No article credits anybody.
    Unknown,
}
