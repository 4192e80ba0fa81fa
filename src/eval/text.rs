//! What a person reads of an article.

use std::sync::Arc;

/// How much of a text a list shows.
const OPENING_CHARACTERS: usize = 160;

/// An article as read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Text {
    /// The outlet.
    pub source: Arc<str>,
    /// The headline; empty where there is none.
    pub title: String,
    /// The body.
    pub body: String,
}

impl Text {
    /// The outlet, the headline and the first words, on one line.
    #[must_use]
    pub fn opening(&self) -> String {
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let body = words(&self.body);
        let parts = [words(&self.source), words(&self.title), body.chars().take(OPENING_CHARACTERS).collect()];
        let cut = if body.chars().nth(OPENING_CHARACTERS).is_some() { "…" } else { "" };
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" | ") + cut
    }
}
