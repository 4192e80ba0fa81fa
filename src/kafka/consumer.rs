//! A member of a consumer group.

use std::collections::{HashMap, HashSet, VecDeque};
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rdkafka::ClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext, Rebalance as Change};
use rdkafka::error::KafkaError;
use rdkafka::message::Message;
use rdkafka::topic_partition_list::Offset;

use super::client::ClientSettings;
use super::close::CloseWithTimeout;
use super::error::{REQUEST_WITHIN, fatal};
use super::log_context::log_error;
use super::message;
use super::writer::{CommitAs, CommitsOffsets};
use crate::stream::port::{
    ConsumerRecord, GroupMembership, PollLimits, Polled, PortError, Rebalance, RecordSource, TopicPartition,
};

/// How long a leaving member waits for its last rebalance.
const LEAVE_WITHIN: Duration = Duration::from_secs(5);

/// A member of a group of the classic protocol, cooperative and read-committed. It commits nothing by itself: offsets are
/// committed in transactions.
///
/// It is used from one thread, and rebalances happen inside [`RecordSource::poll`] alone: no work is in progress while
/// partitions are reassigned.
pub struct KafkaConsumer {
    client: CloseWithTimeout<BaseConsumer<Changes>>,
    settings: ClientSettings,
    topics: Vec<Arc<str>>,
    assigned: HashMap<TopicPartition, Reading>,
    /// Records that were read and not returned, because they would have exceeded the limits of the last poll. At most one
    /// a partition.
    held: VecDeque<ConsumerRecord>,
}

/// How an assigned partition is read.
#[derive(Debug, Default)]
struct Reading {
    /// The next offset; none until the first record.
    next: Option<i64>,
    /// The client has not been moved to `next` yet: what it brings is dropped.
    seeking: bool,
    paused: bool,
}

/// Keeps the rebalances that the hooks report. The hooks run inside the poll call and do nothing else.
#[derive(Default)]
struct Changes(Mutex<Vec<Rebalance>>);

