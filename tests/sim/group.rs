//! A consumer group of the classic protocol with cooperative-sticky assignment.
//!
//! A change of membership begins a round. A member joins the round by polling and goes on reading what it owns; once
//! all have joined, or have timed out, the generation rises and the assignment is made. A partition that is to
//! move is first taken from its owner, who learns of it in its next poll; that begins the round in which the new
//! owner gets it.
//!
//! As with librdkafka, whose background thread joins and syncs, the generation of every member rises
//! with the group's: a member is refused only when it was expelled, or has not yet been through a round.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use wirefold::pipeline::port::{Committed, Rebalance, TopicPartition};

use crate::instance::InstanceId;

/// A member that does not poll for this long is expelled, in milliseconds.
pub(crate) const SESSION_TIMEOUT: i64 = 6_000;

/// A membership: an instance that was expelled joins as a new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct MemberId(u64);

#[derive(Debug)]
struct Member {
    instance: InstanceId,
    heard: i64,
    generation: Option<u32>,
    /// What it reads: it has been told so, and has not been told otherwise.
    owned: BTreeSet<TopicPartition>,
    /// What the last round gave it; it learns of the difference when it polls.
    assigned: BTreeSet<TopicPartition>,
}

/// A consumer group.
#[derive(Debug)]
pub(crate) struct Group {
    partitions: BTreeSet<TopicPartition>,
    generation: u32,
    members: BTreeMap<MemberId, Member>,
    memberships: u64,
    /// Who has joined the round under way, if one is.
    round: Option<BTreeSet<MemberId>>,
    committed: BTreeMap<TopicPartition, Committed>,
}

impl Group {
    /// A group over these partitions.
    pub(crate) fn new(partitions: BTreeSet<TopicPartition>) -> Self {
        Self {
            partitions,
            generation: 0,
            members: BTreeMap::new(),
            memberships: 0,
            round: None,
            committed: BTreeMap::new(),
        }
    }

    /// The partitions of the topics it reads.
    pub(crate) fn partitions(&self) -> &BTreeSet<TopicPartition> {
        &self.partitions
    }

    /// Takes in a member.
    pub(crate) fn join(&mut self, instance: InstanceId, now: i64) -> MemberId {
        let id = MemberId(self.memberships);
        self.memberships += 1;
        let (owned, assigned) = (BTreeSet::new(), BTreeSet::new());
        self.members.insert(id, Member { instance, heard: now, generation: None, owned, assigned });
        self.begin_round();
        id
    }

    /// A member polls: what changed for it, none when it is not a member any more.
    pub(crate) fn poll(&mut self, id: MemberId, now: i64) -> Option<Vec<Rebalance>> {
        self.members.get_mut(&id)?.heard = now;
        let mut changes = Vec::new();
        loop {
            if self.tell(id, &mut changes) {
                self.begin_round();
            }
            if let Some(joined) = &mut self.round {
                joined.insert(id);
            }
            if !self.complete_round() {
                return Some(changes);
            }
        }
    }

    /// Tells a member of its assignment, and whether it had to give something up.
    fn tell(&mut self, id: MemberId, changes: &mut Vec<Rebalance>) -> bool {
        let Some(member) = self.members.get_mut(&id) else { return false };
        let revoked: Vec<_> = member.owned.difference(&member.assigned).cloned().collect();
        let assigned: Vec<_> = member.assigned.difference(&member.owned).cloned().collect();
        member.owned.clone_from(&member.assigned);
        let gave_up = !revoked.is_empty();
        if gave_up {
            changes.push(Rebalance::Revoked(revoked));
        }
        if !assigned.is_empty() {
            changes.push(Rebalance::Assigned(assigned));
        }
        gave_up
    }

    fn begin_round(&mut self) {
        self.round.get_or_insert_default();
    }

    /// Makes the assignment if everyone has joined the round under way; says whether it did.
    fn complete_round(&mut self) -> bool {
        if !self.round.as_ref().is_some_and(|joined| self.members.keys().all(|id| joined.contains(id))) {
            return false;
        }
        self.round = None;
        self.generation += 1;
        let mut target = self.target();
        let owners: BTreeMap<TopicPartition, MemberId> = self
            .members
            .iter()
            .flat_map(|(id, member)| member.owned.iter().map(|partition| (partition.clone(), *id)))
            .collect();
        for (id, member) in &mut self.members {
            member.generation = Some(self.generation);
            member.assigned = target.remove(id).unwrap_or_default();
            member.assigned.retain(|partition| owners.get(partition).is_none_or(|owner| owner == id));
        }
        true
    }

    /// Who should read what: even shares, and nobody gives up more than that needs.
    fn target(&self) -> BTreeMap<MemberId, BTreeSet<TopicPartition>> {
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

    /// A member leaves, or is expelled: what it owned is free.
    pub(crate) fn remove(&mut self, id: MemberId) {
        if self.members.remove(&id).is_none() {
            return;
        }
        self.begin_round();
        self.complete_round();
    }

    /// Expels the members that have been silent too long.
    pub(crate) fn expire(&mut self, now: i64) {
        let silent: Vec<_> =
            self.members.iter().filter(|(_, member)| now - member.heard > SESSION_TIMEOUT).map(|(id, _)| *id).collect();
        for id in silent {
            self.remove(id);
        }
    }

    /// Makes it so much longer ago that the members of an instance were heard of.
    pub(crate) fn age(&mut self, instance: InstanceId, by: i64) {
        for member in self.members.values_mut().filter(|member| member.instance == instance) {
            member.heard -= by;
        }
    }

    /// Whether the positions of this member are taken. As with Kafka it is not asked whose the partition is.
    pub(crate) fn accepts(&self, id: MemberId) -> bool {
        self.members.get(&id).is_some_and(|member| member.generation == Some(self.generation))
    }

    /// The committed position of a partition.
    pub(crate) fn committed(&self, partition: &TopicPartition) -> Option<&Committed> {
        self.committed.get(partition)
    }

    /// Commits a position: the last commit wins, whatever it says.
    pub(crate) fn commit(&mut self, partition: TopicPartition, position: Committed) {
        self.committed.insert(partition, position);
    }

    /// Forgets the positions, as brokers do seven days after a group was left by its last member.
    pub(crate) fn forget_positions(&mut self) {
        self.committed.clear();
    }
}
