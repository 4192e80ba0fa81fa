//! Publishes the results of a replay in the public topics, and replaces the records of stories that it knows differently.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde::de::DeserializeOwned;
use tracing::{info, warn};
use xxhash_rust::xxh3::xxh3_128;

use super::copier::TransactionalCopier;
use super::reconciler::StoryReconciler;
use crate::config::TopicNames;
use crate::kafka::{Admin, ClientSettings};
use crate::record::{Decision, RawPosition, StoryRecord, StoryState, Versioned};
use crate::replay::plan::{Handover, ReplayPlan, ReplaySource};
use crate::stream::port::{
    CommittedOffset, ConsumerRecord, LogReader, LogStore, PortError, ProducerRecord, TopicPartition, Transaction,
};
use crate::stream::{CommitMetadata, failpoint, public_record, rejected_at};

/// As many as a reader returns at once.
const STORIES_PER_TRANSACTION: usize = 2_000;

/// How many records a promotion has written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PromotionCounts {
    /// Stories of the replay.
    pub stories: u64,
    /// Its verdicts.
    pub verdicts: u64,
    /// Earlier stories that were merged into one of the replay.
    pub merged: u64,
    /// Earlier stories that the replay does not continue, and that were closed.
    pub closed: u64,
    /// Dead letters of records that the service had not read.
    pub dead_letters: u64,
}

/// Publishes the results of the replay `names`, which has read up to the handover, in the topics of `live`. It may be
/// repeated: records that were written before are not written again. `copied` is told how many records of each topic were
/// copied.
pub(super) fn publish(
    client: &ClientSettings,
    admin: &Admin,
    (names, live): (&TopicNames, &TopicNames),
    plan: &ReplayPlan,
    copied: &dyn Fn(&str, u64),
) -> Result<PromotionCounts, PortError> {
    failpoint::enter("publish");
    let own = [&names.stories, &names.verdicts, &names.dead_letters, &names.decisions()].map(Clone::clone);
    admin.await_settled(&own)?;
    let group = names.promotion_group();
    let mut publisher = Publisher { admin, copier: TransactionalCopier::open(client, &group, &group)?, copied };
    let (stories, verdicts) =
        (CopiedTopic::new(&names.stories, &live.stories), CopiedTopic::new(&names.verdicts, &live.verdicts));
    let mut reconciler = StoryReconciler::new(plan.epoch);
    let mut done = PromotionCounts {
        stories: publisher.copy_latest(&stories, |story| reconciler.replayed_story(story))?,
        ..PromotionCounts::default()
    };
    failpoint::pass("promote.after_stories");
    publisher.scan::<StoryRecord>(&live.stories, |story| reconciler.public_story(&story))?;
    for decisions in publisher.partitions(&names.decisions())? {
        let log = TopicPartition { topic: names.signatures().into(), partition: decisions.partition };
        let metadata = admin.committed(&names.stories_group(), &[log])?.into_iter().flatten().next();
        let from = metadata
            .and_then(|committed| CommitMetadata::parse(&committed.metadata))
            .map(|metadata| metadata.decisions_from);
        publisher.read(&decisions, from, |record| {
            let bytes = record.value.as_deref().unwrap_or_default();
            let decision = Decision::from_bytes(bytes).map_err(|error| unreadable(&record, &error))?;
            reconciler.replayed_decision(&decision);
            Ok(())
        })?;
    }
    for some in reconciler.open_stories().chunks(STORIES_PER_TRANSACTION) {
        done.stories += some.len() as u64;
        let records = some.iter().map(|story| outbound(&stories.to, story)).collect();
        publisher.copier.write(&Transaction { records, offsets: Vec::new() })?;
    }
    failpoint::pass("promote.after_open_stories");
    done.verdicts = publisher.copy_latest(&verdicts, |verdict| reconciler.replayed_verdict(verdict))?;
    failpoint::pass("promote.after_verdicts");
    publisher.replace(&stories.to, &reconciler, &mut done)?;
    failpoint::pass("promote.after_earlier_stories");
    if let (ReplaySource::Articles, Some(handover)) = (plan.source, &plan.handover) {
        done.dead_letters =
            publisher.copy_letters(&CopiedTopic::new(&names.dead_letters, &live.dead_letters), handover)?;
    }
    failpoint::pass("promote.after_dead_letters");
    Ok(done)
}

/// A topic of the replay and the public topic that it is copied to.
struct CopiedTopic {
    from: Arc<str>,
    to: Arc<str>,
}

impl CopiedTopic {
    fn new(from: &str, to: &str) -> Self {
        Self { from: from.into(), to: to.into() }
    }
}

struct Publisher<'a> {
    admin: &'a Admin,
    copier: TransactionalCopier,
    copied: &'a dyn Fn(&str, u64),
}

