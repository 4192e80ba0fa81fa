//! What a replay has published goes to the public topics, and what stands there of stories that it knows otherwise is replaced.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde::de::DeserializeOwned;
use tracing::{info, warn};
use xxhash_rust::xxh3::xxh3_128;

use super::pen::Pen;
use super::succession::Succession;
use crate::kafka::{Admin, ClientSettings, KafkaBroker, TopicNames};
use crate::pipeline::observe::Stage;
use crate::pipeline::port::{Broker, Committed, Inbound, LogReader, Outbound, PortError, TopicPartition, Transaction};
use crate::pipeline::{Note, failpoint, public, refused_at};
use crate::record::{Decision, HandOff, RawPosition, ReplayPlan, ReplaySource, StoryRecord, StoryState, Versioned};

/// As many as a reader gives at once.
const STORIES_OF_A_TRANSACTION: usize = 2_000;

/// How many records were written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Published {
    /// Stories of the replay.
    pub stories: u64,
    /// Its verdicts.
    pub verdicts: u64,
    /// Earlier stories that go on in one of the replay.
    pub merged: u64,
    /// Earlier stories that the replay does not go on with.
    pub closed: u64,
    /// Records that it has refused and the service before it has not read.
    pub dead_letters: u64,
}

/// Publishes all that the replay `names`, which has caught up, has to say in the topics of `live`. It may be done again: what was
/// written before is not written a second time. `tell` hears of each topic how much was carried.
pub fn publish(
    client: &ClientSettings,
    admin: &Admin,
    (names, live): (&TopicNames, &TopicNames),
    plan: &ReplayPlan,
    tell: &dyn Fn(&str, u64),
) -> Result<Published, PortError> {
    let own = [&names.stories, &names.verdicts, &names.dead_letters, &names.decisions()].map(Clone::clone);
    admin.await_settled(&own)?;
    let group = format!("{}.promote", names.namespace);
    let mut publisher = Publisher {
        admin,
        cluster: KafkaBroker::new(client.clone(), Stage::Sign, &group)?,
        pen: Pen::open(client, &group, &group)?,
        tell,
    };
    let (stories, verdicts) =
        (Topics::new(&names.stories, &live.stories), Topics::new(&names.verdicts, &live.verdicts));
    let mut succession = Succession::new(plan.generation);
    let mut done = Published {
        stories: publisher.copy_latest(&stories, |story| succession.own_story(story))?,
        ..Published::default()
    };
    failpoint::pass("promote.after_stories");
    publisher.scan::<StoryRecord>(&live.stories, |story| succession.public_story(&story))?;
    for decisions in publisher.partitions(&names.decisions())? {
        let log = TopicPartition { topic: names.signatures().into(), partition: decisions.partition };
        let note = admin.committed(&names.fold_group(), &[log])?.into_iter().flatten().next();
        let from = note.and_then(|committed| Note::parse(&committed.note)).map(|note| note.decisions_from);
        publisher.read(&decisions, from, |record| {
            let bytes = record.value.as_deref().unwrap_or_default();
            let decision = Decision::from_bytes(bytes).map_err(|error| unreadable(&record, &error))?;
            succession.own_decision(&decision);
            Ok(())
        })?;
    }
    for some in succession.open_stories().chunks(STORIES_OF_A_TRANSACTION) {
        done.stories += some.len() as u64;
        let records = some.iter().map(|story| outbound(&stories.to, story)).collect();
        publisher.pen.write(&Transaction { records, positions: Vec::new() })?;
    }
    failpoint::pass("promote.after_open_stories");
    done.verdicts = publisher.copy_latest(&verdicts, |verdict| succession.own_verdict(verdict))?;
    failpoint::pass("promote.after_verdicts");
    publisher.replace(&stories.to, &succession, &mut done)?;
    failpoint::pass("promote.after_earlier_stories");
    if let (ReplaySource::Articles, Some(hand_off)) = (plan.source, &plan.hand_off) {
        done.dead_letters = publisher.copy_letters(&Topics::new(&names.dead_letters, &live.dead_letters), hand_off)?;
    }
    failpoint::pass("promote.after_dead_letters");
    Ok(done)
}

/// From where to where.
struct Topics {
    from: Arc<str>,
    to: Arc<str>,
}

impl Topics {
    fn new(from: &str, to: &str) -> Self {
        Self { from: from.into(), to: to.into() }
    }
}

struct Publisher<'a> {
    admin: &'a Admin,
    cluster: KafkaBroker,
    pen: Pen,
    tell: &'a dyn Fn(&str, u64),
}

