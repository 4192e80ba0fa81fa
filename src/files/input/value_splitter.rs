//! The records of a stream of JSON values: elements of lists, lists in objects that wrap them, or the values themselves.

use std::collections::VecDeque;
use std::io;

use super::list_walk::{ListWalk, WalkEvent, survey};
use super::nesting::Nesting;
use super::opened_input::{OpenedInput, RecordTest};
use super::raw_record::{RecordBuffer, RecordBytes};

/// Separates values in the text sequences of RFC 7464.
pub(super) const RECORD_SEPARATOR: u8 = 0x1E;

/// Splits a file into its records without parsing them, and without holding more of it than one record or one wrapper of
/// the size of a record.
///
/// What is no value becomes a record too, so that it is reported: stray brackets and words.
pub(super) struct ValueSplitter {
    /// Whether each value is on a line of its own: then one that is cut off ends with its line.
    one_per_line: bool,
    state: SplitState,
    is_in_array: bool,
    /// The wrapper in which the splitter is, beyond the lists of records.
    wrapper: Option<ListWalk>,
    record: RecordBuffer,
    ready: VecDeque<RecordBytes>,
    given: u64,
    end: Option<io::Result<()>>,
    /// Whether an object is a record although it holds a list.
    is_record: RecordTest,
    /// Whether a wrapper was taken apart.
    took_apart: bool,
}

enum SplitState {
    /// Between records.
    Between,
    /// In a number or word.
    Word,
    /// In an object, list or string.
    Value(Nesting),
    /// In a wrapper, outside its lists.
    Wrapper,
}

impl ValueSplitter {
    pub(super) fn new(one_per_line: bool, is_record: RecordTest) -> Self {
        Self {
            one_per_line,
            state: SplitState::Between,
            is_in_array: false,
            wrapper: None,
            record: RecordBuffer::default(),
            ready: VecDeque::new(),
            given: 0,
            end: None,
            is_record,
            took_apart: false,
        }
    }

    /// Whether an object that wraps a list was taken apart.
    pub(super) fn took_apart(&self) -> bool {
        self.took_apart
    }

    /// Number of records given.
    pub(super) fn read(&self) -> u64 {
        self.given
    }

    /// The next record and its number, counted from 0. Before an error, all whole records are given; at the end of the file
    /// also one that is cut off.
    pub(super) fn next(&mut self, input: &mut OpenedInput) -> io::Result<Option<(u64, RecordBytes)>> {
        loop {
            if let Some(record) = self.ready.pop_front() {
                self.given += 1;
                return Ok(Some((self.given - 1, record)));
            }
            if let Some(end) = &mut self.end {
                return std::mem::replace(end, Ok(())).map(|()| None);
            }
            match input.fill() {
                Ok([]) => {
                    self.cut_off(true);
                    self.end = Some(if self.is_in_list() {
                        Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the list of records is not closed"))
                    } else {
                        Ok(())
                    });
                }
                Ok(bytes) => {
                    let read = bytes.len();
                    self.push(bytes);
                    input.consume(read);
                }
                Err(error) => {
                    self.cut_off(false);
                    self.end = Some(Err(error));
                }
            }
        }
    }

    fn is_in_list(&self) -> bool {
        self.is_in_array || self.wrapper.is_some()
    }

    fn push(&mut self, mut bytes: &[u8]) {
        // Searched once a line: a line may hold thousands of records.
        let mut line = if self.one_per_line { bytes.iter().position(|&byte| byte == b'\n') } else { None };
        while !bytes.is_empty() {
            let done = match line {
                Some(0) => {
                    self.cut_off(true);
                    (self.is_in_array, self.wrapper, self.state) = (false, None, SplitState::Between);
                    1
                }
                Some(end) => self.step(&bytes[..end]),
                None => self.step(bytes),
            };
            bytes = &bytes[done..];
            line = match line {
                Some(0) => bytes.iter().position(|&byte| byte == b'\n'),
                line => line.map(|end| end - done),
            };
        }
    }

