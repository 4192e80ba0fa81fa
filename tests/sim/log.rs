//! One partition: records, control records, and what a reader of committed records may see of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use wirefold::pipeline::port::{Inbound, TopicPartition};
use wirefold::record::Millis;

/// What became of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Its transaction is not settled.
    Open,
    /// Readers see it.
    Committed,
    /// Readers never see it.
    Aborted,
    /// A control record: it settles a transaction, takes an offset and is never seen.
    Marker,
}

/// What stands at one offset.
#[derive(Debug, Clone)]
struct Entry {
    record: Inbound,
    state: State,
    /// The transactional id that wrote it, none outside of transactions.
    producer: Option<Arc<str>>,
}

/// A partition of a topic.
#[derive(Debug)]
pub(crate) struct Partition {
    name: TopicPartition,
    start: i64,
    end: i64,
    entries: Vec<Entry>,
}

impl Partition {
    pub(crate) fn new(name: TopicPartition) -> Self {
        Self { name, start: 0, end: 0, entries: Vec::new() }
    }

    /// The first offset kept.
    pub(crate) fn start(&self) -> i64 {
        self.start
    }

    /// The last stable offset: the first record of an open transaction, else the end.
    pub(crate) fn stable(&self) -> i64 {
        self.entries.iter().find(|entry| entry.state == State::Open).map_or(self.end, |entry| entry.record.offset)
    }

    /// The committed records from an offset to the last stable one.
    pub(crate) fn committed(&self, from: i64) -> impl Iterator<Item = &Inbound> {
        let first = self.entries.partition_point(|entry| entry.record.offset < from);
        self.entries[first..]
            .iter()
            .take_while(|entry| entry.state != State::Open)
            .filter(|entry| entry.state == State::Committed)
            .map(|entry| &entry.record)
    }

    /// Appends a record, whose place is set here: open in the transaction of `producer`, or committed at once.
    pub(crate) fn append(&mut self, record: Inbound, producer: Option<&Arc<str>>) -> i64 {
        let state = if producer.is_some() { State::Open } else { State::Committed };
        self.push(record, state, producer)
    }

    /// Settles the open transaction of a producer and writes the control record that says so.
    pub(crate) fn settle(&mut self, producer: &Arc<str>, outcome: State, now: Millis) {
        for entry in &mut self.entries {
            if entry.state == State::Open && entry.producer.as_ref() == Some(producer) {
                entry.state = outcome;
            }
        }
        let marker = Inbound {
            from: self.name.clone(),
            offset: self.end,
            timestamp: now,
            key: None,
            value: None,
            headers: Vec::new(),
        };
        self.push(marker, State::Marker, Some(producer));
    }

    fn push(&mut self, record: Inbound, state: State, producer: Option<&Arc<str>>) -> i64 {
        let offset = self.end;
        let record = Inbound { from: self.name.clone(), offset, ..record };
        self.entries.push(Entry { record, state, producer: producer.cloned() });
        self.end += 1;
        offset
    }

    /// Deletes everything below an offset, as `DeleteRecords` does.
    pub(crate) fn delete_below(&mut self, offset: i64) {
        self.start = self.start.max(offset.min(self.end));
        self.entries.retain(|entry| entry.record.offset >= self.start);
    }

    /// Deletes what is below an offset and older than a time: up to the first record that is not.
    pub(crate) fn trim(&mut self, below: i64, older_than: Millis) {
        let young = self.entries.iter().find(|entry| entry.record.timestamp >= older_than);
        self.delete_below(below.min(young.map_or(self.end, |entry| entry.record.offset)));
    }

    /// Changes the value of a record, or takes the record away where there is none: no broker does that, but people and disks do.
    pub(crate) fn spoil(&mut self, offset: i64, value: Option<Vec<u8>>) {
        match value {
            Some(value) => self.entries.iter_mut().filter(|entry| entry.record.offset == offset).for_each(|entry| {
                entry.record.value = Some(value.clone());
            }),
            None => self.entries.retain(|entry| entry.record.offset != offset),
        }
    }

    /// Drops every committed record whose key has a later one, as the log cleaner may at any time.
    pub(crate) fn compact(&mut self) {
        let stable = self.stable();
        let latest: BTreeMap<Vec<u8>, i64> =
            self.committed(0).filter_map(|record| Some((record.key.clone()?, record.offset))).collect();
        self.entries.retain(|entry| {
            entry.record.offset >= stable
                || entry.state != State::Committed
                || entry.record.key.as_ref().is_none_or(|key| latest.get(key) == Some(&entry.record.offset))
        });
    }
}
