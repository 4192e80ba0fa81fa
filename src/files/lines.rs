//! Reads newline-delimited records from files, plain or compressed, one at a time and in bounded memory.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::read::MultiGzDecoder;
use xxhash_rust::xxh3::Xxh3;

use crate::article::RAW_RECORD_BYTES_MAX;
use crate::record::RawPosition;

/// How much is kept of a line that is longer than a record may be: enough to recognise it.
const LINE_PREFIX_BYTES: usize = 64 * 1024;

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
    #[error("cannot read {file} beyond line {line}: {source} (the file may be incomplete or damaged)")]
    Read {
        /// The file.
        file: Arc<str>,
        /// Number of lines read before the error.
        line: u64,
        /// The error of the system or of the decoder.
        source: io::Error,
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

/// One line of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The file as given, and the line, counted from 0.
    pub raw: RawPosition,
    /// The line without its line feed. Only a prefix if it is longer than a record may be.
    pub bytes: Vec<u8>,
    /// The length of the line in bytes, without its line feed.
    pub length: u64,
    /// XXH3-64 of the whole line.
    pub xxh3: u64,
}

/// The lines of a list of files, in order. Blank lines are counted and skipped.
pub struct Lines {
    files: std::vec::IntoIter<PathBuf>,
    open: Option<OpenFile>,
    bytes_read: Arc<AtomicU64>,
}

struct OpenFile {
    name: Arc<str>,
    reader: Box<dyn BufRead + Send>,
    next_line: u64,
}

impl Lines {
    /// The lines of `files`; `-` is standard input. Files are opened when their first line is asked for.
    pub fn new(files: Vec<PathBuf>) -> Self {
        Self { files: files.into_iter(), open: None, bytes_read: Arc::default() }
    }

    /// All lines of a file with their numbers, counted from 1.
    pub fn numbered(path: &Path) -> Result<Vec<(u64, Vec<u8>)>, FileError> {
        Self::new(vec![path.to_owned()]).map(|line| line.map(|line| (line.raw.offset as u64 + 1, line.bytes))).collect()
    }

    /// The counter of bytes read from the files, before decompression.
    pub fn bytes_read(&self) -> Arc<AtomicU64> {
        self.bytes_read.clone()
    }

    fn open_next(&mut self) -> Option<Result<(), FileError>> {
        let path = self.files.next()?;
        Some(open(&path, self.bytes_read.clone()).map(|reader| {
            let name = path.to_string_lossy().as_ref().into();
            self.open = Some(OpenFile { name, reader, next_line: 0 });
        }))
    }
}

impl Iterator for Lines {
    type Item = Result<Line, FileError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let Some(file) = &mut self.open else {
                match self.open_next()? {
                    Ok(()) => continue,
                    Err(error) => return Some(Err(error)),
                }
            };
            match file.line() {
                Ok(Some(line)) if line.bytes.iter().all(u8::is_ascii_whitespace) && line.length < 1024 => {}
                Ok(Some(line)) => return Some(Ok(line)),
                Ok(None) => self.open = None,
                Err(source) => {
                    let error = FileError::Read { file: file.name.clone(), line: file.next_line, source };
                    self.open = None;
                    return Some(Err(error));
                }
            }
        }
    }
}

impl OpenFile {
    fn line(&mut self) -> io::Result<Option<Line>> {
        let mut bytes = Vec::new();
        let mut length = 0;
        let mut hasher = Xxh3::new();
        loop {
            let buffer = match self.reader.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                buffer => buffer?,
            };
            if buffer.is_empty() {
                if length == 0 {
                    return Ok(None);
                }
                break;
            }
            let end = buffer.iter().position(|&byte| byte == b'\n');
            let part = &buffer[..end.unwrap_or(buffer.len())];
            length += part.len() as u64 + u64::from(end.is_some());
            hasher.update(part);
            if length <= RAW_RECORD_BYTES_MAX as u64 {
                bytes.extend_from_slice(part);
            } else {
                let room = LINE_PREFIX_BYTES.saturating_sub(bytes.len()).min(part.len());
                bytes.extend_from_slice(&part[..room]);
                bytes.truncate(LINE_PREFIX_BYTES);
                // Batches of waiting lines are bounded by the lengths of the lines, not by their capacities.
                bytes.shrink_to_fit();
            }
            let consumed = part.len() + usize::from(end.is_some());
            self.reader.consume(consumed);
            if end.is_some() {
                length -= 1;
                break;
            }
        }
        let raw = RawPosition { topic: self.name.clone(), partition: 0, offset: self.next_line as i64 };
        self.next_line += 1;
        Ok(Some(Line { raw, bytes, length, xxh3: hasher.digest() }))
    }
}

