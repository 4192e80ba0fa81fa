//! Signatures to decisions: one transaction a batch carries decisions, stories, verdicts, source tables and the
//! position in the log.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::lag::LagWatch;
use super::observe::{Bound, Event, Observer, Stage};
use super::port::{
    Broker, Committed, GroupConsumer, Inbound, LogReader, Outbound, PollLimits, PortError, Rebalance, TopicPartition,
    Transaction, Writer,
};
use super::restore::{DecisionOffsets, Note, Partitions, Restored, Restoring, read};
use super::{Clock, Every, REOPEN_AFTER, Step, WARMUP, traced};
use crate::fold::{Change, Restore, Rules, SOURCES_MAX, State, Tally, Unpublished, judge, story_records, verdicts};
use crate::record::{Decision, Millis, Outcome, Signature, Versioned};

/// How often what neither a restore nor a replay will read again is deleted from the log.
const TRIM_EVERY: Duration = Duration::from_hours(1);

/// What the fold loop goes by.
#[derive(Debug, Clone)]
pub struct FoldSettings {
    /// Topic of the log.
    pub signatures: Arc<str>,
    /// Topic of the decisions.
    pub decisions: Arc<str>,
    /// Topic of the source tables.
    pub sources: Arc<str>,
    /// Public topic of stories.
    pub stories: Arc<str>,
    /// Public topic of verdicts.
    pub verdicts: Arc<str>,
    /// The group, and the start of each partition's transactional id.
    pub group: String,
    /// Generation of the namespace.
    pub generation: u32,
    /// What is said of stories that were only read ahead.
    pub unpublished: Unpublished,
    /// How much one batch takes.
    pub limits: PollLimits,
    /// How long log and decisions are kept beyond what a restore needs.
    pub keep: Duration,
    /// What judging goes by.
    pub rules: Rules,
}

/// One instance of the stage `fold`: a state machine for each log partition that is its own.
pub struct FoldLoop<B: Broker> {
    broker: B,
    consumer: B::Consumer,
    partitions: BTreeMap<TopicPartition, Task<B>>,
    /// Partitions whose restore was refused once.
    refused: BTreeSet<TopicPartition>,
    settings: FoldSettings,
    observer: Arc<dyn Observer>,
    clock: Box<dyn Clock>,
    lag: LagWatch,
}

/// What is done for a partition.
enum Task<B: Broker> {
    /// Its writer is to be opened.
    Waiting { not_before: Millis },
    /// Its state is being restored.
    Restoring { writer: B::Writer, restoring: Box<Restoring<B::Reader>>, started: Instant },
    /// It is live.
    Live(Box<Live<B::Writer>>),
}

struct Live<W> {
    writer: W,
    state: State,
    /// The next log offset to judge.
    next: i64,
    /// From where a restore would read, whether the group's position is still known then or not.
    from: Option<Note>,
    offsets: DecisionOffsets,
    trim: Every,
}

/// A decision on its way into the log.
struct Decided {
    decision: Decision,
    signature: Signature,
    ahead: bool,
}

impl<B: Broker> FoldLoop<B> {
    /// A loop that has not polled yet. `consumer` is subscribed to the topic of signatures.
    pub fn new(
        broker: B,
        consumer: B::Consumer,
        settings: FoldSettings,
        observer: Arc<dyn Observer>,
        clock: Box<dyn Clock>,
    ) -> Self {
        Self {
            broker,
            consumer,
            partitions: BTreeMap::new(),
            refused: BTreeSet::new(),
            settings,
            observer,
            clock,
            lag: LagWatch::new(),
        }
    }

