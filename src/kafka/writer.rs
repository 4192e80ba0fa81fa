//! Transactions.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use rdkafka::consumer::ConsumerGroupMetadata;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseRecord, Producer, ThreadedProducer};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use super::client::ClientSettings;
use super::closing::Closing;
use super::delivery::{Deliveries, Failed, Postman, Waited};
use super::error::{fatal, is_fencing, is_refusal};
use super::message;
use crate::pipeline::failpoint;
use crate::pipeline::observe::Stage;
use crate::pipeline::port::{Outbound, PortError, TopicPartition, Transaction, Writer};

/// How long each phase of a transaction may take. Above the coordinator's own time-out of ten seconds, after which the
/// phase fails by itself; far below a minute, because these calls can hang and the group waits meanwhile.
const PHASE_WITHIN: Duration = Duration::from_secs(20);

/// How long one call of a phase may block before the clock is looked at again.
const CALL_WITHIN: Duration = Duration::from_secs(5);

/// Between two tries of a call that says it can be repeated.
const RETRY_AFTER: Duration = Duration::from_millis(20);

/// How long a full queue is given to drain before the next try.
const QUEUE_FULL_WAIT: Duration = Duration::from_millis(5);

/// A [`Writer`] with a transactional id.
pub struct KafkaWriter {
    producer: Closing<ThreadedProducer<Postman>>,
    stage: Stage,
    id: String,
}

/// A consumer whose positions travel in transactions.
pub trait Positions {
    /// What positions are committed in the name of; none when that is no longer this consumer's to do.
    fn membership(&self) -> Option<ConsumerGroupMetadata>;
    /// Positions that go with every transaction, unless it has others for these partitions.
    fn standing(&self) -> Vec<(TopicPartition, i64)>;
}

/// Why a transaction did not go through, by what is left to do.
enum Failure {
    /// Roll back and begin again.
    RollBack(String),
    /// Roll back; beginning again would end the same way.
    Refused(String),
    /// The writer is of no use any more; its successor rolls back.
    GiveUp(PortError),
}

impl KafkaWriter {
    /// Opens the writer: aborts what the predecessor of this id left open, and fences it.
    pub(super) fn open(settings: &ClientSettings, stage: Stage, id: &str) -> Result<Self, PortError> {
        let what = format!("opening the writer {id}");
        let producer: ThreadedProducer<Postman> = settings
            .transactional_producer(id)
            .create_with_context(Postman)
            .map_err(|error| fatal(settings, &what, &error))?;
        let writer = Self { producer: Closing::new(producer), stage, id: id.to_owned() };
        // A producer without a connection looks for its coordinator again after half a second: it gets one first.
        writer.producer.client().fetch_cluster_id(CALL_WITHIN);
        repeat(|wait| writer.producer.init_transactions(wait)).map_err(|error| {
            if error.rdkafka_error_code().is_some_and(is_refusal) {
                fatal(settings, &what, &error)
            } else {
                writer.broken(&error)
            }
        })?;
        Ok(writer)
    }

    fn fill(
        &self,
        consumer: &impl Positions,
        transaction: &Transaction,
        deliveries: &Arc<Deliveries>,
    ) -> Result<Vec<i64>, Failure> {
        let deadline = Instant::now() + PHASE_WITHIN;
        for (index, record) in transaction.records.iter().enumerate() {
            self.send(record, deliveries, index, deadline)?;
            if index == 0 {
                failpoint::hit(self.stage, "after_first_record");
            }
        }
        let offsets = match deliveries.wait(transaction.records.len(), deadline) {
            Waited::Delivered(offsets) => offsets,
            Waited::Failed(failed) => return Err(self.undelivered(failed, &transaction.records)),
            Waited::TimedOut => {
                return Err(Failure::GiveUp(self.failed("its records were not acknowledged in time")));
            }
        };
        // A record that the broker had already, from a try whose answer was lost, may come without its offset.
        if offsets.iter().any(|offset| *offset < 0) {
            return Err(Failure::RollBack("a record was acknowledged without an offset".to_owned()));
        }
        failpoint::hit(self.stage, "after_records");
        self.send_positions(consumer, transaction)?;
        failpoint::hit(self.stage, "after_positions");
        Ok(offsets)
    }

    fn send(
        &self,
        record: &Outbound,
        deliveries: &Arc<Deliveries>,
        index: usize,
        deadline: Instant,
    ) -> Result<(), Failure> {
        loop {
            let message = BaseRecord {
                topic: &record.topic,
                partition: record.partition,
                payload: record.value.as_deref(),
                key: record.key.as_deref(),
                timestamp: None,
                headers: (!record.headers.is_empty()).then(|| message::outbound_headers(&record.headers)),
                delivery_opaque: Box::new(deliveries.receipt(index)),
            };
            let Err((error, _)) = self.producer.send(message) else { return Ok(()) };
            match error.rdkafka_error_code() {
                Some(RDKafkaErrorCode::QueueFull) if Instant::now() < deadline => thread::sleep(QUEUE_FULL_WAIT),
                Some(code) => return Err(self.undelivered(Failed { index, code }, std::slice::from_ref(record))),
                None => return Err(Failure::Refused(format!("a record for {}: {error}", record.topic))),
            }
        }
    }

