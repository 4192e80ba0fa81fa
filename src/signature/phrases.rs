//! The phrases that announce the parts of a page around its article.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::folded::fold_letters;

/// The part of a page that a phrase announces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum PhraseKind {
    /// Links to other articles, or other articles in full.
    ReadAlso,
    /// The same, announced by a word with other uses: it counts only before a colon or on a line of its own.
    Related,
    /// The name of a source after a colon.
    SourceLabel,
    /// A notice of rights or opinions, or an invitation to follow the site elsewhere.
    Disclaimer,
    /// A copyright mark before a name.
    Copyright,
}

/// The words and phrases of `phrases.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Phrases {
    /// Phrases that are searched for on whole pages.
    pub(super) page: BTreeMap<PhraseKind, Vec<String>>,
    sign_offs: Vec<String>,
    citing_before: Vec<String>,
    citing_after: Vec<String>,
}

/// The phrases that every lexicon contains.
pub(super) static PHRASES: LazyLock<Phrases> = LazyLock::new(|| {
    let mut phrases: Phrases =
        toml::from_str(include_str!("phrases.toml")).unwrap_or_else(|error| unreachable!("phrases.toml: {error}"));
    let Phrases { sign_offs, citing_before, citing_after, .. } = &mut phrases;
    for phrase in sign_offs.iter_mut().chain(citing_before).chain(citing_after) {
        *phrase = fold_letters(phrase);
    }
    phrases
});

impl Phrases {
    /// Whether a bracket at the end of a body begins like one of credits.
    pub(super) fn is_sign_off(&self, folded: &str) -> bool {
        self.sign_off(folded).is_some()
    }

    /// The beginning of a bracket of credits.
    pub(super) fn sign_off(&self, folded: &str) -> Option<&str> {
        self.sign_offs.iter().map(String::as_str).find(|sign_off| folded.starts_with(sign_off))
    }

    /// Whether the name of an agency after this word is cited.
    pub(super) fn is_citing_before(&self, word: &str) -> bool {
        self.citing_before.iter().any(|citing| citing == word)
    }

    /// Whether the name of an agency before this word is cited.
    pub(super) fn is_citing_after(&self, word: &str) -> bool {
        self.citing_after.iter().any(|citing| citing == word)
    }
}
