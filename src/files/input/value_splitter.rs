//! The records of a stream of JSON values: elements of lists, lists in objects that wrap them, or the values themselves.

use std::collections::{BTreeSet, VecDeque};

use super::error::FileDamage;
use super::list_walk::{ListWalk, WalkEvent, survey};
use super::nesting::{Nesting, ValueEnd, is_separator};
use super::opened_input::{OpenedInput, RecordTest};
use super::raw_record::RecordBuffer;
use super::split_record::{SplitError, SplitRecord};
use super::text_place::TextPlace;

/// Splits a file into its records without parsing them, and without holding more of it than one record or one wrapper of
/// the size of a record.
///
/// What is no value becomes a record too, so that it is reported: stray brackets and words. A value that is not closed ends
/// where the next record certainly begins: see [`Nesting`] and `boundary`. What that leaves uncertain is reported as an
/// error at the end of the file.
pub(super) struct ValueSplitter {
    /// The byte that ends each value, also one that is cut off.
    boundary: Option<u8>,
    state: SplitState,
    is_in_array: bool,
    /// The wrapper in which the splitter is, beyond the lists of records.
    wrapper: Option<ListWalk>,
    record: RecordBuffer,
    place: TextPlace,
    /// Where the record begins that is being read, or was read last.
    record_start: TextPlace,
    /// The indentation of the last record of the list that begins a line.
    indentation: Option<u64>,
    ready: VecDeque<SplitRecord>,
    given: u64,
    end: Option<Result<(), SplitError>>,
    /// The first damage that may cost records.
    damage: Option<FileDamage>,
    /// Whether an object is a record although it holds a list.
    is_record: RecordTest,
    /// Whether a wrapper was taken apart.
    took_apart: bool,
    /// The names of lists of objects that were left out.
    other_lists: BTreeSet<String>,
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
    pub(super) fn new(boundary: Option<u8>, is_record: RecordTest) -> Self {
        Self {
            boundary,
            state: SplitState::Between,
            is_in_array: false,
            wrapper: None,
            record: RecordBuffer::default(),
            place: TextPlace::start(),
            record_start: TextPlace::start(),
            indentation: None,
            ready: VecDeque::new(),
            given: 0,
            end: None,
            damage: None,
            is_record,
            took_apart: false,
            other_lists: BTreeSet::new(),
        }
    }

    /// Whether an object that wraps a list was taken apart.
    pub(super) fn took_apart(&self) -> bool {
        self.took_apart
    }

    /// The names of lists of objects that were next to the lists taken, and so were left out.
    pub(super) fn other_lists(&self) -> &BTreeSet<String> {
        &self.other_lists
    }

    /// Number of records given.
    pub(super) fn read(&self) -> u64 {
        self.given
    }

    /// The next record. Before an error of the system, all whole records are given; at the end of the file also one that is
    /// cut off.
    pub(super) fn next(&mut self, input: &mut OpenedInput) -> Result<Option<SplitRecord>, SplitError> {
        loop {
            if let Some(record) = self.ready.pop_front() {
                self.given += 1;
                return Ok(Some(record));
            }
            if let Some(end) = &mut self.end {
                return std::mem::replace(end, Ok(())).map(|()| None);
            }
            match input.fill() {
                Ok([]) => {
                    self.enter_if_wrapper();
                    if matches!(self.state, SplitState::Value(_)) {
                        self.note(FileDamage::RecordNotClosed { record: self.number(), line: self.record_start.line });
                    }
                    self.give_partial();
                    self.leave_lists();
                    self.end = Some(self.damage.take().map_or(Ok(()), |damage| Err(damage.into())));
                }
                Ok(bytes) => {
                    let read = bytes.len();
                    self.push(bytes);
                    input.consume(read);
                }
                Err(error) => {
                    self.enter_if_wrapper();
                    self.end = Some(Err(error.into()));
                }
            }
        }
    }

    fn is_in_list(&self) -> bool {
        self.is_in_array || self.wrapper.is_some()
    }

    /// The number of the record that is being read, counted from 1.
    fn number(&self) -> u64 {
        self.given + self.ready.len() as u64 + 1
    }

    fn note(&mut self, damage: FileDamage) {
        self.damage.get_or_insert(damage);
    }

    fn push(&mut self, mut bytes: &[u8]) {
        let find = |bytes: &[u8], wanted: u8| bytes.iter().position(|&byte| byte == wanted);
        // Searched once for each value: a line may hold thousands of records.
        let mut boundary = self.boundary.and_then(|wanted| find(bytes, wanted));
        while !bytes.is_empty() {
            let done = match boundary {
                Some(0) => {
                    self.place.advance(&bytes[..1]);
                    self.enter_if_wrapper();
                    self.give_partial();
                    self.leave_lists();
                    1
                }
                Some(end) => self.step(&bytes[..end]),
                None => self.step(bytes),
            };
            bytes = &bytes[done..];
            boundary = match boundary {
                Some(0) => self.boundary.and_then(|wanted| find(bytes, wanted)),
                boundary => boundary.map(|end| end - done),
            };
        }
    }