    /// Reads on to the next change of state. Returns the number of bytes read.
    fn step(&mut self, bytes: &[u8]) -> usize {
        match &mut self.state {
            SplitState::Between => self.between(bytes),
            SplitState::Word => {
                let end = bytes.iter().position(|&byte| is_separator(byte) || is_bracket_or_quote(byte));
                self.record.push(&bytes[..end.unwrap_or(bytes.len())]);
                if end.is_some() {
                    self.give_record();
                }
                end.unwrap_or(bytes.len())
            }
            SplitState::Value(nesting) => {
                let end = nesting.end_in(bytes);
                let part = &bytes[..end.unwrap_or(bytes.len())];
                // A wrapper may be longer than a record. It is recognised by as much of it as a record may have.
                let room = self.record.room().filter(|&room| room < part.len());
                if let Some(room) = room {
                    self.record.push(&part[..room]);
                    if self.is_wrapper() {
                        self.enter_wrapper();
                        return room;
                    }
                }
                self.record.push(&part[room.unwrap_or_default()..]);
                if end.is_some() {
                    if self.record.is_whole() && self.is_wrapper() {
                        self.enter_wrapper();
                    } else {
                        self.give_record();
                    }
                }
                part.len()
            }
            SplitState::Wrapper => {
                let Some(walk) = &mut self.wrapper else {
                    self.state = SplitState::Between;
                    return 0;
                };
                let (walked, event) = walk.advance(bytes);
                if event.is_some() {
                    self.state = SplitState::Between;
                }
                if event == Some(WalkEvent::End) {
                    self.wrapper = None;
                }
                walked
            }
        }
    }

    fn between(&mut self, bytes: &[u8]) -> usize {
        let Some(start) = bytes.iter().position(|&byte| !is_separator(byte)) else { return bytes.len() };
        match bytes[start] {
            b'[' if !self.is_in_list() => self.is_in_array = true,
            b']' if self.wrapper.is_some() => self.state = SplitState::Wrapper,
            b']' if self.is_in_array => self.is_in_array = false,
            b']' | b'}' => {
                self.record.push(&bytes[start..=start]);
                self.give_record();
            }
            b'{' | b'[' | b'"' => {
                self.state = SplitState::Value(Nesting::default());
                return start;
            }
            _ => {
                self.state = SplitState::Word;
                return start;
            }
        }
        start + 1
    }

    fn give_record(&mut self) {
        self.state = SplitState::Between;
        self.ready.push_back(self.record.take());
    }

    /// Whether the record that is being read is a wrapper, as far as it is read. One inside a wrapper is a record.
    fn is_wrapper(&self) -> bool {
        let is_object = self.record.bytes().first() == Some(&b'{');
        if !is_object || self.wrapper.is_some() {
            return false;
        }
        let survey = survey(self.record.bytes());
        // What is longer than a record can only be a wrapper.
        survey.has_lists && !(survey.end.is_some() && (self.is_record)(self.record.bytes()))
    }

    /// Splits the record that is being read, which is a wrapper, and goes on in it if it is not read to its end.
    fn enter_wrapper(&mut self) {
        self.took_apart = true;
        self.state = SplitState::Wrapper;
        self.wrapper = Some(ListWalk::default());
        let start = self.record.take();
        self.push(&start.bytes);
    }

    /// Gives what is left where the file or the line ends; a record that is cut off only if `give_partial`.
    fn cut_off(&mut self, give_partial: bool) {
        if matches!(self.state, SplitState::Value(_)) && self.record.is_whole() && self.is_wrapper() {
            self.enter_wrapper();
        }
        if give_partial && matches!(self.state, SplitState::Value(_) | SplitState::Word) {
            self.give_record();
        }
    }
}

fn is_separator(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == b',' || byte == RECORD_SEPARATOR
}

fn is_bracket_or_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'[' | b']' | b'{' | b'}')
}
