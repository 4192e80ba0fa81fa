//! Raw articles to signatures: one transaction a batch carries signatures, dead letters and input positions.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rayon::prelude::*;

use super::lag::LagWatch;
use super::observe::{Bound, Event, Observer, Stage};
use super::placed::take;
use super::port::{
    Broker, Committed, GroupConsumer, Inbound, Outbound, PollLimits, PortError, Rebalance, TopicPartition, Transaction,
    Writer,
};
use super::restore::read;
use super::{Clock, REOPEN_AFTER, Step, WARMUP, dead_letter, traced};
use crate::article::Reader;
use crate::record::{Millis, RawPosition, Reason, Rejection, SHINGLES_MAX, Signature, Versioned};
use crate::sign::{self, sign};

/// What is read, and what becomes of it.
#[derive(Debug)]
pub enum Input {
    /// Raw articles: they are signed, or refused.
    Articles(Box<Signing>),
    /// The same, each as a value of [`place`](super::place): in an order other than that of their partitions.
    Placed(Box<Signing>),
    /// Signatures of another log: they are carried over as they are.
    Signatures,
}

/// How articles are signed.
#[derive(Debug)]
pub struct Signing {
    /// Reads them.
    pub reader: Reader,
    /// What signing goes by.
    pub rules: sign::Rules,
    /// The latest time at which an article came in; none is the clock's. A replay of yesterday's articles has one, or it
    /// would not give the same twice.
    pub latest: Option<Millis>,
}

/// What the sign loop goes by.
#[derive(Debug)]
pub struct SignSettings {
    /// Topic of the log.
    pub signatures: Arc<str>,
    /// Topic of what could not be read.
    pub dead_letters: Arc<str>,
    /// Names this instance's writer: stable across its restarts, different from every other instance's.
    pub transactional_id: String,
    /// How much one batch takes.
    pub limits: PollLimits,
    /// What is read.
    pub input: Input,
    /// Where the range of a replay begins in a partition. What lies below is read for the sake of the window: its
    /// signatures are marked, and what is refused of it is dropped.
    pub begins: BTreeMap<TopicPartition, i64>,
}

/// One instance of the stage `sign`.
pub struct SignLoop<B: Broker> {
    broker: B,
    consumer: B::Consumer,
    writer: Option<B::Writer>,
    reopen_at: Millis,
    /// The partitions that are this instance's, with the next offset of each once a record of it was seen.
    assigned: BTreeMap<TopicPartition, Option<i64>>,
    settings: SignSettings,
    observer: Arc<dyn Observer>,
    clock: Box<dyn Clock>,
    lag: LagWatch,
    last_signature: Option<i64>,
}

/// A record on its way to the log or to the dead letters.
struct Signed {
    /// The raw record, where it is another one than was polled.
    origin: Option<Inbound>,
    outcome: Outcome,
}

enum Outcome {
    Signature { bytes: Vec<u8>, sampled: bool },
    Rejected(Rejection),
}

impl<B: Broker> SignLoop<B> {
    /// A loop that has not polled yet. `consumer` reads what the settings say.
    pub fn new(
        broker: B,
        consumer: B::Consumer,
        settings: SignSettings,
        observer: Arc<dyn Observer>,
        clock: Box<dyn Clock>,
    ) -> Self {
        Self {
            broker,
            consumer,
            writer: None,
            reopen_at: Millis::MIN,
            assigned: BTreeMap::new(),
            settings,
            observer,
            clock,
            lag: LagWatch::new(),
            last_signature: None,
        }
    }

    /// Where the last signature that it has written stands in the log; none where that is not known.
    #[must_use]
    pub fn last_signature(&self) -> Option<i64> {
        self.last_signature
    }

    /// Polls once, and carries what came through one transaction. An error ends the loop.
    pub fn step(&mut self) -> Result<Step, PortError> {
        let polled = self.consumer.poll(self.settings.limits)?;
        self.observer.observe(Event::Polled(Stage::Sign));
        for rebalance in polled.rebalances {
            self.rebalance(rebalance);
        }
        if self.writer.is_none() && !self.assigned.is_empty() && self.clock.now() >= self.reopen_at {
            let writer = self.broker.writer(&self.settings.transactional_id);
            match writer {
                Ok(writer) => self.writer = Some(writer),
                Err(error) => return self.give_up_writer(error).map(|()| Step::Idle),
            }
            // What the writer's predecessor left open is settled only now: begin from what is committed.
            self.rewind()?;
            return Ok(Step::Worked);
        }
        let records = self.accept(polled.records);
        if records.is_empty() || self.writer.is_none() {
            self.report_lag(&[])?;
            // Without a writer, what was polled was dropped and will be read again.
            if polled.ended && self.writer.is_some() {
                self.observer.observe(Event::Ended(Stage::Sign));
                return Ok(Step::Ended);
            }
            return Ok(Step::Idle);
        }
        self.carry(&records)?;
        self.report_lag(&records)?;
        Ok(Step::Worked)
    }

