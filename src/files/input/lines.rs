//! The lines of files that are not articles: tables, stories and verdicts.

use std::path::{Path, PathBuf};

use super::error::FileError;
use super::raw_record::RawRecord;
use super::records::{OpenedFile, Records};

/// The lines of a list of files, in order, whatever they contain. Blank lines are counted and skipped.
pub struct Lines(Records);

impl Lines {
    /// The lines of `files`; `-` is standard input. Files are opened when their first line is asked for.
    pub fn new(files: Vec<PathBuf>) -> Self {
        Self(Records::of_lines(files))
    }

    /// The files opened until now.
    pub fn opened(&self) -> &[OpenedFile] {
        self.0.opened()
    }

    /// All lines of a file with their numbers, counted from 1.
    pub fn numbered(path: &Path) -> Result<Vec<(u64, Vec<u8>)>, FileError> {
        Self::new(vec![path.to_owned()]).map(|line| line.map(|line| (line.raw.offset as u64 + 1, line.bytes))).collect()
    }
}

impl Iterator for Lines {
    type Item = Result<RawRecord, FileError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next()
    }
}
