//! The public record of a story.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Canonical, Member, Millis, Origin, StoryHeader, StoryId};

/// Which of two records of one story or article is newer: the higher one; equal means equal bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Revision {
    /// Generation of the namespace: a promoted replay has a higher one.
    pub generation: u32,
    /// `seq` of the decision behind the record.
    pub seq: u64,
}

/// Whether a story still takes articles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StoryState {
    /// It has live articles.
    Open,
    /// Its last article has left the window, or was taken back.
    Closed,
    /// It goes on as part of another story.
    Merged,
}

/// The state of a story: what the topic `stories` carries under the story's id, and what `cluster` prints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "wirefold story", extend("$id" = "wirefold.story/1"))]
pub struct StoryRecord {
    /// `wirefold.story/1`.
    #[schemars(extend("const" = StoryRecord::SCHEMA))]
    pub schema: Arc<str>,
    /// The story.
    pub story_id: StoryId,
    /// Higher is newer.
    pub revision: Revision,
    /// Whether it still takes articles.
    pub state: StoryState,
    /// The story it goes on in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<StoryId>,
    /// Event time of its earliest article.
    pub first_seen: Millis,
    /// Event time of its latest article, also when that was taken back: it only grows.
    pub last_seen: Millis,
    /// Articles that belong to it, also those no longer listed; those taken back or replaced do not count.
    pub size: u32,
    /// Distinct sources among them, counted exactly up to 256.
    pub sources: u32,
    /// Languages seen.
    pub languages: Vec<Arc<str>>,
    /// The article that stands for it; null when every article was taken back.
    pub canonical: Option<Canonical>,
    /// Where its text comes from.
    pub origin: Origin,
    /// Its articles; on the topic the first 64, the rest is in `size`; from `cluster` all.
    pub members: Vec<Member>,
}

impl StoryRecord {
    /// The value of `schema`.
    pub const SCHEMA: &'static str = "wirefold.story/1";

    /// The public record of a story with this header.
    #[must_use]
    pub fn new(header: &StoryHeader, generation: u32, seq: u64, state: StoryState) -> Self {
        Self {
            schema: Self::SCHEMA.into(),
            story_id: header.id,
            revision: Revision { generation, seq },
            state,
            merged_into: None,
            first_seen: header.first_seen,
            last_seen: header.last_seen,
            size: header.size,
            sources: header.sources.len() as u32,
            languages: header.languages.clone(),
            canonical: header.canonical.clone(),
            origin: header.origin.clone(),
            members: header.members.iter().map(|(_, member)| member.clone()).collect(),
        }
    }
}
