//! A process beside the cluster, and its reads of logs.

use std::collections::BTreeSet;
use std::sync::Arc;

use wirefold::pipeline::port::{Broker, Inbound, LogReader, PortError, TopicPartition};
use wirefold::record::Millis;

use crate::cluster::Cluster;
use crate::consumer::SimConsumer;
use crate::faults::{Effect, Fault, Faults, Plan};
use crate::group::Group;
use crate::writer::SimWriter;

/// Tells instances apart; a restart is another instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct InstanceId(pub(crate) usize);

/// A process. Clones are the same process: its loops share its faults.
#[derive(Clone)]
pub(crate) struct Instance {
    pub(crate) cluster: Cluster,
    pub(crate) id: InstanceId,
    faults: Faults,
}

impl Instance {
    pub(crate) fn new(cluster: Cluster, id: InstanceId, plan: Plan) -> Self {
        Self { cluster, id, faults: Faults::new(plan) }
    }

    /// Subscribes to topics, which exist; it joins the group when it first polls.
    pub(crate) fn consumer(&self, group: &str, topics: &[&str]) -> SimConsumer {
        let mut brokers = self.cluster.brokers();
        let partitions: BTreeSet<_> = topics.iter().flat_map(|topic| brokers.partitions_of(topic)).cloned().collect();
        let group: Arc<str> = group.into();
        let existing = brokers.groups.entry(Arc::clone(&group)).or_insert_with(|| Group::new(partitions.clone()));
        assert_eq!(*existing.partitions(), partitions, "all members of {group} subscribe to the same topics");
        drop(brokers);
        SimConsumer::new(self.clone(), group)
    }

    /// Nothing goes wrong from here on.
    pub(crate) fn heal(&self) {
        self.faults.heal();
    }

    /// Whether it is gone.
    pub(crate) fn crashed(&self) -> bool {
        self.faults.crashed()
    }

    /// The boundaries it has passed, in order, and what struck there.
    pub(crate) fn effects(&self) -> Vec<(Effect, Option<Fault>)> {
        self.faults.effects()
    }

    /// Passes a boundary. A pause is over when this returns, and what others did meanwhile is done.
    pub(crate) fn pass(&self, effect: Effect) -> Result<Option<Fault>, PortError> {
        match self.faults.pass(effect)? {
            Some(Fault::Pause(milliseconds)) => {
                self.cluster.freeze(self.id, milliseconds);
                Ok(None)
            }
            other => Ok(other),
        }
    }
}

impl Broker for Instance {
    type Consumer = SimConsumer;
    type Writer = SimWriter;
    type Reader = SimReader;

    fn writer(&mut self, transactional_id: &str) -> Result<SimWriter, PortError> {
        if self.pass(Effect::OpenWriter)? == Some(Fault::FailWriter) {
            return Err(PortError::WriterFailed("the coordinator did not answer".to_owned()));
        }
        Ok(SimWriter::open(self.clone(), transactional_id))
    }

    fn reader(&mut self, partition: &TopicPartition, from: Option<i64>) -> Result<SimReader, PortError> {
        self.pass(Effect::OpenReader)?;
        let mut brokers = self.cluster.brokers();
        let log = brokers.partition(partition);
        let (next, end) = (from.unwrap_or(log.start()), log.stable());
        drop(brokers);
        Ok(SimReader { instance: self.clone(), partition: partition.clone(), next, end })
    }

    fn range(&mut self, partition: &TopicPartition) -> Result<(i64, i64), PortError> {
        self.pass(Effect::Range)?;
        let mut brokers = self.cluster.brokers();
        let log = brokers.partition(partition);
        Ok((log.start(), log.stable()))
    }

    fn glance(&mut self, partition: &TopicPartition) -> Option<i64> {
        self.pass(Effect::Range).ok()?;
        Some(self.cluster.brokers().partition(partition).stable())
    }

    fn trim(&mut self, partition: &TopicPartition, below: i64, older_than: Millis) -> Result<(), PortError> {
        self.pass(Effect::Trim)?;
        self.cluster.brokers().partition(partition).trim(below, older_than);
        Ok(())
    }
}

/// A read of a partition up to where it was stable when the read began.
pub(crate) struct SimReader {
    instance: Instance,
    partition: TopicPartition,
    next: i64,
    end: i64,
}

impl SimReader {
    /// Records in a batch: few, so that short logs too are read in several.
    const BATCH: usize = 3;
}

impl LogReader for SimReader {
    fn next_batch(&mut self) -> Result<Vec<Inbound>, PortError> {
        self.instance.pass(Effect::ReadBatch)?;
        let mut brokers = self.instance.cluster.brokers();
        let records: Vec<_> = brokers
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
