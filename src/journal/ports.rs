//! Broker, writer and reader.

use std::collections::BTreeMap;
use std::fs::File;
use std::marker::PhantomData;
use std::vec;

use super::log::records_at;
use super::{Journal, unreadable, unwritable};
use crate::pipeline::failpoint;
use crate::pipeline::observe::Stage;
use crate::pipeline::port::{
    Broker, GroupConsumer, Inbound, LogReader, PortError, TopicPartition, Transaction, Writer,
};
use crate::record::Millis;

/// What a stage sees of a journal.
pub struct JournalBroker<C> {
    journal: Journal,
    stage: Stage,
    ends: BTreeMap<TopicPartition, i64>,
    consumer: PhantomData<fn() -> C>,
}

impl<C> JournalBroker<C> {
    /// The journal for `stage`. `ends` says where the partitions end that it reads from somewhere else.
    #[must_use]
    pub fn new(journal: &Journal, stage: Stage, ends: BTreeMap<TopicPartition, i64>) -> Self {
        Self { journal: journal.clone(), stage, ends, consumer: PhantomData }
    }
}

impl<C: GroupConsumer> Broker for JournalBroker<C> {
    type Consumer = C;
    type Writer = JournalWriter;
    type Reader = JournalReader;

    /// There is no predecessor to fence: the file is this process's alone.
    fn writer(&mut self, _: &str) -> Result<JournalWriter, PortError> {
        Ok(JournalWriter { journal: self.journal.clone(), stage: self.stage })
    }

    fn reader(&mut self, partition: &TopicPartition, from: Option<i64>) -> Result<JournalReader, PortError> {
        let (log, from) = (self.journal.log(), from.unwrap_or(0));
        let frames: Vec<u64> = log.frames(partition, from).iter().map(|(_, at)| *at).collect();
        Ok(JournalReader {
            file: log.reader().map_err(|error| unreadable(&error))?,
            partition: partition.clone(),
            frames: frames.into_iter(),
            next: from,
            end: log.range_end(partition),
        })
    }

    fn range(&mut self, partition: &TopicPartition) -> Result<(i64, i64), PortError> {
        Ok((0, self.journal.log().range_end(partition)))
    }

    fn glance(&mut self, partition: &TopicPartition) -> Option<i64> {
        Some(self.ends.get(partition).copied().unwrap_or_else(|| self.journal.log().range_end(partition)))
    }

    /// The whole file goes when the results are written.
    fn trim(&mut self, _: &TopicPartition, _: i64, _: Millis) -> Result<(), PortError> {
        Ok(())
    }
}

/// Appends transactions.
pub struct JournalWriter {
    journal: Journal,
    stage: Stage,
}

impl<C> Writer<C> for JournalWriter {
    fn transact(&mut self, _: &mut C, transaction: &Transaction) -> Result<Vec<i64>, PortError> {
        let offsets = self
            .journal
            .log()
            .append(&self.stage.name().into(), transaction, |point| failpoint::hit(self.stage, point))
            .map_err(|error| unwritable(&error))?;
        self.journal.0.appended.notify_all();
        Ok(offsets)
    }
}

/// Reads a partition to where it ended when it was opened.
pub struct JournalReader {
    file: File,
    partition: TopicPartition,
    frames: vec::IntoIter<u64>,
    next: i64,
    end: i64,
}

impl LogReader for JournalReader {
    fn next_batch(&mut self) -> Result<Vec<Inbound>, PortError> {
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
