//! The transaction coordinator: transactional ids, their epochs and their open transactions.

use std::collections::BTreeSet;
use std::sync::Arc;

use wirefold::record::Millis;
use wirefold::stream::port::{CommittedOffset, PortError, ProducerRecord, TopicPartition};

use crate::simulation::cluster::{ClusterState, consumer_record};
use crate::simulation::group::MemberId;
use crate::simulation::instance::InstanceId;
use crate::simulation::log::EntryState;

/// A transaction open for this long is aborted by the brokers, in milliseconds.
pub(crate) const TRANSACTION_TIMEOUT: i64 = 10_000;

/// The state of a transactional id.
#[derive(Debug)]
pub(crate) struct SimProducer {
    epoch: u32,
    instance: InstanceId,
    open: Option<OpenTransaction>,
}

#[derive(Debug)]
struct OpenTransaction {
    since: i64,
    partitions: BTreeSet<TopicPartition>,
    offsets: Vec<(Arc<str>, TopicPartition, CommittedOffset)>,
}

impl OpenTransaction {
    fn holds_offset(&self, group: &str, partition: &TopicPartition) -> bool {
        self.offsets.iter().any(|(of, held, _)| &**of == group && held == partition)
    }
}

impl ClusterState {
    /// Takes over a transactional id: aborts its open transaction, fences its previous writer and returns the new epoch.
    pub(crate) fn open_producer(&mut self, id: &Arc<str>, instance: InstanceId) -> u32 {
        self.end_transaction(id, EntryState::Aborted);
        let epoch = self.producers.get(id).map_or(0, |producer| producer.epoch + 1);
        self.producers.insert(Arc::clone(id), SimProducer { epoch, instance, open: None });
        epoch
    }

    /// Begins a transaction.
    pub(crate) fn begin(&mut self, id: &Arc<str>, epoch: u32) -> Result<(), PortError> {
        let since = self.now;
        let producer = self.producer(id, epoch)?;
        producer.open = Some(OpenTransaction { since, partitions: BTreeSet::new(), offsets: Vec::new() });
        Ok(())
    }

    /// Appends a record to the open transaction.
    pub(crate) fn append(&mut self, id: &Arc<str>, epoch: u32, record: &ProducerRecord) -> Result<i64, PortError> {
        let (name, now) = (self.partition_for(record), Millis(self.now));
        self.open(id, epoch)?.partitions.insert(name.clone());
        Ok(self.partition(&name).append(consumer_record(&name, now, record), Some(id)))
    }

    /// Adds committed offsets of a group to the open transaction, if their member still belongs to the group.
    pub(crate) fn add_offsets(
        &mut self,
        id: &Arc<str>,
        epoch: u32,
        (group, member): (&Arc<str>, Option<MemberId>),
        offsets: &[(TopicPartition, CommittedOffset)],
    ) -> Result<(), PortError> {
        self.open(id, epoch)?;
        if !member.is_some_and(|member| self.groups[group].accepts_offsets_of(member)) {
            return Err(PortError::Aborted(format!("not a member of {group} in its current generation")));
        }
        let added = offsets.iter().map(|(name, offset)| (Arc::clone(group), name.clone(), offset.clone()));
        self.open(id, epoch)?.offsets.extend(added);
        Ok(())
    }

    /// Commits the open transaction: its records and offsets become visible.
    pub(crate) fn commit(&mut self, id: &Arc<str>, epoch: u32) -> Result<(), PortError> {
        self.open(id, epoch)?;
        self.end_transaction(id, EntryState::Committed);
        Ok(())
    }

    /// Aborts the open transaction.
    pub(crate) fn abort(&mut self, id: &Arc<str>, epoch: u32) -> Result<(), PortError> {
        self.open(id, epoch)?;
        self.end_transaction(id, EntryState::Aborted);
        Ok(())
    }

    fn producer(&mut self, id: &Arc<str>, epoch: u32) -> Result<&mut SimProducer, PortError> {
        match self.producers.get_mut(id) {
            Some(producer) if producer.epoch == epoch => Ok(producer),
            _ => Err(PortError::Fenced(format!("epoch {epoch} of {id} has ended"))),
        }
    }

    fn open(&mut self, id: &Arc<str>, epoch: u32) -> Result<&mut OpenTransaction, PortError> {
        let open = self.producer(id, epoch)?.open.as_mut();
        Ok(open.unwrap_or_else(|| panic!("{id} has no open transaction")))
    }

    fn end_transaction(&mut self, id: &Arc<str>, outcome: EntryState) {
        let Some(open) = self.producers.get_mut(id).and_then(|producer| producer.open.take()) else { return };
        let now = Millis(self.now);
        for name in &open.partitions {
            self.partition(name).end_transaction(id, outcome, now);
        }
        if outcome == EntryState::Committed {
            for (group, partition, offset) in open.offsets {
                if let Some(group) = self.groups.get_mut(&group) {
                    group.commit(partition, offset);
                }
            }
        }
    }

    /// Aborts the transactions that have been open too long, and fences their producers.
    pub(crate) fn abort_overdue_transactions(&mut self) {
        let deadline = self.now - TRANSACTION_TIMEOUT;
        self.abort_where(|open| open.since <= deadline);
    }

    /// Whether an open transaction holds an offset of the group, so that the offset to continue from is not known yet.
    pub(crate) fn is_unstable(&self, group: &str, partition: &TopicPartition) -> bool {
        self.producers
            .values()
            .filter_map(|producer| producer.open.as_ref())
            .any(|open| open.holds_offset(group, partition))
    }

    /// Waits until the offset is stable. The instance whose transaction holds it does not run while this caller waits, so
    /// only the time-out of that transaction ends the wait.
    pub(crate) fn wait_until_stable(&mut self, group: &str, partition: &TopicPartition) {
        self.abort_where(|open| open.holds_offset(group, partition));
    }

    fn abort_where(&mut self, condition: impl Fn(&OpenTransaction) -> bool) {
        let ids: Vec<_> = self
            .producers
            .iter()
            .filter(|(_, producer)| producer.open.as_ref().is_some_and(&condition))
            .map(|(id, _)| Arc::clone(id))
            .collect();
        for id in ids {
            self.end_transaction(&id, EntryState::Aborted);
            if let Some(producer) = self.producers.get_mut(&id) {
                producer.epoch += 1;
            }
        }
    }

    /// Moves the start of the open transactions of an instance back by this many milliseconds.
    pub(crate) fn age_transactions(&mut self, instance: InstanceId, by: i64) {
        for producer in self.producers.values_mut().filter(|producer| producer.instance == instance) {
            if let Some(open) = &mut producer.open {
                open.since -= by;
            }
        }
    }
}
