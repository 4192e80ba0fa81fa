//! The lines of NDJSON.

use std::io;

use super::error::FileDamage;
use super::nesting::Nesting;
use super::opened_input::OpenedInput;
use super::raw_record::{RecordBuffer, RecordBytes};
use super::split_record::{SplitError, SplitRecord};

/// A line of blanks is skipped if it is shorter than this.
const BLANK_LINE_BYTES_MAX: u64 = 1024;

/// Splits a file into its lines. Blank lines are counted and skipped.
#[derive(Default)]
pub(super) struct LineSplitter {
    next: u64,
    /// The last line, if it is an object that is cut off.
    damage: Option<FileDamage>,
}

impl LineSplitter {
    /// Number of lines read.
    pub(super) fn read(&self) -> u64 {
        self.next
    }

    /// The next line without its line feed.
    pub(super) fn next(&mut self, input: &mut OpenedInput) -> Result<Option<SplitRecord>, SplitError> {
        while let Some((line, is_ended)) = line(input)? {
            self.next += 1;
            let is_blank = line.length < BLANK_LINE_BYTES_MAX && line.bytes.iter().all(u8::is_ascii_whitespace);
            if !is_blank {
                self.damage = (!is_ended && is_cut_off(&line)).then_some(FileDamage::LineNotClosed { line: self.next });
                return Ok(Some(SplitRecord { offset: self.next as i64 - 1, line: self.next, content: line }));
            }
        }
        self.damage.take().map_or(Ok(None), |damage| Err(damage.into()))
    }
}

/// Whether a line is the beginning of an object.
fn is_cut_off(line: &RecordBytes) -> bool {
    let is_whole = line.length == line.bytes.len() as u64;
    is_whole && line.bytes.trim_ascii_start().starts_with(b"{") && Nesting::default().end_in(&line.bytes).is_none()
}

/// The next line, and whether a line feed ends it.
fn line(input: &mut OpenedInput) -> io::Result<Option<(RecordBytes, bool)>> {
    let mut line = RecordBuffer::default();
    let mut is_empty = true;
    loop {
        let buffer = input.fill()?;
        if buffer.is_empty() {
            return Ok((!is_empty).then(|| (line.finish(), false)));
        }
        is_empty = false;
        let end = buffer.iter().position(|&byte| byte == b'\n');
        let part = &buffer[..end.unwrap_or(buffer.len())];
        line.push(part);
        let consumed = part.len() + usize::from(end.is_some());
        input.consume(consumed);
        if end.is_some() {
            return Ok(Some((line.finish(), true)));
        }
    }
}
