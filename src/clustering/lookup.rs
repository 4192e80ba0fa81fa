//! What an explanation of a decision reads from the state.

use super::state::State;
use crate::record::StoryId;

impl State {
    /// The story of the live article with this uri.
    pub fn story_of(&self, uri: &str) -> Option<StoryId> {
        self.articles.with_uri(uri).map(|(_, article)| article.story)
    }

    /// The hash of title and body of the live article with this uri.
    pub fn text_hash(&self, uri: &str) -> Option<u64> {
        self.articles.with_uri(uri).map(|(_, article)| article.text_hash)
    }

    /// Whether the shingle is boilerplate of this publisher: its outlets have printed it in two articles already.
    pub fn is_boilerplate(&self, publisher: &str, shingle: u32) -> bool {
        self.filters.get(publisher).is_some_and(|filter| filter.is_boilerplate(shingle))
    }
}
