//! Ranges of partitions, read as one sequence.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rdkafka::consumer::base_consumer::PartitionQueue;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerGroupMetadata};
use rdkafka::error::KafkaError;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use super::client::ClientSettings;
use super::closing::Closing;
use super::consumer::committed;
use super::error::{ends_reading, fatal};
use super::message;
use super::notices::Notices;
use super::reader::KafkaReader;
use super::writer::Positions;
use crate::pipeline::merge::Merge;
use crate::pipeline::port::{
    Committed, GroupConsumer, Inbound, LogReader, PollLimits, Polled, PortError, Rebalance, TopicPartition,
};
use crate::record::Millis;

/// After how long without a record that is there the fetches are begun anew: client libraries have lost partitions, and a
/// fetch begun anew does no harm. A partition that is merely slow is waited for, however long it takes.
const STUCK_AFTER: Duration = Duration::from_secs(30);

/// What is read of a partition: from the first offset to before the second one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    /// The partition.
    pub partition: TopicPartition,
    /// The first offset.
    pub begin: i64,
    /// The offset after the last one.
    pub end: i64,
}

/// How far the reading has come; written by the consumer's thread, read by anybody's.
#[derive(Debug)]
pub struct Reached {
    offsets: AtomicU64,
    /// Negative before the first record.
    time: AtomicI64,
}

impl Default for Reached {
    fn default() -> Self {
        Self { offsets: AtomicU64::new(0), time: AtomicI64::new(-1) }
    }
}

impl Reached {
    pub(super) fn note(&self, offsets: u64, time: Option<Millis>) {
        self.offsets.store(offsets, Ordering::Relaxed);
        if let Some(time) = time {
            self.time.store(time.0, Ordering::Relaxed);
        }
    }

    /// Offsets handed out of all ranges, those without a record included.
    #[must_use]
    pub fn offsets(&self) -> u64 {
        self.offsets.load(Ordering::Relaxed)
    }

    /// The time stamp of the last record; none before the first.
    #[must_use]
    pub fn time(&self) -> Option<Millis> {
        Some(self.time.load(Ordering::Relaxed)).filter(|&time| time >= 0).map(Millis)
    }
}

/// A [`GroupConsumer`] that is told what to read: the records of its ranges in the order of [`Merge`], and then no more.
///
/// It is no member of its group, which has none: positions are committed to it as to a notebook. What a partition has
/// fetched while another one is waited for is bounded by the client, so a partition may be a month ahead.
pub struct MergedConsumer {
    client: Closing<Client>,
    settings: ClientSettings,
    group: String,
    parts: Vec<Part>,
    merge: Merge,
    announced: bool,
    /// A partition was sought: what was fetched is of no use.
    stale: bool,
    waiting_since: Option<Instant>,
    reached: Arc<Reached>,
}

/// The queues are dropped before the consumer that fills them.
struct Client {
    queues: Vec<PartitionQueue<Notices>>,
    consumer: Arc<BaseConsumer<Notices>>,
}

struct Part {
    range: Range,
    /// The next offset to take from the client.
    fetched: i64,
    /// The next offset to hand out.
    handed: i64,
    /// Reads what is left when the client says that it has come to the end before the range has.
    rest: Option<(KafkaReader, VecDeque<Inbound>)>,
}

impl MergedConsumer {
    /// Reads these ranges, in the order in which they stand, and keeps its positions in `group`.
    pub(super) fn open(settings: &ClientSettings, group: &str, ranges: &[Range]) -> Result<Self, PortError> {
        let part = |range: &Range| Part { range: range.clone(), fetched: range.begin, handed: range.begin, rest: None };
        let parts: Vec<Part> = ranges.iter().map(part).collect();
        Ok(Self {
            client: Closing::new(Client::open(settings, group, &parts)?),
            settings: settings.clone(),
            group: group.to_owned(),
            merge: Merge::new(parts.len()),
            parts,
            announced: false,
            stale: false,
            waiting_since: None,
            reached: Arc::default(),
        })
    }

    /// How far the reading has come, now and later.
    #[must_use]
    pub fn reached(&self) -> Arc<Reached> {
        Arc::clone(&self.reached)
    }

