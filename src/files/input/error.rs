//! What can go wrong with a file.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use super::raw_record::RecordUnit;

/// An error of reading or writing a file. The message names the file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// A file cannot be opened.
    #[error("cannot open {}: {source}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// Reading failed before the end of a file.
    #[error("cannot read {file} beyond {unit} {read}: {source} (the file may be incomplete or damaged)")]
    Read {
        /// The file.
        file: Arc<str>,
        /// What is counted in this file.
        unit: RecordUnit,
        /// Number of lines or records read before the error.
        read: u64,
        /// The error of the system or of the decoder.
        source: io::Error,
    },
    /// A file was read to its end, but a bracket, a quotation mark or a tag is missing in it.
    #[error("{file} is damaged: {damage}")]
    Damaged {
        /// The file.
        file: Arc<str>,
        /// What is missing, and where.
        damage: FileDamage,
    },
    /// A file is of another kind.
    #[error("cannot read {file}: {hint}")]
    Foreign {
        /// The file.
        file: Arc<str>,
        /// What it looks like, and what to do.
        hint: &'static str,
    },
    /// An XML file is larger than is read.
    #[error("cannot read {file}: it is XML of more than {} MiB, which is read as a whole; split it", max >> 20)]
    XmlTooLarge {
        /// The file.
        file: Arc<str>,
        /// The largest number of bytes that is read.
        max: u64,
    },
    /// Writing an output failed.
    #[error("cannot write {what}: {source}")]
    Write {
        /// The name of the output.
        what: String,
        /// The error of the system.
        source: io::Error,
    },
}

impl FileError {
    /// The file, if it is one that is read and could be opened.
    pub fn file(&self) -> Option<&Arc<str>> {
        match self {
            Self::Read { file, .. }
            | Self::Damaged { file, .. }
            | Self::Foreign { file, .. }
            | Self::XmlTooLarge { file, .. } => Some(file),
            Self::Open { .. } | Self::Write { .. } => None,
        }
    }
}

/// What is missing in a file, so that records may be lost. Records and lines are counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FileDamage {
    /// The last line of NDJSON.
    #[error("line {line} is cut off")]
    LineNotClosed {
        /// The line.
        line: u64,
    },
    /// A list of records, or an object around it.
    #[error(
        "the list of records is not closed after record {after}; the file is cut off, or a bracket or quotation mark is \
         missing"
    )]
    ListNotClosed {
        /// Number of records read before.
        after: u64,
    },
    /// A record that reaches to the end of the file.
    #[error(
        "record {record}, which begins in line {line}, is not closed; the file is cut off, or a bracket or quotation mark \
         is missing in it, and the records after it are part of it"
    )]
    RecordNotClosed {
        /// The number of the record.
        record: u64,
        /// The line with which it begins.
        line: u64,
    },
    /// A record whose end is not certain.
    #[error(
        "record {record}, which begins in line {line}, lacks a bracket or quotation mark and may contain the records after \
         it; mend it, or write each record on a line of its own"
    )]
    RecordBroken {
        /// The number of the record.
        record: u64,
        /// The line with which it begins.
        line: u64,
    },
    /// A message of XML.
    #[error("the XML is not closed after record {after}; the file is cut off")]
    XmlNotClosed {
        /// Number of records read before.
        after: u64,
    },
}
