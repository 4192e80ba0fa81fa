//! Raw articles to signatures. One transaction a batch: signatures, dead letters, and the offsets of the input.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rayon::prelude::*;

use super::clock::{Clock, REOPEN_AFTER};
use super::dead_letter;
use super::event::{Bound, Event, Observer, Stage};
use super::header::{WARMUP, trace_of};
use super::lag::LagWatch;
use super::port::{
    Broker, CommittedOffset, ConsumerRecord, GroupMembership, PollLimits, PortError, ProducerRecord, Rebalance,
    RecordSource, TopicPartition, Transaction, TransactionalWriter,
};
use super::signature_input::{Built, BuiltRecord, SignatureInput};
use crate::record::{Millis, Reason};

/// The settings of the signatures stage.
#[derive(Debug)]
pub struct SignatureStageSettings {
    /// Topic of the log.
    pub signatures: Arc<str>,
    /// Topic of the dead letters.
    pub dead_letters: Arc<str>,
    /// Names the writer of this instance: stable across its restarts, and different from every other instance's.
    pub transactional_id: String,
    /// How much one batch takes.
    pub limits: PollLimits,
    /// Records below this offset of a partition are warm-up: their signatures are marked, their rejections dropped.
    pub warmup_until: BTreeMap<TopicPartition, i64>,
}

/// The result of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// There was nothing to do.
    Idle,
    /// Something was done.
    Worked,
    /// The source has ended, and everything that it returned is committed.
    Ended,
}

/// One instance of the signatures stage.
pub struct SignatureStage<B: Broker, S> {
    broker: B,
    source: S,
    input: Box<dyn SignatureInput>,
    writer: Option<B::Writer>,
    reopen_at: Millis,
    /// The partitions of this instance, with the next offset of each once it is known.
    assigned: BTreeMap<TopicPartition, Option<i64>>,
    settings: SignatureStageSettings,
    observer: Arc<dyn Observer>,
    clock: Box<dyn Clock>,
    lag: LagWatch,
    last_signature: Option<i64>,
}

