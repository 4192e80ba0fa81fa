//! The public record of what was decided on an article.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{DecisionKind, Link, Match, Millis, RawPosition, Relation, Revision, StoryId};

/// What was decided on an article, and the story that it belongs to after it: the value under the article's uri in the topic
/// `verdicts`, and a line that `cluster --verdicts` writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "wirefold verdict", extend("$id" = "wirefold.verdict/1"))]
pub struct VerdictRecord {
    /// The format of this record: `wirefold.verdict/1`.
    #[schemars(extend("const" = VerdictRecord::SCHEMA))]
    pub schema: Arc<str>,
    /// The uri of the article.
    pub uri: Arc<str>,
    /// The revision of the record: of two records of one article the higher one is newer.
    pub revision: Revision,
    /// What was decided on the raw record. The other fields describe the article after the decision.
    pub decision: DecisionKind,
    /// The position of the raw record in the input.
    pub raw: RawPosition,
    /// Whether the article came in after its window and grace had passed, so that it was compared only with articles that
    /// were still live.
    pub late: bool,
    /// The outlet: a name or a domain; null where the raw record has no article.
    pub source: Option<Arc<str>>,
    /// The published time where it is credible, else the ingestion time.
    pub published_at: Millis,
    /// The id of the story that the article belongs to; null where there is none (`retracted`, `withheld`, `quarantined`).
    pub story_id: Option<StoryId>,
    /// How the article related to the story on arrival; null where `story_id` is.
    pub relation: Option<Relation>,
    /// How it matched its story; null for the first article of a story.
    #[serde(rename = "match")]
    pub matched: Option<Match>,
    /// Other stories that the article shares passages with (`partial`) or has in its tail (`embedded`).
    pub links: Vec<Link>,
    /// The message of the fault; only where `decision` is `quarantined`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Arc<str>>,
}

impl VerdictRecord {
    /// The value of `schema`.
    pub const SCHEMA: &'static str = "wirefold.verdict/1";
}