    fn send_positions(&self, consumer: &impl Positions, transaction: &Transaction) -> Result<(), Failure> {
        if transaction.positions.is_empty() {
            return Ok(());
        }
        let Some(membership) = consumer.membership() else {
            return Err(Failure::RollBack("the group has moved on without this member".to_owned()));
        };
        let mut positions = TopicPartitionList::with_capacity(transaction.positions.len());
        let is_new = |at: &TopicPartition| transaction.positions.iter().all(|(partition, _)| partition != at);
        for (partition, next) in consumer.standing().into_iter().filter(|(partition, _)| is_new(partition)) {
            positions
                .add_partition_offset(&partition.topic, partition.partition, Offset::Offset(next))
                .map_err(|error| Failure::Refused(format!("the position {next}: {error}")))?;
        }
        for (partition, committed) in &transaction.positions {
            let mut element = positions.add_partition(&partition.topic, partition.partition);
            element.set_metadata(&committed.note);
            element
                .set_offset(Offset::Offset(committed.next))
                .map_err(|error| Failure::Refused(format!("the position {}: {error}", committed.next)))?;
        }
        repeat(|wait| self.producer.send_offsets_to_transaction(&positions, &membership, wait))
            .map_err(|error| self.judge(&error))
    }

    /// What a failed call leaves to do.
    fn judge(&self, error: &KafkaError) -> Failure {
        match error {
            KafkaError::Transaction(cause) if cause.txn_requires_abort() && !cause.is_fatal() => {
                Failure::RollBack(error.to_string())
            }
            _ => Failure::GiveUp(self.broken(error)),
        }
    }

    /// What a record that was not stored leaves to do.
    fn undelivered(&self, failed: Failed, records: &[Outbound]) -> Failure {
        let error = KafkaError::MessageProduction(failed.code);
        if self.producer.client().fatal_error().is_some() {
            return Failure::GiveUp(self.broken(&error));
        }
        let record = records.get(failed.index).or(records.first());
        let what = record.map_or_else(String::new, |record| {
            let bytes = record.value.as_ref().map_or(0, Vec::len);
            format!("a record of {bytes} bytes for {}: ", record.topic)
        });
        if is_refusal(failed.code) {
            Failure::Refused(format!("{what}{error}"))
        } else {
            Failure::RollBack(format!("{what}{error}"))
        }
    }

    /// The error of a writer that is of no use any more.
    fn broken(&self, error: &KafkaError) -> PortError {
        let fatal = self.producer.client().fatal_error();
        let code = fatal.as_ref().map(|(code, _)| *code).or_else(|| error.rdkafka_error_code());
        let reason = fatal.map_or_else(|| error.to_string(), |(_, reason)| reason);
        if code.is_some_and(is_fencing) {
            PortError::Fenced(format!("{}: {reason}", self.id))
        } else {
            self.failed(&reason)
        }
    }

    fn failed(&self, reason: &str) -> PortError {
        PortError::WriterFailed(format!("{}: {reason}", self.id))
    }

    /// Rolls back where that can be done, and says what the caller gets to know.
    fn settle(&self, failure: Failure, deliveries: &Deliveries, sent: bool) -> PortError {
        let (reason, again) = match failure {
            Failure::GiveUp(error) => return error,
            Failure::RollBack(reason) => (reason, true),
            Failure::Refused(reason) => (reason, false),
        };
        // An abort that overtakes the transaction's first record finds nothing to abort at the coordinator, and breaks
        // the producer (librdkafka#4849).
        if sent && deliveries.reported() == 0 {
            deliveries.wait(1, Instant::now() + CALL_WITHIN);
        }
        match repeat(|wait| self.producer.abort_transaction(wait)) {
            Ok(()) if again => PortError::Aborted(reason),
            Ok(()) => PortError::Fatal(reason),
            Err(error) => self.broken(&error),
        }
    }
}

impl<C: Positions> Writer<C> for KafkaWriter {
    fn transact(&mut self, consumer: &mut C, transaction: &Transaction) -> Result<Vec<i64>, PortError> {
        if transaction.records.is_empty() && transaction.positions.is_empty() {
            return Ok(Vec::new());
        }
        self.producer.begin_transaction().map_err(|error| self.broken(&error))?;
        failpoint::hit(self.stage, "after_begin");
        let deliveries = Deliveries::of(transaction.records.len());
        let done = self.fill(consumer, transaction, &deliveries).and_then(|offsets| {
            repeat(|wait| self.producer.commit_transaction(wait)).map_err(|error| self.judge(&error))?;
            failpoint::hit(self.stage, "after_commit");
            Ok(offsets)
        });
        done.map_err(|failure| self.settle(failure, &deliveries, !transaction.records.is_empty()))
    }
}

/// Makes a transaction call until it succeeds or fails for good. One that runs out of time goes on in the background
/// and is resumed by the next try; out of tries, its outcome is unknown.
fn repeat(mut call: impl FnMut(Duration) -> Result<(), KafkaError>) -> Result<(), KafkaError> {
    let deadline = Instant::now() + PHASE_WITHIN;
    loop {
        match call(CALL_WITHIN) {
            Err(KafkaError::Transaction(error)) if error.is_retriable() && Instant::now() < deadline => {
                thread::sleep(RETRY_AFTER);
            }
            result => return result,
        }
    }
}