impl Publisher<'_> {
    /// Copies the last record of each key, and lets all records be seen. A partition at a time, so that what is held in memory is
    /// a hash and an offset for each key of one partition.
    fn copy_latest<T: DeserializeOwned>(&mut self, topics: &Topics, mut see: impl FnMut(&T)) -> Result<u64, PortError> {
        let mut copied = 0;
        for partition in self.partitions(&topics.from)? {
            let mut latest: HashMap<u128, i64> = HashMap::new();
            self.read(&partition, None, |record| {
                latest.insert(hash(&record), record.offset);
                see(&parse(&record)?);
                Ok(())
            })?;
            copied += self.carry(&partition, |record| {
                let is_latest = latest.get(&hash(&record)) == Some(&record.offset);
                is_latest.then(|| forwarded(&topics.to, record))
            })?;
            info!(from = %partition, to = %topics.to, copied, "copied");
        }
        Ok(copied)
    }

    /// Copies what was refused of the records that nobody else has read.
    fn copy_letters(&mut self, topics: &Topics, hand_off: &HandOff) -> Result<u64, PortError> {
        let left: HashMap<(&str, i32), i64> =
            hand_off.left.iter().map(|at| ((&*at.topic, at.partition), at.offset)).collect();
        let is_new = |at: &RawPosition| left.get(&(&*at.topic, at.partition)).is_none_or(|left| at.offset >= *left);
        let mut copied = 0;
        for partition in self.partitions(&topics.from)? {
            copied += self.carry(&partition, |record| {
                refused_at(&record).is_some_and(|at| is_new(&at)).then(|| forwarded(&topics.to, record))
            })?;
        }
        Ok(copied)
    }

    /// Writes for each public story that the replay knows otherwise, or not at all, what becomes of it.
    fn replace(&mut self, topic: &Arc<str>, succession: &Succession, done: &mut Published) -> Result<(), PortError> {
        let mut seen = HashSet::new();
        for partition in self.partitions(topic)? {
            let mut reader = self.cluster.reader(&partition, None)?;
            loop {
                let batch = reader.next_batch()?;
                if batch.is_empty() {
                    break;
                }
                let mut transaction = Transaction::default();
                for story in batch.iter().filter_map(|record| parse::<StoryRecord>(record).ok()) {
                    // The last record may stand there twice.
                    let Some(successor) = succession.successor(&story).filter(|story| seen.insert(story.story_id))
                    else {
                        continue;
                    };
                    match successor.state {
                        StoryState::Merged => done.merged += 1,
                        _ => done.closed += 1,
                    }
                    transaction.records.push(outbound(topic, &successor));
                }
                self.pen.write(&transaction)?;
            }
        }
        Ok(())
    }

    /// Carries the records of a partition over, each as `to` has it, and notes how far it is in the same transaction: what was
    /// carried by a predecessor is not carried again.
    fn carry(
        &mut self,
        partition: &TopicPartition,
        mut to: impl FnMut(Inbound) -> Option<Outbound>,
    ) -> Result<u64, PortError> {
        let (first, _) = self.cluster.range(partition)?;
        let from = self.pen.noted(partition)?.unwrap_or(first).max(first);
        let mut reader = self.cluster.reader(partition, Some(from))?;
        let mut carried = 0;
        loop {
            let batch = reader.next_batch()?;
            let Some(last) = batch.last() else { return Ok(carried) };
            let position = Committed { next: last.offset + 1, note: String::new() };
            let records: Vec<Outbound> = batch.into_iter().filter_map(&mut to).collect();
            carried += records.len() as u64;
            (self.tell)(&partition.topic, records.len() as u64);
            self.pen.write(&Transaction { records, positions: vec![(partition.clone(), position)] })?;
        }
    }

    /// Lets all records of a public topic be seen. What is none of ours, or was taken back by hand, is passed over.
    fn scan<T: DeserializeOwned>(&mut self, topic: &str, mut see: impl FnMut(T)) -> Result<(), PortError> {
        for partition in self.partitions(topic)? {
            self.read(&partition, None, |record| {
                match parse(&record) {
                    Ok(found) => see(found),
                    Err(error) if record.value.is_some() => warn!("{error}; it stays as it is"),
                    Err(_) => {}
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    fn read(
        &mut self,
        partition: &TopicPartition,
        from: Option<i64>,
        mut see: impl FnMut(Inbound) -> Result<(), PortError>,
    ) -> Result<(), PortError> {
        let mut reader = self.cluster.reader(partition, from)?;
        loop {
            let batch = reader.next_batch()?;
            if batch.is_empty() {
                return Ok(());
            }
            batch.into_iter().try_for_each(&mut see)?;
        }
    }

    fn partitions(&self, topic: &str) -> Result<Vec<TopicPartition>, PortError> {
        let count = self.admin.partitions(topic)?;
        let count = count.ok_or_else(|| PortError::Fatal(format!("there is no topic {topic}")))?;
        Ok((0..count).map(|partition| TopicPartition { topic: topic.into(), partition }).collect())
    }
}

fn hash(record: &Inbound) -> u128 {
    xxh3_128(record.key.as_deref().unwrap_or_default())
}

fn parse<T: DeserializeOwned>(record: &Inbound) -> Result<T, PortError> {
    serde_json::from_slice(record.value.as_deref().unwrap_or_default()).map_err(|error| unreadable(record, &error))
}

fn unreadable(record: &Inbound, error: &dyn std::fmt::Display) -> PortError {
    PortError::Fatal(format!("offset {} of {} cannot be read: {error}", record.offset, record.from))
}

/// A record as it is, on another topic.
fn forwarded(topic: &Arc<str>, record: Inbound) -> Outbound {
    let Inbound { key, value, headers, .. } = record;
    Outbound { topic: topic.clone(), partition: None, key, value, headers }
}

fn outbound(topic: &Arc<str>, story: &StoryRecord) -> Outbound {
    public(topic, &story.story_id.to_string(), story)
}
