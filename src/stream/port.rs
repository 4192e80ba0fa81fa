//! What the stages need of the world: records, committed offsets, transactions, a log that can be read again.
//!
//! `kafka` implements these on librdkafka, `replay` on ranges and on files, the tests on a simulated log. Every call is
//! one effect: a crash may come before or after each.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::record::Millis;

/// Headers of a record, in order; a value may be null.
pub type Headers = Vec<(String, Option<Vec<u8>>)>;

/// A partition of a topic.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TopicPartition {
    /// The topic.
    pub topic: Arc<str>,
    /// The partition, from 0.
    pub partition: i32,
}

impl fmt::Display for TopicPartition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]", self.topic, self.partition)
    }
}

/// A record that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsumerRecord {
    /// The partition that it was read from.
    pub from: TopicPartition,
    /// Its offset there.
    pub offset: i64,
    /// The time stamp of the broker or the producer; -1 where there is none.
    pub timestamp: Millis,
    /// The key.
    pub key: Option<Vec<u8>>,
    /// The value; none is a tombstone.
    pub value: Option<Vec<u8>>,
    /// The headers.
    pub headers: Headers,
}

/// A record to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProducerRecord {
    /// The topic.
    pub topic: Arc<str>,
    /// The partition; none lets the key choose, by the murmur2 hash of the Java client.
    pub partition: Option<i32>,
    /// The key.
    pub key: Option<Vec<u8>>,
    /// The value; none is a tombstone.
    pub value: Option<Vec<u8>>,
    /// The headers.
    pub headers: Headers,
}

/// How far a group has read a partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommittedOffset {
    /// The next offset to read.
    pub next: i64,
    /// The text that was committed with it.
    pub metadata: String,
}

impl From<i64> for CommittedOffset {
    /// An offset without metadata.
    fn from(next: i64) -> Self {
        Self { next, metadata: String::new() }
    }
}

/// Records and offsets that become visible together, or not at all.
#[derive(Debug, Clone, Default)]
pub struct Transaction {
    /// Records, in order within each partition.
    pub records: Vec<ProducerRecord>,
    /// Offsets to commit for the group of the stage.
    pub offsets: Vec<(TopicPartition, CommittedOffset)>,
}

/// A change of the partitions that a member of a group reads. Reported between polls, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rebalance {
    /// These partitions are now assigned to this member; reading starts at the group's committed offsets.
    Assigned(Vec<TopicPartition>),
    /// These are not any more: records that were read and not committed are processed by another member.
    Revoked(Vec<TopicPartition>),
}

/// The result of a poll. The rebalances came before the records: no record of a revoked partition is among them.
#[derive(Debug, Default)]
pub struct Polled {
    /// Changes of assignment.
    pub rebalances: Vec<Rebalance>,
    /// Records, ascending by offset within each partition.
    pub records: Vec<ConsumerRecord>,
    /// A bounded source has handed out all of its records.
    pub ended: bool,
}

/// How much one poll returns at most.
#[derive(Debug, Clone, Copy)]
pub struct PollLimits {
    /// Records.
    pub records: usize,
    /// Bytes of keys, values and headers; a single larger record comes alone.
    pub bytes: usize,
    /// How long to wait for the first record.
    pub wait: Duration,
    /// How long to wait for more once there is one.
    pub linger: Duration,
}

/// Why a call failed, by what the caller can do about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PortError {
    /// The transaction was rolled back and nothing of it is visible: begin again from the committed offsets.
    #[error("the transaction was aborted: {0}")]
    Aborted(String),
    /// Another instance uses the transactional id: this writer cannot be used any more.
    #[error("fenced by another instance: {0}")]
    Fenced(String),
    /// The writer is broken, or the outcome of the transaction is unknown: open a new writer, which settles what is
    /// open, and begin again from the committed offsets.
    #[error("the writer failed: {0}")]
    WriterFailed(String),
    /// The broker, the network or a file failed for good: the process ends with this reason.
    #[error("{0}")]
    Fatal(String),
    /// A rule of the domain forbids to go on, such as a retired namespace: the process ends with this reason.
    #[error(transparent)]
    Refused(Box<dyn Error + Send + Sync>),
}

