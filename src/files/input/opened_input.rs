//! Opens files, decompresses them, and lets their first bytes be seen before they are read.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::compressed::decompressed;
use super::error::FileError;
use crate::article::RAW_RECORD_BYTES_MAX;

const BUFFER_BYTES: usize = 1 << 17;

/// Whether the bytes of an object are those of a record, although it holds a list of objects.
pub(super) type RecordTest = Arc<dyn Fn(&[u8]) -> bool + Send + Sync>;

/// The test by which no object with a list is a record.
pub(super) fn no_test() -> RecordTest {
    Arc::new(|_| false)
}

/// The bytes of a file after decompression. [`look`](Self::look) shows bytes that are read later.
pub(super) struct OpenedInput {
    seen: Vec<u8>,
    consumed: usize,
    failed: Option<io::Error>,
    rest: Box<dyn BufRead + Send>,
}

impl OpenedInput {
    /// Opens a file; `-` is standard input. Gzip and Zstandard are recognised by their first bytes; the name of the file
    /// does not matter. `count` counts the bytes before decompression.
    pub(super) fn open(path: &Path, count: Arc<AtomicU64>) -> Result<Self, FileError> {
        let failed = |source| FileError::Open { path: path.to_owned(), source };
        let plain: Box<dyn Read + Send> =
            if path == Path::new("-") { Box::new(io::stdin()) } else { Box::new(File::open(path).map_err(failed)?) };
        let reader = BufReader::with_capacity(BUFFER_BYTES, CountedReader { inner: plain, count });
        Ok(Self::new(decompressed(reader).map_err(failed)?))
    }

    pub(super) fn new(rest: Box<dyn BufRead + Send>) -> Self {
        Self { seen: Vec::new(), consumed: 0, failed: None, rest }
    }

    /// All bytes that [`look`](Self::look) has shown.
    pub(super) fn seen(&self) -> &[u8] {
        &self.seen
    }

    /// Adds bytes to those seen. Returns false if there are no more: at the end, at an error, and where the bytes seen are
    /// as many as a record may have. To be called before anything is consumed.
    pub(super) fn look(&mut self) -> bool {
        if self.failed.is_some() || self.seen.len() > RAW_RECORD_BYTES_MAX {
            return false;
        }
        match fill(&mut *self.rest) {
            Ok([]) => false,
            Ok(buffer) => {
                let read = buffer.len();
                self.seen.extend_from_slice(buffer);
                self.rest.consume(read);
                true
            }
            Err(error) => {
                self.failed = Some(error);
                false
            }
        }
    }

    /// Adds bytes to those seen until these are so many, if there are so many.
    pub(super) fn look_at(&mut self, bytes: usize) {
        while self.seen.len() < bytes && self.look() {}
    }

    /// The next bytes; none at the end.
    pub(super) fn fill(&mut self) -> io::Result<&[u8]> {
        if self.consumed < self.seen.len() {
            return Ok(&self.seen[self.consumed..]);
        }
        match self.failed.take() {
            Some(error) => Err(error),
            None => fill(&mut *self.rest),
        }
    }

    /// Marks bytes of [`fill`](Self::fill) as read.
    pub(super) fn consume(&mut self, bytes: usize) {
        if self.consumed < self.seen.len() {
            self.consumed += bytes;
            if self.consumed == self.seen.len() {
                (self.seen, self.consumed) = (Vec::new(), 0);
            }
        } else {
            self.rest.consume(bytes);
        }
    }
}

fn fill(reader: &mut dyn BufRead) -> io::Result<&[u8]> {
    loop {
        match reader.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
            // Asked again, a terminal would wait for a second end.
            Ok([]) => return Ok(&[]),
            Ok(_) => return reader.fill_buf(),
        }
    }
}

/// Checks that every file can be opened, so that a wrong name is reported before anything is started. Pipes are not
/// touched.
pub fn check_files(files: &[PathBuf]) -> Result<(), Vec<FileError>> {
    let check = |path: &PathBuf| {
        let failed = |source| FileError::Open { path: path.clone(), source };
        if path == Path::new("-") {
            return Ok(());
        }
        let metadata = std::fs::metadata(path).map_err(failed)?;
        if metadata.is_dir() {
            return Err(failed(io::ErrorKind::IsADirectory.into()));
        }
        if metadata.is_file() {
            File::open(path).map_err(failed)?;
        }
        Ok(())
    };
    let errors: Vec<FileError> = files.iter().filter_map(|path| check(path).err()).collect();
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

struct CountedReader {
    inner: Box<dyn Read + Send>,
    count: Arc<AtomicU64>,
}

impl Read for CountedReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.count.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}
