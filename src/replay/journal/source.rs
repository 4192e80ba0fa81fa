//! A partition of a journal as a source.

use std::collections::VecDeque;
use std::fs::File;

use super::file::records_at;
use super::handle::{Journal, unreadable};
use crate::stream::port::{ConsumerRecord, PollLimits, Polled, PortError, RecordSource, TopicPartition};

/// Follows one partition of a journal.
pub(in crate::replay) struct JournalSource {
    journal: Journal,
    file: File,
    partition: TopicPartition,
    next: i64,
    /// Records of a frame that were read and not returned yet.
    held: VecDeque<ConsumerRecord>,
}

impl JournalSource {
    /// Follows `partition`.
    pub(in crate::replay) fn open(journal: &Journal, partition: TopicPartition) -> Result<Self, PortError> {
        let file = journal.file().reader().map_err(|error| unreadable(&error))?;
        Ok(Self { journal: journal.clone(), file, partition, next: 0, held: VecDeque::new() })
    }

    /// Reads the frame with the next record, where there is one.
    fn fill(&mut self) -> Result<(), PortError> {
        let frame = self.journal.file().frames(&self.partition, self.next).first().copied();
        if let Some((_, at)) = frame {
            let records = records_at(&mut self.file, at, &self.partition).map_err(|error| unreadable(&error))?;
            self.held.extend(records.into_iter().filter(|record| record.offset >= self.next));
        }
        Ok(())
    }
}

impl RecordSource for JournalSource {
    fn partitions(&self) -> Vec<TopicPartition> {
        vec![self.partition.clone()]
    }

    fn poll(&mut self, limits: PollLimits) -> Result<Polled, PortError> {
        let mut polled = Polled::default();
        if self.held.is_empty() {
            self.journal.await_record(&self.partition, self.next, limits.wait);
            self.fill()?;
        }
        let mut bytes = 0;
        while polled.records.len() < limits.records
            && bytes < limits.bytes
            && let Some(record) = self.held.pop_front()
        {
            bytes += record.value.as_ref().map_or(0, Vec::len);
            self.next = record.offset + 1;
            polled.records.push(record);
            if self.held.is_empty() {
                self.fill()?;
            }
        }
        Ok(polled)
    }

    fn seek(&mut self, _partition: &TopicPartition, next: i64) -> Result<(), PortError> {
        self.next = next;
        self.held.clear();
        Ok(())
    }
}
