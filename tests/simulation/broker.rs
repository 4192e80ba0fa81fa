//! The broker as one stage of a process sees it: logs, committed offsets of its group, writers.

use std::sync::Arc;

use wirefold::record::Millis;
use wirefold::stream::port::{
    Broker, CommittedOffset, ConsumerRecord, LogReader, LogStore, OffsetStore, PortError, TopicPartition,
};

use crate::simulation::faults::{Effect, Fault};
use crate::simulation::instance::Instance;
use crate::simulation::writer::SimWriter;

/// A client of the cluster for one group.
pub(crate) struct SimBroker {
    instance: Instance,
    group: Arc<str>,
}

impl SimBroker {
    pub(crate) fn new(instance: Instance, group: Arc<str>) -> Self {
        Self { instance, group }
    }
}

impl Broker for SimBroker {
    type Writer = SimWriter;

    fn writer(&mut self, transactional_id: &str) -> Result<SimWriter, PortError> {
        if self.instance.pass(Effect::OpenWriter)? == Some(Fault::FailWriter) {
            return Err(PortError::WriterFailed("the coordinator did not answer".to_owned()));
        }
        Ok(SimWriter::open(self.instance.clone(), transactional_id))
    }
}

impl OffsetStore for SimBroker {
    fn committed(&mut self, partitions: &[TopicPartition]) -> Result<Vec<Option<CommittedOffset>>, PortError> {
        self.instance.pass(Effect::ReadCommitted)?;
        let mut state = self.instance.cluster.state();
        for name in partitions {
            state.wait_until_stable(&self.group, name);
        }
        let group = &state.groups[&self.group];
        Ok(partitions.iter().map(|name| group.committed(name).cloned()).collect())
    }
}

impl LogStore for SimBroker {
    type Reader = SimReader;

    fn reader(&mut self, partition: &TopicPartition, from: Option<i64>) -> Result<SimReader, PortError> {
        self.instance.pass(Effect::OpenReader)?;
        let mut state = self.instance.cluster.state();
        let log = state.partition(partition);
        let (next, end) = (from.unwrap_or(log.start()), log.last_stable_offset());
        drop(state);
        Ok(SimReader { instance: self.instance.clone(), partition: partition.clone(), next, end })
    }

    fn range(&mut self, partition: &TopicPartition) -> Result<(i64, i64), PortError> {
        self.instance.pass(Effect::Range)?;
        let mut state = self.instance.cluster.state();
        let log = state.partition(partition);
        Ok((log.start(), log.last_stable_offset()))
    }

    fn try_end_offset(&mut self, partition: &TopicPartition) -> Option<i64> {
        self.instance.pass(Effect::Range).ok()?;
        Some(self.instance.cluster.state().partition(partition).last_stable_offset())
    }

    fn trim(&mut self, partition: &TopicPartition, below: i64, older_than: Millis) -> Result<(), PortError> {
        self.instance.pass(Effect::Trim)?;
        self.instance.cluster.state().partition(partition).trim(below, older_than);
        Ok(())
    }
}

/// Reads a partition up to the last stable offset at the time when the reader was opened.
pub(crate) struct SimReader {
    instance: Instance,
    partition: TopicPartition,
    next: i64,
    end: i64,
}

impl SimReader {
    /// Records of a batch: so few that short logs, too, are read in several batches.
    const BATCH: usize = 3;
}

impl LogReader for SimReader {
    fn next_batch(&mut self) -> Result<Vec<ConsumerRecord>, PortError> {
        self.instance.pass(Effect::ReadBatch)?;
        let mut state = self.instance.cluster.state();
        let records: Vec<_> = state
            .partition(&self.partition)
            .committed(self.next)
            .take_while(|record| record.offset < self.end)
            .take(Self::BATCH)
            .cloned()
            .collect();
        self.next = records.last().map_or(self.end, |last| last.offset + 1);
        Ok(records)
    }

    fn remaining(&self) -> u64 {
        u64::try_from(self.end - self.next).unwrap_or(0)
    }
}
