//! The service's world on Kafka.

use std::sync::Arc;
use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer};

use super::admin::Admin;
use super::client::ClientSettings;
use super::closing::Closing;
use super::consumer::KafkaConsumer;
use super::error::fatal;
use super::merged::{MergedConsumer, Range};
use super::notices::Notices;
use super::reader::{KafkaReader, range};
use super::sole::SoleConsumer;
use super::sorted::SortedConsumer;
use super::writer::KafkaWriter;
use crate::pipeline::observe::Stage;
use crate::pipeline::port::{Broker, PortError, TopicPartition};
use crate::pipeline::sort::Sorted;
use crate::record::Millis;

/// Notices of the lookup client taken to the log by each question, far more than there are between two of them.
const NOTICES_PER_CALL: usize = 32;

/// How long a look in passing may take: it is made from the loops, which must poll and stop in time when the broker is away.
const GLANCE_WITHIN: Duration = Duration::from_secs(1);

/// What one stage sees of a cluster.
pub struct KafkaBroker {
    settings: ClientSettings,
    stage: Stage,
    group: String,
    lookup: Closing<BaseConsumer<Notices>>,
}

impl KafkaBroker {
    /// The cluster for `stage`, whose consumers are members of `group`. Nothing is connected yet.
    pub fn new(settings: ClientSettings, stage: Stage, group: &str) -> Result<Self, PortError> {
        let lookup = settings
            .lookup()
            .create_with_context(Notices)
            .map_err(|error| fatal(&settings, "making a client", &error))?;
        Ok(Self { settings, stage, group: group.to_owned(), lookup: Closing::new(lookup) })
    }

    /// Joins the group for `topics`.
    pub fn consumer(&self, topics: &[Arc<str>]) -> Result<KafkaConsumer, PortError> {
        KafkaConsumer::join(&self.settings, &self.group, topics)
    }

    /// Reads this partition without joining the group, which keeps the position.
    pub fn sole(&self, partition: &TopicPartition) -> Result<SoleConsumer, PortError> {
        SoleConsumer::open(&self.settings, &self.group, partition)
    }

    /// Reads these ranges as one sequence, and keeps the positions in the group.
    pub fn merged(&self, ranges: &[Range]) -> Result<MergedConsumer, PortError> {
        MergedConsumer::open(&self.settings, &self.group, ranges)
    }

    /// Reads a sequence that was sorted on this machine, and keeps the position in the group as that of `partition`.
    pub fn sorted(&self, partition: TopicPartition, sorted: Sorted) -> Result<SortedConsumer, PortError> {
        SortedConsumer::open(&self.settings, &self.group, partition, sorted)
    }
}

impl Broker for KafkaBroker {
    type Consumer = KafkaConsumer;
    type Writer = KafkaWriter;
    type Reader = KafkaReader;

    /// Opens the writer. [`PortError::WriterFailed`] when the cluster did not answer in time: worth another try.
    fn writer(&mut self, transactional_id: &str) -> Result<KafkaWriter, PortError> {
        KafkaWriter::open(&self.settings, self.stage, transactional_id)
    }

    fn reader(&mut self, partition: &TopicPartition, from: Option<i64>) -> Result<KafkaReader, PortError> {
        let range = self.range(partition)?;
        KafkaReader::within(&self.settings, &self.group, partition, from, range)
    }

    fn range(&mut self, partition: &TopicPartition) -> Result<(i64, i64), PortError> {
        // This client reads nothing, so nothing else serves what it has to say of its connections.
        for _ in 0..NOTICES_PER_CALL {
            self.lookup.poll(Duration::ZERO);
        }
        range(&self.settings, &self.lookup, partition)
    }

    fn glance(&mut self, partition: &TopicPartition) -> Option<i64> {
        self.lookup.poll(Duration::ZERO);
        self.lookup.fetch_watermarks(&partition.topic, partition.partition, GLANCE_WITHIN).ok().map(|(_, end)| end)
    }

    fn trim(&mut self, partition: &TopicPartition, below: i64, older_than: Millis) -> Result<(), PortError> {
        let admin = Admin::connect(&self.settings)?;
        // No record is as young as that: everything is old enough.
        let young = admin.offset_for_time(partition, older_than)?.unwrap_or(below);
        let (first, _) = self.range(partition)?;
        let before = below.min(young);
        if before > first { admin.delete_records(partition, before) } else { Ok(()) }
    }
}
