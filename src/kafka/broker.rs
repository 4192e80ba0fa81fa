//! The cluster, as one stage sees it.

use std::sync::Arc;
use std::time::Duration;

use rdkafka::consumer::Consumer;

use super::admin::Admin;
use super::client::ClientSettings;
use super::consumer::KafkaConsumer;
use super::offsets::StandaloneOffsets;
use super::reader::{KafkaReader, range};
use super::writer::KafkaWriter;
use crate::record::Millis;
use crate::stream::port::{Broker, CommittedOffset, LogStore, OffsetStore, PortError, TopicPartition};

/// A best-effort question is asked by the stages, which must poll and stop in time while the broker is away.
const END_OFFSET_WITHIN: Duration = Duration::from_secs(1);

/// When the guard of writers is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GuardTime {
    /// Before the previous writer is fenced: a process that may not write leaves it alone.
    BeforeOpening,
    /// After the previous writer is fenced: what the guard reads cannot be changed by it any more.
    AfterOpening,
}

type Guard = Box<dyn FnMut() -> Result<(), PortError> + Send>;

/// A Kafka cluster, for one group.
pub struct KafkaBroker {
    settings: ClientSettings,
    group: String,
    offsets: Arc<StandaloneOffsets>,
    guard: Option<(GuardTime, Guard)>,
}

impl KafkaBroker {
    /// The cluster for `group`. Nothing is connected yet.
    pub fn new(settings: ClientSettings, group: &str) -> Result<Self, PortError> {
        let offsets = Arc::new(StandaloneOffsets::new(&settings, group)?);
        Ok(Self { settings, group: group.to_owned(), offsets, guard: None })
    }

    /// The same, with a check whenever a writer is opened: its error is that of [`Broker::writer`].
    #[must_use]
    pub fn guarded(self, when: GuardTime, guard: impl FnMut() -> Result<(), PortError> + Send + 'static) -> Self {
        Self { guard: Some((when, Box::new(guard))), ..self }
    }

    /// Joins the group for `topics`.
    pub fn consumer(&self, topics: &[Arc<str>]) -> Result<KafkaConsumer, PortError> {
        KafkaConsumer::join(&self.settings, &self.group, topics)
    }

    fn ask_guard(&mut self, now: GuardTime) -> Result<(), PortError> {
        match &mut self.guard {
            Some((when, guard)) if *when == now => guard(),
            _ => Ok(()),
        }
    }
}

impl OffsetStore for KafkaBroker {
    fn committed(&mut self, partitions: &[TopicPartition]) -> Result<Vec<Option<CommittedOffset>>, PortError> {
        self.offsets.committed(partitions)
    }
}

impl LogStore for KafkaBroker {
    type Reader = KafkaReader;

    fn reader(&mut self, partition: &TopicPartition, from: Option<i64>) -> Result<KafkaReader, PortError> {
        let range = self.range(partition)?;
        KafkaReader::within(&self.settings, &self.group, partition, from, range)
    }

    fn range(&mut self, partition: &TopicPartition) -> Result<(i64, i64), PortError> {
        range(&self.settings, self.offsets.client(), partition)
    }

    fn try_end_offset(&mut self, partition: &TopicPartition) -> Option<i64> {
        let client = self.offsets.client();
        client.fetch_watermarks(&partition.topic, partition.partition, END_OFFSET_WITHIN).ok().map(|(_, end)| end)
    }

    fn trim(&mut self, partition: &TopicPartition, below: i64, older_than: Millis) -> Result<(), PortError> {
        let admin = Admin::connect(&self.settings)?;
        // Where no record is younger, all of them are old enough.
        let young = admin.offset_for_time(partition, older_than)?.unwrap_or(below);
        let (first, _) = self.range(partition)?;
        let before = below.min(young);
        if before > first { admin.delete_records(partition, before) } else { Ok(()) }
    }
}

impl Broker for KafkaBroker {
    type Writer = KafkaWriter;

    /// Opens the writer. [`PortError::WriterFailed`] when the cluster did not answer in time: worth another try.
    fn writer(&mut self, transactional_id: &str) -> Result<KafkaWriter, PortError> {
        self.ask_guard(GuardTime::BeforeOpening)?;
        let writer = KafkaWriter::open(&self.settings, transactional_id, self.offsets.clone())?;
        self.ask_guard(GuardTime::AfterOpening)?;
        Ok(writer)
    }
}
