//! The frame of every binary record: one version byte, then a postcard body.

use serde::{Serialize, de::DeserializeOwned};

/// Why bytes of the log could not be read back.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CodecError {
    /// The record has no bytes.
    #[error("an empty {0} record")]
    Empty(&'static str),
    /// Written by a newer wirefold, or not a record of this kind.
    #[error("a {name} record of version {version}; this wirefold reads versions 1 to {known}")]
    Version {
        /// What was expected.
        name: &'static str,
        /// The version found.
        version: u8,
        /// The newest version known.
        known: u8,
    },
    /// The version is known but the body is not what it should be.
    #[error("a damaged {name} record: {source}")]
    Body {
        /// What was expected.
        name: &'static str,
        /// What the decoder said.
        source: postcard::Error,
    },
    /// The body reads, and something stands behind it that no writer put there.
    #[error("a damaged {name} record: {count} bytes behind its end")]
    Trailing {
        /// What was expected.
        name: &'static str,
        /// How many bytes.
        count: usize,
    },
}

/// A binary record with a version of its own.
///
/// While there is one version, reading is the derive; when a second one comes, the type overrides
/// [`Versioned::read_body`] and keeps the older body readable, and the golden files of the older version stay.
pub trait Versioned: Serialize + DeserializeOwned {
    /// What the record is called in messages.
    const NAME: &'static str;
    /// The version that [`Versioned::to_bytes`] writes.
    const VERSION: u8;

    /// The record as bytes.
    fn to_bytes(&self) -> Vec<u8> {
        postcard::to_extend(self, vec![Self::VERSION])
            .unwrap_or_else(|error| unreachable!("{} has no unserialisable part: {error}", Self::NAME))
    }

    /// Reads a record of any version up to [`Versioned::VERSION`].
    fn from_bytes(bytes: &[u8]) -> Result<Self, CodecError> {
        let (&version, body) = bytes.split_first().ok_or(CodecError::Empty(Self::NAME))?;
        if version == 0 || version > Self::VERSION {
            return Err(CodecError::Version { name: Self::NAME, version, known: Self::VERSION });
        }
        Self::read_body(version, body)
    }

    /// Reads the body of a known version.
    fn read_body(_version: u8, body: &[u8]) -> Result<Self, CodecError> {
        match postcard::take_from_bytes(body) {
            Ok((record, [])) => Ok(record),
            Ok((_, rest)) => Err(CodecError::Trailing { name: Self::NAME, count: rest.len() }),
            Err(source) => Err(CodecError::Body { name: Self::NAME, source }),
        }
    }
}