    /// Leaves the group; what was carried is committed already.
    pub fn finish(mut self) -> Result<(), PortError> {
        self.consumer.leave()
    }

    fn rebalance(&mut self, rebalance: Rebalance) {
        match rebalance {
            Rebalance::Assigned(partitions) => {
                for partition in partitions {
                    self.observer.observe(Event::Assigned(Stage::Sign, &partition));
                    self.assigned.insert(partition, None);
                }
            }
            Rebalance::Revoked(partitions) => {
                for partition in partitions {
                    self.observer.observe(Event::Revoked(Stage::Sign, &partition));
                    self.lag.forget(&partition);
                    self.assigned.remove(&partition);
                }
                // Whoever has nothing may have been away for long: whether it may still write is asked when it is given
                // something again.
                if self.assigned.is_empty() {
                    self.writer = None;
                }
            }
        }
    }

    /// Drops what is not this instance's, and what came before.
    fn accept(&mut self, records: Vec<Inbound>) -> Vec<Inbound> {
        let mut next = self.assigned.clone();
        records
            .into_iter()
            .filter(|record| match next.get_mut(&record.from) {
                Some(position) if position.is_none_or(|position| record.offset >= position) => {
                    *position = Some(record.offset + 1);
                    true
                }
                _ => false,
            })
            .collect()
    }

    fn carry(&mut self, records: &[Inbound]) -> Result<(), PortError> {
        let started = Instant::now();
        let now = self.clock.now();
        let signed = records
            .par_iter()
            .map(|record| self.settings.input.sign(record, now))
            .collect::<Result<Vec<Signed>, PortError>>()?;
        let transaction = self.transaction(records, &signed);
        let took = started.elapsed();
        self.observer.observe(Event::Worked { stage: Stage::Sign, records: records.len(), took });
        let Some(writer) = &mut self.writer else { return Ok(()) };
        let started = Instant::now();
        match writer.transact(&mut self.consumer, &transaction) {
            Ok(offsets) => {
                self.observer.observe(Event::Committed { stage: Stage::Sign, took: started.elapsed() });
                let signatures = transaction.records.iter().zip(&offsets);
                let last = signatures.rev().find(|(record, _)| record.topic == self.settings.signatures);
                self.last_signature = last.map(|(_, &offset)| offset).or(self.last_signature);
                for (partition, committed) in transaction.positions {
                    self.assigned.insert(partition, Some(committed.next));
                }
                for (record, Signed { outcome, .. }) in records.iter().zip(&signed) {
                    match outcome {
                        Outcome::Rejected(_) if self.is_ahead(record) => {}
                        Outcome::Signature { sampled: true, .. } => {
                            self.observer.observe(Event::Bound(Bound::Shingles, 1));
                        }
                        Outcome::Signature { .. } => {}
                        Outcome::Rejected(rejection) => {
                            self.observer.observe(Event::DeadLetter(rejection.reason));
                            if rejection.reason == Reason::TooLarge {
                                self.observer.observe(Event::Bound(Bound::RecordBytes, 1));
                            }
                        }
                    }
                }
                Ok(())
            }
            Err(PortError::Aborted(reason)) => {
                self.observer.observe(Event::Aborted { stage: Stage::Sign, reason: &reason });
                self.rewind()
            }
            Err(error) => {
                self.give_up_writer(error)?;
                self.rewind()
            }
        }
    }

    fn transaction(&self, records: &[Inbound], signed: &[Signed]) -> Transaction {
        let mut transaction = Transaction::default();
        let mut positions = BTreeMap::new();
        for (record, Signed { origin, outcome }) in records.iter().zip(signed) {
            let raw = origin.as_ref().unwrap_or(record);
            let ahead = self.is_ahead(record);
            match outcome {
                Outcome::Signature { bytes, .. } => {
                    let mut headers = traced(raw);
                    if ahead {
                        headers.push((WARMUP.to_owned(), None));
                    }
                    transaction.records.push(Outbound {
                        topic: self.settings.signatures.clone(),
                        partition: Some(0),
                        key: None,
                        value: Some(bytes.clone()),
                        headers,
                    });
                }
                Outcome::Rejected(_) if ahead => {}
                Outcome::Rejected(rejection) => {
                    let topic = &self.settings.dead_letters;
                    transaction.records.push(dead_letter::outbound(topic, raw, rejection, &*self.observer));
                }
            }
            positions.insert(record.from.clone(), Committed { next: record.offset + 1, note: String::new() });
        }
        transaction.positions = positions.into_iter().collect();
        transaction
    }

