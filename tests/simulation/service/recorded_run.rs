//! All records that a run has committed. They are kept outside of the cluster, where they would be trimmed and compacted.

use std::collections::BTreeMap;

use wirefold::stream::port::{CommittedOffset, ConsumerRecord, TopicPartition};

use super::process::{SIGNATURES_GROUP, STORIES_GROUP};
use crate::simulation::cluster::SimCluster;

/// All records that were ever visible to readers of committed records, and the committed offsets.
#[derive(Clone, Default, PartialEq)]
pub(crate) struct RecordedRun {
    records: BTreeMap<TopicPartition, Vec<ConsumerRecord>>,
    /// The committed offsets of the groups at the end.
    pub(crate) committed: BTreeMap<TopicPartition, CommittedOffset>,
    /// The committed offsets of the stories stage expired during the run; only its next decision commits one again.
    pub(crate) offsets_expired: bool,
    /// The last value of each key of the compacted topics at the end.
    pub(crate) latest: BTreeMap<&'static str, BTreeMap<Vec<u8>, Vec<u8>>>,
}

impl RecordedRun {
    /// Records what was committed since the last call. Must be called before anything is deleted.
    pub(crate) fn record_new(&mut self, cluster: &SimCluster) {
        let state = cluster.state();
        for (name, log) in &state.partitions {
            let records = self.records.entry(name.clone()).or_default();
            let next = records.last().map_or(0, |last| last.offset + 1);
            records.extend(log.committed(next).cloned());
        }
    }

    /// Records everything at the end of the run.
    pub(crate) fn record_end(&mut self, cluster: &SimCluster, compacted: &[&'static str]) {
        self.record_new(cluster);
        for name in self.records.keys() {
            let committed =
                [SIGNATURES_GROUP, STORIES_GROUP].iter().find_map(|group| cluster.committed_offset(group, name));
            self.committed.extend(committed.map(|committed| (name.clone(), committed)));
        }
        self.latest = compacted.iter().map(|topic| (*topic, cluster.latest_by_key(topic))).collect();
    }

    /// The partitions of a topic, each with its records in order.
    pub(crate) fn partitions(&self, topic: &str) -> impl Iterator<Item = (&TopicPartition, &Vec<ConsumerRecord>)> {
        self.records.iter().filter(move |(name, _)| &*name.topic == topic)
    }

    /// The records of a topic, in order within each partition.
    pub(crate) fn records(&self, topic: &str) -> impl Iterator<Item = &ConsumerRecord> {
        self.partitions(topic).flat_map(|(_, records)| records)
    }

    /// The records of the first partition of a topic, to be changed by tests of the oracle.
    pub(crate) fn records_mut(&mut self, topic: &str) -> &mut Vec<ConsumerRecord> {
        self.records.entry(TopicPartition { topic: topic.into(), partition: 0 }).or_default()
    }
}
