//! The simulated cluster as the tests use it: topics, time, and the committed records of a finished run.

use std::cell::{RefCell, RefMut};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use wirefold::record::{Millis, RawPosition};
use wirefold::stream::port::{CommittedOffset, ConsumerRecord, ProducerRecord, TopicPartition};
use xxhash_rust::xxh3::xxh3_64;

use crate::simulation::faults::FaultPlan;
use crate::simulation::group::SimGroup;
use crate::simulation::instance::{Instance, InstanceId};
use crate::simulation::log::SimPartition;
use crate::simulation::transactions::SimProducer;

/// The data of all brokers.
#[derive(Debug, Default)]
pub(crate) struct ClusterState {
    pub(crate) now: i64,
    pub(crate) partitions: BTreeMap<TopicPartition, SimPartition>,
    pub(crate) producers: BTreeMap<Arc<str>, SimProducer>,
    pub(crate) groups: BTreeMap<Arc<str>, SimGroup>,
}

impl ClusterState {
    /// Applies the time-outs: expels silent members, aborts transactions that have been open too long.
    fn expire(&mut self) {
        self.abort_overdue_transactions();
        for group in self.groups.values_mut() {
            group.expire(self.now);
        }
    }

    pub(crate) fn partition(&mut self, name: &TopicPartition) -> &mut SimPartition {
        self.partitions.get_mut(name).unwrap_or_else(|| panic!("there is no {}[{}]", name.topic, name.partition))
    }

    /// The partition that a record is written to. The hash of its key is not the Java client's: no reader may depend on it.
    pub(crate) fn partition_for(&self, record: &ProducerRecord) -> TopicPartition {
        let topic = Arc::clone(&record.topic);
        let partition = record.partition.unwrap_or_else(|| {
            let hash = xxh3_64(record.key.as_deref().unwrap_or_default());
            (hash % self.partitions_of(&topic).count().max(1) as u64) as i32
        });
        TopicPartition { topic, partition }
    }

    pub(crate) fn partitions_of(&self, topic: &str) -> impl Iterator<Item = &TopicPartition> {
        self.partitions.keys().filter(move |name| &*name.topic == topic)
    }
}

type PauseHandler = Box<dyn FnMut(InstanceId)>;

/// A handle to the simulated cluster; clones are handles to the same one.
#[derive(Clone, Default)]
pub(crate) struct SimCluster {
    state: Rc<RefCell<ClusterState>>,
    on_pause: Rc<RefCell<Option<PauseHandler>>>,
    instances: Rc<RefCell<usize>>,
}

impl SimCluster {
    /// An empty cluster whose time is not 0.
    pub(crate) fn new() -> Self {
        let cluster = Self::default();
        cluster.state.borrow_mut().now = 1_700_000_000_000;
        cluster
    }

