//! What a splitter gives.

use std::io;

use super::error::FileDamage;
use super::raw_record::RecordBytes;

/// A record as a splitter gives it.
#[derive(Debug)]
pub(super) struct SplitRecord {
    /// Its position in the file, counted from 0: the line in NDJSON, else the number of the record.
    pub(super) offset: i64,
    /// The line with which it begins, counted from 1.
    pub(super) line: u64,
    pub(super) content: RecordBytes,
}

/// Why a splitter ends before, or with a doubt about, the end of the file.
#[derive(Debug)]
pub(super) enum SplitError {
    /// The error of the system or of the decoder.
    Input(io::Error),
    /// XML of more than this number of bytes.
    XmlTooLarge(u64),
    /// Something is missing in the file.
    Damage(FileDamage),
}

impl From<io::Error> for SplitError {
    fn from(error: io::Error) -> Self {
        Self::Input(error)
    }
}

impl From<FileDamage> for SplitError {
    fn from(damage: FileDamage) -> Self {
        Self::Damage(damage)
    }
}
