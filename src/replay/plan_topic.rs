//! The topic `NS.replay`: the plan of a replay, and whether a namespace was retired.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::plan::{ReplayPlan, Retirement};
use super::refusal::{Refusal, ReplayError};
use crate::config::TopicNames;
use crate::kafka::{Admin, ClientSettings, KafkaReader, PartitionCount, RecordProducer, Severity, TopicSpec};
use crate::record::Millis;
use crate::stream::port::{LogReader, PortError, TopicPartition};

/// The key of the plan.
const PLAN_KEY: &[u8] = b"plan";

/// The key of the retirement.
const RETIREMENT_KEY: &[u8] = b"retirement";

/// The topic of the plan of a replay as it should be.
pub(super) fn plan_topic_spec(names: &TopicNames) -> TopicSpec {
    TopicSpec {
        name: names.replay(),
        partitions: 1,
        partitions_fixed: PartitionCount::Exactly,
        severity: Severity::Error,
        settings: vec![("cleanup.policy", "compact")],
    }
}

/// What `NS.replay` contains; nothing for most namespaces.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NamespaceStatus {
    /// The plan: the namespace is a replay, or was one.
    pub plan: Option<ReplayPlan>,
    /// The retirement: another namespace has replaced this one.
    pub retirement: Option<Retirement>,
}

/// The topic that holds the plan of a replay, and the retirement of a namespace.
#[derive(Debug, Clone)]
pub struct PlanTopic {
    settings: ClientSettings,
    names: TopicNames,
    topic: String,
}

impl PlanTopic {
    /// The topic of this namespace.
    pub fn of(settings: &ClientSettings, names: &TopicNames) -> Self {
        Self { settings: settings.clone(), names: names.clone(), topic: names.replay() }
    }

    /// Its content; nothing where the topic does not exist.
    pub fn status(&self, admin: &Admin) -> Result<NamespaceStatus, ReplayError> {
        if admin.partitions(&self.topic)?.is_none() { Ok(NamespaceStatus::default()) } else { self.read() }
    }

    /// The content of the topic, which exists: the last record of each key.
    fn read(&self) -> Result<NamespaceStatus, ReplayError> {
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
                    Some(PLAN_KEY) => plan = record.value,
                    Some(RETIREMENT_KEY) => retirement = record.value,
                    key => tracing::warn!(
                        "the record at offset {} of {partition} is ignored: its key is {:?}, and wirefold writes the keys \
                         plan and retirement only",
                        record.offset,
                        String::from_utf8_lossy(key.unwrap_or_default())
                    ),
                }
            }
        }
        Ok(NamespaceStatus { plan: self.parse(plan)?, retirement: self.parse(retirement)? })
    }

    /// Fails where another process runs the plan.
    pub(super) fn check_process(&self, process: &str) -> Result<(), PortError> {
        if self.read()?.plan.is_none_or(|plan| plan.process != process) {
            return Err(self.taken_over().into());
        }
        Ok(())
    }

    fn parse<T: DeserializeOwned>(&self, value: Option<Vec<u8>>) -> Result<Option<T>, Refusal> {
        let other = |error| Refusal::OtherFormat {
            topic: self.topic.clone(),
            found: format!("a record that is unknown: {error}"),
        };
        value.map(|value| serde_json::from_slice(&value)).transpose().map_err(other)
    }

    /// Writes the plan, and waits until it is stored.
    pub fn write(&self, plan: &ReplayPlan, now: Millis) -> Result<(), PortError> {
        self.put(PLAN_KEY, plan, now)
    }

    /// Retires the namespace, and waits until that is stored.
    pub fn retire(&self, admin: &Admin, successor: &str, now: Millis) -> Result<(), PortError> {
        admin.create(&[plan_topic_spec(&self.names)])?;
        let retirement = Retirement {
            schema: Retirement::SCHEMA.into(),
            namespace: self.names.namespace.clone(),
            successor: successor.to_owned(),
            at: now,
        };
        self.put(RETIREMENT_KEY, &retirement, now)
    }

    /// The refusal of a process whose replay another process runs now.
    pub(super) fn taken_over(&self) -> Refusal {
        Refusal::TakenOver(format!("another process runs this replay now, as {} says: this process ends", self.topic))
    }

    fn put(&self, key: &[u8], record: &impl Serialize, now: Millis) -> Result<(), PortError> {
        let producer = RecordProducer::not_idempotent(&self.settings)?;
        let value = serde_json::to_vec(record)
            .unwrap_or_else(|error| unreachable!("the record has no unserialisable part: {error}"));
        producer.send(&self.topic, Some(key), &value, now)?;
        producer.flush()
    }
}