    /// Reads on to the next change of state. Returns the number of bytes read.
    fn step(&mut self, bytes: &[u8]) -> usize {
        match &mut self.state {
            SplitState::Between => self.between(bytes),
            SplitState::Word => {
                let end = bytes.iter().position(|&byte| is_separator(byte) || is_bracket_or_quote(byte));
                let word = &bytes[..end.unwrap_or(bytes.len())];
                self.read_part(word);
                if end.is_some() {
                    self.give_record();
                }
                word.len()
            }
            SplitState::Value(nesting) => {
                let (length, end) = nesting.advance(bytes);
                self.in_value(&bytes[..length], end)
            }
            SplitState::Wrapper => {
                let Some(walk) = &mut self.wrapper else {
                    self.state = SplitState::Between;
                    return 0;
                };
                let (walked, event) = walk.advance(bytes);
                self.place.advance(&bytes[..walked]);
                if event.is_some() {
                    self.state = SplitState::Between;
                }
                if event == Some(WalkEvent::End) {
                    self.leave_wrapper();
                }
                walked
            }
        }
    }

    fn between(&mut self, bytes: &[u8]) -> usize {
        let Some(start) = bytes.iter().position(|&byte| !is_separator(byte)) else {
            self.place.advance(bytes);
            return bytes.len();
        };
        self.place.advance(&bytes[..start]);
        match bytes[start] {
            b'[' if !self.is_in_list() => self.is_in_array = true,
            b']' if self.wrapper.is_some() => self.state = SplitState::Wrapper,
            b']' if self.is_in_array => self.is_in_array = false,
            byte => {
                self.record_start = self.place;
                self.indentation = self.place.indentation.or(self.indentation);
                match byte {
                    b']' | b'}' => {
                        self.read_part(&bytes[start..=start]);
                        self.give_record();
                        return start + 1;
                    }
                    b'{' | b'[' | b'"' => {
                        self.state = SplitState::Value(Nesting::of_line(self.place.indentation));
                    }
                    _ => self.state = SplitState::Word,
                }
                return start;
            }
        }
        self.place.advance(&bytes[start..=start]);
        start + 1
    }

    /// Reads a part of a value, which may end with it. Returns how much was read.
    fn in_value(&mut self, part: &[u8], end: Option<ValueEnd>) -> usize {
        // A wrapper may be longer than a record. It is recognised by as much of it as a record may have.
        let room = self.record.room().filter(|&room| room < part.len());
        if let Some(room) = room {
            self.read_part(&part[..room]);
            if self.is_wrapper() {
                self.enter_wrapper();
                return room;
            }
        }
        self.read_part(&part[room.unwrap_or_default()..]);
        match end {
            Some(ValueEnd::Closed) if self.record.is_whole() && self.is_wrapper() => self.enter_wrapper(),
            Some(ValueEnd::Closed) => {
                self.note_uncertain_end();
                self.give_record();
            }
            Some(ValueEnd::NextRecord { indentation }) => self.end_before_line(indentation),
            None => {}
        }
        part.len()
    }

    fn read_part(&mut self, part: &[u8]) {
        self.record.push(part);
        self.place.advance(part);
    }

    /// Where neither a line nor a boundary shows the next record, one that lacks a mark may contain those after it.
    fn note_uncertain_end(&mut self) {
        let is_broken = matches!(&self.state, SplitState::Value(nesting) if nesting.is_broken());
        let is_bounded = self.boundary.is_some() && !self.is_in_list();
        if is_broken && !is_bounded && self.record_start.indentation.is_none() {
            self.note(FileDamage::RecordBroken { record: self.number(), line: self.record_start.line });
        }
    }

    /// Ends a value that is not closed before the line with which the next record begins.
    fn end_before_line(&mut self, indentation: u64) {
        self.enter_if_wrapper();
        let is_sibling = self.indentation == Some(indentation);
        let is_in_list = self.is_in_list() && !matches!(self.state, SplitState::Wrapper);
        self.give_partial();
        if !(is_sibling && is_in_list) {
            self.leave_lists();
        }
    }

    fn give_record(&mut self) {
        self.state = SplitState::Between;
        let offset = self.number() as i64 - 1;
        self.ready.push_back(SplitRecord { offset, line: self.record_start.line, content: self.record.take() });
    }

    /// Gives the record that is being read, which is not closed.
    fn give_partial(&mut self) {
        if matches!(self.state, SplitState::Value(_) | SplitState::Word) {
            self.give_record();
        }
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
        (self.place, self.indentation) = (self.record_start, None);
        let start = self.record.take();
        self.push(&start.bytes);
    }

    /// The same, if a record is being read and is a wrapper.
    fn enter_if_wrapper(&mut self) {
        if matches!(self.state, SplitState::Value(_)) && self.record.is_whole() && self.is_wrapper() {
            self.enter_wrapper();
        }
    }

    fn leave_wrapper(&mut self) {
        if let Some(walk) = self.wrapper.take() {
            self.other_lists.extend(walk.other_lists().map(str::to_owned));
        }
    }

    /// Ends the lists that are open: a new value begins, or the file ends.
    fn leave_lists(&mut self) {
        if self.is_in_list() {
            self.note(FileDamage::ListNotClosed { after: self.number() - 1 });
        }
        self.leave_wrapper();
        (self.is_in_array, self.indentation, self.state) = (false, None, SplitState::Between);
    }
}

fn is_bracket_or_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'[' | b']' | b'{' | b'}')
}
