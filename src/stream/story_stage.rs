//! Signatures to stories. One transaction a batch: decisions, stories, verdicts, boilerplate filters, and the offset in
//! the log.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::clock::{Clock, Every, REOPEN_AFTER};
use super::dead_letter;
use super::event::{Bound, Event, Observer, Stage};
use super::header::{is_warmup, trace_of};
use super::lag::LagWatch;
use super::port::{
    Broker, CommittedOffset, ConsumerRecord, GroupMembership, LogReader, PollLimits, Polled, PortError, ProducerRecord,
    Rebalance, RecordSource, TopicPartition, Transaction, TransactionalWriter,
};
use super::restore::{CommitMetadata, DecisionOffsets, PartitionLogs, Restored, Restoring, decode};
use super::signature_stage::Step;
use crate::clustering::{ClusteringRules, DecisionCounters, Engine, Processed, Publication, SOURCES_MAX, State};
use crate::record::{Decision, LogEntry, Millis, Outcome, Reason, Signature, Versioned};

/// How often records that neither a restore nor a replay will read are deleted from the log.
const TRIM_EVERY: Duration = Duration::from_hours(1);

/// The settings of the stories stage.
#[derive(Debug, Clone)]
pub struct StoryStageSettings {
    /// Topic of the log.
    pub signatures: Arc<str>,
    /// Topic of the decisions.
    pub decisions: Arc<str>,
    /// Topic of the boilerplate filters.
    pub boilerplate: Arc<str>,
    /// Public topic of stories.
    pub stories: Arc<str>,
    /// Public topic of verdicts.
    pub verdicts: Arc<str>,
    /// Public topic of dead letters.
    pub dead_letters: Arc<str>,
    /// The start of the transactional id of each partition, which is followed by a dot and the partition's number.
    pub transactional_id: String,
    /// Epoch of the namespace.
    pub epoch: u32,
    /// What is published of stories that only the warm-up has seen.
    pub publication: Publication,
    /// How much one batch takes.
    pub limits: PollLimits,
    /// How long log and decisions are kept beyond what a restore needs.
    pub keep: Duration,
    /// The rules of clustering.
    pub rules: ClusteringRules,
}

/// One instance of the stories stage: an engine for each log partition that is assigned to it.
pub struct StoryStage<B: Broker, S> {
    broker: B,
    source: S,
    partitions: BTreeMap<TopicPartition, Task<B>>,
    /// Partitions whose restore failed once.
    failed: BTreeSet<TopicPartition>,
    settings: StoryStageSettings,
    observer: Arc<dyn Observer>,
    clock: Box<dyn Clock>,
    lag: LagWatch,
}

/// What is being done for a partition.
enum Task<B: Broker> {
    /// Its writer is to be opened.
    Waiting { not_before: Millis },
    /// Its state is being restored.
    Restoring { writer: B::Writer, restoring: Box<Restoring<B::Reader>>, started: Instant },
    /// Its records are processed.
    Live(Box<LivePartition<B::Writer>>),
}

struct LivePartition<W> {
    writer: W,
    engine: Engine,
    /// The next log offset to process.
    next: i64,
    /// Where a restore would start to read, whether the committed offset is still known then or not.
    restore_from: Option<CommitMetadata>,
    offsets: DecisionOffsets,
    trim: Every,
}

/// A decision that is being committed.
struct Decided {
    decision: Decision,
    signature: Signature,
    is_warmup: bool,
}

