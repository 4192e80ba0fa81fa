//! A member of a group that reads committed records.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use wirefold::pipeline::port::{
    Committed, GroupConsumer, Inbound, PollLimits, Polled, PortError, Rebalance, TopicPartition,
};

use crate::cluster::Brokers;
use crate::faults::{Effect, Fault};
use crate::group::MemberId;
use crate::instance::Instance;

/// How far a partition has been read.
#[derive(Debug, Clone, Copy, Default)]
struct Position {
    /// The next offset; none until the group's committed position is known.
    next: Option<i64>,
    /// The record that was delivered last.
    last: Option<i64>,
}

/// A consumer.
pub(crate) struct SimConsumer {
    instance: Instance,
    group: Arc<str>,
    member: Option<MemberId>,
    /// What it believes to own.
    positions: BTreeMap<TopicPartition, Position>,
    paused: BTreeSet<TopicPartition>,
    /// Polls so far: each begins with another partition.
    polls: usize,
    left: bool,
}

impl SimConsumer {
    pub(crate) fn new(instance: Instance, group: Arc<str>) -> Self {
        Self {
            instance,
            group,
            member: None,
            positions: BTreeMap::new(),
            paused: BTreeSet::new(),
            polls: 0,
            left: false,
        }
    }

    /// As whom it commits positions.
    pub(crate) fn membership(&self) -> (&Arc<str>, Option<MemberId>) {
        (&self.group, self.member)
    }

    /// Polls the group; a member that finds itself expelled has lost everything, and joins again.
    fn rebalance(&mut self, brokers: &mut Brokers) -> Vec<Rebalance> {
        let now = brokers.now;
        let Some(group) = brokers.groups.get_mut(&self.group) else { return Vec::new() };
        let mut changes = Vec::new();
        let known = self.member.and_then(|member| group.poll(member, now));
        if let Some(told) = known {
            changes.extend(told);
        } else {
            if !self.positions.is_empty() {
                changes.push(Rebalance::Revoked(self.positions.keys().cloned().collect()));
            }
            let member = group.join(self.instance.id, now);
            self.member = Some(member);
            changes.extend(group.poll(member, now).unwrap_or_default());
        }
        for change in &changes {
            match change {
                Rebalance::Assigned(partitions) => {
                    self.positions.extend(partitions.iter().map(|name| (name.clone(), Position::default())));
                }
                Rebalance::Revoked(partitions) => {
                    for name in partitions {
                        self.positions.remove(name);
                        self.paused.remove(name);
                    }
                }
            }
        }
        changes
    }

    /// Finds out where to begin, for partitions whose committed position is known by now.
    fn resolve(&mut self, brokers: &mut Brokers) {
        for (name, position) in self.positions.iter_mut().filter(|(_, position)| position.next.is_none()) {
            if !brokers.is_unstable(&self.group, name) {
                let committed = brokers.groups[&self.group].committed(name).map(|committed| committed.next);
                position.next = Some(committed.unwrap_or_else(|| brokers.partition(name).start()));
            }
        }
    }

    fn fetch(&mut self, brokers: &mut Brokers, limits: PollLimits, fault: Option<Fault>) -> Vec<Inbound> {
        let most = match fault {
            Some(Fault::Short(most)) => most.min(limits.records),
            _ => limits.records,
        };
        let copies = if fault == Some(Fault::Repeat) { 2 } else { 1 };
        let mut records = Vec::new();
        let mut bytes = 0;
        let first = self.polls % self.positions.len().max(1);
        self.polls += 1;
        let in_turn = self.positions.keys().cycle().skip(first).take(self.positions.len()).cloned().collect::<Vec<_>>();
        for name in in_turn.iter().filter(|name| !self.paused.contains(*name)) {
            let Some(Position { next: Some(mut next), mut last }) = self.positions.get(name).copied() else { continue };
            let log = brokers.partition(name);
            if copies > 1 {
                records.extend(log.committed(last.unwrap_or(next)).take_while(|record| record.offset < next).cloned());
            }
            for record in log.committed(next) {
                let size = record.key.as_ref().map_or(0, Vec::len) + record.value.as_ref().map_or(0, Vec::len);
                if records.len() + copies > most || (!records.is_empty() && bytes + size > limits.bytes) {
                    break;
                }
                bytes += size;
                records.extend(std::iter::repeat_n(record, copies).cloned());
                (next, last) = (record.offset + 1, Some(record.offset));
            }
            self.positions.insert(name.clone(), Position { next: Some(next), last });
        }
        records
    }

    fn assert_owned(&self, partitions: &[TopicPartition]) {
        for name in partitions {
            assert!(
                self.positions.contains_key(name),
                "{}[{}] is not assigned to this consumer",
                name.topic,
                name.partition
            );
        }
    }
}

impl GroupConsumer for SimConsumer {
    fn poll(&mut self, limits: PollLimits) -> Result<Polled, PortError> {
        let fault = self.instance.pass(Effect::Poll)?;
        assert!(!self.left, "a consumer polls after it left {}", self.group);
        let cluster = self.instance.cluster.clone();
        let mut brokers = cluster.brokers();
        let rebalances = self.rebalance(&mut brokers);
        self.resolve(&mut brokers);
        let records = self.fetch(&mut brokers, limits, fault);
        Ok(Polled { rebalances, records, ended: false })
    }

    fn pause(&mut self, partitions: &[TopicPartition]) -> Result<(), PortError> {
        self.instance.pass(Effect::Pause)?;
        self.assert_owned(partitions);
        self.paused.extend(partitions.iter().cloned());
        Ok(())
    }

    fn resume(&mut self, partitions: &[TopicPartition]) -> Result<(), PortError> {
        self.instance.pass(Effect::Resume)?;
        self.assert_owned(partitions);
        for name in partitions {
            self.paused.remove(name);
        }
        Ok(())
    }

    fn seek(&mut self, partition: &TopicPartition, next: i64) -> Result<(), PortError> {
        self.instance.pass(Effect::Seek)?;
        self.assert_owned(std::slice::from_ref(partition));
        self.positions.insert(partition.clone(), Position { next: Some(next), last: None });
        Ok(())
    }

    fn committed(&mut self, partitions: &[TopicPartition]) -> Result<Vec<Option<Committed>>, PortError> {
        self.instance.pass(Effect::Committed)?;
        let mut brokers = self.instance.cluster.brokers();
        for name in partitions {
            brokers.wait_until_stable(&self.group, name);
        }
        let group = &brokers.groups[&self.group];
        Ok(partitions.iter().map(|name| group.committed(name).cloned()).collect())
    }

    fn leave(&mut self) -> Result<(), PortError> {
        self.instance.pass(Effect::Leave)?;
        self.left = true;
        self.positions.clear();
        let mut brokers = self.instance.cluster.brokers();
        if let (Some(group), Some(member)) = (brokers.groups.get_mut(&self.group), self.member.take()) {
            group.remove(member);
        }
        Ok(())
    }
}