    /// Polls once, takes each restore one batch on, and carries what came through one transaction a partition. An error
    /// ends the loop.
    pub fn step(&mut self) -> Result<Step, PortError> {
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
        let polled = self.consumer.poll(limits)?;
        self.observer.observe(Event::Polled(Stage::Fold));
        self.rebalance(polled.rebalances)?;
        let mut step = Step::Idle;
        let mut batches: BTreeMap<TopicPartition, Vec<Inbound>> = BTreeMap::new();
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

    /// Whether all partitions are live and each stands where its log ends now.
    pub fn is_at_end(&mut self) -> Result<bool, PortError> {
        for (partition, task) in &self.partitions {
            let Task::Live(live) = task else { return Ok(false) };
            // Between the last record and the end of the log may stand control records: only reading tells.
            if !self.broker.reader(partition, Some(live.next))?.next_batch()?.is_empty() {
                return Ok(false);
            }
        }
        Ok(!self.partitions.is_empty())
    }

    /// Whether all partitions are live and have judged this offset of the log.
    #[must_use]
    pub fn is_beyond(&self, offset: i64) -> bool {
        let is_beyond = |task: &Task<B>| matches!(task, Task::Live(live) if live.next > offset);
        !self.partitions.is_empty() && self.partitions.values().all(is_beyond)
    }

    /// Decisions that the partitions of this instance hold, those of its predecessors included.
    #[must_use]
    pub fn decisions(&self) -> u64 {
        let decided = |task: &Task<B>| if let Task::Live(live) = task { live.state.next_seq() } else { 0 };
        self.partitions.values().map(decided).sum()
    }

    /// Leaves the group; what was decided is committed already.
    pub fn finish(mut self) -> Result<(), PortError> {
        self.partitions.clear();
        self.consumer.leave()
    }

    fn rebalance(&mut self, rebalances: Vec<Rebalance>) -> Result<(), PortError> {
        let mut new = BTreeSet::new();
        for rebalance in rebalances {
            match rebalance {
                Rebalance::Assigned(partitions) => {
                    for partition in partitions {
                        self.observer.observe(Event::Assigned(Stage::Fold, &partition));
                        self.partitions.insert(partition.clone(), Task::Waiting { not_before: Millis::MIN });
                        new.insert(partition);
                    }
                }
                Rebalance::Revoked(partitions) => {
                    for partition in partitions {
                        self.observer.observe(Event::Revoked(Stage::Fold, &partition));
                        self.lag.forget(&partition);
                        self.refused.remove(&partition);
                        self.partitions.remove(&partition);
                        new.remove(&partition);
                    }
                }
            }
        }
        // Nothing is read of a partition before it is restored.
        if new.is_empty() { Ok(()) } else { self.consumer.pause(&new.into_iter().collect::<Vec<_>>()) }
    }

    /// Does what is next for a partition; true when there was something.
    fn advance(&mut self, partition: &TopicPartition, batch: &[Inbound]) -> Result<bool, PortError> {
        let Some(task) = self.partitions.remove(partition) else { return Ok(false) };
        let resting = match &task {
            Task::Waiting { not_before } => self.clock.now() < *not_before,
            Task::Restoring { .. } => false,
            Task::Live(_) => batch.is_empty(),
        };
        if resting {
            self.partitions.insert(partition.clone(), task);
            return Ok(false);
        }
        let was_live = matches!(task, Task::Live(_));
        let next = match task {
            Task::Waiting { .. } => self.open(partition),
            Task::Restoring { writer, restoring, started } => self.restore(partition, writer, restoring, started),
            Task::Live(live) => self.fold(partition, live, batch),
        };
        let task = match next {
            Ok(task) => {
                if matches!(task, Task::Live(_)) {
                    self.refused.remove(partition);
                }
                task
            }
            // A log that does not fit may be one that another instance, which took over meanwhile, has gone on with and
            // trimmed. If so the group will say it; if not, the second refusal stands.
            Err(PortError::Fatal(reason)) if !was_live && self.refused.insert(partition.clone()) => {
                self.observer.observe(Event::Aborted { stage: Stage::Fold, reason: &reason });
                Task::Waiting { not_before: self.clock.now().plus(REOPEN_AFTER) }
            }
            Err(PortError::Aborted(reason) | PortError::Fenced(reason) | PortError::WriterFailed(reason)) => {
                // The state has run ahead of what is committed: it is restored, by the one way there is.
                self.observer.observe(Event::Aborted { stage: Stage::Fold, reason: &reason });
                self.consumer.pause(std::slice::from_ref(partition))?;
                Task::Waiting { not_before: self.clock.now().plus(REOPEN_AFTER) }
            }
            Err(fatal @ PortError::Fatal(_)) => return Err(fatal),
        };
        self.partitions.insert(partition.clone(), task);
        Ok(true)
    }

    /// Opens the partition's writer, which settles what its predecessor left open, and only then looks at what is committed.
    fn open(&mut self, partition: &TopicPartition) -> Result<Task<B>, PortError> {
        let number = partition.partition;
        let writer = self.broker.writer(&format!("{}.{number}", self.settings.group))?;
        let committed = self.consumer.committed(std::slice::from_ref(partition))?.pop().flatten();
        let of = |topic: &Arc<str>| TopicPartition { topic: topic.clone(), partition: number };
        let partitions = Partitions {
            signatures: partition.clone(),
            decisions: of(&self.settings.decisions),
            sources: of(&self.settings.sources),
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
        self.consumer.seek(partition, next)?;
        self.consumer.resume(std::slice::from_ref(partition))?;
        self.observer.observe(Event::Restored { partition: number, decisions, took: started.elapsed() });
        self.report_state(number, &state);
        Ok(Task::Live(Box::new(Live { writer, state, next, from, offsets, trim: Every::new(TRIM_EVERY) })))
    }

    fn fold(
        &mut self,
        partition: &TopicPartition,
        mut live: Box<Live<B::Writer>>,
        batch: &[Inbound],
    ) -> Result<Task<B>, PortError> {
        // After a change of assignment a record may come twice, also within a batch.
        let mut next = live.next;
        let mut batch: Vec<&Inbound> = batch.iter().collect();
        batch.retain(|record| {
            let is_new = record.offset >= next;
            next = next.max(record.offset + 1);
            is_new
        });
        let started = Instant::now();
        let mut transaction = Transaction::default();
        let mut tally = Tally::default();
        let mut decided = Vec::with_capacity(batch.len());
        let mut public = Vec::new();
        for record in &batch {
            let signature: Signature = read(record, record.value.as_deref().unwrap_or_default())?;
            let mut decision = judge(&live.state, &signature, record.offset, &self.settings.rules, &mut tally);
            let ahead = is_ahead(record);
            if ahead {
                live.state.keep_unpublished(&mut decision);
            }
            let changes = live.state.apply(&signature, &decision);
            transaction.records.push(internal(&self.settings.decisions, partition, None, Some(decision.to_bytes())));
            self.tell(partition, record, &live.state, &signature, &decision, &changes, &mut public);
            decided.push(Decided { decision, signature, ahead });
        }
        transaction.records.append(&mut public);
        let Some(Decided { decision: last, .. }) = decided.last() else { return Ok(Task::Live(live)) };
        // What the last decision says: if the group's position is forgotten, a restore has nothing else to go by.
        let note = Note { low: last.low, decisions_from: live.offsets.at_or_before(last.low.seq) };
        transaction.positions.push((partition.clone(), Committed { next, note: note.to_text() }));
        self.observer.observe(Event::Worked { stage: Stage::Fold, records: batch.len(), took: started.elapsed() });

        let started = Instant::now();
        let offsets = live.writer.transact(&mut self.consumer, &transaction)?;
        self.observer.observe(Event::Committed { stage: Stage::Fold, took: started.elapsed() });
        live.offsets.push(decided[0].decision.seq, offsets[0]);
        live.next = next;
        live.from = Some(note);
        self.report(&decided, tally);
        self.report_state(partition.partition, &live.state);
        Ok(Task::Live(live))
    }

    /// What a decision tells beyond itself: source tables, stories, verdicts.
    #[expect(clippy::too_many_arguments, reason = "all that a decision is made of, for one caller")]
    fn tell(
        &self,
        partition: &TopicPartition,
        record: &Inbound,
        state: &State,
        signature: &Signature,
        decision: &Decision,
        changes: &[Change],
        out: &mut Vec<Outbound>,
    ) {
        for (source, table) in Restore::tables_after(state, decision) {
            let value = table.map(|table| table.to_bytes());
            out.push(internal(&self.settings.sources, partition, Some(source.as_bytes()), value));
        }
        // What was read ahead may change a story that was published: of that the world hears, and of nothing else.
        let ahead = is_ahead(record);
        let unpublished = if ahead { Unpublished::Silent } else { self.settings.unpublished };
        for story in story_records(decision, changes, self.settings.generation, unpublished) {
            out.push(public(&self.settings.stories, &story.story_id.to_string(), &story));
        }
        let verdicts = verdicts(state, signature, decision, changes, self.settings.generation, unpublished);
        for (at, verdict) in verdicts.iter().enumerate() {
            let headers = if at == 0 && !ahead { traced(record) } else { Vec::new() };
            out.push(Outbound { headers, ..public(&self.settings.verdicts, &verdict.uri, verdict) });
        }
    }

    fn report(&self, decided: &[Decided], tally: Tally) {
        let now = self.clock.now();
        for Decided { decision, signature, ahead } in decided {
            let tokens = signature.article().map_or(0, |article| article.tokens);
            self.observer.observe(Event::Decided {
                kind: decision.kind(tokens),
                relation: match &decision.outcome {
                    Outcome::Admitted(admission) => Some(admission.relation),
                    _ => None,
                },
                late: decision.late,
                ahead: *ahead,
                latency: if signature.ingested < now { signature.ingested.distance(now) } else { Duration::ZERO },
            });
            let members_cut = decision.stories.iter().any(|story| story.size as usize > story.members.len());
            let sources_cut = decision.stories.iter().any(|story| story.sources.len() == SOURCES_MAX);
            for (bound, hit) in [
                (Bound::SourceTables, decision.source_evicted.is_some()),
                (Bound::StoryMembers, members_cut),
                (Bound::StorySources, sources_cut),
            ] {
                if hit {
                    self.observer.observe(Event::Bound(bound, 1));
                }
            }
        }
        for (bound, count) in
            [(Bound::PostingList, tally.postings_skipped), (Bound::Candidates, tally.candidates_skipped)]
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
            sources: state.source_count(),
        });
    }