    /// Begins to fetch anew, from what was handed out.
    fn restart(&mut self) -> Result<(), PortError> {
        for part in &mut self.parts {
            part.fetched = part.handed;
            part.rest = None;
        }
        self.merge = Merge::new(self.parts.len());
        self.stale = false;
        self.waiting_since = None;
        self.client = Closing::new(Client::open(&self.settings, &self.group, &self.parts)?);
        Ok(())
    }

    /// Looks for the next record of an awaited partition; true when something came.
    fn fetch(&mut self, place: usize, wait: Duration) -> Result<bool, PortError> {
        let part = &mut self.parts[place];
        let record = match &mut part.rest {
            _ if part.fetched >= part.range.end => None,
            Some((reader, records)) => {
                if records.is_empty() {
                    records.extend(reader.next_batch()?);
                }
                records.pop_front()
            }
            None => match self.client.queues[place].poll(wait) {
                Some(Ok(record)) => Some(message::inbound(&record, &part.range.partition.topic)),
                Some(Err(KafkaError::PartitionEOF(_))) => {
                    part.rest = Some((part.reader(&self.settings, &self.group)?, VecDeque::new()));
                    return Ok(true);
                }
                Some(Err(error)) if ends_reading(&error) => return Err(part.failed(&error)),
                // A transport error is logged by the client and tried again by it.
                Some(Err(_)) | None => return Ok(false),
            },
        };
        match record {
            Some(record) if record.offset < part.fetched => {}
            Some(record) if record.offset < part.range.end => {
                if record.timestamp.0 < 0 {
                    return Err(part.failed(&"the record has no time stamp, which says where it belongs"));
                }
                part.fetched = record.offset + 1;
                self.merge.supply(place, record);
            }
            Some(_) | None => {
                part.fetched = part.range.end;
                self.merge.end(place);
            }
        }
        Ok(true)
    }

    /// Looks at every awaited partition, and listens to one of them when none has anything; false when time is up.
    fn fetch_awaited(&mut self, deadline: Instant) -> Result<bool, PortError> {
        let awaited = self.merge.awaited();
        let mut came = false;
        for &place in &awaited {
            came |= self.fetch(place, Duration::ZERO)?;
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if !came && let Some(&first) = awaited.first() {
            came = self.fetch(first, left)?;
        }
        if came {
            self.waiting_since = None;
            return Ok(true);
        }
        let since = *self.waiting_since.get_or_insert_with(Instant::now);
        if since.elapsed() >= STUCK_AFTER {
            tracing::info!("nothing has come for {STUCK_AFTER:?}: the fetches are begun anew");
            self.stale = true;
        }
        Ok(false)
    }

    fn note_reached(&self, polled: &Polled) {
        let offsets = |part: &Part| {
            let next = if self.merge.is_ended() { part.range.end } else { part.handed };
            u64::try_from(next - part.range.begin).unwrap_or_default()
        };
        self.reached.note(self.parts.iter().map(offsets).sum(), polled.records.last().map(|last| last.timestamp));
    }
}

impl Client {
    fn open(settings: &ClientSettings, group: &str, parts: &[Part]) -> Result<Self, PortError> {
        let what = "reading the ranges of a replay";
        let consumer: Arc<BaseConsumer<Notices>> = settings
            .merged_reader(group, parts.len())
            .create_with_context(Notices)
            .map(Arc::new)
            .map_err(|error| fatal(settings, what, &error))?;
        // Before they are assigned: a queue that is split later would miss what was fetched until then.
        let queue = |part: &Part| {
            let TopicPartition { topic, partition } = &part.range.partition;
            consumer
                .split_partition_queue(topic, *partition)
                .ok_or_else(|| PortError::Fatal(format!("{what}: there is no queue for {}", part.range.partition)))
        };
        let queues = parts.iter().map(queue).collect::<Result<_, _>>()?;
        let list: TopicPartitionList = parts
            .iter()
            .filter(|part| part.fetched < part.range.end)
            .map(|part| {
                let TopicPartition { topic, partition } = &part.range.partition;
                (topic.to_string(), *partition, Offset::Offset(part.fetched))
            })
            .collect();
        consumer.assign(&list).map_err(|error| fatal(settings, what, &error))?;
        Ok(Self { queues, consumer })
    }
}

impl Part {
    /// A reader of the rest, which knows when an end is to be believed.
    fn reader(&self, settings: &ClientSettings, group: &str) -> Result<KafkaReader, PortError> {
        let reader = KafkaReader::open(settings, group, &self.range.partition, Some(self.fetched))?;
        if reader.end() < self.range.end {
            return Err(self.failed(&format!("it ends at {} now: records were lost", reader.end())));
        }
        Ok(reader)
    }

