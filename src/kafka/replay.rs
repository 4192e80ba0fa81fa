//! What a replay needs of a cluster beyond the service: a topic for its plan, and to be the only one at its work.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::admin::Admin;
use super::broker::KafkaBroker;
use super::client::ClientSettings;
use super::produce::ArticleProducer;
use super::reader::KafkaReader;
use super::topics::TopicNames;
use super::writer::{KafkaWriter, Positions};
use crate::pipeline::port::{Broker, GroupConsumer, LogReader, PortError, TopicPartition};
use crate::record::{Millis, ReplayPlan, Retirement};

/// The key under which the plan stands.
const PLAN: &[u8] = b"plan";

/// The key under which a successor is named.
const RETIREMENT: &[u8] = b"retirement";

/// What `NS.replay` says of a namespace; nothing of most.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// It is a replay, or was one.
    pub plan: Option<ReplayPlan>,
    /// Another one goes on in its place.
    pub retirement: Option<Retirement>,
}

/// The topic that holds the plan of a replay, and says when a namespace was replaced by one.
#[derive(Debug, Clone)]
pub struct PlanTopic {
    settings: ClientSettings,
    names: TopicNames,
    topic: String,
}

impl PlanTopic {
    /// The one of this namespace.
    #[must_use]
    pub fn of(settings: &ClientSettings, names: &TopicNames) -> Self {
        Self { settings: settings.clone(), names: names.clone(), topic: names.replay() }
    }

    /// All that it says; nothing where it does not exist.
    pub fn standing(&self, admin: &Admin) -> Result<Standing, PortError> {
        if admin.partitions(&self.topic)?.is_none() { Ok(Standing::default()) } else { self.last() }
    }

    /// The plan that holds; none where the namespace is no replay.
    pub fn read(&self, admin: &Admin) -> Result<Option<ReplayPlan>, PortError> {
        Ok(self.standing(admin)?.plan)
    }

    /// What the topic, which exists, says last.
    fn last(&self) -> Result<Standing, PortError> {
        let partition = TopicPartition { topic: self.topic.as_str().into(), partition: 0 };
        let mut reader = KafkaReader::open(&self.settings, &self.settings.client_id, &partition, None)?;
        let (mut plan, mut retirement) = (None, None);
        loop {
            let batch = reader.next_batch()?;
            if batch.is_empty() {
                break;
            }
            for record in batch {
                match record.key.as_deref() {
                    Some(RETIREMENT) => retirement = record.value,
                    _ => plan = record.value,
                }
            }
        }
        Ok(Standing { plan: self.parse(plan)?, retirement: self.parse(retirement)? })
    }

    fn parse<T: DeserializeOwned>(&self, value: Option<Vec<u8>>) -> Result<Option<T>, PortError> {
        value
            .map(|value| serde_json::from_slice(&value))
            .transpose()
            .map_err(|error| PortError::Fatal(format!("what stands in {} cannot be read: {error}", self.topic)))
    }

    /// Writes a plan, and waits until it stands there.
    pub fn write(&self, plan: &ReplayPlan, now: Millis) -> Result<(), PortError> {
        self.put(PLAN, plan, now)
    }

    /// Says that the namespace has a successor, and waits until it stands there.
    pub fn retire(&self, admin: &Admin, successor: &str, now: Millis) -> Result<(), PortError> {
        admin.create(&[self.names.replay_spec()])?;
        let retirement = Retirement {
            schema: Retirement::SCHEMA.into(),
            namespace: self.names.namespace.clone(),
            successor: successor.to_owned(),
            at: now,
        };
        self.put(RETIREMENT, &retirement, now)
    }

    /// That another process runs the plan now.
    #[must_use]
    pub fn taken_over(&self) -> PortError {
        PortError::Fatal(format!("another process has taken this replay over, as {} says; this one ends", self.topic))
    }

    fn put(&self, key: &[u8], record: &impl Serialize, now: Millis) -> Result<(), PortError> {
        let producer = ArticleProducer::repeating(&self.settings)?;
        let value = serde_json::to_vec(record)
            .unwrap_or_else(|error| unreachable!("the record has no unserialisable part: {error}"));
        producer.send(&self.topic, Some(key), &value, now)?;
        producer.flush()
    }
}

/// The cluster as a stage of a replay sees it.
pub struct ReplayBroker<C> {
    cluster: KafkaBroker,
    plan: PlanTopic,
    /// The process that runs the plan.
    process: String,
    ends: BTreeMap<TopicPartition, i64>,
    consumer: PhantomData<fn() -> C>,
}

impl<C> ReplayBroker<C> {
    /// The cluster for a stage of the replay with this plan. `ends` says where the partitions end of which it reads ranges.
    #[must_use]
    pub fn new(cluster: KafkaBroker, plan: PlanTopic, run: &ReplayPlan, ends: BTreeMap<TopicPartition, i64>) -> Self {
        Self { cluster, plan, process: run.process.clone(), ends, consumer: PhantomData }
    }
}

impl<C: GroupConsumer + Positions> Broker for ReplayBroker<C> {
    type Consumer = C;
    type Writer = KafkaWriter;
    type Reader = KafkaReader;

    /// Opens the writer, unless another process goes on with the replay: two that fence each other in turn would get
    /// nowhere.
    fn writer(&mut self, transactional_id: &str) -> Result<KafkaWriter, PortError> {
        if self.plan.last()?.plan.is_none_or(|plan| plan.process != self.process) {
            return Err(self.plan.taken_over());
        }
        self.cluster.writer(transactional_id)
    }

    fn reader(&mut self, partition: &TopicPartition, from: Option<i64>) -> Result<KafkaReader, PortError> {
        self.cluster.reader(partition, from)
    }

    fn range(&mut self, partition: &TopicPartition) -> Result<(i64, i64), PortError> {
        self.cluster.range(partition)
    }

    /// The end of a range is known.
    fn glance(&mut self, partition: &TopicPartition) -> Option<i64> {
        self.ends.get(partition).copied().or_else(|| self.cluster.glance(partition))
    }

    fn trim(&mut self, partition: &TopicPartition, below: i64, older_than: Millis) -> Result<(), PortError> {
        self.cluster.trim(partition, below, older_than)
    }
}
