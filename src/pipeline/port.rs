//! What the loops need of the world: a group consumer, a transaction, a log that can be re-read.
//!
//! Kafka implements these for the service, `tests/sim` for the simulated log. Every call is one effect: a
//! crash may come before or after each.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::record::{Millis, ReplayRange};

/// A partition of a topic.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TopicPartition {
    /// The topic's name.
    pub topic: Arc<str>,
    /// The partition, from 0.
    pub partition: i32,
}

impl From<&ReplayRange> for TopicPartition {
    fn from(range: &ReplayRange) -> Self {
        Self { topic: range.topic.clone(), partition: range.partition }
    }
}

impl fmt::Display for TopicPartition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]", self.topic, self.partition)
    }
}

/// A record read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inbound {
    /// Where it stands.
    pub from: TopicPartition,
    /// Its own offset.
    pub offset: i64,
    /// The broker's or the producer's time stamp; -1 where there is none.
    pub timestamp: Millis,
    /// The key.
    pub key: Option<Vec<u8>>,
    /// The value; none is a tombstone.
    pub value: Option<Vec<u8>>,
    /// The headers, in order.
    pub headers: Vec<(String, Option<Vec<u8>>)>,
}

/// A record to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outbound {
    /// The topic.
    pub topic: Arc<str>,
    /// The partition; none lets the key choose, by the Java client's murmur2 hash.
    pub partition: Option<i32>,
    /// The key.
    pub key: Option<Vec<u8>>,
    /// The value; none is a tombstone.
    pub value: Option<Vec<u8>>,
    /// The headers, in order.
    pub headers: Vec<(String, Option<Vec<u8>>)>,
}

/// How far a group has read a partition, with a note to itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// The next offset to read.
    pub next: i64,
    /// What the committer wrote beside it.
    pub note: String,
}

/// All that becomes visible together, or not at all.
#[derive(Debug, Clone, Default)]
pub struct Transaction {
    /// Records, in order within each partition.
    pub records: Vec<Outbound>,
    /// Positions of the consumer's group.
    pub positions: Vec<(TopicPartition, Committed)>,
}

/// A change of what a consumer reads. Reported between polls, in the order in which it happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rebalance {
    /// These are now this consumer's; reading starts at the group's committed position.
    Assigned(Vec<TopicPartition>),
    /// These are so no longer; what was read of them and not committed is another's work now.
    Revoked(Vec<TopicPartition>),
}

/// What a poll brought. The rebalances happened before the records were read: no record of a revoked partition
/// is among them.
#[derive(Debug, Default)]
pub struct Polled {
    /// Changes of assignment.
    pub rebalances: Vec<Rebalance>,
    /// Records, ascending by offset within each partition.
    pub records: Vec<Inbound>,
    /// The consumer reads a range, and has handed out all of it.
    pub ended: bool,
}

/// How much one poll brings at the most.
#[derive(Debug, Clone, Copy)]
pub struct PollLimits {
    /// Records.
    pub records: usize,
    /// Bytes of keys and values; a single larger record still comes alone.
    pub bytes: usize,
    /// How long to wait for the first record.
    pub wait: Duration,
    /// How long to wait for more once there is one.
    pub linger: Duration,
}

/// Why a port call failed, by what the caller can do about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PortError {
    /// The transaction was rolled back, nothing of it is visible: begin again from the committed positions.
    #[error("the transaction was aborted: {0}")]
    Aborted(String),
    /// Another instance has taken this transactional id: the writer is of no use any more.
    #[error("fenced by another instance: {0}")]
    Fenced(String),
    /// Whether the transaction went through is not known, or the writer is broken: open a new writer, which settles
    /// what is open, and begin again from the committed positions.
    #[error("the writer failed: {0}")]
    WriterFailed(String),
    /// Nothing can be done here: the process ends with this reason.
    #[error("{0}")]
    Fatal(String),
}

/// A member of a consumer group. The loops call it from one thread; whatever it does between polls counts against the
/// group's patience (`max.poll.interval.ms`).
pub trait GroupConsumer {
    /// Reads on, and reports changes of assignment. An empty answer is neither idle nor the end.
    fn poll(&mut self, limits: PollLimits) -> Result<Polled, PortError>;
    /// Stops fetching these partitions until they are resumed; polling goes on.
    fn pause(&mut self, partitions: &[TopicPartition]) -> Result<(), PortError>;
    /// Fetches them again.
    fn resume(&mut self, partitions: &[TopicPartition]) -> Result<(), PortError>;
    /// Reads a partition from this offset on; what was fetched ahead is dropped.
    fn seek(&mut self, partition: &TopicPartition, next: i64) -> Result<(), PortError>;
    /// The group's committed position of each partition, none where there is none.
    fn committed(&mut self, partitions: &[TopicPartition]) -> Result<Vec<Option<Committed>>, PortError>;
    /// Leaves the group in good order.
    fn leave(&mut self) -> Result<(), PortError>;
}

/// A transactional writer. Opening one aborts what its predecessor of the same id left open, and fences it.
pub trait Writer<C> {
    /// Makes all of the transaction visible together and returns the offset of each record, in order. After
    /// [`PortError::Aborted`] the writer can be used again, after any other error not.
    fn transact(&mut self, consumer: &mut C, transaction: &Transaction) -> Result<Vec<i64>, PortError>;
}

/// The service's world.
pub trait Broker {
    /// Its consumers.
    type Consumer: GroupConsumer;
    /// Its writers.
    type Writer: Writer<Self::Consumer>;
    /// A reader of a partition's committed records, by position.
    type Reader: LogReader;

    /// Opens the writer of this transactional id.
    fn writer(&mut self, transactional_id: &str) -> Result<Self::Writer, PortError>;
    /// Reads the committed records of a partition from `from` (none: its first one) to where it ends at the time of the call.
    fn reader(&mut self, partition: &TopicPartition, from: Option<i64>) -> Result<Self::Reader, PortError>;
    /// First offset kept and the offset after the last committed one.
    fn range(&mut self, partition: &TopicPartition) -> Result<(i64, i64), PortError>;
    /// The offset after the last committed record, if the answer comes at once: a look in passing that holds nothing up.
    fn glance(&mut self, partition: &TopicPartition) -> Option<i64>;
    /// Deletes the records of a partition that stand below `below` and are older than `older_than`.
    fn trim(&mut self, partition: &TopicPartition, below: i64, older_than: Millis) -> Result<(), PortError>;
}

/// A finite read of committed records.
pub trait LogReader {
    /// The next records; an empty answer is the end.
    fn next_batch(&mut self) -> Result<Vec<Inbound>, PortError>;
    /// How many offsets are still to read, markers included: for progress only.
    fn remaining(&self) -> u64;
}
