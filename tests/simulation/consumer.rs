//! A consumer of committed records, as a member of a group.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use wirefold::stream::port::{
    ConsumerRecord, GroupMembership, PollLimits, Polled, PortError, Rebalance, RecordSource, TopicPartition,
};

use crate::simulation::cluster::ClusterState;
use crate::simulation::faults::{Effect, Fault};
use crate::simulation::group::MemberId;
use crate::simulation::instance::Instance;

/// The position in a partition.
#[derive(Debug, Clone, Copy, Default)]
struct FetchPosition {
    /// The next offset; none until the committed offset of the group is known.
    next: Option<i64>,
    /// The offset of the record that was returned last.
    last: Option<i64>,
}

/// A consumer.
pub(crate) struct SimConsumer {
    instance: Instance,
    group: Arc<str>,
    member: Option<MemberId>,
    /// The partitions that are assigned to it, as far as it knows.
    assigned: BTreeMap<TopicPartition, FetchPosition>,
    paused: BTreeSet<TopicPartition>,
    /// The number of polls so far: each begins with another partition.
    polls: usize,
    left: bool,
}

impl SimConsumer {
    pub(crate) fn new(instance: Instance, group: Arc<str>) -> Self {
        Self {
            instance,
            group,
            member: None,
            assigned: BTreeMap::new(),
            paused: BTreeSet::new(),
            polls: 0,
            left: false,
        }
    }

    /// The group and the member for which it commits offsets.
    pub(crate) fn membership(&self) -> (&Arc<str>, Option<MemberId>) {
        (&self.group, self.member)
    }

    /// Polls the group. A member that was expelled has lost all its partitions and joins again.
    fn rebalance(&mut self, state: &mut ClusterState) -> Vec<Rebalance> {
        let now = state.now;
        let Some(group) = state.groups.get_mut(&self.group) else { return Vec::new() };
        let mut changes = Vec::new();
        let known = self.member.and_then(|member| group.poll(member, now));
        if let Some(reported) = known {
            changes.extend(reported);
        } else {
            if !self.assigned.is_empty() {
                changes.push(Rebalance::Revoked(self.assigned.keys().cloned().collect()));
            }
            let member = group.join(self.instance.id, now);
            self.member = Some(member);
            changes.extend(group.poll(member, now).unwrap_or_default());
        }
        for change in &changes {
            match change {
                Rebalance::Assigned(partitions) => {
                    self.assigned.extend(partitions.iter().map(|name| (name.clone(), FetchPosition::default())));
                }
                Rebalance::Revoked(partitions) => {
                    for name in partitions {
                        self.assigned.remove(name);
                        self.paused.remove(name);
                    }
                }
            }
        }
        changes
    }

    /// Sets the first offset to read of each new partition whose committed offset is known by now.
    fn set_start_offsets(&mut self, state: &mut ClusterState) {
        for (name, position) in self.assigned.iter_mut().filter(|(_, position)| position.next.is_none()) {
            if !state.is_unstable(&self.group, name) {
                let committed = state.groups[&self.group].committed(name).map(|committed| committed.next);
                position.next = Some(committed.unwrap_or_else(|| state.partition(name).start()));
            }
        }
    }

    fn fetch(&mut self, state: &mut ClusterState, limits: PollLimits, fault: Option<Fault>) -> Vec<ConsumerRecord> {
        let most = match fault {
            Some(Fault::Short(most)) => most.min(limits.records),
            _ => limits.records,
        };
        let copies = if fault == Some(Fault::Repeat) { 2 } else { 1 };
        let mut records = Vec::new();
        let mut bytes = 0;
        let first = self.polls % self.assigned.len().max(1);
        self.polls += 1;
        let in_turn = self.assigned.keys().cycle().skip(first).take(self.assigned.len()).cloned().collect::<Vec<_>>();
        for name in in_turn.iter().filter(|name| !self.paused.contains(*name)) {
            let Some(FetchPosition { next: Some(mut next), mut last }) = self.assigned.get(name).copied() else {
                continue;
            };
            let log = state.partition(name);
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
            self.assigned.insert(name.clone(), FetchPosition { next: Some(next), last });
        }
        records
    }

    fn assert_assigned(&self, partitions: &[TopicPartition]) {
        for name in partitions {
            assert!(
                self.assigned.contains_key(name),
                "{}[{}] is not assigned to this consumer",
                name.topic,
                name.partition
            );
        }
    }
}

impl RecordSource for SimConsumer {
    fn poll(&mut self, limits: PollLimits) -> Result<Polled, PortError> {
        let fault = self.instance.pass(Effect::Poll)?;
        assert!(!self.left, "a consumer polls after it left {}", self.group);
        let cluster = self.instance.cluster.clone();
        let mut state = cluster.state();
        let rebalances = self.rebalance(&mut state);
        self.set_start_offsets(&mut state);
        let records = self.fetch(&mut state, limits, fault);
        Ok(Polled { rebalances, records, ended: false })
    }

    fn seek(&mut self, partition: &TopicPartition, next: i64) -> Result<(), PortError> {
        self.instance.pass(Effect::Seek)?;
        self.assert_assigned(std::slice::from_ref(partition));
        self.assigned.insert(partition.clone(), FetchPosition { next: Some(next), last: None });
        Ok(())
    }

    fn group(&mut self) -> Option<&mut dyn GroupMembership> {
        Some(self)
    }
}

impl GroupMembership for SimConsumer {
    fn pause(&mut self, partitions: &[TopicPartition]) -> Result<(), PortError> {
        self.instance.pass(Effect::Pause)?;
        self.assert_assigned(partitions);
        self.paused.extend(partitions.iter().cloned());
        Ok(())
    }

    fn resume(&mut self, partitions: &[TopicPartition]) -> Result<(), PortError> {
        self.instance.pass(Effect::Resume)?;
        self.assert_assigned(partitions);
        for name in partitions {
            self.paused.remove(name);
        }
        Ok(())
    }

    fn leave(&mut self) -> Result<(), PortError> {
        self.instance.pass(Effect::Leave)?;
        self.left = true;
        self.assigned.clear();
        let mut state = self.instance.cluster.state();
        if let (Some(group), Some(member)) = (state.groups.get_mut(&self.group), self.member.take()) {
            group.remove(member);
        }
        Ok(())
    }
}
