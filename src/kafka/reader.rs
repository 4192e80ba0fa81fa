//! A finite read of a partition's committed records.

use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::topic_partition_list::Offset;

use super::client::ClientSettings;
use super::close::CloseWithTimeout;
use super::error::{PATIENCE, REQUEST_WITHIN, ends_reading, fatal, patiently};
use super::log_context::LogContext;
use super::message;
use crate::stream::port::{ConsumerRecord, LogReader, PortError, TopicPartition};

/// Records of a batch: enough to keep the client busy, few enough to show progress.
const READ_RECORDS: usize = 2_000;

/// Bytes of a batch, for records that are large.
const READ_BYTES: usize = 8 << 20;

/// How long one poll waits before the time is checked.
const POLL_STEP: Duration = Duration::from_millis(100);

/// A [`LogReader`] that ends where the committed records ended when it was opened.
///
/// The end is a position, not a record: markers and rolled-back records take offsets and are never delivered, so the
/// last record may be far below it. It is reached when a record at or after it arrives, or when the client says that
/// it has come to the end of what is committed.
pub struct KafkaReader {
    /// None until it is needed.
    client: Option<CloseWithTimeout<BaseConsumer<LogContext>>>,
    /// The client reads on from `next`.
    is_reading: bool,
    group: String,
    settings: ClientSettings,
    partition: TopicPartition,
    next: i64,
    end: i64,
    /// The client has reported the end once.
    at_end: bool,
}

impl KafkaReader {
    /// Opens a reader of `partition` at `from`, or at its first record. `group` is a name that access lists know.
    pub fn open(
        settings: &ClientSettings,
        group: &str,
        partition: &TopicPartition,
        from: Option<i64>,
    ) -> Result<Self, PortError> {
        let client = connect(settings, group, partition)?;
        let range = range(settings, &client, partition)?;
        Ok(Self { client: Some(client), ..Self::within(settings, group, partition, from, range)? })
    }

    /// The same, where the range of the partition is known: nothing is connected until there is something to read.
    pub(super) fn within(
        settings: &ClientSettings,
        group: &str,
        partition: &TopicPartition,
        from: Option<i64>,
        (first, end): (i64, i64),
    ) -> Result<Self, PortError> {
        let next = from.unwrap_or(first);
        if next < first {
            return Err(PortError::Fatal(format!(
                "reading {partition}: offset {next} was deleted; the first offset that is kept is {first}"
            )));
        }
        Ok(Self {
            client: None,
            is_reading: false,
            group: group.to_owned(),
            settings: settings.clone(),
            partition: partition.clone(),
            next,
            end,
            at_end: false,
        })
    }

    /// The offset at which it ends.
    pub fn end(&self) -> i64 {
        self.end
    }

    /// Handles a reported end of the partition before the expected one. It counts when it is reported twice: the first time
    /// the client may have asked a replica that just became the leader and did not know the newest commit; when that
    /// leader reports its range again, it does.
    fn end_of_partition(&mut self) -> Result<(), PortError> {
        if self.at_end {
            self.next = self.end;
            return Ok(());
        }
        self.at_end = true;
        let Some(client) = &self.client else { return Ok(()) };
        let (_, end) = range(&self.settings, client, &self.partition)?;
        if end < self.end {
            return Err(PortError::Fatal(format!(
                "{} ended at {} and now ends at {end}: committed records were lost",
                self.partition, self.end
            )));
        }
        self.is_reading = false;
        Ok(())
    }

    /// The client, reading from `next` on.
    fn reading(&mut self) -> Result<&BaseConsumer<LogContext>, PortError> {
        let client = match self.client.take() {
            Some(client) => client,
            None => connect(&self.settings, &self.group, &self.partition)?,
        };
        if !std::mem::replace(&mut self.is_reading, true) {
            read_from(&self.settings, &client, &self.partition, self.next)?;
        }
        Ok(self.client.insert(client))
    }

    fn failed(&self, reason: &dyn std::fmt::Display) -> PortError {
        PortError::Fatal(format!(
            "reading {} at {} of {} on {}: {reason}",
            self.partition, self.next, self.end, self.settings.bootstrap_servers
        ))
    }
}

impl LogReader for KafkaReader {
    fn next_batch(&mut self) -> Result<Vec<ConsumerRecord>, PortError> {
        let mut records = Vec::new();
        let mut bytes = 0;
        if self.next < self.end {
            // Connecting has a time limit of its own.
            self.reading()?;
        }
        let stalled = Instant::now() + PATIENCE;
        let topic = self.partition.topic.clone();
        while self.next < self.end && records.len() < READ_RECORDS && bytes < READ_BYTES {
            let wait = if records.is_empty() { POLL_STEP } else { Duration::ZERO };
            let record = match self.reading()?.poll(wait) {
                Some(Ok(record)) => Ok(message::consumer_record(&record, &topic)),
                Some(Err(error)) => Err(error),
                None if !records.is_empty() => break,
                None if Instant::now() >= stalled => {
                    return Err(self.failed(&format!("nothing came for {PATIENCE:?}")));
                }
                None => continue,
            };
            match record {
                Ok(record) if record.offset >= self.end => self.next = self.end,
                Ok(record) if record.offset < self.next => {}
                Ok(record) => {
                    self.next = record.offset + 1;
                    self.at_end = false;
                    bytes += message::record_bytes(&record);
                    records.push(record);
                }
                Err(KafkaError::PartitionEOF(_)) => self.end_of_partition()?,
                Err(error) if ends_reading(&error) => return Err(self.failed(&error)),
                // An error of a connection, which the client logs and restores by itself.
                Err(_) => {}
            }
        }
        Ok(records)
    }

    fn remaining(&self) -> u64 {
        u64::try_from(self.end - self.next).unwrap_or_default()
    }
}

/// Makes a client read a partition from an offset on. A client that learns of a topic only after it has connected looks
/// for the leader once a second, so the topic is looked up first.
fn read_from(
    settings: &ClientSettings,
    client: &BaseConsumer<LogContext>,
    partition: &TopicPartition,
    next: i64,
) -> Result<(), PortError> {
    let what = format!("reading {partition}");
    patiently(settings, &what, || client.fetch_metadata(Some(&partition.topic), REQUEST_WITHIN))?;
    client.assign(&message::at(partition, Offset::Offset(next))).map_err(|error| fatal(settings, &what, &error))
}

/// A client for a partition that reads nothing yet.
fn connect(
    settings: &ClientSettings,
    group: &str,
    partition: &TopicPartition,
) -> Result<CloseWithTimeout<BaseConsumer<LogContext>>, PortError> {
    let client = settings.reader(group).create_with_context(LogContext);
    client.map(CloseWithTimeout::new).map_err(|error| fatal(settings, &format!("reading {partition}"), &error))
}

/// The first offset that is kept, and the offset after the last committed record: `client` is read-committed, so the
/// broker returns the last stable offset.
pub(super) fn range(
    settings: &ClientSettings,
    client: &BaseConsumer<LogContext>,
    partition: &TopicPartition,
) -> Result<(i64, i64), PortError> {
    patiently(settings, &format!("asking for the range of {partition}"), || {
        client.fetch_watermarks(&partition.topic, partition.partition, REQUEST_WITHIN)
    })
}