/// Opens a file. Gzip and Zstandard are recognised by their first bytes; the name of the file does not matter.
fn open(path: &Path, count: Arc<AtomicU64>) -> Result<Box<dyn BufRead + Send>, FileError> {
    const GZIP: &[u8] = &[0x1F, 0x8B];
    const ZSTD: &[u8] = &[0x28, 0xB5, 0x2F, 0xFD];
    let failed = |source| FileError::Open { path: path.to_owned(), source };
    let plain: Box<dyn Read + Send> =
        if path == Path::new("-") { Box::new(io::stdin()) } else { Box::new(File::open(path).map_err(failed)?) };
    let mut reader = BufReader::with_capacity(1 << 17, Counted { inner: plain, count });
    let start = reader.fill_buf().map_err(failed)?;
    Ok(if start.starts_with(GZIP) {
        Box::new(BufReader::with_capacity(1 << 17, MultiGzDecoder::new(reader)))
    } else if start.starts_with(ZSTD) {
        Box::new(BufReader::with_capacity(1 << 17, zstd::Decoder::with_buffer(reader).map_err(failed)?))
    } else {
        Box::new(reader)
    })
}

struct Counted {
    inner: Box<dyn Read + Send>,
    count: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.count.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn lines_of(bytes: &[u8]) -> Vec<Line> {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(bytes).expect("written");
        Lines::new(vec![file.path().to_owned()]).collect::<Result<_, _>>().expect("read")
    }

    #[test]
    fn lines_are_numbered_from_0_and_blank_lines_are_counted_and_skipped() {
        let lines = lines_of(b"a\n\n  \nb\r\nc");
        let seen: Vec<_> = lines.iter().map(|line| (line.raw.offset, &line.bytes[..])).collect();
        assert_eq!(seen, [(0, &b"a"[..]), (3, b"b\r"), (4, b"c")]);
    }

    #[test]
    fn compressed_files_are_recognised_by_their_content() {
        let text = b"one\ntwo\n";
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(text).expect("compressed");
        let zstd = zstd::encode_all(&text[..], 1).expect("compressed");
        for bytes in [gzip.finish().expect("compressed"), zstd] {
            assert_eq!(lines_of(&bytes).len(), 2);
        }
    }

    #[test]
    fn only_a_prefix_of_a_line_that_is_too_long_is_kept() {
        let mut bytes = vec![b'x'; RAW_RECORD_BYTES_MAX + 10];
        bytes.extend_from_slice(b"\nnext\n");
        let lines = lines_of(&bytes);
        assert_eq!((lines[0].bytes.len(), lines[0].length), (LINE_PREFIX_BYTES, RAW_RECORD_BYTES_MAX as u64 + 10));
        assert!(lines[0].bytes.capacity() < 2 * LINE_PREFIX_BYTES, "the memory of the rest is released");
        assert_eq!(lines[1].bytes, b"next");
    }

    #[test]
    fn the_error_names_a_file_that_does_not_exist() {
        let error = Lines::new(vec!["no/such/file.ndjson".into()]).next().expect("an answer").expect_err("an error");
        assert!(error.to_string().contains("no/such/file.ndjson"), "{error}");
    }

    #[test]
    fn a_truncated_archive_yields_its_lines_and_then_an_error() {
        let text: Vec<u8> = (0..50_000u32).flat_map(|i| format!("{i}\n").into_bytes()).collect();
        let mut bytes = zstd::encode_all(&text[..], 1).expect("compressed");
        bytes.truncate(bytes.len() / 2);
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(&bytes).expect("written");
        let results: Vec<_> = Lines::new(vec![file.path().to_owned()]).collect();
        assert!(results.last().expect("some").is_err());
        assert_eq!(results.iter().filter(|result| result.is_err()).count(), 1);
    }
}