impl Publisher<'_> {
    /// Copies the last record of each key, and calls `see` with every record. One partition at a time: a hash and an offset
    /// for each key of one partition are held in memory.
    fn copy_latest<T: DeserializeOwned>(
        &mut self,
        topics: &CopiedTopic,
        mut see: impl FnMut(&T),
    ) -> Result<u64, PortError> {
        let mut copied = 0;
        for partition in self.partitions(&topics.from)? {
            let mut latest: HashMap<u128, i64> = HashMap::new();
            self.read(&partition, None, |record| {
                latest.insert(hash(&record), record.offset);
                see(&parse(&record)?);
                Ok(())
            })?;
            copied += self.copy(&partition, |record| {
                let is_latest = latest.get(&hash(&record)) == Some(&record.offset);
                is_latest.then(|| forwarded(&topics.to, record))
            })?;
            info!(from = %partition, to = %topics.to, copied, "copied");
        }
        Ok(copied)
    }

    /// Copies the dead letters of records that the service had not read.
    fn copy_letters(&mut self, topics: &CopiedTopic, handover: &Handover) -> Result<u64, PortError> {
        let committed: HashMap<(&str, i32), i64> =
            handover.committed.iter().map(|at| ((&*at.topic, at.partition), at.offset)).collect();
        let is_new =
            |at: &RawPosition| committed.get(&(&*at.topic, at.partition)).is_none_or(|next| at.offset >= *next);
        let mut copied = 0;
        for partition in self.partitions(&topics.from)? {
            copied += self.copy(&partition, |record| {
                rejected_at(&record).is_some_and(|at| is_new(&at)).then(|| forwarded(&topics.to, record))
            })?;
        }
        Ok(copied)
    }

    /// Replaces the record of each public story that the replay knows differently, or not at all.
    fn replace(
        &mut self,
        topic: &Arc<str>,
        reconciler: &StoryReconciler,
        done: &mut PromotionCounts,
    ) -> Result<(), PortError> {
        let mut seen = HashSet::new();
        for partition in self.partitions(topic)? {
            let mut reader = self.copier.broker().reader(&partition, None)?;
            loop {
                let batch = reader.next_batch()?;
                if batch.is_empty() {
                    break;
                }
                let mut transaction = Transaction::default();
                for story in batch.iter().filter_map(|record| parse::<StoryRecord>(record).ok()) {
                    // The last record may exist twice.
                    let Some(replacement) = reconciler.replacement(&story).filter(|story| seen.insert(story.story_id))
                    else {
                        continue;
                    };
                    match replacement.state {
                        StoryState::Merged => done.merged += 1,
                        _ => done.closed += 1,
                    }
                    transaction.records.push(outbound(topic, &replacement));
                }
                self.copier.write(&transaction)?;
            }
        }
        Ok(())
    }

    /// Copies the records of a partition, each converted by `to`, and commits in the same transaction how far it has come: a
    /// repeated promotion does not copy them again.
    fn copy(
        &mut self,
        partition: &TopicPartition,
        mut to: impl FnMut(ConsumerRecord) -> Option<ProducerRecord>,
    ) -> Result<u64, PortError> {
        let (first, _) = self.copier.broker().range(partition)?;
        let from = self.copier.copied(partition)?.unwrap_or(first).max(first);
        let mut reader = self.copier.broker().reader(partition, Some(from))?;
        let mut count = 0;
        loop {
            let batch = reader.next_batch()?;
            let Some(last) = batch.last() else { return Ok(count) };
            let offset = CommittedOffset::from(last.offset + 1);
            let records: Vec<ProducerRecord> = batch.into_iter().filter_map(&mut to).collect();
            count += records.len() as u64;
            (self.copied)(&partition.topic, records.len() as u64);
            self.copier.write(&Transaction { records, offsets: vec![(partition.clone(), offset)] })?;
        }
    }

    /// Calls `see` with every record of a public topic. Records that are not wirefold's, and tombstones, are skipped.
    fn scan<T: DeserializeOwned>(&mut self, topic: &str, mut see: impl FnMut(T)) -> Result<(), PortError> {
        for partition in self.partitions(topic)? {
            self.read(&partition, None, |record| {
                match parse(&record) {
                    Ok(found) => see(found),
                    Err(error) if record.value.is_some() => warn!("{error}; it is left as it is"),
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
        mut see: impl FnMut(ConsumerRecord) -> Result<(), PortError>,
    ) -> Result<(), PortError> {
        let mut reader = self.copier.broker().reader(partition, from)?;
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

fn hash(record: &ConsumerRecord) -> u128 {
    xxh3_128(record.key.as_deref().unwrap_or_default())
}

fn parse<T: DeserializeOwned>(record: &ConsumerRecord) -> Result<T, PortError> {
    serde_json::from_slice(record.value.as_deref().unwrap_or_default()).map_err(|error| unreadable(record, &error))
}

fn unreadable(record: &ConsumerRecord, error: &dyn std::fmt::Display) -> PortError {
    PortError::Fatal(format!("offset {} of {} cannot be read: {error}", record.offset, record.from))
}

/// A record for another topic.
fn forwarded(topic: &Arc<str>, record: ConsumerRecord) -> ProducerRecord {
    let ConsumerRecord { key, value, headers, .. } = record;
    ProducerRecord { topic: topic.clone(), partition: None, key, value, headers }
}

fn outbound(topic: &Arc<str>, story: &StoryRecord) -> ProducerRecord {
    public_record(topic, &story.story_id.to_string(), story)
}
