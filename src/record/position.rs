//! The position of a raw record, and the ids made of it.

use std::fmt;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use xxhash_rust::xxh3::Xxh3;

/// The position of a raw record in the input: topic, partition and offset.
///
/// A file is a topic of one partition: `topic` is its name as given, `partition` is 0, and `offset` is the line of NDJSON
/// or the number of the record in another format, counted from 0. Positions identify records; their order means nothing.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct RawPosition {
    /// The topic, or the name of the file.
    pub topic: Arc<str>,
    /// The partition of the topic; 0 for files.
    pub partition: i32,
    /// The offset of the record, or the line or number of the record in the file, counted from 0.
    pub offset: i64,
}

impl RawPosition {
    /// The id of the record at this position: XXH3-128 over topic, partition and offset.
    pub fn article_id(&self) -> ArticleId {
        let mut hasher = Xxh3::new();
        hasher.update(self.topic.as_bytes());
        hasher.update(&[0]);
        hasher.update(&self.partition.to_le_bytes());
        hasher.update(&self.offset.to_le_bytes());
        ArticleId(hasher.digest128())
    }
}

impl fmt::Display for RawPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]@{}", self.topic, self.partition, self.offset)
    }
}

/// The id of one raw record: the hash of its position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ArticleId(pub u128);

/// The id of a story: the [`ArticleId`] of its first article, so that a replay gives the same ids.
///
/// In JSON 32 hexadecimal digits, in the binary records 16 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StoryId(pub u128);

impl From<ArticleId> for StoryId {
    fn from(first: ArticleId) -> Self {
        Self(first.0)
    }
}

impl fmt::Display for StoryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for StoryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for StoryId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            self.0.to_be_bytes().serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for StoryId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let text = String::deserialize(deserializer)?;
            u128::from_str_radix(&text, 16).map(Self).map_err(de::Error::custom)
        } else {
            <[u8; 16]>::deserialize(deserializer).map(|bytes| Self(u128::from_be_bytes(bytes)))
        }
    }
}

impl JsonSchema for StoryId {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "StoryId".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[0-9a-f]{32}$" })
    }
}