impl<B: Broker, S: RecordSource> SignatureStage<B, S>
where
    B::Writer: TransactionalWriter<S>,
{
    /// A stage that has not polled yet.
    pub fn new(
        broker: B,
        source: S,
        input: Box<dyn SignatureInput>,
        settings: SignatureStageSettings,
        observer: Arc<dyn Observer>,
        clock: Box<dyn Clock>,
    ) -> Self {
        let mut stage = Self {
            broker,
            input,
            writer: None,
            reopen_at: Millis::MIN,
            assigned: BTreeMap::new(),
            settings,
            observer,
            clock,
            lag: LagWatch::new(),
            last_signature: None,
            source,
        };
        stage.rebalance(Rebalance::Assigned(stage.source.partitions()));
        stage
    }

    /// The log offset of the last signature that this stage has written; none where that is not known.
    pub fn last_signature(&self) -> Option<i64> {
        self.last_signature
    }

    /// Polls once, and commits the batch in one transaction. An error ends the stage.
    pub fn step(&mut self) -> Result<Step, PortError> {
        let polled = self.source.poll(self.settings.limits)?;
        self.observer.observe(Event::Polled(Stage::Signatures));
        for rebalance in polled.rebalances {
            self.rebalance(rebalance);
        }
        if self.writer.is_none() && !self.assigned.is_empty() && self.clock.now() >= self.reopen_at {
            match self.broker.writer(&self.settings.transactional_id) {
                Ok(writer) => self.writer = Some(writer),
                Err(error) => return self.give_up_writer(error).map(|()| Step::Idle),
            }
            // Only now is settled what the previous writer left open: begin from what is committed.
            self.rewind()?;
            return Ok(Step::Worked);
        }
        let records = self.accept(polled.records);
        if records.is_empty() || self.writer.is_none() {
            self.report_lag(&[])?;
            // Without a writer, the polled records were dropped and will be read again.
            if polled.ended && self.writer.is_some() {
                self.observer.observe(Event::Ended(Stage::Signatures));
                return Ok(Step::Ended);
            }
            return Ok(Step::Idle);
        }
        self.process(&records)?;
        self.report_lag(&records)?;
        Ok(Step::Worked)
    }

    /// Leaves the group; every batch is committed already.
    pub fn finish(mut self) -> Result<(), PortError> {
        self.source.group().map_or(Ok(()), GroupMembership::leave)
    }

    fn rebalance(&mut self, rebalance: Rebalance) {
        match rebalance {
            Rebalance::Assigned(partitions) => {
                for partition in partitions {
                    self.observer.observe(Event::Assigned(Stage::Signatures, &partition));
                    self.assigned.insert(partition, None);
                }
            }
            Rebalance::Revoked(partitions) => {
                for partition in partitions {
                    self.observer.observe(Event::Revoked(Stage::Signatures, &partition));
                    self.lag.forget(&partition);
                    self.assigned.remove(&partition);
                }
                // An instance without partitions may have been away for long. Whether it may still write is checked when
                // it opens a writer for its next partitions.
                if self.assigned.is_empty() {
                    self.writer = None;
                }
            }
        }
    }

    /// Drops records of partitions that are not this instance's, and those that were processed before.
    fn accept(&mut self, records: Vec<ConsumerRecord>) -> Vec<ConsumerRecord> {
        let mut next = self.assigned.clone();
        records
            .into_iter()
            .filter(|record| match next.get_mut(&record.from) {
                Some(offset) if offset.is_none_or(|offset| record.offset >= offset) => {
                    *offset = Some(record.offset + 1);
                    true
                }
                _ => false,
            })
            .collect()
    }

    fn process(&mut self, records: &[ConsumerRecord]) -> Result<(), PortError> {
        let started = Instant::now();
        let now = self.clock.now();
        let built = records
            .par_iter()
            .map(|record| self.input.read(record, now))
            .collect::<Result<Vec<BuiltRecord>, PortError>>()?;
        let transaction = self.transaction(records, &built);
        let took = started.elapsed();
        self.observer.observe(Event::Worked { stage: Stage::Signatures, records: records.len(), took });
        let Some(writer) = &mut self.writer else { return Ok(()) };
        let started = Instant::now();
        match writer.transact(&mut self.source, &transaction) {
            Ok(offsets) => {
                self.observer.observe(Event::Committed { stage: Stage::Signatures, took: started.elapsed() });
                self.committed(&offsets, transaction);
                for (record, built) in records.iter().zip(&built) {
                    self.report(record, built);
                }
                Ok(())
            }
            Err(PortError::Aborted(reason)) => {
                self.observer.observe(Event::Aborted { stage: Stage::Signatures, reason: &reason });
                self.rewind()
            }
            Err(error) => {
                self.give_up_writer(error)?;
                self.rewind()
            }
        }
    }

    fn transaction(&self, records: &[ConsumerRecord], built: &[BuiltRecord]) -> Transaction {
        let mut transaction = Transaction::default();
        let mut offsets = BTreeMap::new();
        for (record, built) in records.iter().zip(built) {
            let raw = built.raw.as_ref().unwrap_or(record);
            let is_warmup = self.is_warmup(record, built);
            match &built.built {
                Built::Signature { bytes, .. } => {
                    let mut headers = trace_of(raw);
                    if is_warmup {
                        headers.push((WARMUP.to_owned(), None));
                    }
                    transaction.records.push(ProducerRecord {
                        topic: self.settings.signatures.clone(),
                        partition: Some(0),
                        key: None,
                        value: Some(bytes.clone()),
                        headers,
                    });
                }
                Built::Rejected(_) if is_warmup => {}
                Built::Rejected(rejection) => {
                    let topic = &self.settings.dead_letters;
                    transaction.records.push(dead_letter::producer_record(topic, raw, rejection, &*self.observer));
                }
            }
            offsets.insert(record.from.clone(), CommittedOffset::from(record.offset + 1));
        }
        transaction.offsets = offsets.into_iter().collect();
        transaction
    }

    fn is_warmup(&self, record: &ConsumerRecord, built: &BuiltRecord) -> bool {
        built.is_warmup || self.settings.warmup_until.get(&record.from).is_some_and(|&until| record.offset < until)
    }

    fn committed(&mut self, offsets: &[i64], transaction: Transaction) {
        let mut written = transaction.records.iter().zip(offsets).rev();
        let last = written.find(|(record, _)| record.topic == self.settings.signatures);
        self.last_signature = last.map(|(_, &offset)| offset).or(self.last_signature);
        for (partition, committed) in transaction.offsets {
            self.assigned.insert(partition, Some(committed.next));
        }
    }

    fn report(&self, record: &ConsumerRecord, built: &BuiltRecord) {
        match &built.built {
            _ if self.is_warmup(record, built) => {}
            Built::Signature { is_sampled, gaps, .. } => {
                if *is_sampled {
                    self.observer.observe(Event::Bound(Bound::Shingles, 1));
                }
                gaps.missing.iter().for_each(|field| self.observer.observe(Event::FieldMissing(field)));
                gaps.unread.iter().for_each(|field| self.observer.observe(Event::FieldUnread(field)));
            }
            Built::Rejected(rejection) => {
                self.observer.observe(Event::DeadLetter(rejection.reason));
                if rejection.reason == Reason::TooLarge {
                    self.observer.observe(Event::Bound(Bound::RecordBytes, 1));
                }
            }
        }
    }

    /// Goes on without the writer, where that is possible.
    fn give_up_writer(&mut self, error: PortError) -> Result<(), PortError> {
        self.writer = None;
        self.reopen_at = self.clock.now().plus(REOPEN_AFTER);
        match error {
            PortError::Fenced(reason) | PortError::WriterFailed(reason) | PortError::Aborted(reason) => {
                self.observer.observe(Event::Aborted { stage: Stage::Signatures, reason: &reason });
                Ok(())
            }
            PortError::Fatal(_) | PortError::Refused(_) => Err(error),
        }
    }

    /// Continues at the committed offsets. More may be committed than this stage knows to have written.
    fn rewind(&mut self) -> Result<(), PortError> {
        self.last_signature = None;
        let partitions: Vec<TopicPartition> = self.assigned.keys().cloned().collect();
        let committed = self.broker.committed(&partitions)?;
        for (partition, committed) in partitions.into_iter().zip(committed) {
            let next = match (committed, self.source.bounds(&partition)) {
                (Some(committed), _) => committed.next,
                (None, Some((begin, _))) => begin,
                (None, None) => self.broker.range(&partition)?.0,
            };
            self.source.seek(&partition, next)?;
            self.assigned.insert(partition, Some(next));
        }
        Ok(())
    }

    /// Reports how far each partition is from its end, and how old the last processed record is.
    fn report_lag(&mut self, processed: &[ConsumerRecord]) -> Result<(), PortError> {
        let now = self.clock.now();
        if !self.lag.is_due(now) {
            return Ok(());
        }
        let started = self.assigned.iter().filter_map(|(partition, next)| Some((partition, (*next)?)));
        for (partition, next) in started {
            let bounds = self.source.bounds(partition);
            // While the broker is away, the other partitions are not looked up either; this is repeated soon.
            let Some(end) = bounds.map(|(_, end)| end).or_else(|| self.broker.try_end_offset(partition)) else { break };
            let messages = self.lag.messages(partition, next, end, now);
            let last = processed.iter().rev().find(|record| record.from == *partition);
            let behind = match last {
                Some(record) if messages > 0 => record.timestamp.min(now).distance(now),
                _ => Duration::ZERO,
            };
            self.observer.observe(Event::Lag { stage: Stage::Signatures, partition, messages, behind });
            if self.lag.is_stuck(partition, now) {
                self.source.seek(partition, next)?;
            }
        }
        Ok(())
    }
}
