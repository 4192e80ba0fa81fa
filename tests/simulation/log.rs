//! One partition: records and control records, and those of them that readers of committed records see.

use std::collections::BTreeMap;
use std::sync::Arc;

use wirefold::record::Millis;
use wirefold::stream::port::{ConsumerRecord, TopicPartition};

/// The state of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EntryState {
    /// Its transaction is still open.
    Open,
    /// Readers see it.
    Committed,
    /// Readers never see it.
    Aborted,
    /// A control record: it ends a transaction, has an offset, and is never seen by readers.
    Marker,
}

/// The entry at one offset.
#[derive(Debug, Clone)]
struct LogEntry {
    record: ConsumerRecord,
    state: EntryState,
    /// The transactional id that wrote it; none outside of transactions.
    producer: Option<Arc<str>>,
}

/// A partition of a topic.
#[derive(Debug)]
pub(crate) struct SimPartition {
    name: TopicPartition,
    start: i64,
    end: i64,
    entries: Vec<LogEntry>,
}

impl SimPartition {
    pub(crate) fn new(name: TopicPartition) -> Self {
        Self { name, start: 0, end: 0, entries: Vec::new() }
    }

    /// The first offset that is kept.
    pub(crate) fn start(&self) -> i64 {
        self.start
    }

    /// The last stable offset: that of the first record of an open transaction, else the end.
    pub(crate) fn last_stable_offset(&self) -> i64 {
        self.entries.iter().find(|entry| entry.state == EntryState::Open).map_or(self.end, |entry| entry.record.offset)
    }

    /// Whether no open transaction holds back records.
    pub(crate) fn is_stable(&self) -> bool {
        self.last_stable_offset() == self.end
    }

    /// The committed records from an offset to the last stable one.
    pub(crate) fn committed(&self, from: i64) -> impl Iterator<Item = &ConsumerRecord> {
        let first = self.entries.partition_point(|entry| entry.record.offset < from);
        self.entries[first..]
            .iter()
            .take_while(|entry| entry.state != EntryState::Open)
            .filter(|entry| entry.state == EntryState::Committed)
            .map(|entry| &entry.record)
    }

    /// Appends a record and sets its partition and offset. It belongs to the open transaction of `producer`, or is
    /// committed at once.
    pub(crate) fn append(&mut self, record: ConsumerRecord, producer: Option<&Arc<str>>) -> i64 {
        let state = if producer.is_some() { EntryState::Open } else { EntryState::Committed };
        self.push(record, state, producer)
    }

    /// Ends the open transaction of a producer and appends its control record.
    pub(crate) fn end_transaction(&mut self, producer: &Arc<str>, outcome: EntryState, now: Millis) {
        for entry in &mut self.entries {
            if entry.state == EntryState::Open && entry.producer.as_ref() == Some(producer) {
                entry.state = outcome;
            }
        }
        let marker = ConsumerRecord {
            from: self.name.clone(),
            offset: self.end,
            timestamp: now,
            key: None,
            value: None,
            headers: Vec::new(),
        };
        self.push(marker, EntryState::Marker, Some(producer));
    }

    fn push(&mut self, record: ConsumerRecord, state: EntryState, producer: Option<&Arc<str>>) -> i64 {
        let offset = self.end;
        let record = ConsumerRecord { from: self.name.clone(), offset, ..record };
        self.entries.push(LogEntry { record, state, producer: producer.cloned() });
        self.end += 1;
        offset
    }

    /// Deletes all records below an offset, as `DeleteRecords` does.
    pub(crate) fn delete_below(&mut self, offset: i64) {
        self.start = self.start.max(offset.min(self.end));
        self.entries.retain(|entry| entry.record.offset >= self.start);
    }

    /// Deletes the records below an offset, up to the first one that is not older than a time.
    pub(crate) fn trim(&mut self, below: i64, older_than: Millis) {
        let young = self.entries.iter().find(|entry| entry.record.timestamp >= older_than);
        self.delete_below(below.min(young.map_or(self.end, |entry| entry.record.offset)));
    }

    /// Replaces the value of a record, or removes the record where no value is given. No broker does that, but people and
    /// disks do.
    pub(crate) fn damage(&mut self, offset: i64, value: Option<Vec<u8>>) {
        match value {
            Some(value) => self.entries.iter_mut().filter(|entry| entry.record.offset == offset).for_each(|entry| {
                entry.record.value = Some(value.clone());
            }),
            None => self.entries.retain(|entry| entry.record.offset != offset),
        }
    }

    /// Deletes each committed record whose key has a later record, as the log cleaner may at any time.
    pub(crate) fn compact(&mut self) {
        let stable = self.last_stable_offset();
        let latest: BTreeMap<Vec<u8>, i64> =
            self.committed(0).filter_map(|record| Some((record.key.clone()?, record.offset))).collect();
        self.entries.retain(|entry| {
            entry.record.offset >= stable
                || entry.state != EntryState::Committed
                || entry.record.key.as_ref().is_none_or(|key| latest.get(key) == Some(&entry.record.offset))
        });
    }
}
