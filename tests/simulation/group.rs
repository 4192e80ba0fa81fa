//! A consumer group of the classic protocol with cooperative-sticky assignment.
//!
//! A change of membership begins a rebalance. A member joins it by polling and goes on reading its partitions; once all
//! members have joined or timed out, the generation of the group goes up and the assignment is made. A partition that
//! moves is first revoked from its member, which learns of that in its next poll; this begins the rebalance in which the
//! new member gets the partition.
//!
//! As with librdkafka, whose background thread joins and syncs, the generation of each member goes up with that of the
//! group: offsets of a member are refused only when it was expelled or has not been through a rebalance yet.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use wirefold::stream::port::{CommittedOffset, Rebalance, TopicPartition};

use crate::simulation::instance::InstanceId;

/// A member that does not poll for this long is expelled, in milliseconds.
pub(crate) const SESSION_TIMEOUT: i64 = 6_000;

/// Identifies a member: an instance that was expelled joins as a new member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct MemberId(u64);

#[derive(Debug)]
struct GroupMember {
    instance: InstanceId,
    last_poll: i64,
    generation: Option<u32>,
    /// The partitions that it reads, as it knows from its last poll.
    owned: BTreeSet<TopicPartition>,
    /// The partitions that the last rebalance assigned to it; it learns of the difference in its next poll.
    assigned: BTreeSet<TopicPartition>,
}

/// A consumer group.
#[derive(Debug)]
pub(crate) struct SimGroup {
    partitions: BTreeSet<TopicPartition>,
    generation: u32,
    members: BTreeMap<MemberId, GroupMember>,
    next_member: u64,
    /// The members that have joined the rebalance in progress; none when there is none.
    rebalance: Option<BTreeSet<MemberId>>,
    committed: BTreeMap<TopicPartition, CommittedOffset>,
}

impl SimGroup {
    /// A group that reads these partitions.
    pub(crate) fn new(partitions: BTreeSet<TopicPartition>) -> Self {
        Self {
            partitions,
            generation: 0,
            members: BTreeMap::new(),
            next_member: 0,
            rebalance: None,
            committed: BTreeMap::new(),
        }
    }

    /// The partitions of its topics.
    pub(crate) fn partitions(&self) -> &BTreeSet<TopicPartition> {
        &self.partitions
    }

    /// Adds a member.
    pub(crate) fn join(&mut self, instance: InstanceId, now: i64) -> MemberId {
        let id = MemberId(self.next_member);
        self.next_member += 1;
        let (owned, assigned) = (BTreeSet::new(), BTreeSet::new());
        self.members.insert(id, GroupMember { instance, last_poll: now, generation: None, owned, assigned });
        self.begin_rebalance();
        id
    }

    /// Polls for a member: the changes of its assignment; none when it is not a member any more.
    pub(crate) fn poll(&mut self, id: MemberId, now: i64) -> Option<Vec<Rebalance>> {
        self.members.get_mut(&id)?.last_poll = now;
        let mut changes = Vec::new();
        loop {
            if self.report_assignment(id, &mut changes) {
                self.begin_rebalance();
            }
            if let Some(joined) = &mut self.rebalance {
                joined.insert(id);
            }
            if !self.complete_rebalance() {
                return Some(changes);
            }
        }
    }

    /// Reports the changes of its assignment to a member; true when partitions were revoked.
    fn report_assignment(&mut self, id: MemberId, changes: &mut Vec<Rebalance>) -> bool {
        let Some(member) = self.members.get_mut(&id) else { return false };
        let revoked: Vec<_> = member.owned.difference(&member.assigned).cloned().collect();
        let assigned: Vec<_> = member.assigned.difference(&member.owned).cloned().collect();
        member.owned.clone_from(&member.assigned);
        let has_revoked = !revoked.is_empty();
        if has_revoked {
            changes.push(Rebalance::Revoked(revoked));
        }
        if !assigned.is_empty() {
            changes.push(Rebalance::Assigned(assigned));
        }
        has_revoked
    }

