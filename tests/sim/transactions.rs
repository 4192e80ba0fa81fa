//! The transaction coordinator: transactional ids, their epochs, and what is open under each.

use std::collections::BTreeSet;
use std::sync::Arc;

use wirefold::pipeline::port::{Committed, Outbound, PortError, TopicPartition};
use wirefold::record::Millis;

use crate::cluster::{Brokers, inbound};
use crate::group::MemberId;
use crate::instance::InstanceId;
use crate::log::State;

/// A transaction open for this long is aborted by the brokers, in milliseconds.
pub(crate) const TRANSACTION_TIMEOUT: i64 = 10_000;

/// A transactional id.
#[derive(Debug)]
pub(crate) struct Producer {
    epoch: u32,
    instance: InstanceId,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    since: i64,
    touched: BTreeSet<TopicPartition>,
    positions: Vec<(Arc<str>, TopicPartition, Committed)>,
}

impl Open {
    fn holds_position(&self, group: &str, partition: &TopicPartition) -> bool {
        self.positions.iter().any(|(of, held, _)| &**of == group && held == partition)
    }
}

impl Brokers {
    /// Takes over a transactional id: aborts what is open under it, fences who had it, and gives the new epoch.
    pub(crate) fn open_producer(&mut self, id: &Arc<str>, instance: InstanceId) -> u32 {
        self.settle(id, State::Aborted);
        let epoch = self.producers.get(id).map_or(0, |producer| producer.epoch + 1);
        self.producers.insert(Arc::clone(id), Producer { epoch, instance, open: None });
        epoch
    }

    /// Begins a transaction.
    pub(crate) fn begin(&mut self, id: &Arc<str>, epoch: u32) -> Result<(), PortError> {
        let since = self.now;
        let producer = self.producer(id, epoch)?;
        producer.open = Some(Open { since, touched: BTreeSet::new(), positions: Vec::new() });
        Ok(())
    }

    /// Appends a record to the open transaction.
    pub(crate) fn append(&mut self, id: &Arc<str>, epoch: u32, record: &Outbound) -> Result<i64, PortError> {
        let (name, now) = (self.place(record), Millis(self.now));
        self.open(id, epoch)?.touched.insert(name.clone());
        Ok(self.partition(&name).append(inbound(&name, now, record), Some(id)))
    }

    /// Adds positions of a group to the open transaction, if the member they come from is still one.
    pub(crate) fn add_positions(
        &mut self,
        id: &Arc<str>,
        epoch: u32,
        (group, member): (&Arc<str>, Option<MemberId>),
        positions: &[(TopicPartition, Committed)],
    ) -> Result<(), PortError> {
        self.open(id, epoch)?;
        if !member.is_some_and(|member| self.groups[group].accepts(member)) {
            return Err(PortError::Aborted(format!("not a member of {group} in its current generation")));
        }
        let added = positions.iter().map(|(name, position)| (Arc::clone(group), name.clone(), position.clone()));
        self.open(id, epoch)?.positions.extend(added);
        Ok(())
    }

    /// Commits the open transaction: its records and positions appear.
    pub(crate) fn commit(&mut self, id: &Arc<str>, epoch: u32) -> Result<(), PortError> {
        self.open(id, epoch)?;
        self.settle(id, State::Committed);
        Ok(())
    }

    /// Rolls the open transaction back.
    pub(crate) fn abort(&mut self, id: &Arc<str>, epoch: u32) -> Result<(), PortError> {
        self.open(id, epoch)?;
        self.settle(id, State::Aborted);
        Ok(())
    }

    fn producer(&mut self, id: &Arc<str>, epoch: u32) -> Result<&mut Producer, PortError> {
        match self.producers.get_mut(id) {
            Some(producer) if producer.epoch == epoch => Ok(producer),
            _ => Err(PortError::Fenced(format!("epoch {epoch} of {id} is over"))),
        }
    }

    fn open(&mut self, id: &Arc<str>, epoch: u32) -> Result<&mut Open, PortError> {
        let open = self.producer(id, epoch)?.open.as_mut();
        Ok(open.unwrap_or_else(|| panic!("{id} has no open transaction")))
    }

    fn settle(&mut self, id: &Arc<str>, outcome: State) {
        let Some(open) = self.producers.get_mut(id).and_then(|producer| producer.open.take()) else { return };
        let now = Millis(self.now);
        for name in &open.touched {
            self.partition(name).settle(id, outcome, now);
        }
        if outcome == State::Committed {
            for (group, partition, position) in open.positions {
                if let Some(group) = self.groups.get_mut(&group) {
                    group.commit(partition, position);
                }
            }
        }
    }

    /// Aborts what has been open too long; its producer is fenced.
    pub(crate) fn abort_overdue_transactions(&mut self) {
        let deadline = self.now - TRANSACTION_TIMEOUT;
        self.abort_where(|open| open.since <= deadline);
    }

    /// Whether a position of the group is part of an open transaction, so that nobody can tell yet where to read on.
    pub(crate) fn is_unstable(&self, group: &str, partition: &TopicPartition) -> bool {
        self.producers
            .values()
            .filter_map(|producer| producer.open.as_ref())
            .any(|open| open.holds_position(group, partition))
    }

    /// Waits for the position to become stable. Whoever holds it open stands still while this caller waits, so
    /// what ends the wait is the time-out of that transaction.
    pub(crate) fn wait_until_stable(&mut self, group: &str, partition: &TopicPartition) {
        self.abort_where(|open| open.holds_position(group, partition));
    }

    fn abort_where(&mut self, condition: impl Fn(&Open) -> bool) {
        let ids: Vec<_> = self
            .producers
            .iter()
            .filter(|(_, producer)| producer.open.as_ref().is_some_and(&condition))
            .map(|(id, _)| Arc::clone(id))
            .collect();
        for id in ids {
            self.settle(&id, State::Aborted);
            if let Some(producer) = self.producers.get_mut(&id) {
                producer.epoch += 1;
            }
        }
    }

    /// Makes it so much longer ago that an instance began its transactions.
    pub(crate) fn age_transactions(&mut self, instance: InstanceId, by: i64) {
        for producer in self.producers.values_mut().filter(|producer| producer.instance == instance) {
            if let Some(open) = &mut producer.open {
                open.since -= by;
            }
        }
    }
}