/// Where the records of a stage come from. Used from one thread.
pub trait RecordSource {
    /// The partitions that are read from the start on. A member of a group has none: its partitions come by rebalances.
    fn partitions(&self) -> Vec<TopicPartition> {
        Vec::new()
    }

    /// First offset and end offset of a partition of which a range is read; none of one that is followed.
    fn bounds(&self, _partition: &TopicPartition) -> Option<(i64, i64)> {
        None
    }

    /// Returns the next records. An empty result means neither that the source is idle nor that it has ended.
    fn poll(&mut self, limits: PollLimits) -> Result<Polled, PortError>;

    /// Continues a partition at this offset; records that were fetched ahead are dropped.
    fn seek(&mut self, partition: &TopicPartition, next: i64) -> Result<(), PortError>;

    /// The membership in a group, where this source is a member.
    fn group(&mut self) -> Option<&mut dyn GroupMembership> {
        None
    }
}

/// What only a member of a consumer group can do. The time between polls counts against `max.poll.interval.ms`.
pub trait GroupMembership {
    /// Stops fetching these partitions until they are resumed; polling goes on.
    fn pause(&mut self, partitions: &[TopicPartition]) -> Result<(), PortError>;
    /// Fetches them again.
    fn resume(&mut self, partitions: &[TopicPartition]) -> Result<(), PortError>;
    /// Leaves the group in good order.
    fn leave(&mut self) -> Result<(), PortError>;
}

/// The committed offsets of the group of a stage.
pub trait OffsetStore {
    /// The committed offset of each partition; none where nothing was committed.
    fn committed(&mut self, partitions: &[TopicPartition]) -> Result<Vec<Option<CommittedOffset>>, PortError>;
}

/// A transactional writer for records that come from a source of type `S`.
pub trait TransactionalWriter<S> {
    /// Makes the whole transaction visible and returns the offset of each record, in order. After
    /// [`PortError::Aborted`] the writer can be used again, after any other error it cannot.
    fn transact(&mut self, source: &mut S, transaction: &Transaction) -> Result<Vec<i64>, PortError>;
}

/// Partitions that can be read by offset, and trimmed.
pub trait LogStore {
    /// Reads the committed records of a partition.
    type Reader: LogReader;

    /// Reads the committed records of a partition from `from` (none: its first one) to where it ends at the time of the call.
    fn reader(&mut self, partition: &TopicPartition, from: Option<i64>) -> Result<Self::Reader, PortError>;
    /// The first offset that is kept, and the offset after the last committed record.
    fn range(&mut self, partition: &TopicPartition) -> Result<(i64, i64), PortError>;
    /// The offset after the last committed record, on a best effort: none when the answer does not come at once.
    fn try_end_offset(&mut self, partition: &TopicPartition) -> Option<i64>;
    /// Deletes the records of a partition that lie below `below` and are older than `older_than`.
    fn trim(&mut self, partition: &TopicPartition, below: i64, older_than: Millis) -> Result<(), PortError>;
}

/// A finite read of committed records.
pub trait LogReader {
    /// The next records; an empty result is the end.
    fn next_batch(&mut self) -> Result<Vec<ConsumerRecord>, PortError>;
    /// How many offsets are still to be read, control records included: for progress only.
    fn remaining(&self) -> u64;
}

/// The cluster, as one stage sees it.
pub trait Broker: LogStore + OffsetStore {
    /// The writers of this broker.
    type Writer;

    /// Opens the writer of a transactional id. It aborts what the previous writer of this id left open, and fences it.
    fn writer(&mut self, transactional_id: &str) -> Result<Self::Writer, PortError>;
}
