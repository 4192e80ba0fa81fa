//! Broker, writer and reader on a journal.

use std::fs::File;
use std::vec;

use super::file::records_at;
use super::handle::{Journal, unreadable, unwritable};
use crate::record::Millis;
use crate::stream::event::Stage;
use crate::stream::port::{
    Broker, CommittedOffset, ConsumerRecord, LogReader, LogStore, OffsetStore, PortError, TopicPartition, Transaction,
    TransactionalWriter,
};

/// A journal, as one stage sees it.
pub(in crate::replay) struct JournalBroker {
    journal: Journal,
    stage: Stage,
}

impl JournalBroker {
    /// The journal for `stage`.
    pub(in crate::replay) fn new(journal: &Journal, stage: Stage) -> Self {
        Self { journal: journal.clone(), stage }
    }
}

impl OffsetStore for JournalBroker {
    fn committed(&mut self, partitions: &[TopicPartition]) -> Result<Vec<Option<CommittedOffset>>, PortError> {
        Ok(self.journal.committed(self.stage, partitions))
    }
}

impl LogStore for JournalBroker {
    type Reader = JournalReader;

    fn reader(&mut self, partition: &TopicPartition, from: Option<i64>) -> Result<JournalReader, PortError> {
        let (file, from) = (self.journal.file(), from.unwrap_or(0));
        let frames: Vec<u64> = file.frames(partition, from).iter().map(|(_, at)| *at).collect();
        Ok(JournalReader {
            file: file.reader().map_err(|error| unreadable(&error))?,
            partition: partition.clone(),
            frames: frames.into_iter(),
            next: from,
            end: file.range_end(partition),
        })
    }

    fn range(&mut self, partition: &TopicPartition) -> Result<(i64, i64), PortError> {
        Ok((0, self.journal.file().range_end(partition)))
    }

    fn try_end_offset(&mut self, partition: &TopicPartition) -> Option<i64> {
        Some(self.journal.file().range_end(partition))
    }

    /// Nothing is trimmed: the whole file is deleted when the results are written.
    fn trim(&mut self, _partition: &TopicPartition, _below: i64, _older_than: Millis) -> Result<(), PortError> {
        Ok(())
    }
}

impl Broker for JournalBroker {
    type Writer = JournalWriter;

    /// There is no other writer to fence: the file is locked by this process.
    fn writer(&mut self, _transactional_id: &str) -> Result<JournalWriter, PortError> {
        Ok(JournalWriter { journal: self.journal.clone(), stage: self.stage })
    }
}

/// Appends transactions.
pub(in crate::replay) struct JournalWriter {
    journal: Journal,
    stage: Stage,
}

impl<S> TransactionalWriter<S> for JournalWriter {
    fn transact(&mut self, _source: &mut S, transaction: &Transaction) -> Result<Vec<i64>, PortError> {
        let appended = self.journal.file().append(&self.stage.name().into(), transaction);
        let offsets = appended.map_err(|error| unwritable(&error))?;
        self.journal.notify();
        Ok(offsets)
    }
}

/// Reads a partition to where it ended when the reader was opened.
pub(in crate::replay) struct JournalReader {
    file: File,
    partition: TopicPartition,
    frames: vec::IntoIter<u64>,
    next: i64,
    end: i64,
}

impl LogReader for JournalReader {
    fn next_batch(&mut self) -> Result<Vec<ConsumerRecord>, PortError> {
        let Some(at) = self.frames.next() else { return Ok(Vec::new()) };
        let mut records = records_at(&mut self.file, at, &self.partition).map_err(|error| unreadable(&error))?;
        records.retain(|record| record.offset >= self.next);
        self.next = records.last().map_or(self.next, |last| last.offset + 1);
        Ok(records)
    }

    fn remaining(&self) -> u64 {
        u64::try_from(self.end - self.next).unwrap_or_default()
    }
}
