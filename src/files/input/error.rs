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
