//! One raw record of a file, and the buffer in which it is put together.

use std::fmt;

use xxhash_rust::xxh3::Xxh3;

use crate::article::RAW_RECORD_BYTES_MAX;
use crate::record::RawPosition;

/// How much is kept of a record that is longer than a record may be: enough to recognise it.
pub(super) const RECORD_PREFIX_BYTES: usize = 64 * 1024;

/// What is counted in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordUnit {
    /// The lines of NDJSON.
    Line,
    /// The records of JSON lists, of JSON values that span lines, or of XML.
    Record,
}

impl fmt::Display for RecordUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Line => "line",
            Self::Record => "record",
        })
    }
}

/// One record of a file, as it is in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawRecord {
    /// The file as given, and the line or the number of the record, counted from 0.
    pub raw: RawPosition,
    /// What `raw.offset` counts.
    pub unit: RecordUnit,
    /// The line of the file with which the record begins, counted from 1.
    pub line: u64,
    /// The number of the record in its file, counted from 1.
    pub number: u64,
    /// The record, without the line feed of a line. Only a prefix if it is longer than a record may be.
    pub bytes: Vec<u8>,
    /// The length of the record in bytes.
    pub length: u64,
    /// XXH3-64 of the whole record.
    pub xxh3: u64,
}

impl RawRecord {
    /// Where the record is in its file.
    pub fn place(&self) -> FilePlace {
        FilePlace { unit: self.unit, line: self.line, number: self.number }
    }
}

/// Where a record is in its file, for people: `line 3`, or `record 2 (line 7)`. All are counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FilePlace {
    /// What is counted in the file.
    pub unit: RecordUnit,
    /// The line with which the record begins.
    pub line: u64,
    /// The number of the record.
    pub number: u64,
}

impl fmt::Display for FilePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.unit {
            RecordUnit::Line => write!(f, "line {}", self.line),
            RecordUnit::Record => write!(f, "record {} (line {})", self.number, self.line),
        }
    }
}

/// The bytes of a record whose position is not known yet.
#[derive(Debug)]
pub(super) struct RecordBytes {
    pub(super) bytes: Vec<u8>,
    pub(super) length: u64,
    pub(super) xxh3: u64,
}

/// A record that is being read. Of one that is too long only a prefix is kept.
#[derive(Default)]
pub(super) struct RecordBuffer {
    bytes: Vec<u8>,
    length: u64,
    hasher: Xxh3,
}

impl RecordBuffer {
    pub(super) fn push(&mut self, part: &[u8]) {
        self.length += part.len() as u64;
        self.hasher.update(part);
        if self.is_whole() {
            self.bytes.extend_from_slice(part);
        } else {
            let room = RECORD_PREFIX_BYTES.saturating_sub(self.bytes.len()).min(part.len());
            self.bytes.extend_from_slice(&part[..room]);
            self.bytes.truncate(RECORD_PREFIX_BYTES);
            // Batches of waiting records are bounded by the lengths of the records, not by their capacities.
            self.bytes.shrink_to_fit();
        }
    }

    /// What was pushed; a prefix if it is not [whole](Self::is_whole).
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether every byte was kept.
    pub(super) fn is_whole(&self) -> bool {
        self.length <= RAW_RECORD_BYTES_MAX as u64
    }

    /// How many bytes can be pushed until the record is too long; none if it is already.
    pub(super) fn room(&self) -> Option<usize> {
        RAW_RECORD_BYTES_MAX.checked_sub(self.length as usize)
    }

    /// The record, after which the buffer is empty.
    pub(super) fn take(&mut self) -> RecordBytes {
        std::mem::take(self).finish()
    }

    /// The record.
    pub(super) fn finish(self) -> RecordBytes {
        RecordBytes { bytes: self.bytes, length: self.length, xxh3: self.hasher.digest() }
    }
}
