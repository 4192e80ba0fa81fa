//! Consumers: one that follows a partition of the journal, and one that keeps its positions there.

use std::collections::VecDeque;
use std::fs::File;

use super::log::records_at;
use super::{Journal, unreadable};
use crate::pipeline::observe::Stage;
use crate::pipeline::port::{
    Committed, GroupConsumer, Inbound, PollLimits, Polled, PortError, Rebalance, TopicPartition,
};

/// A [`GroupConsumer`] of one partition of the journal, which is its own from the first poll on.
pub struct JournalConsumer {
    journal: Journal,
    stage: Stage,
    file: File,
    partition: TopicPartition,
    next: i64,
    /// Read with its frame, and not handed out yet.
    held: VecDeque<Inbound>,
    paused: bool,
    announced: bool,
}

impl JournalConsumer {
    /// Follows `partition` for `stage`.
    pub fn open(journal: &Journal, stage: Stage, partition: TopicPartition) -> Result<Self, PortError> {
        let file = journal.log().reader().map_err(|error| unreadable(&error))?;
        let journal = journal.clone();
        Ok(Self { journal, stage, file, partition, next: 0, held: VecDeque::new(), paused: false, announced: false })
    }

    /// Reads the frame with the next record, where there is one.
    fn fill(&mut self) -> Result<(), PortError> {
        let frame = self.journal.log().frames(&self.partition, self.next).first().copied();
        if let Some((_, at)) = frame {
            let records = records_at(&mut self.file, at, &self.partition).map_err(|error| unreadable(&error))?;
            self.held.extend(records.into_iter().filter(|record| record.offset >= self.next));
        }
        Ok(())
    }
}

impl GroupConsumer for JournalConsumer {
    fn poll(&mut self, limits: PollLimits) -> Result<Polled, PortError> {
        let mut polled = Polled::default();
        if !std::mem::replace(&mut self.announced, true) {
            polled.rebalances.push(Rebalance::Assigned(vec![self.partition.clone()]));
            return Ok(polled);
        }
        if self.paused {
            std::thread::sleep(limits.wait);
            return Ok(polled);
        }
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

    fn pause(&mut self, _: &[TopicPartition]) -> Result<(), PortError> {
        self.paused = true;
        Ok(())
    }

    fn resume(&mut self, _: &[TopicPartition]) -> Result<(), PortError> {
        self.paused = false;
        Ok(())
    }

    fn seek(&mut self, _: &TopicPartition, next: i64) -> Result<(), PortError> {
        self.next = next;
        self.held.clear();
        Ok(())
    }

    fn committed(&mut self, partitions: &[TopicPartition]) -> Result<Vec<Option<Committed>>, PortError> {
        Ok(self.journal.committed(self.stage, partitions))
    }

    fn leave(&mut self) -> Result<(), PortError> {
        Ok(())
    }
}

/// A consumer of something else whose positions stand in the journal.
pub struct Journaled<C> {
    inner: C,
    journal: Journal,
    stage: Stage,
}

impl<C> Journaled<C> {
    /// `inner` for `stage`.
    pub fn new(journal: &Journal, stage: Stage, inner: C) -> Self {
        Self { inner, journal: journal.clone(), stage }
    }
}

impl<C: GroupConsumer> GroupConsumer for Journaled<C> {
    fn poll(&mut self, limits: PollLimits) -> Result<Polled, PortError> {
        self.inner.poll(limits)
    }

    fn pause(&mut self, partitions: &[TopicPartition]) -> Result<(), PortError> {
        self.inner.pause(partitions)
    }

    fn resume(&mut self, partitions: &[TopicPartition]) -> Result<(), PortError> {
        self.inner.resume(partitions)
    }

    fn seek(&mut self, partition: &TopicPartition, next: i64) -> Result<(), PortError> {
        self.inner.seek(partition, next)
    }

    fn committed(&mut self, partitions: &[TopicPartition]) -> Result<Vec<Option<Committed>>, PortError> {
        let found = self.journal.committed(self.stage, partitions);
        if found.contains(&None) {
            return Err(PortError::Fatal(
                "the journal does not say how far it was read: --force begins again".to_owned(),
            ));
        }
        Ok(found)
    }

    fn leave(&mut self) -> Result<(), PortError> {
        self.inner.leave()
    }
}
