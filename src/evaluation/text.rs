//! The text of an article, for people to read.

use std::sync::Arc;

/// The length of an excerpt from the body, in characters.
const EXCERPT_CHARACTERS: usize = 160;

/// The text of an article.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ArticleText {
    /// The outlet.
    pub source: Arc<str>,
    /// The headline; empty if there is none.
    pub title: String,
    /// The body.
    pub body: String,
}

impl ArticleText {
    /// The outlet, the headline and the first words of the body, on one line.
    pub fn excerpt(&self) -> String {
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let body = words(&self.body);
        let parts = [words(&self.source), words(&self.title), body.chars().take(EXCERPT_CHARACTERS).collect()];
        let cut = if body.chars().nth(EXCERPT_CHARACTERS).is_some() { "…" } else { "" };
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" | ") + cut
    }
}
