//! The public record of a story.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Canonical, Member, Millis, Origin, StoryId, StorySummary};

/// Orders the records of one key: of two records the one with the higher revision is newer (`epoch` first, then `seq`).
/// Records with equal revisions are identical.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Revision {
    /// The epoch of the namespace: a replay that was promoted has a higher one than the namespace that it replaced.
    pub epoch: u32,
    /// The number of the decision that the record comes from, counted from 0 in each log partition.
    pub seq: u64,
}

/// Whether articles can still join a story.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StoryState {
    /// The story has live articles: others can join.
    Open,
    /// The last article of the story has expired or was taken back: no other can join.
    Closed,
    /// The story was merged into another one, `merged_into`.
    Merged,
}

/// A story and its articles: the value under the story's id in the topic `stories`, and a line that `cluster` prints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "wirefold story", extend("$id" = "wirefold.story/1"))]
pub struct StoryRecord {
    /// The format of this record: `wirefold.story/1`.
    #[schemars(extend("const" = StoryRecord::SCHEMA))]
    pub schema: Arc<str>,
    /// The id of the story: 32 hexadecimal digits.
    pub story_id: StoryId,
    /// The revision of the record: of two records of one story the higher one is newer.
    pub revision: Revision,
    /// Whether articles can still join.
    pub state: StoryState,
    /// The id of the story that this one was merged into; only where `state` is `merged`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<StoryId>,
    /// The headline of the article that stands for the story; null where there is none.
    pub title: Option<Arc<str>>,
    /// The address of that article's page; null where it is unknown.
    pub url: Option<Arc<str>>,
    /// The publisher of that article; null where it is unknown.
    pub publisher: Option<Arc<str>>,
    /// Event time of its earliest article, in UTC.
    pub first_seen: Millis,
    /// Event time of its latest article, in UTC. It never goes back, also when that article is taken back.
    pub last_seen: Millis,
    /// The number of its articles, expired and unlisted ones included, those taken back or replaced excluded.
    pub size: u32,
    /// The number of distinct sources of these articles, at most 256.
    pub sources: u32,
    /// The number of distinct publishers of these articles, at most 256: how many printed the text independently.
    pub publishers: u32,
    /// The languages of its articles, as BCP 47 tags in lower case, sorted: at most 8.
    pub languages: Vec<Arc<str>>,
    /// The article that stands for the story; null when all were taken back.
    pub canonical: Option<Canonical>,
    /// Where the text of the story comes from.
    pub origin: Origin,
    /// Its articles in the order in which they joined: in the topic at most 64 (`size` counts all), from `cluster` all.
    pub members: Vec<Member>,
}

impl StoryRecord {
    /// The value of `schema`.
    pub const SCHEMA: &'static str = "wirefold.story/1";

    /// The record of the story with this summary, from the decision `seq`.
    pub fn new(summary: &StorySummary, epoch: u32, seq: u64, state: StoryState) -> Self {
        let canonical = summary.canonical.as_ref();
        Self {
            schema: Self::SCHEMA.into(),
            story_id: summary.id,
            revision: Revision { epoch, seq },
            state,
            merged_into: None,
            title: canonical.and_then(|canonical| canonical.title.clone()),
            url: canonical.and_then(|canonical| canonical.url.clone()),
            publisher: canonical.map(|canonical| canonical.publisher.clone()).filter(|publisher| !publisher.is_empty()),
            first_seen: summary.first_seen,
            last_seen: summary.last_seen,
            size: summary.size,
            sources: summary.sources.len() as u32,
            publishers: summary.publishers.len() as u32,
            languages: summary.languages.clone(),
            canonical: summary.canonical.clone(),
            origin: summary.origin.clone(),
            members: summary.members.clone(),
        }
    }
}