    /// Whether a record is read for the sake of the window only, here or already in the log that it comes from.
    fn is_ahead(&self, record: &Inbound) -> bool {
        self.settings.begins.get(&record.from).is_some_and(|&begin| record.offset < begin)
            || (matches!(self.settings.input, Input::Signatures)
                && record.headers.iter().any(|(name, _)| name == WARMUP))
    }

    /// Goes on without the writer, if that is possible.
    fn give_up_writer(&mut self, error: PortError) -> Result<(), PortError> {
        self.writer = None;
        self.reopen_at = self.clock.now().plus(REOPEN_AFTER);
        match error {
            PortError::Fenced(reason) | PortError::WriterFailed(reason) | PortError::Aborted(reason) => {
                self.observer.observe(Event::Aborted { stage: Stage::Sign, reason: &reason });
                Ok(())
            }
            PortError::Fatal(_) => Err(error),
        }
    }

    /// Reads on from what is committed. That may be more than this loop knows to have written.
    fn rewind(&mut self) -> Result<(), PortError> {
        self.last_signature = None;
        let partitions: Vec<TopicPartition> = self.assigned.keys().cloned().collect();
        let committed = self.consumer.committed(&partitions)?;
        for (partition, committed) in partitions.into_iter().zip(committed) {
            let next = match committed {
                Some(committed) => committed.next,
                None => self.broker.range(&partition)?.0,
            };
            self.consumer.seek(&partition, next)?;
            self.assigned.insert(partition, Some(next));
        }
        Ok(())
    }

    /// How far each partition is from its end, and how old what was just worked on is.
    fn report_lag(&mut self, worked: &[Inbound]) -> Result<(), PortError> {
        let now = self.clock.now();
        if !self.lag.is_due(now) {
            return Ok(());
        }
        let started = self.assigned.iter().filter_map(|(partition, next)| Some((partition, (*next)?)));
        for (partition, next) in started {
            // When the broker is away, the others are not asked either; it is looked up again soon.
            let Some(end) = self.broker.glance(partition) else { break };
            let messages = self.lag.messages(partition, next, end, now);
            let last = worked.iter().rev().find(|record| record.from == *partition);
            let behind = match last {
                Some(record) if messages > 0 => record.timestamp.min(now).distance(now),
                _ => Duration::ZERO,
            };
            self.observer.observe(Event::Lag { stage: Stage::Sign, partition, messages, behind });
            if self.lag.is_stuck(partition, now) {
                self.consumer.seek(partition, next)?;
            }
        }
        Ok(())
    }
}

impl Input {
    fn sign(&self, record: &Inbound, now: Millis) -> Result<Signed, PortError> {
        let bytes = record.value.as_deref().unwrap_or_default();
        Ok(match self {
            Self::Articles(signing) => Signed { origin: None, outcome: signing.sign(record, now) },
            Self::Placed(signing) => {
                let origin = take(bytes)?;
                let outcome = signing.sign(&origin, now);
                Signed { origin: Some(origin), outcome }
            }
            Self::Signatures => {
                read::<Signature>(record, bytes)?;
                Signed { origin: None, outcome: Outcome::Signature { bytes: bytes.to_vec(), sampled: false } }
            }
        })
    }
}

impl Signing {
    fn sign(&self, record: &Inbound, now: Millis) -> Outcome {
        let TopicPartition { topic, partition } = record.from.clone();
        let raw = RawPosition { topic, partition, offset: record.offset };
        let latest = self.latest.unwrap_or(now);
        match self.reader.read(record.key.as_deref(), record.value.as_deref()) {
            Ok(incoming) => {
                let ingested = if record.timestamp.0 < 0 { latest } else { record.timestamp.min(latest) };
                let signature: Signature = sign(incoming, raw, ingested, &self.rules);
                let sampled = signature.article().is_some_and(|article| article.shingles.rate() > 0);
                debug_assert!(
                    signature.article().is_none_or(|article| article.shingles.hashes().len() <= SHINGLES_MAX)
                );
                Outcome::Signature { bytes: signature.to_bytes(), sampled }
            }
            Err(rejection) => Outcome::Rejected(rejection),
        }
    }
}
