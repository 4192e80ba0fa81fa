//! The raw records of a list of files.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use super::error::FileError;
use super::foreign::foreign_format;
use super::format::{FileFormat, detect, mark_length};
use super::line_splitter::LineSplitter;
use super::opened_input::{OpenedInput, RecordTest, no_test};
use super::raw_record::{RawRecord, RecordBytes, RecordUnit};
use super::split_record::{SplitError, SplitRecord};
use super::value_splitter::ValueSplitter;
use super::xml_splitter::XmlSplitter;
use crate::article::ArticleReader;
use crate::record::RawPosition;

/// How much of a file is looked at to find that it is of another kind: the head of an archive.
const FOREIGN_START_BYTES: usize = 512;

/// How much is kept of the start of each file.
const FILE_START_BYTES: usize = 4 * 1024;

/// The records of a list of files, in order: lines of NDJSON, elements of JSON lists, JSON values that span lines, XML
/// documents. An error ends its file; those after it are still read.
pub struct Records {
    files: std::vec::IntoIter<PathBuf>,
    always_lines: bool,
    current: Option<CurrentFile>,
    opened: Vec<OpenedFile>,
    bytes_read: Arc<AtomicU64>,
    is_record: RecordTest,
}

/// A file that was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenedFile {
    /// The file as given.
    pub name: Arc<str>,
    /// What is counted in it.
    pub unit: RecordUnit,
    /// The number of records that it gave.
    pub records: u64,
    /// Whether its records are elements of lists in objects: what is next to these lists was dropped.
    pub was_taken_apart: bool,
    /// The names of lists of objects that were among that.
    pub other_lists: BTreeSet<String>,
    /// Its first bytes after decompression, behind a byte order mark and blanks.
    pub start: Vec<u8>,
}

struct CurrentFile {
    input: OpenedInput,
    splitter: RecordSplitter,
}

enum RecordSplitter {
    Lines(LineSplitter),
    Values(Box<ValueSplitter>),
    Xml(XmlSplitter),
}

impl Records {
    /// The records of `files`; `-` is standard input. Files are opened when their first record is asked for.
    pub fn new(files: Vec<PathBuf>) -> Self {
        let files = files.into_iter();
        let bytes_read = Arc::default();
        Self { files, always_lines: false, current: None, opened: Vec::new(), bytes_read, is_record: no_test() }
    }

    /// The records of `files`. An object that `reader` reads as a record is not taken apart, although it holds a list of
    /// objects.
    pub fn of_articles(files: Vec<PathBuf>, reader: &ArticleReader) -> Self {
        let reader = reader.clone();
        Self { is_record: Arc::new(move |object| reader.is_record(object)), ..Self::new(files) }
    }

    /// The lines of `files`, whatever their format.
    pub(super) fn of_lines(files: Vec<PathBuf>) -> Self {
        Self { always_lines: true, ..Self::new(files) }
    }

    /// The counter of bytes read from the files, before decompression.
    pub fn bytes_read(&self) -> Arc<AtomicU64> {
        self.bytes_read.clone()
    }

    /// The files opened until now.
    pub fn opened(&self) -> &[OpenedFile] {
        &self.opened
    }

    fn open_next(&mut self) -> Option<Result<(), FileError>> {
        let path = self.files.next()?;
        let opened = OpenedInput::open(&path, self.bytes_read.clone());
        Some(opened.and_then(|input| self.begin(path.to_string_lossy().as_ref().into(), input)))
    }

    /// Begins with a file that was opened. One of another kind has no records.
    pub(super) fn begin(&mut self, name: Arc<str>, mut input: OpenedInput) -> Result<(), FileError> {
        input.look_at(FOREIGN_START_BYTES);
        if let Some(hint) = foreign_format(input.seen()).filter(|_| !self.always_lines) {
            return Err(FileError::Foreign { file: name, hint });
        }
        let format = if self.always_lines { FileFormat::Lines } else { detect(&mut input, &self.is_record) };
        let mark = mark_length(input.seen());
        let start = input.seen()[mark..].trim_ascii_start();
        let start = start[..start.len().min(FILE_START_BYTES)].to_owned();
        let unit = if format == FileFormat::Lines { RecordUnit::Line } else { RecordUnit::Record };
        let other_lists = BTreeSet::new();
        self.opened.push(OpenedFile { name, unit, records: 0, was_taken_apart: false, other_lists, start });
        let splitter = match format {
            FileFormat::Lines => RecordSplitter::Lines(LineSplitter::default()),
            FileFormat::Values { boundary } => {
                RecordSplitter::Values(Box::new(ValueSplitter::new(boundary, self.is_record.clone())))
            }
            FileFormat::Xml => RecordSplitter::Xml(XmlSplitter::default()),
        };
        input.consume(mark);
        self.current = Some(CurrentFile { input, splitter });
        Ok(())
    }
}

impl Iterator for Records {
    type Item = Result<RawRecord, FileError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (Some(current), Some(file)) = (&mut self.current, self.opened.last_mut()) else {
                match self.open_next()? {
                    Ok(()) => continue,
                    Err(error) => return Some(Err(error)),
                }
            };
            let next = current.splitter.next(&mut current.input);
            if let RecordSplitter::Values(values) = &current.splitter {
                file.was_taken_apart = values.took_apart();
                file.other_lists.clone_from(values.other_lists());
            }
            match next {
                Ok(Some(SplitRecord { offset, line, content: RecordBytes { bytes, length, xxh3 } })) => {
                    file.records += 1;
                    let raw = RawPosition { topic: file.name.clone(), partition: 0, offset };
                    return Some(Ok(RawRecord {
                        raw,
                        unit: file.unit,
                        line,
                        number: file.records,
                        bytes,
                        length,
                        xxh3,
                    }));
                }
                Ok(None) => self.current = None,
                Err(error) => {
                    let (name, read) = (file.name.clone(), current.splitter.read());
                    let error = match error {
                        SplitError::Input(source) => FileError::Read { file: name, unit: file.unit, read, source },
                        SplitError::XmlTooLarge(max) => FileError::XmlTooLarge { file: name, max },
                        SplitError::Damage(damage) => FileError::Damaged { file: name, damage },
                    };
                    self.current = None;
                    return Some(Err(error));
                }
            }
        }
    }
}

impl RecordSplitter {
    fn next(&mut self, input: &mut OpenedInput) -> Result<Option<SplitRecord>, SplitError> {
        match self {
            Self::Lines(lines) => lines.next(input),
            Self::Values(values) => values.next(input),
            Self::Xml(xml) => xml.next(input),
        }
    }

    fn read(&self) -> u64 {
        match self {
            Self::Lines(lines) => lines.read(),
            Self::Values(values) => values.read(),
            Self::Xml(xml) => xml.read(),
        }
    }
}
