//! The brokers, seen from the test: topics, time, and what a reader of committed records finds in the end.

use std::cell::{RefCell, RefMut};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use wirefold::pipeline::port::{Committed, Inbound, Outbound, TopicPartition};
use wirefold::record::{Millis, RawPosition};
use xxhash_rust::xxh3::xxh3_64;

use crate::faults::Plan;
use crate::group::Group;
use crate::instance::{Instance, InstanceId};
use crate::log::Partition;
use crate::transactions::Producer;

/// What the brokers keep.
#[derive(Debug, Default)]
pub(crate) struct Brokers {
    pub(crate) now: i64,
    pub(crate) partitions: BTreeMap<TopicPartition, Partition>,
    pub(crate) producers: BTreeMap<Arc<str>, Producer>,
    pub(crate) groups: BTreeMap<Arc<str>, Group>,
}

impl Brokers {
    /// Does what is due: expels silent members, aborts transactions that have been open too long.
    fn expire(&mut self) {
        self.abort_overdue_transactions();
        for group in self.groups.values_mut() {
            group.expire(self.now);
        }
    }

    pub(crate) fn partition(&mut self, name: &TopicPartition) -> &mut Partition {
        self.partitions.get_mut(name).unwrap_or_else(|| panic!("there is no {}[{}]", name.topic, name.partition))
    }

    /// Where a record goes that says no partition. The hash is not the Java client's: no reader may depend on it.
    pub(crate) fn place(&self, record: &Outbound) -> TopicPartition {
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

type Bystanders = Box<dyn FnMut(InstanceId)>;

/// A handle to the simulated cluster; clones are handles to the same one.
#[derive(Clone, Default)]
pub(crate) struct Cluster {
    brokers: Rc<RefCell<Brokers>>,
    bystanders: Rc<RefCell<Option<Bystanders>>>,
    instances: Rc<RefCell<usize>>,
}

impl Cluster {
    /// An empty cluster, at a time that is not 0.
    pub(crate) fn new() -> Self {
        let cluster = Self::default();
        cluster.brokers.borrow_mut().now = 1_700_000_000_000;
        cluster
    }

    /// The brokers, after everything that is due. Not to be held across a call of another handle.
    pub(crate) fn brokers(&self) -> RefMut<'_, Brokers> {
        let mut brokers = self.brokers.borrow_mut();
        brokers.expire();
        brokers
    }

    /// Makes a topic.
    pub(crate) fn create_topic(&self, topic: &str, partitions: i32) {
        let mut brokers = self.brokers();
        for partition in 0..partitions {
            let name = TopicPartition { topic: topic.into(), partition };
            brokers.partitions.insert(name.clone(), Partition::new(name));
        }
    }

    /// Starts an instance.
    pub(crate) fn instance(&self, plan: Plan) -> Instance {
        let mut started = self.instances.borrow_mut();
        *started += 1;
        Instance::new(self.clone(), InstanceId(*started), plan)
    }

    /// Writes a record outside of any transaction, stamped now: what crawlers do.
    pub(crate) fn produce(&self, record: &Outbound) -> i64 {
        let mut brokers = self.brokers();
        let (name, timestamp) = (brokers.place(record), Millis(brokers.now));
        brokers.partition(&name).append(inbound(&name, timestamp, record), None)
    }

    /// The time.
    pub(crate) fn now(&self) -> Millis {
        Millis(self.brokers.borrow().now)
    }

    /// Lets time pass for everyone.
    pub(crate) fn advance(&self, milliseconds: i64) {
        self.brokers.borrow_mut().now += milliseconds;
    }

    /// Lets time pass for one instance that stands still: to the brokers it has been silent that long. What the
    /// others do meanwhile is up to [`Self::while_paused`].
    pub(crate) fn freeze(&self, instance: InstanceId, milliseconds: i64) {
        let mut brokers = self.brokers();
        for group in brokers.groups.values_mut() {
            group.age(instance, milliseconds);
        }
        brokers.age_transactions(instance, milliseconds);
        drop(brokers);
        // Taken out while it runs: an instance that is paused within a pause lets nobody in.
        let taken = self.bystanders.borrow_mut().take();
        if let Some(mut bystanders) = taken {
            bystanders(instance);
            self.bystanders.borrow_mut().get_or_insert(bystanders);
        }
    }

    /// What happens while an instance is paused, in the middle of a step of its own: the test steps the others.
    pub(crate) fn while_paused(&self, bystanders: impl FnMut(InstanceId) + 'static) {
        *self.bystanders.borrow_mut() = Some(Box::new(bystanders));
    }

    /// Deletes the records of a partition below an offset.
    pub(crate) fn delete_below(&self, partition: &TopicPartition, offset: i64) {
        self.brokers().partition(partition).delete_below(offset);
    }

    /// Lets the log cleaner loose on a topic.
    pub(crate) fn compact(&self, topic: &str) {
        for (_, partition) in self.brokers().partitions.iter_mut().filter(|(name, _)| &*name.topic == topic) {
            partition.compact();
        }
    }

    /// Forgets the positions of a group, as brokers do when it was empty for a week.
    pub(crate) fn forget_positions(&self, group: &str) {
        if let Some(group) = self.brokers().groups.get_mut(group) {
            group.forget_positions();
        }
    }

    /// The committed position of a group.
    pub(crate) fn group_position(&self, group: &str, partition: &TopicPartition) -> Option<Committed> {
        self.brokers().groups.get(group)?.committed(partition).cloned()
    }

    /// The committed records of a partition, in order.
    pub(crate) fn committed_records(&self, partition: &TopicPartition) -> Vec<Inbound> {
        self.brokers().partition(partition).committed(0).cloned().collect()
    }

    /// The positions of all committed records of a topic.
    pub(crate) fn raw_positions(&self, topic: &str) -> BTreeSet<RawPosition> {
        let brokers = self.brokers();
        brokers
            .partitions_of(topic)
            .flat_map(|name| brokers.partitions[name].committed(0))
            .map(|record| RawPosition {
                topic: Arc::clone(&record.from.topic),
                partition: record.from.partition,
                offset: record.offset,
            })
            .collect()
    }

    /// What is left of a compacted topic: the latest value of each key that has one.
    pub(crate) fn latest_by_key(&self, topic: &str) -> BTreeMap<Vec<u8>, Vec<u8>> {
        let brokers = self.brokers();
        let mut latest = BTreeMap::new();
        for record in brokers.partitions_of(topic).flat_map(|name| brokers.partitions[name].committed(0)) {
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

/// A record as it will be read, but for its offset.
pub(crate) fn inbound(from: &TopicPartition, timestamp: Millis, record: &Outbound) -> Inbound {
    Inbound {
        from: from.clone(),
        offset: 0,
        timestamp,
        key: record.key.clone(),
        value: record.value.clone(),
        headers: record.headers.clone(),
    }
}
