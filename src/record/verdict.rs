//! The public record of what was decided on an article.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{DecisionKind, Link, Match, Member, Millis, RawPosition, Relation, Revision, StoryId};

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
    /// The id in the raw record, as it came; null where it states none.
    pub id: Option<Arc<str>>,
    /// The address of the article's page; null where the raw record states none.
    pub url: Option<Arc<str>>,
    /// The headline, at most 200 bytes; null where there is none.
    pub title: Option<Arc<str>>,
    /// The revision of the record: of two records of one article the higher one is newer.
    pub revision: Revision,
    /// What was decided on the raw record. The other fields describe the article after the decision.
    pub decision: DecisionKind,
    /// The position of the raw record in the input.
    pub raw: RawPosition,
    /// Whether the article came in after its window and grace had passed, so that it was compared only with articles that
    /// were still live.
    pub late: bool,
    /// The outlet: a name or a domain; null where it is unknown.
    pub source: Option<Arc<str>>,
    /// The publisher of the outlet; null where it is unknown, and where the raw record has no article.
    pub publisher: Option<Arc<str>>,
    /// The published time that the raw record states; null where it states none that can be read.
    pub published_at: Option<Millis>,
    /// The time that windows and stories go by: the published time where it is credible, else the ingestion time.
    pub event_at: Millis,
    /// The id of the story that the article belongs to; null where there is none (`retracted`, `withheld`, `ambiguous`,
    /// `quarantined`).
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

    /// The article as its story lists it, without regard to texts that were taken back. The verdict must name a story.
    pub fn member(&self) -> Member {
        Member {
            uri: self.uri.clone(),
            id: self.id.clone(),
            url: self.url.clone(),
            title: self.title.clone(),
            source: self.source.clone().unwrap_or_default(),
            publisher: self.publisher.clone().unwrap_or_default(),
            published_at: self.published_at,
            event_at: self.event_at,
            raw: self.raw.clone(),
            relation: self.relation.unwrap_or(Relation::Unique),
            matched: self.matched.clone(),
            superseded: false,
        }
    }
}
