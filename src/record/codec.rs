//! The encoding of every binary record: one version byte, then a postcard body.

use serde::{Serialize, de::DeserializeOwned};

/// Why bytes of an internal topic cannot be decoded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CodecError {
    /// The record has no bytes.
    #[error("an empty {0} record")]
    Empty(&'static str),
    /// Another version of wirefold wrote it, or it is not a record of this kind.
    #[error("a {name} record of format version {found}; this wirefold reads and writes version {known} only")]
    Version {
        /// The kind of record expected.
        name: &'static str,
        /// The version found.
        found: u8,
        /// The version that this wirefold reads and writes.
        known: u8,
    },
    /// The version is right but the body cannot be decoded.
    #[error("a damaged {name} record: {source}")]
    Body {
        /// The kind of record expected.
        name: &'static str,
        /// The decoder's error.
        source: postcard::Error,
    },
    /// Bytes are left over after the body, where no writer puts any.
    #[error("a damaged {name} record: {count} bytes after its end")]
    Trailing {
        /// The kind of record expected.
        name: &'static str,
        /// The number of bytes left over.
        count: usize,
    },
}

/// A binary record with a format version.
///
/// Until 0.1 is released, only the version that is written can be read: a namespace of an older build must be replayed.
pub trait Versioned: Serialize + DeserializeOwned {
    /// The name of the record in messages.
    const NAME: &'static str;
    /// The format version that is written and read.
    const VERSION: u8;

    /// Encodes the record.
    fn to_bytes(&self) -> Vec<u8> {
        postcard::to_extend(self, vec![Self::VERSION])
            .unwrap_or_else(|error| unreachable!("{} has no unserialisable part: {error}", Self::NAME))
    }

    /// Decodes a record.
    fn from_bytes(bytes: &[u8]) -> Result<Self, CodecError> {
        let (&found, body) = bytes.split_first().ok_or(CodecError::Empty(Self::NAME))?;
        if found != Self::VERSION {
            return Err(CodecError::Version { name: Self::NAME, found, known: Self::VERSION });
        }
        match postcard::take_from_bytes(body) {
            Ok((record, [])) => Ok(record),
            Ok((_, rest)) => Err(CodecError::Trailing { name: Self::NAME, count: rest.len() }),
            Err(source) => Err(CodecError::Body { name: Self::NAME, source }),
        }
    }
}