impl<B: Broker, S: RecordSource> StoryStage<B, S>
where
    B::Writer: TransactionalWriter<S>,
{
    /// A stage that has not polled yet. `source` reads the topic of signatures.
    pub fn new(
        broker: B,
        source: S,
        settings: StoryStageSettings,
        observer: Arc<dyn Observer>,
        clock: Box<dyn Clock>,
    ) -> Self {
        let mut stage = Self {
            broker,
            partitions: BTreeMap::new(),
            failed: BTreeSet::new(),
            settings,
            observer,
            clock,
            lag: LagWatch::new(),
            source,
        };
        stage.assign(stage.source.partitions());
        stage
    }

    /// Polls once, continues each restore by one batch, and commits the records of each partition in one transaction. An
    /// error ends the stage.
    pub fn step(&mut self) -> Result<Step, PortError> {
        let polled = self.poll()?;
        self.observer.observe(Event::Polled(Stage::Stories));
        self.rebalance(polled.rebalances)?;
        let mut step = Step::Idle;
        let mut batches: BTreeMap<TopicPartition, Vec<ConsumerRecord>> = BTreeMap::new();
        for record in polled.records {
            batches.entry(record.from.clone()).or_default().push(record);
        }
        for partition in self.partitions.keys().cloned().collect::<Vec<_>>() {
            let batch = batches.remove(&partition).unwrap_or_default();
            if self.advance(&partition, &batch)? {
                step = Step::Worked;
            }
        }
        self.maintain()?;
        Ok(step)
    }

    /// Polls the source without waiting when another partition has something to do. A member of a group polls to stay a
    /// member; any other source is polled only when a partition can take its records.
    fn poll(&mut self) -> Result<Polled, PortError> {
        let now = self.clock.now();
        let is_due = |task: &Task<B>| match task {
            Task::Waiting { not_before } => now >= *not_before,
            Task::Restoring { .. } => true,
            Task::Live(_) => false,
        };
        let mut limits = self.settings.limits;
        if self.partitions.values().any(is_due) {
            limits.wait = Duration::ZERO;
        }
        if self.source.group().is_some() || self.partitions.values().any(|task| matches!(task, Task::Live(_))) {
            return self.source.poll(limits);
        }
        std::thread::sleep(limits.wait);
        Ok(Polled::default())
    }

    /// Whether all partitions are live and have processed their log to its present end.
    pub fn is_at_end(&mut self) -> Result<bool, PortError> {
        for (partition, task) in &self.partitions {
            let Task::Live(live) = task else { return Ok(false) };
            // Between the last record and the end of the log there may be control records: only reading tells.
            if !self.broker.reader(partition, Some(live.next))?.next_batch()?.is_empty() {
                return Ok(false);
            }
        }
        Ok(!self.partitions.is_empty())
    }

    /// Whether all partitions are live and have processed this log offset.
    pub fn is_beyond(&self, offset: i64) -> bool {
        let is_beyond = |task: &Task<B>| matches!(task, Task::Live(live) if live.next > offset);
        !self.partitions.is_empty() && self.partitions.values().all(is_beyond)
    }

    /// The number of decisions in the log of this instance's partitions, those of earlier processes included.
    pub fn decisions(&self) -> u64 {
        let decided = |task: &Task<B>| if let Task::Live(live) = task { live.engine.state().next_seq() } else { 0 };
        self.partitions.values().map(decided).sum()
    }

    /// Leaves the group; every decision is committed already.
    pub fn finish(mut self) -> Result<(), PortError> {
        self.partitions.clear();
        self.source.group().map_or(Ok(()), GroupMembership::leave)
    }

    fn assign(&mut self, partitions: Vec<TopicPartition>) {
        for partition in partitions {
            self.observer.observe(Event::Assigned(Stage::Stories, &partition));
            self.partitions.insert(partition, Task::Waiting { not_before: Millis::MIN });
        }
    }

    fn rebalance(&mut self, rebalances: Vec<Rebalance>) -> Result<(), PortError> {
        let mut new = BTreeSet::new();
        for rebalance in rebalances {
            match rebalance {
                Rebalance::Assigned(partitions) => {
                    new.extend(partitions.iter().cloned());
                    self.assign(partitions);
                }
                Rebalance::Revoked(partitions) => {
                    for partition in partitions {
                        self.observer.observe(Event::Revoked(Stage::Stories, &partition));
                        self.lag.forget(&partition);
                        self.failed.remove(&partition);
                        self.partitions.remove(&partition);
                        new.remove(&partition);
                    }
                }
            }
        }
        // No record of a partition is read before the partition is restored.
        self.pause(&new.into_iter().collect::<Vec<_>>())
    }

    fn pause(&mut self, partitions: &[TopicPartition]) -> Result<(), PortError> {
        match self.source.group() {
            Some(group) if !partitions.is_empty() => group.pause(partitions),
            _ => Ok(()),
        }
    }

    /// Does what is next for a partition; true when there was something to do.
    fn advance(&mut self, partition: &TopicPartition, batch: &[ConsumerRecord]) -> Result<bool, PortError> {
        let Some(task) = self.partitions.remove(partition) else { return Ok(false) };
        let is_idle = match &task {
            Task::Waiting { not_before } => self.clock.now() < *not_before,
            Task::Restoring { .. } => false,
            Task::Live(_) => batch.is_empty(),
        };
        if is_idle {
            self.partitions.insert(partition.clone(), task);
            return Ok(false);
        }
        let was_live = matches!(task, Task::Live(_));
        let next = match task {
            Task::Waiting { .. } => self.open(partition),
            Task::Restoring { writer, restoring, started } => self.restore(partition, writer, restoring, started),
            Task::Live(live) => self.process(partition, live, batch),
        };
        let task = match next {
            Ok(task) => {
                if matches!(task, Task::Live(_)) {
                    self.failed.remove(partition);
                }
                task
            }
            // A log that does not fit may be one that another instance has taken over, continued and trimmed meanwhile. If
            // so, the group will revoke the partition; if not, the second failure ends the stage.
            Err(PortError::Fatal(reason)) if !was_live && self.failed.insert(partition.clone()) => {
                self.observer.observe(Event::Aborted { stage: Stage::Stories, reason: &reason });
                Task::Waiting { not_before: self.clock.now().plus(REOPEN_AFTER) }
            }
            Err(PortError::Aborted(reason) | PortError::Fenced(reason) | PortError::WriterFailed(reason)) => {
                // The state is ahead of what is committed. It is restored: there is one way to a state.
                self.observer.observe(Event::Aborted { stage: Stage::Stories, reason: &reason });
                self.pause(std::slice::from_ref(partition))?;
                Task::Waiting { not_before: self.clock.now().plus(REOPEN_AFTER) }
            }
            Err(error @ (PortError::Fatal(_) | PortError::Refused(_))) => return Err(error),
        };
        self.partitions.insert(partition.clone(), task);
        Ok(true)
    }

    /// Opens the writer of a partition, which settles what the previous writer left open, and only then reads what is
    /// committed.
    fn open(&mut self, partition: &TopicPartition) -> Result<Task<B>, PortError> {
        let number = partition.partition;
        let writer = self.broker.writer(&format!("{}.{number}", self.settings.transactional_id))?;
        let committed = self.broker.committed(std::slice::from_ref(partition))?.pop().flatten();
        let of = |topic: &Arc<str>| TopicPartition { topic: topic.clone(), partition: number };
        let partitions = PartitionLogs {
            signatures: partition.clone(),
            decisions: of(&self.settings.decisions),
            boilerplate: of(&self.settings.boilerplate),
        };
        let restoring = Box::new(Restoring::start(&mut self.broker, partitions, committed)?);
        self.observer.observe(Event::Restoring { partition: number, remaining: restoring.remaining() });
        Ok(Task::Restoring { writer, restoring, started: Instant::now() })
    }

    fn restore(
        &mut self,
        partition: &TopicPartition,
        writer: B::Writer,
        mut restoring: Box<Restoring<B::Reader>>,
        started: Instant,
    ) -> Result<Task<B>, PortError> {
        let number = partition.partition;
        if !restoring.step()? {
            self.observer.observe(Event::Restoring { partition: number, remaining: restoring.remaining() });
            return Ok(Task::Restoring { writer, restoring, started });
        }
        let Restored { state, next, from, offsets, decisions } = restoring.finish();
        let next = match next {
            Some(next) => next,
            None => self.broker.range(partition)?.0,
        };
        self.source.seek(partition, next)?;
        if let Some(group) = self.source.group() {
            group.resume(std::slice::from_ref(partition))?;
        }
        self.observer.observe(Event::Restored { partition: number, decisions, took: started.elapsed() });
        self.report_state(number, &state);
        let engine = Engine::resume(state, self.settings.rules.clone());
        let trim = Every::new(TRIM_EVERY);
        Ok(Task::Live(Box::new(LivePartition { writer, engine, next, restore_from: from, offsets, trim })))
    }

    fn process(
        &mut self,
        partition: &TopicPartition,
        mut live: Box<LivePartition<B::Writer>>,
        batch: &[ConsumerRecord],
    ) -> Result<Task<B>, PortError> {
        // After a change of assignment a record may come twice, also within a batch.
        let mut next = live.next;
        let mut batch: Vec<&ConsumerRecord> = batch.iter().collect();
        batch.retain(|record| {
            let is_new = record.offset >= next;
            next = next.max(record.offset + 1);
            is_new
        });
        let started = Instant::now();
        let mut transaction = Transaction::default();
        let mut decided = Vec::with_capacity(batch.len());
        let mut published = Vec::new();
        for record in &batch {
            let bytes = record.value.as_deref().unwrap_or_default();
            let signature: Signature = decode(record, bytes)?;
            let is_warmup = is_warmup(record);
            let publication = if is_warmup { Publication::WarmUp } else { self.settings.publication };
            let processed = live.engine.process(&signature, LogEntry::new(record.offset, bytes), publication);
            let bytes = processed.decision.to_bytes();
            transaction.records.push(internal_record(&self.settings.decisions, partition, None, Some(bytes)));
            self.emit(partition, record, &processed, &mut published);
            let decision = processed.decision;
            decided.push(Decided { decision, signature, is_warmup });
        }
        transaction.records.append(&mut published);
        let Some(Decided { decision: last, .. }) = decided.last() else { return Ok(Task::Live(live)) };
        // The restore point is that of the last decision: if the committed offset is forgotten, a restore has nothing else
        // to go by.
        let metadata = CommitMetadata {
            restore_point: last.restore_point,
            decisions_from: live.offsets.at_or_before(last.restore_point.seq),
        };
        transaction.offsets.push((partition.clone(), CommittedOffset { next, metadata: metadata.to_text() }));
        self.observer.observe(Event::Worked { stage: Stage::Stories, records: batch.len(), took: started.elapsed() });

        let started = Instant::now();
        let offsets = live.writer.transact(&mut self.source, &transaction)?;
        self.observer.observe(Event::Committed { stage: Stage::Stories, took: started.elapsed() });
        live.offsets.push(decided[0].decision.seq, offsets[0]);
        live.next = next;
        live.restore_from = Some(metadata);
        let counters = live.engine.take_counters();
        self.report(&decided, counters);
        self.report_state(partition.partition, live.engine.state());
        Ok(Task::Live(live))
    }

    /// Adds the records that a decision publishes: boilerplate filters, stories, verdicts, a dead letter.
    fn emit(
        &self,
        partition: &TopicPartition,
        record: &ConsumerRecord,
        processed: &Processed<'_>,
        out: &mut Vec<ProducerRecord>,
    ) {
        for (source, table) in processed.filters() {
            let value = table.map(|table| table.to_bytes());
            out.push(internal_record(&self.settings.boilerplate, partition, Some(source.as_bytes()), value));
        }
        for story in processed.stories(self.settings.epoch) {
            out.push(public_record(&self.settings.stories, &story.story_id.to_string(), &story));
        }
        let is_warmup = is_warmup(record);
        for (at, verdict) in processed.verdicts(self.settings.epoch).iter().enumerate() {
            let headers = if at == 0 && !is_warmup { trace_of(record) } else { Vec::new() };
            out.push(ProducerRecord { headers, ..public_record(&self.settings.verdicts, &verdict.uri, verdict) });
        }
        if let Some(rejection) = processed.rejection() {
            out.push(dead_letter::of_signature(&self.settings.dead_letters, processed.signature(), &rejection));
        }
    }

    fn report(&self, decided: &[Decided], counters: DecisionCounters) {
        let now = self.clock.now();
        for Decided { decision, signature, is_warmup } in decided {
            let tokens = signature.article().map_or(0, |article| article.tokens);
            self.observer.observe(Event::Decided {
                kind: decision.kind(tokens),
                relation: match &decision.outcome {
                    Outcome::Assigned(assignment) => Some(assignment.relation),
                    _ => None,
                },
                late: decision.late,
                warmup: *is_warmup,
                latency: if signature.ingested < now { signature.ingested.distance(now) } else { Duration::ZERO },
            });
            if matches!(decision.outcome, Outcome::Ambiguous { .. }) && !is_warmup {
                self.observer.observe(Event::DeadLetter(Reason::AmbiguousId));
            }
            let members_cut = decision.stories.iter().any(|story| story.size as usize > story.members.len());
            let sources_cut =
                decision.stories.iter().any(|story| story.sources.len().max(story.publishers.len()) == SOURCES_MAX);
            for (bound, hit) in [
                (Bound::BoilerplateFilters, decision.filter_evicted.is_some()),
                (Bound::StoryMembers, members_cut),
                (Bound::StorySources, sources_cut),
            ] {
                if hit {
                    self.observer.observe(Event::Bound(bound, 1));
                }
            }
        }
        for (bound, count) in
            [(Bound::PostingList, counters.postings_skipped), (Bound::Candidates, counters.candidates_skipped)]
        {
            if count > 0 {
                self.observer.observe(Event::Bound(bound, count));
            }
        }
    }

    fn report_state(&self, partition: i32, state: &State) {
        self.observer.observe(Event::State {
            partition,
            articles: state.article_count(),
            stories: state.story_count(),
            filters: state.filter_count(),
        });
    }

    /// Reports lags and trims the log when they are due. A failure is made up for the next time.
    fn maintain(&mut self) -> Result<(), PortError> {
        let now = self.clock.now();
        let lag = self.lag.is_due(now);
        for (partition, task) in &mut self.partitions {
            let Task::Live(live) = task else { continue };
            if lag && let Some(end) = self.broker.try_end_offset(partition) {
                let messages = self.lag.messages(partition, live.next, end, now);
                let stream_time = live.engine.state().stream_time();
                let behind = if messages > 0 { stream_time.min(now).distance(now) } else { Duration::ZERO };
                self.observer.observe(Event::Lag { stage: Stage::Stories, partition, messages, behind });
                if self.lag.is_stuck(partition, now) {
                    self.source.seek(partition, live.next)?;
                }
            }
            if live.trim.is_due(now)
                && let Some(CommitMetadata { restore_point, decisions_from }) = live.restore_from
            {
                let decisions =
                    TopicPartition { topic: self.settings.decisions.clone(), partition: partition.partition };
                let older_than = now.minus(self.settings.keep);
                for (partition, below) in [(partition, restore_point.log_offset), (&decisions, decisions_from)] {
                    if let Err(error) = self.broker.trim(partition, below, older_than) {
                        self.observer.observe(Event::TrimFailed { partition, reason: &error.to_string() });
                    }
                }
            }
        }
        Ok(())
    }
}

/// A story or a verdict for its public topic, under the key that lets a reader keep the latest one.
pub fn public_record(topic: &Arc<str>, key: &str, record: &impl Serialize) -> ProducerRecord {
    let value = serde_json::to_vec(record)
        .unwrap_or_else(|error| unreachable!("a public record has no unserialisable part: {error}"));
    let (key, value) = (Some(key.as_bytes().to_vec()), Some(value));
    ProducerRecord { topic: topic.clone(), partition: None, key, value, headers: Vec::new() }
}

/// A record of a topic whose partition `i` belongs to log partition `i`.
fn internal_record(
    topic: &Arc<str>,
    partition: &TopicPartition,
    key: Option<&[u8]>,
    value: Option<Vec<u8>>,
) -> ProducerRecord {
    ProducerRecord {
        topic: topic.clone(),
        partition: Some(partition.partition),
        key: key.map(<[u8]>::to_vec),
        value,
        headers: Vec::new(),
    }
}
