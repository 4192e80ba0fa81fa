//! What a run has left behind, kept beside the cluster: the brokers forget what is trimmed and compacted.

use std::collections::BTreeMap;

use wirefold::pipeline::port::{Committed, Inbound, TopicPartition};

use super::place::{FOLD, SIGN};
use crate::cluster::Cluster;

/// All that readers of committed records could ever read, and where everything stands.
#[derive(Clone, Default, PartialEq)]
pub(crate) struct Run {
    records: BTreeMap<TopicPartition, Vec<Inbound>>,
    /// Committed positions of the groups.
    pub(crate) positions: BTreeMap<TopicPartition, Committed>,
    /// The fold group's positions were forgotten on the way, and come back with the next decision only.
    pub(crate) positions_forgotten: bool,
    /// What compaction leaves of a topic in the end.
    pub(crate) latest: BTreeMap<&'static str, BTreeMap<Vec<u8>, Vec<u8>>>,
}

impl Run {
    /// Takes note of what was committed since. To be called before anything is deleted.
    pub(crate) fn keep_up(&mut self, cluster: &Cluster) {
        let brokers = cluster.brokers();
        for (name, log) in &brokers.partitions {
            let records = self.records.entry(name.clone()).or_default();
            let next = records.last().map_or(0, |last| last.offset + 1);
            records.extend(log.committed(next).cloned());
        }
    }

    /// Takes note of where everything stands.
    pub(crate) fn close(&mut self, cluster: &Cluster, compacted: &[&'static str]) {
        self.keep_up(cluster);
        for name in self.records.keys() {
            let position = [SIGN, FOLD].iter().find_map(|group| cluster.group_position(group, name));
            self.positions.extend(position.map(|position| (name.clone(), position)));
        }
        self.latest = compacted.iter().map(|topic| (*topic, cluster.latest_by_key(topic))).collect();
    }

    /// The partitions of a topic, each with its records in order.
    pub(crate) fn partitions(&self, topic: &str) -> impl Iterator<Item = (&TopicPartition, &Vec<Inbound>)> {
        self.records.iter().filter(move |(name, _)| &*name.topic == topic)
    }

    /// The records of a topic, in order within each partition.
    pub(crate) fn records(&self, topic: &str) -> impl Iterator<Item = &Inbound> {
        self.partitions(topic).flat_map(|(_, records)| records)
    }

    /// The records of the first partition of a topic, to be falsified.
    pub(crate) fn falsify(&mut self, topic: &str) -> &mut Vec<Inbound> {
        self.records.entry(TopicPartition { topic: topic.into(), partition: 0 }).or_default()
    }
}
