//! Raw records that could not be parsed, and the reason.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};
use xxhash_rust::xxh3::xxh3_64;

use super::{RawPosition, Signature};

/// Why a raw record was refused. The list is closed, since the reason is a label of metrics too.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
    IntoStaticStr,
    VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Reason {
    /// The record or line is larger than 8 MiB.
    TooLarge,
    /// The bytes are not UTF-8.
    NotUtf8,
    /// The text is not JSON.
    NotJson,
    /// The JSON is nested deeper than 64 levels.
    TooDeep,
    /// The text is JSON, but not an object.
    NotObject,
    /// The format is known but not read: Avro, Protobuf, or XML that is neither NITF nor `NewsML`.
    UnsupportedFormat,
    /// A withdrawal names no article: no known field holds a uri, and the record has no key.
    MissingUri,
    /// No known field holds a text.
    MissingText,
    /// A field has another JSON type than it must have.
    WrongType,
    /// The record takes back an article that it names by a bare id, and several live articles have this id.
    AmbiguousId,
    /// A tombstone (a record without a value) has no key, so it is unknown which article it takes back.
    TombstoneWithoutKey,
}

impl Reason {
    /// The name in records, metric labels and summaries.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// A raw record that could not be parsed, described for the person who has to correct it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {detail}", reason.name())]
pub struct Rejection {
    /// The reason.
    pub reason: Reason,
    /// The fault and its place, e.g. `expected a comma at column 88`: at most some 400 bytes, never the whole value.
    pub detail: String,
}

/// A raw record that could not be parsed, as `cluster --dead-letters` and `replay --output` write it. The service forwards
/// the raw record itself to the topic of dead letters, with these facts in its headers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "wirefold dead letter", extend("$id" = "wirefold.dead-letter/1"))]
pub struct DeadLetter {
    /// The format of this record: `wirefold.dead-letter/1`.
    #[schemars(extend("const" = DeadLetter::SCHEMA))]
    pub schema: Arc<str>,
    /// The position of the raw record in the input.
    pub raw: RawPosition,
    /// Why it was refused.
    pub reason: Reason,
    /// The fault and its place in the record, as text for people.
    pub detail: String,
    /// The raw record, cut after 65,536 bytes. U+FFFD replaces bytes that are not UTF-8. Empty where the record could be
    /// parsed and was refused later, as `ambiguous_id`: `raw` says where it is.
    pub value: String,
    /// Length of the whole raw record, in bytes.
    pub bytes: u64,
    /// XXH3-64 of the whole raw record, as 16 hexadecimal digits: identifies it where `value` is cut.
    pub xxh3: String,
}

impl DeadLetter {
    /// The value of `schema`.
    pub const SCHEMA: &'static str = "wirefold.dead-letter/1";

    /// The dead letter of a record that was refused when its signature was decided.
    pub fn of_signature(signature: &Signature, rejection: Rejection) -> Self {
        Self {
            schema: Self::SCHEMA.into(),
            raw: signature.raw.clone(),
            reason: rejection.reason,
            detail: rejection.detail,
            value: String::new(),
            bytes: 0,
            xxh3: format!("{:016x}", xxh3_64(&[])),
        }
    }

    /// The highest number of bytes of the raw record that go into `value`.
    pub const EXCERPT_BYTES_MAX: usize = 64 * 1024;
}