    /// The state of the brokers, with all time-outs applied. Must not be held across a call of another handle.
    pub(crate) fn state(&self) -> RefMut<'_, ClusterState> {
        let mut state = self.state.borrow_mut();
        state.expire();
        state
    }

    /// Creates a topic.
    pub(crate) fn create_topic(&self, topic: &str, partitions: i32) {
        let mut state = self.state();
        for partition in 0..partitions {
            let name = TopicPartition { topic: topic.into(), partition };
            state.partitions.insert(name.clone(), SimPartition::new(name));
        }
    }

    /// Starts an instance.
    pub(crate) fn instance(&self, plan: FaultPlan) -> Instance {
        let mut started = self.instances.borrow_mut();
        *started += 1;
        Instance::new(self.clone(), InstanceId(*started), plan)
    }

    /// Writes a record outside of any transaction, as a crawler does, with the present time as its time stamp.
    pub(crate) fn produce(&self, record: &ProducerRecord) -> i64 {
        let mut state = self.state();
        let (name, timestamp) = (state.partition_for(record), Millis(state.now));
        state.partition(&name).append(consumer_record(&name, timestamp, record), None)
    }

    /// The present time.
    pub(crate) fn now(&self) -> Millis {
        Millis(self.state.borrow().now)
    }

    /// Advances the time for all instances.
    pub(crate) fn advance(&self, milliseconds: i64) {
        self.state.borrow_mut().now += milliseconds;
    }

    /// Advances the time for one instance that is paused: the brokers see it as silent for that long. What the other
    /// instances do meanwhile is set by [`Self::while_paused`].
    pub(crate) fn freeze(&self, instance: InstanceId, milliseconds: i64) {
        let mut state = self.state();
        for group in state.groups.values_mut() {
            group.age(instance, milliseconds);
        }
        state.age_transactions(instance, milliseconds);
        drop(state);
        // The handler is taken out while it runs: a pause within a pause does not call it again.
        let taken = self.on_pause.borrow_mut().take();
        if let Some(mut handler) = taken {
            handler(instance);
            self.on_pause.borrow_mut().get_or_insert(handler);
        }
    }

    /// Sets what happens while an instance is paused in the middle of a step: the test steps the other instances.
    pub(crate) fn while_paused(&self, handler: impl FnMut(InstanceId) + 'static) {
        *self.on_pause.borrow_mut() = Some(Box::new(handler));
    }

    /// Deletes the records of a partition below an offset.
    pub(crate) fn delete_below(&self, partition: &TopicPartition, offset: i64) {
        self.state().partition(partition).delete_below(offset);
    }

    /// Compacts a topic.
    pub(crate) fn compact(&self, topic: &str) {
        for (_, partition) in self.state().partitions.iter_mut().filter(|(name, _)| &*name.topic == topic) {
            partition.compact();
        }
    }

    /// Deletes the committed offsets of a group, as brokers do when it was empty for a week.
    pub(crate) fn expire_offsets(&self, group: &str) {
        if let Some(group) = self.state().groups.get_mut(group) {
            group.expire_offsets();
        }
    }

    /// The committed offset of a group.
    pub(crate) fn committed_offset(&self, group: &str, partition: &TopicPartition) -> Option<CommittedOffset> {
        self.state().groups.get(group)?.committed(partition).cloned()
    }

    /// The committed records of a partition, in order.
    pub(crate) fn committed_records(&self, partition: &TopicPartition) -> Vec<ConsumerRecord> {
        self.state().partition(partition).committed(0).cloned().collect()
    }

    /// The raw positions of all committed records of a topic.
    pub(crate) fn raw_positions(&self, topic: &str) -> BTreeSet<RawPosition> {
        let state = self.state();
        state
            .partitions_of(topic)
            .flat_map(|name| state.partitions[name].committed(0))
            .map(|record| RawPosition {
                topic: Arc::clone(&record.from.topic),
                partition: record.from.partition,
                offset: record.offset,
            })
            .collect()
    }

    /// The latest value of each key of a topic, without deleted keys: what compaction leaves.
    pub(crate) fn latest_by_key(&self, topic: &str) -> BTreeMap<Vec<u8>, Vec<u8>> {
        let state = self.state();
        let mut latest = BTreeMap::new();
        for record in state.partitions_of(topic).flat_map(|name| state.partitions[name].committed(0)) {
            match (&record.key, &record.value) {
                (Some(key), Some(value)) => {
                    latest.insert(key.clone(), value.clone());
                }
                (Some(key), None) => {
                    latest.remove(key);
                }
                (None, _) => {}
            }
        }
        latest
    }
}

/// The record as consumers get it; its offset is set when it is appended.
pub(crate) fn consumer_record(from: &TopicPartition, timestamp: Millis, record: &ProducerRecord) -> ConsumerRecord {
    ConsumerRecord {
        from: from.clone(),
        offset: 0,
        timestamp,
        key: record.key.clone(),
        value: record.value.clone(),
        headers: record.headers.clone(),
    }
}