    fn begin_rebalance(&mut self) {
        self.rebalance.get_or_insert_default();
    }

    /// Makes the assignment if all members have joined the rebalance in progress; true when it did.
    fn complete_rebalance(&mut self) -> bool {
        if !self.rebalance.as_ref().is_some_and(|joined| self.members.keys().all(|id| joined.contains(id))) {
            return false;
        }
        self.rebalance = None;
        self.generation += 1;
        let mut target = self.target_assignment();
        let current: BTreeMap<TopicPartition, MemberId> = self
            .members
            .iter()
            .flat_map(|(id, member)| member.owned.iter().map(|partition| (partition.clone(), *id)))
            .collect();
        for (id, member) in &mut self.members {
            member.generation = Some(self.generation);
            member.assigned = target.remove(id).unwrap_or_default();
            member.assigned.retain(|partition| current.get(partition).is_none_or(|member| member == id));
        }
        true
    }

    /// The assignment to reach: even shares, and no partition moves unless that is needed for even shares.
    fn target_assignment(&self) -> BTreeMap<MemberId, BTreeSet<TopicPartition>> {
        let mut by_load: Vec<_> = self.members.iter().collect();
        by_load.sort_by_key(|(id, member)| (Reverse(member.owned.len()), **id));
        let (share, extra) = match by_load.len() {
            0 => (0, 0),
            members => (self.partitions.len() / members, self.partitions.len() % members),
        };
        let shares: Vec<_> =
            by_load.iter().enumerate().map(|(rank, (id, _))| (**id, share + usize::from(rank < extra))).collect();

        let mut target: BTreeMap<MemberId, BTreeSet<TopicPartition>> = shares
            .iter()
            .map(|(id, share)| (*id, self.members[id].owned.iter().take(*share).cloned().collect()))
            .collect();
        let kept: BTreeSet<_> = target.values().flatten().cloned().collect();
        let mut free = self.partitions.difference(&kept).cloned();
        for (id, share) in shares {
            let own = target.entry(id).or_default();
            let missing = share - own.len();
            own.extend(free.by_ref().take(missing));
        }
        target
    }

    /// Removes a member that leaves or is expelled: its partitions are free.
    pub(crate) fn remove(&mut self, id: MemberId) {
        if self.members.remove(&id).is_none() {
            return;
        }
        self.begin_rebalance();
        self.complete_rebalance();
    }

    /// Expels the members that have not polled within the session time-out.
    pub(crate) fn expire(&mut self, now: i64) {
        let silent: Vec<_> = self
            .members
            .iter()
            .filter(|(_, member)| now - member.last_poll > SESSION_TIMEOUT)
            .map(|(id, _)| *id)
            .collect();
        for id in silent {
            self.remove(id);
        }
    }

    /// Moves the last poll of the members of an instance back by this many milliseconds.
    pub(crate) fn age(&mut self, instance: InstanceId, by: i64) {
        for member in self.members.values_mut().filter(|member| member.instance == instance) {
            member.last_poll -= by;
        }
    }

    /// Whether offsets of this member are accepted. As in Kafka, it does not matter who has the partition.
    pub(crate) fn accepts_offsets_of(&self, id: MemberId) -> bool {
        self.members.get(&id).is_some_and(|member| member.generation == Some(self.generation))
    }

    /// The committed offset of a partition.
    pub(crate) fn committed(&self, partition: &TopicPartition) -> Option<&CommittedOffset> {
        self.committed.get(partition)
    }

    /// Commits an offset. The last commit wins, even with a lower offset.
    pub(crate) fn commit(&mut self, partition: TopicPartition, offset: CommittedOffset) {
        self.committed.insert(partition, offset);
    }

    /// Deletes the committed offsets, as brokers do seven days after the last member has left the group.
    pub(crate) fn expire_offsets(&mut self) {
        self.committed.clear();
    }
}
