//! Fetches ranges of partitions, each into a queue of its own.

use std::sync::Arc;
use std::time::Duration;

use rdkafka::consumer::base_consumer::PartitionQueue;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use super::client::ClientSettings;
use super::close::CloseWithTimeout;
use super::error::{REQUEST_WITHIN, ends_reading, fatal, patiently};
use super::log_context::LogContext;
use super::message;
use crate::stream::port::{ConsumerRecord, PortError, TopicPartition};

/// Offsets of a partition: from the first one to before the second one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OffsetRange {
    /// The partition.
    pub partition: TopicPartition,
    /// The first offset.
    pub begin: i64,
    /// The offset after the last one; none where the partition is followed as it grows.
    pub end: Option<i64>,
}

/// What a queue holds next.
#[derive(Debug)]
pub enum Fetched {
    /// A record.
    Record(ConsumerRecord),
    /// The client reports the end of the partition for now.
    EndOfPartition,
    /// Nothing within the time to wait.
    Nothing,
}

/// A client that fetches several partitions at once. How much of a partition it fetches ahead is bounded, so that one
/// partition may be read a month ahead of another.
pub struct RangeFetcher {
    client: CloseWithTimeout<QueuedConsumer>,
}

/// The queues are dropped before the consumer that fills them.
struct QueuedConsumer {
    queues: Vec<(TopicPartition, PartitionQueue<LogContext>)>,
    consumer: Arc<BaseConsumer<LogContext>>,
}

impl RangeFetcher {
    /// Starts to fetch these ranges. `group` is a name that access lists know; it is not joined.
    pub fn open(settings: &ClientSettings, group: &str, ranges: &[OffsetRange]) -> Result<Self, PortError> {
        let what = "reading ranges of partitions";
        let consumer: Arc<BaseConsumer<LogContext>> = settings
            .range_reader(group, ranges.len())
            .create_with_context(LogContext)
            .map(Arc::new)
            .map_err(|error| fatal(settings, what, &error))?;
        // Before they are assigned: a queue that is split later would miss what was fetched until then.
        let queue = |OffsetRange { partition, .. }: &OffsetRange| {
            let queue = consumer.split_partition_queue(&partition.topic, partition.partition);
            let queue = queue.ok_or_else(|| PortError::Fatal(format!("{what}: there is no queue for {partition}")))?;
            Ok::<_, PortError>((partition.clone(), queue))
        };
        let queues = ranges.iter().map(queue).collect::<Result<_, _>>()?;
        let unread = |range: &&OffsetRange| range.end.is_none_or(|end| range.begin < end);
        let unread: Vec<&OffsetRange> = ranges.iter().filter(unread).collect();
        // A client that learns of a topic only after it has connected looks for the leader once a second.
        for topic in unread.iter().map(|range| &range.partition.topic).collect::<std::collections::BTreeSet<_>>() {
            patiently(settings, what, || consumer.fetch_metadata(Some(topic), REQUEST_WITHIN))?;
        }
        let offset = |OffsetRange { partition, begin, .. }: &&OffsetRange| {
            (partition.topic.to_string(), partition.partition, Offset::Offset(*begin))
        };
        let list: TopicPartitionList = unread.iter().map(offset).collect();
        consumer.assign(&list).map_err(|error| fatal(settings, what, &error))?;
        Ok(Self { client: CloseWithTimeout::new(QueuedConsumer { queues, consumer }) })
    }

    /// Logs what the client reports of its connections. Records come by the queues of their partitions only.
    pub fn serve(&self) {
        self.client.consumer.poll(Duration::ZERO);
    }

    /// Takes the next record from the queue of the range with this index.
    pub fn poll(&self, index: usize, wait: Duration) -> Result<Fetched, PortError> {
        let (partition, queue) = &self.client.queues[index];
        match queue.poll(wait) {
            Some(Ok(record)) => Ok(Fetched::Record(message::consumer_record(&record, &partition.topic))),
            Some(Err(KafkaError::PartitionEOF(_))) => Ok(Fetched::EndOfPartition),
            Some(Err(error)) if ends_reading(&error) => Err(PortError::Fatal(format!("reading {partition}: {error}"))),
            // An error of a connection, which the client logs and restores by itself.
            Some(Err(_)) | None => Ok(Fetched::Nothing),
        }
    }
}
