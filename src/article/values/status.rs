//! Whether an article may be published.

use serde_json::Value;

use super::wrapped::{self, first, untyped};
use crate::article::shapes::{SHAPES, ValueNames, normal};

/// Longest status or kind of change that is looked at, in bytes.
const STATUS_BYTES_MAX: usize = 100;

/// Parts of the names, in their normal form, of fields that tell whether or when an article was taken back.
const DELETION_MARKS: [&str; 5] = ["delet", "retracted", "withdrawn", "removed", "unpublished"];

/// What a record says of the publication of its article, from the mildest to the strictest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::article) enum PublicationStatus {
    Usable,
    Withheld,
    Canceled,
}

impl PublicationStatus {
    /// The status that a publisher states. `NewsML` has codes of a scheme: `stat:canceled`.
    fn of(status: &str) -> Self {
        let word = last_word(status);
        let ValueNames { canceled, withheld, .. } = &SHAPES.values;
        match () {
            () if canceled.contains(&word) => Self::Canceled,
            () if withheld.contains(&word) => Self::Withheld,
            () => Self::Usable,
        }
    }

    /// The status under a name that often is that of something else: only words that are clear count.
    fn of_clear_word(status: &str) -> Option<Self> {
        let is_unclear = SHAPES.values.unclear.contains(&last_word(status));
        Some(Self::of(status)).filter(|status| *status != Self::Usable && !is_unclear)
    }

    /// The status after a change: `article.deleted`, `entry.unpublish`, `ArticleRemoved.v1`, and `d` of databases.
    pub(in crate::article) fn of_change(change: &str) -> Option<Self> {
        if change.eq_ignore_ascii_case("d") {
            return Some(Self::Canceled);
        }
        // Of what is not published yet, only the change from published to unpublished is one.
        let is_change = |status: &Self| *status == Self::Canceled || last_word(change).starts_with("unpublish");
        Some(Self::of(change)).filter(|status| *status != Self::Usable && is_change(status))
    }
}

/// The status in a field of the status, or in one that tells whether or when the article was taken back.
pub(in crate::article) fn stated(name: &str, value: &Value) -> Option<PublicationStatus> {
    let value = untyped(value);
    let name = normal(name);
    let text = match value {
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        other => wrapped::text(other)?.trim().to_ascii_lowercase(),
    };
    if !DELETION_MARKS.iter().any(|mark| name.contains(mark)) {
        return Some(PublicationStatus::of(&text));
    }
    let is_deleted = !matches!(&*text, "false" | "0" | "no" | "f" | "n");
    Some(if is_deleted { PublicationStatus::Canceled } else { PublicationStatus::Usable })
}

/// The status by a field of what happened to the record.
pub(in crate::article) fn after_change(_: &str, value: &Value) -> Option<PublicationStatus> {
    PublicationStatus::of_change(wrapped::text(value)?)
}

/// The status in a field such as `status`, which may also be that of a job or an answer.
pub(in crate::article) fn clearly_stated(_: &str, value: &Value) -> Option<PublicationStatus> {
    PublicationStatus::of_clear_word(wrapped::text(value)?)
}

/// The status by a field of an embargo that states no time.
pub(in crate::article) fn of_embargo(_: &str, value: &Value) -> Option<PublicationStatus> {
    is_one_of(value, ["true", "1"]).then_some(PublicationStatus::Withheld)
}

/// The status by a field that tells whether the article is published.
pub(in crate::article) fn of_live(name: &str, value: &Value) -> Option<PublicationStatus> {
    // `published` is more often a date.
    let is_flag = value.is_boolean() || normal(name) != "published";
    (is_flag && is_one_of(value, ["false", "0"])).then_some(PublicationStatus::Withheld)
}

/// The status by a field that tells whether the article is a draft.
pub(in crate::article) fn of_draft(_: &str, value: &Value) -> Option<PublicationStatus> {
    is_one_of(value, ["true", "1"]).then_some(PublicationStatus::Withheld)
}

fn is_one_of(value: &Value, answers: [&str; 2]) -> bool {
    let value = first(value);
    let value = untyped(value.get("value").unwrap_or(value)).to_string();
    answers.contains(&value.trim_matches('"'))
}

/// The last word in lower case, without a version: of `com.example.ArticleDeleted.v1` it is `deleted`.
fn last_word(text: &str) -> String {
    if text.len() > STATUS_BYTES_MAX {
        return String::new();
    }
    let is_version = |word: &&str| {
        let digits = word.trim_start_matches(['v', 'V']);
        digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    let mut parts = text.split(|c: char| !c.is_alphanumeric() && c != '-');
    let last = parts.rfind(|part| !part.is_empty() && !is_version(part)).unwrap_or_default();
    let start = last.char_indices().rev().find(|(at, c)| {
        let is_after_lower = last[..*at].chars().next_back().is_some_and(char::is_lowercase);
        c.is_uppercase() && is_after_lower
    });
    last[start.map_or(0, |(at, _)| at)..].replace('-', "").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_tells_what_happened() {
        for (change, word) in [
            ("com.example.article.deleted.v1", "deleted"),
            ("ArticleDeleted", "deleted"),
            ("entry.unpublish", "unpublish"),
            ("Article Unpublished", "unpublished"),
            ("article_removed", "removed"),
            ("DELETE", "delete"),
            ("stat:canceled", "canceled"),
            ("auto-draft", "autodraft"),
            ("v2", ""),
            ("", ""),
        ] {
            assert_eq!(last_word(change), word, "{change}");
        }
        assert_eq!(last_word(&"deleted ".repeat(100)), "");
    }

    #[test]
    fn unclear_words_count_only_for_a_publication() {
        assert_eq!(PublicationStatus::of("pending"), PublicationStatus::Withheld);
        assert_eq!(PublicationStatus::of_clear_word("pending"), None);
        assert_eq!(PublicationStatus::of_clear_word("unpublished"), Some(PublicationStatus::Withheld));
        assert_eq!(PublicationStatus::of_clear_word("Retracted"), Some(PublicationStatus::Canceled));
        assert_eq!(PublicationStatus::of_clear_word("ok"), None);
        assert_eq!(PublicationStatus::of_change("create"), None);
        assert_eq!(PublicationStatus::of_change("draft"), None);
        assert_eq!(PublicationStatus::of_change("D"), Some(PublicationStatus::Canceled));
    }
}
