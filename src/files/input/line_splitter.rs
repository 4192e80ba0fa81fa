//! The lines of NDJSON.

use std::io;

use super::opened_input::OpenedInput;
use super::raw_record::{RecordBuffer, RecordBytes};

/// A line of blanks is skipped if it is shorter than this.
const BLANK_LINE_BYTES_MAX: u64 = 1024;

/// Splits a file into its lines. Blank lines are counted and skipped.
#[derive(Default)]
pub(super) struct LineSplitter {
    next: u64,
}

impl LineSplitter {
    /// Number of lines read.
    pub(super) fn read(&self) -> u64 {
        self.next
    }

    /// The next line without its line feed, and its number, counted from 0.
    pub(super) fn next(&mut self, input: &mut OpenedInput) -> io::Result<Option<(u64, RecordBytes)>> {
        while let Some(line) = line(input)? {
            self.next += 1;
            let is_blank = line.length < BLANK_LINE_BYTES_MAX && line.bytes.iter().all(u8::is_ascii_whitespace);
            if !is_blank {
                return Ok(Some((self.next - 1, line)));
            }
        }
        Ok(None)
    }
}

fn line(input: &mut OpenedInput) -> io::Result<Option<RecordBytes>> {
    let mut line = RecordBuffer::default();
    let mut is_empty = true;
    loop {
        let buffer = input.fill()?;
        if buffer.is_empty() {
            return Ok((!is_empty).then(|| line.finish()));
        }
        is_empty = false;
        let end = buffer.iter().position(|&byte| byte == b'\n');
        let part = &buffer[..end.unwrap_or(buffer.len())];
        line.push(part);
        let consumed = part.len() + usize::from(end.is_some());
        input.consume(consumed);
        if end.is_some() {
            return Ok(Some(line.finish()));
        }
    }
}
