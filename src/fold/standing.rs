//! What those who explain a decision ask the state.

use super::state::State;
use crate::record::StoryId;

impl State {
    /// The story of the live article of this uri.
    #[must_use]
    pub fn story_of(&self, uri: &str) -> Option<StoryId> {
        self.articles.with_uri(uri).map(|(_, article)| article.story)
    }

    /// Whether this owner's outlets have printed the shingle in two articles already, so that it says nothing of one.
    #[must_use]
    pub fn prints_anyway(&self, owner: &str, shingle: u32) -> bool {
        self.sources.table(owner).is_some_and(|table| table.is_furniture(shingle))
    }
}
