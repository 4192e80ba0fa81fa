//! The public record of one article's judgement.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Kind, Link, Match, Millis, RawPosition, Relation, Revision, StoryId};

/// The latest judgement of an article: what the topic `verdicts` carries under the article's uri, and
/// what `cluster --verdicts` writes for every line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "wirefold verdict", extend("$id" = "wirefold.verdict/1"))]
pub struct VerdictRecord {
    /// `wirefold.verdict/1`.
    #[schemars(extend("const" = VerdictRecord::SCHEMA))]
    pub schema: Arc<str>,
    /// The article.
    pub uri: Arc<str>,
    /// Higher is newer.
    pub revision: Revision,
    /// What was decided of the record; the other fields say how the article stands after it.
    pub decision: Kind,
    /// Where the judged record stands in the input.
    pub raw: RawPosition,
    /// It came from before the window and was judged against what is still live.
    pub late: bool,
    /// The outlet; null for records that carry no article.
    pub source: Option<Arc<str>>,
    /// Published time where credible, else when it was ingested.
    pub published_at: Millis,
    /// The story it belongs to; null when it belongs to none (retracted, withheld, quarantined).
    pub story_id: Option<StoryId>,
    /// What it was judged to be on arrival; null where `story_id` is.
    pub relation: Option<Relation>,
    /// How it matched its story; null for a story of one.
    #[serde(rename = "match")]
    pub matched: Option<Match>,
    /// Stories it shares passages with and does not belong to.
    pub links: Vec<Link>,
    /// Why it could not be judged; only on `quarantined`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Arc<str>>,
}

impl VerdictRecord {
    /// The value of `schema`.
    pub const SCHEMA: &'static str = "wirefold.verdict/1";
}