    /// What is done now and then: the lag is looked up, the log is trimmed. A failure here is made good next time.
    fn maintain(&mut self) -> Result<(), PortError> {
        let now = self.clock.now();
        let lag = self.lag.is_due(now);
        for (partition, task) in &mut self.partitions {
            let Task::Live(live) = task else { continue };
            if lag && let Some(end) = self.broker.glance(partition) {
                let messages = self.lag.messages(partition, live.next, end, now);
                let behind = if messages > 0 { live.state.log_time().min(now).distance(now) } else { Duration::ZERO };
                self.observer.observe(Event::Lag { stage: Stage::Fold, partition, messages, behind });
                if self.lag.is_stuck(partition, now) {
                    self.consumer.seek(partition, live.next)?;
                }
            }
            if live.trim.is_due(now)
                && let Some(Note { low, decisions_from }) = live.from
            {
                let decisions =
                    TopicPartition { topic: self.settings.decisions.clone(), partition: partition.partition };
                let older_than = now.minus(self.settings.keep);
                for (partition, below) in [(partition, low.log_offset), (&decisions, decisions_from)] {
                    if let Err(error) = self.broker.trim(partition, below, older_than) {
                        self.observer.observe(Event::TrimFailed { partition, reason: &error.to_string() });
                    }
                }
            }
        }
        Ok(())
    }
}

/// Whether a replay has read this record ahead of its range.
fn is_ahead(record: &Inbound) -> bool {
    record.headers.iter().any(|(name, _)| name == WARMUP)
}

/// A story or a verdict for its public topic, where the key lets a reader keep the latest.
pub fn public(topic: &Arc<str>, key: &str, record: &impl Serialize) -> Outbound {
    let value = serde_json::to_vec(record)
        .unwrap_or_else(|error| unreachable!("a public record has no unserialisable part: {error}"));
    let (key, value) = (Some(key.as_bytes().to_vec()), Some(value));
    Outbound { topic: topic.clone(), partition: None, key, value, headers: Vec::new() }
}

/// A record of a topic whose partition `i` belongs to log partition `i`.
fn internal(topic: &Arc<str>, partition: &TopicPartition, key: Option<&[u8]>, value: Option<Vec<u8>>) -> Outbound {
    Outbound {
        topic: topic.clone(),
        partition: Some(partition.partition),
        key: key.map(<[u8]>::to_vec),
        value,
        headers: Vec::new(),
    }
}
