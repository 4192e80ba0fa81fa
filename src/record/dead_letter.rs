//! What could not be read, and why.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::RawPosition;

/// Why a raw record cannot be an article. The list is closed: a label of metrics and a field of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The record or line is larger than the bound.
    TooLarge,
    /// The bytes are not UTF-8.
    NotUtf8,
    /// The text is not JSON.
    NotJson,
    /// JSON nested deeper than the bound.
    TooDeep,
    /// JSON, but not an object.
    NotObject,
    /// No uri under any known name.
    MissingUri,
    /// No text under any known name.
    MissingText,
    /// A field that must be text, a list or an object is something else.
    WrongType,
    /// A null value without a key: nothing says which article is taken back.
    TombstoneWithoutKey,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 9] = [
        Self::TooLarge,
        Self::NotUtf8,
        Self::NotJson,
        Self::TooDeep,
        Self::NotObject,
        Self::MissingUri,
        Self::MissingText,
        Self::WrongType,
        Self::TombstoneWithoutKey,
    ];

    /// The name used in records, labels and summaries.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::TooLarge => "too_large",
            Self::NotUtf8 => "not_utf8",
            Self::NotJson => "not_json",
            Self::TooDeep => "too_deep",
            Self::NotObject => "not_object",
            Self::MissingUri => "missing_uri",
            Self::MissingText => "missing_text",
            Self::WrongType => "wrong_type",
            Self::TombstoneWithoutKey => "tombstone_without_key",
        }
    }
}

/// A raw record refused, in words for the person who has to mend it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {detail}", reason.name())]
pub struct Rejection {
    /// Why.
    pub reason: Reason,
    /// What was found and where, e.g. `expected a comma at line 1 column 88`. At most some 200 bytes, never the whole value.
    pub detail: String,
}

/// A refused record, as `cluster --dead-letters` and `replay --output` write it. On Kafka the record itself is
/// forwarded, and this is said in its headers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "wirefold dead letter", extend("$id" = "wirefold.dead-letter/1"))]
pub struct DeadLetter {
    /// `wirefold.dead-letter/1`.
    #[schemars(extend("const" = DeadLetter::SCHEMA))]
    pub schema: Arc<str>,
    /// Where the record stands.
    pub raw: RawPosition,
    /// Why it was refused.
    pub reason: Reason,
    /// What was found and where.
    pub detail: String,
    /// The record, bytes that are not UTF-8 replaced, cut to a bound.
    pub value: String,
    /// How many bytes the record has.
    pub bytes: u64,
    /// XXH3-64 of the whole record, to find it again where `value` is cut.
    pub xxh3: String,
}

impl DeadLetter {
    /// The value of `schema`.
    pub const SCHEMA: &'static str = "wirefold.dead-letter/1";

    /// How much of a refused record `value` shows.
    pub const VALUE_BYTES_MAX: usize = 64 * 1024;
}