    fn failed(&self, reason: &dyn std::fmt::Display) -> PortError {
        let Range { partition, end, .. } = &self.range;
        PortError::Fatal(format!("reading {partition} at {} of {end}: {reason}", self.fetched))
    }
}

impl GroupConsumer for MergedConsumer {
    fn poll(&mut self, limits: PollLimits) -> Result<Polled, PortError> {
        let mut polled = Polled::default();
        if !std::mem::replace(&mut self.announced, true) {
            let all = self.parts.iter().map(|part| part.range.partition.clone()).collect();
            polled.rebalances.push(Rebalance::Assigned(all));
            return Ok(polled);
        }
        if self.stale {
            self.restart()?;
        }
        // Nothing is read here: the records come by the queues of their partitions.
        self.client.consumer.poll(Duration::ZERO);
        let mut bytes = 0;
        let mut deadline = Instant::now() + limits.wait;
        loop {
            if let Some(next) = self.merge.peek() {
                bytes += message::bytes(next);
                let full = polled.records.len() >= limits.records || bytes > limits.bytes;
                if full && !polled.records.is_empty() {
                    break;
                }
                let Some((place, record)) = self.merge.pop() else { break };
                self.parts[place].handed = record.offset + 1;
                if polled.records.is_empty() {
                    deadline = Instant::now() + limits.linger;
                }
                polled.records.push(record);
            } else if self.merge.is_ended() || !self.fetch_awaited(deadline)? {
                break;
            }
        }
        polled.ended = self.merge.is_ended();
        self.note_reached(&polled);
        Ok(polled)
    }

    /// A merge of which one partition stands still stands still.
    fn pause(&mut self, _: &[TopicPartition]) -> Result<(), PortError> {
        Err(PortError::Fatal("the partitions of a replay are read together and cannot be paused".to_owned()))
    }

    fn resume(&mut self, _: &[TopicPartition]) -> Result<(), PortError> {
        Ok(())
    }

    fn seek(&mut self, partition: &TopicPartition, next: i64) -> Result<(), PortError> {
        if let Some(part) = self.parts.iter_mut().find(|part| part.range.partition == *partition)
            && part.handed != next
        {
            part.handed = next;
            self.stale = true;
        }
        Ok(())
    }

    /// Where nothing was committed, the range begins.
    fn committed(&mut self, partitions: &[TopicPartition]) -> Result<Vec<Option<Committed>>, PortError> {
        let found = committed(&self.settings, &*self.client.consumer, partitions)?;
        let begin = |partition: &TopicPartition| {
            let part = self.parts.iter().find(|part| part.range.partition == *partition)?;
            Some(Committed { next: part.range.begin, note: String::new() })
        };
        Ok(partitions.iter().zip(found).map(|(partition, found)| found.or_else(|| begin(partition))).collect())
    }

    fn leave(&mut self) -> Result<(), PortError> {
        Ok(())
    }
}

impl Positions for MergedConsumer {
    fn membership(&self) -> Option<ConsumerGroupMetadata> {
        self.client.consumer.group_metadata()
    }

    /// The positions of the others stay as they are, and are said again: a group without members forgets a position that
    /// was not committed for a week, and a partition may be done with for longer than that.
    fn standing(&self) -> Vec<(TopicPartition, i64)> {
        self.parts.iter().map(|part| (part.range.partition.clone(), part.handed)).collect()
    }
}