impl Changes {
    fn take(&self) -> Vec<Rebalance> {
        mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl ClientContext for Changes {
    fn error(&self, error: KafkaError, reason: &str) {
        log_error(&error, reason);
    }
}

impl ConsumerContext for Changes {
    fn pre_rebalance(&self, _: &BaseConsumer<Self>, change: &Change<'_>) {
        let change = match change {
            Change::Assign(list) => Rebalance::Assigned(message::partitions(list)),
            Change::Revoke(list) => Rebalance::Revoked(message::partitions(list)),
            Change::Error(error) => return tracing::warn!("a rebalance failed: {error}"),
        };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(change);
    }
}

impl KafkaConsumer {
    /// Joins `group` for `topics`.
    pub(super) fn join(settings: &ClientSettings, group: &str, topics: &[Arc<str>]) -> Result<Self, PortError> {
        let what = format!("joining the group {group}");
        let client: BaseConsumer<Changes> = settings
            .group_consumer(group)
            .create_with_context(Changes::default())
            .map_err(|error| fatal(settings, &what, &error))?;
        let names: Vec<&str> = topics.iter().map(AsRef::as_ref).collect();
        client.subscribe(&names).map_err(|error| fatal(settings, &what, &error))?;
        Ok(Self {
            client: CloseWithTimeout::new(client),
            settings: settings.clone(),
            topics: topics.to_vec(),
            assigned: HashMap::new(),
            held: VecDeque::new(),
        })
    }

    /// Reads one record or event; false when there was none in time.
    fn read(&mut self, wait: Duration, take: &mut impl FnMut(ConsumerRecord)) -> Result<bool, PortError> {
        let record = match self.client.poll(wait) {
            None => return Ok(false),
            Some(Ok(record)) => record,
            Some(Err(KafkaError::MessageConsumptionFatal(code))) => {
                let reason = self.client.client().fatal_error().map_or_else(|| code.to_string(), |(_, reason)| reason);
                return Err(PortError::Fatal(format!("the Kafka consumer has failed: {reason}")));
            }
            // Logged by the context of the client, and repeated by the client.
            Some(Err(_)) => return Ok(true),
        };
        let Some(topic) = self.topics.iter().find(|topic| topic.as_ref() == record.topic()) else { return Ok(true) };
        let from = TopicPartition { topic: Arc::clone(topic), partition: record.partition() };
        // A record of a partition that has gone, or one that was fetched before a seek or twice after an assignment.
        let Some(reading) = self.assigned.get_mut(&from) else { return Ok(true) };
        if reading.seeking || reading.next.is_some_and(|next| record.offset() < next) {
            return Ok(true);
        }
        reading.next = Some(record.offset() + 1);
        take(message::consumer_record(&record, topic));
        Ok(true)
    }

    /// Applies the rebalances that the hooks have kept.
    fn rebalance(&mut self, polled: &mut Polled) {
        for change in self.client.context().take() {
            match &change {
                Rebalance::Assigned(partitions) => {
                    self.assigned.extend(partitions.iter().map(|partition| (partition.clone(), Reading::default())));
                }
                Rebalance::Revoked(partitions) => {
                    // The client remembers a pause across a reassignment. It is lifted here and not on assignment: a
                    // needless resume there makes the client forget the position that it is just asking for.
                    let paused = partitions.iter().filter(|one| self.assigned.get(one).is_some_and(|it| it.paused));
                    if let Err(error) = self.client.resume(&message::list(paused)) {
                        tracing::warn!("cannot lift the pause of what was revoked: {error}");
                    }
                    let gone: HashSet<&TopicPartition> = partitions.iter().collect();
                    self.assigned.retain(|partition, _| !gone.contains(partition));
                    self.held.retain(|record| !gone.contains(&record.from));
                    polled.records.retain(|record| !gone.contains(&record.from));
                }
            }
            polled.rebalances.push(change);
        }
    }

    /// Seeks the client to the wanted offsets. It refuses while it is still starting to fetch a partition.
    fn settle_seeks(&mut self) {
        for (partition, reading) in self.assigned.iter_mut().filter(|(_, reading)| reading.seeking) {
            let next = Offset::Offset(reading.next.unwrap_or_default());
            match self.client.seek(&partition.topic, partition.partition, next, REQUEST_WITHIN) {
                Ok(()) => reading.seeking = false,
                Err(error) => tracing::debug!(?partition, "cannot seek yet: {error}"),
            }
        }
    }

    fn mark(&mut self, partitions: &[TopicPartition], paused: bool) {
        for partition in partitions {
            if let Some(reading) = self.assigned.get_mut(partition) {
                reading.paused = paused;
            }
        }
    }

    /// Returns the held records that fit into this poll.
    fn release_held(&mut self, limits: PollLimits, batch: &mut Batch) {
        for record in mem::take(&mut self.held) {
            let paused = self.assigned.get(&record.from).is_some_and(|reading| reading.paused);
            if paused || batch.full {
                self.held.push_back(record);
            } else {
                self.held.extend(batch.add(record, limits));
            }
        }
    }
}

/// The records of one poll.
#[derive(Default)]
struct Batch {
    polled: Polled,
    bytes: usize,
    full: bool,
}

impl Batch {
    /// Adds a record, or gives it back when it would exceed the limits.
    fn add(&mut self, record: ConsumerRecord, limits: PollLimits) -> Option<ConsumerRecord> {
        let bytes = message::record_bytes(&record);
        if !self.polled.records.is_empty() && self.bytes + bytes > limits.bytes {
            self.full = true;
            return Some(record);
        }
        self.bytes += bytes;
        self.polled.records.push(record);
        self.full = self.polled.records.len() >= limits.records || self.bytes >= limits.bytes;
        None
    }
}

impl RecordSource for KafkaConsumer {
    fn poll(&mut self, limits: PollLimits) -> Result<Polled, PortError> {
        self.settle_seeks();
        let mut batch = Batch::default();
        self.release_held(limits, &mut batch);
        let wait = if batch.polled.records.is_empty() { limits.wait } else { limits.linger };
        let mut deadline = Instant::now() + wait;
        while !batch.full && batch.polled.rebalances.is_empty() {
            let first = batch.polled.records.is_empty();
            let mut over = None;
            let left = deadline.saturating_duration_since(Instant::now());
            let read = self.read(left, &mut |record| over = batch.add(record, limits))?;
            self.held.extend(over);
            self.rebalance(&mut batch.polled);
            if first && !batch.polled.records.is_empty() {
                deadline = Instant::now() + limits.linger;
            }
            // What is here already is taken even when there is no time left to wait for more.
            if !read && Instant::now() >= deadline {
                break;
            }
        }
        Ok(batch.polled)
    }

    fn seek(&mut self, partition: &TopicPartition, next: i64) -> Result<(), PortError> {
        self.held.retain(|record| record.from != *partition);
        // A partition that was revoked meanwhile is no longer this member's to seek.
        if let Some(reading) = self.assigned.get_mut(partition) {
            reading.next = Some(next.max(0));
            reading.seeking = true;
            self.settle_seeks();
        }
        Ok(())
    }

    fn group(&mut self) -> Option<&mut dyn GroupMembership> {
        Some(self)
    }
}

impl GroupMembership for KafkaConsumer {
    fn pause(&mut self, partitions: &[TopicPartition]) -> Result<(), PortError> {
        self.client
            .pause(&message::list(partitions))
            .map_err(|error| fatal(&self.settings, "pausing partitions", &error))?;
        self.mark(partitions, true);
        Ok(())
    }

    fn resume(&mut self, partitions: &[TopicPartition]) -> Result<(), PortError> {
        self.client
            .resume(&message::list(partitions))
            .map_err(|error| fatal(&self.settings, "resuming partitions", &error))?;
        self.mark(partitions, false);
        Ok(())
    }

    fn leave(&mut self) -> Result<(), PortError> {
        self.client.unsubscribe();
        let deadline = Instant::now() + LEAVE_WITHIN;
        while !self.assigned.is_empty() && Instant::now() < deadline {
            self.read(Duration::from_millis(50), &mut |_| ())?;
            self.rebalance(&mut Polled::default());
        }
        Ok(())
    }
}

impl CommitsOffsets for KafkaConsumer {
    /// As a member, unless it knows that the group has moved on without it. A member that does not know it yet is refused
    /// by the broker.
    fn commit_as(&self) -> CommitAs {
        let group = if self.client.assignment_lost() { None } else { self.client.group_metadata() };
        group.map_or(CommitAs::Lost, CommitAs::Member)
    }
}
