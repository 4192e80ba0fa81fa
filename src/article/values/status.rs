//! Whether an article may be published.

/// What a record says of the publication of its article.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::article) enum PublicationStatus {
    Usable,
    Withheld,
    Canceled,
}

impl PublicationStatus {
    /// The status of a record that is marked as deleted or not.
    pub(in crate::article) fn of_deletion(is_deleted: bool) -> Self {
        if is_deleted { Self::Canceled } else { Self::Usable }
    }

    /// The status of a word that means nothing else.
    pub(in crate::article) fn of_clear_word(status: &str) -> Option<Self> {
        match &*status.trim().to_ascii_lowercase() {
            "canceled" | "cancelled" | "killed" | "withdrawn" | "retracted" | "recalled" | "deleted" => {
                Some(Self::Canceled)
            }
            "withheld" | "embargoed" | "draft" => Some(Self::Withheld),
            _ => None,
        }
    }

    /// The status that a publisher states.
    pub(in crate::article) fn of(status: &str) -> Self {
        // NewsML has codes of a scheme: `stat:canceled`.
        let status = status.trim().to_ascii_lowercase();
        match status.rsplit(':').next().unwrap_or_default() {
            // The standard writes one `l`; a withdrawal must not be lost because of a second one.
            "canceled" | "cancelled" | "killed" | "kill" | "withdrawn" | "retracted" | "recalled" | "deleted"
            | "trash" | "del" | "takedown" => Self::Canceled,
            "withheld" | "withhold" | "embargoed" | "draft" | "pending" | "private" | "future" | "spiked"
            | "inherit" | "auto-draft" => Self::Withheld,
            _ => Self::Usable,
        }
    }
}
