//! Transactions.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use rdkafka::consumer::ConsumerGroupMetadata;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseRecord, Producer, ThreadedProducer};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use super::client::ClientSettings;
use super::close::CloseWithTimeout;
use super::delivery::{Deliveries, DeliveryCallback, Failed, Waited};
use super::error::{QUEUE_FULL_WAIT, fatal, is_fencing, is_refusal};
use super::message;
use super::offsets::StandaloneOffsets;
use crate::stream::failpoint;
use crate::stream::port::{
    CommittedOffset, PortError, ProducerRecord, TopicPartition, Transaction, TransactionalWriter,
};

/// How long each phase of a transaction may take. Above the coordinator's own time-out of ten seconds, after which the
/// phase fails by itself; far below a minute, because these calls can hang and the group waits meanwhile.
const PHASE_WITHIN: Duration = Duration::from_secs(20);

/// How long one call of a phase may block before the deadline is checked again.
const CALL_WITHIN: Duration = Duration::from_secs(5);

/// The pause before a call that failed with a retriable error is repeated.
const REPEAT_AFTER: Duration = Duration::from_millis(20);

/// A [`TransactionalWriter`] on a producer with a transactional id.
pub struct KafkaWriter {
    producer: CloseWithTimeout<ThreadedProducer<DeliveryCallback>>,
    id: String,
    standalone: Arc<StandaloneOffsets>,
}

/// As whom a transaction commits the offsets of a source.
pub enum CommitAs {
    /// As this member of a group.
    Member(ConsumerGroupMetadata),
    /// As nobody: the group has no members.
    Standalone,
    /// Not at all: the group may have assigned the partitions to another member.
    Lost,
}

/// A record source whose offsets Kafka keeps.
pub trait CommitsOffsets {
    /// As whom offsets are committed.
    fn commit_as(&self) -> CommitAs {
        CommitAs::Standalone
    }

    /// Offsets that are committed with every transaction, unless it has others for these partitions.
    fn held_offsets(&self) -> Vec<(TopicPartition, i64)> {
        Vec::new()
    }
}

/// A writer of records that were not polled.
impl CommitsOffsets for () {}

/// Why a transaction failed, by what is left to do.
enum TransactionFailure {
    /// Roll back and begin again.
    RollBack(String),
    /// Roll back; beginning again would end the same way.
    Refused(String),
    /// The writer cannot be used any more; the next one rolls back.
    GiveUp(PortError),
}

impl KafkaWriter {
    /// Opens the writer: aborts what the previous writer of this id left open, and fences it. `standalone` names the group
    /// of sources that are no member of one.
    pub(super) fn open(
        settings: &ClientSettings,
        id: &str,
        standalone: Arc<StandaloneOffsets>,
    ) -> Result<Self, PortError> {
        let what = format!("opening the writer {id}");
        let producer: ThreadedProducer<DeliveryCallback> = settings
            .transactional_producer(id)
            .create_with_context(DeliveryCallback)
            .map_err(|error| fatal(settings, &what, &error))?;
        let writer = Self { producer: CloseWithTimeout::new(producer), id: id.to_owned(), standalone };
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
        source: &impl CommitsOffsets,
        transaction: &Transaction,
        deliveries: &Arc<Deliveries>,
    ) -> Result<Vec<i64>, TransactionFailure> {
        let deadline = Instant::now() + PHASE_WITHIN;
        for (index, record) in transaction.records.iter().enumerate() {
            self.send(record, deliveries, index, deadline)?;
            if index == 0 {
                failpoint::hit("after_first_record");
            }
        }
        let offsets = match deliveries.wait(transaction.records.len(), deadline) {
            Waited::Delivered(offsets) => offsets,
            Waited::Failed(failed) => return Err(self.undelivered(failed, &transaction.records)),
            Waited::TimedOut => {
                return Err(TransactionFailure::GiveUp(self.failed("its records were not acknowledged in time")));
            }
        };
        // A record that the broker had already, from a try whose answer was lost, may come without its offset.
        if offsets.iter().any(|offset| *offset < 0) {
            return Err(TransactionFailure::RollBack("a record was acknowledged without an offset".to_owned()));
        }
        failpoint::hit("after_records");
        self.send_offsets(source, transaction)?;
        failpoint::hit("after_offsets");
        Ok(offsets)
    }

    fn send(
        &self,
        record: &ProducerRecord,
        deliveries: &Arc<Deliveries>,
        index: usize,
        deadline: Instant,
    ) -> Result<(), TransactionFailure> {
        loop {
            let message = BaseRecord {
                topic: &record.topic,
                partition: record.partition,
                payload: record.value.as_deref(),
                key: record.key.as_deref(),
                timestamp: None,
                headers: (!record.headers.is_empty()).then(|| message::owned_headers(&record.headers)),
                delivery_opaque: Box::new(deliveries.handle(index)),
            };
            let Err((error, _)) = self.producer.send(message) else { return Ok(()) };
            match error.rdkafka_error_code() {
                Some(RDKafkaErrorCode::QueueFull) if Instant::now() < deadline => thread::sleep(QUEUE_FULL_WAIT),
                Some(code) => return Err(self.undelivered(Failed { index, code }, std::slice::from_ref(record))),
                None => return Err(TransactionFailure::Refused(format!("a record for {}: {error}", record.topic))),
            }
        }
    }

    fn send_offsets(&self, source: &impl CommitsOffsets, transaction: &Transaction) -> Result<(), TransactionFailure> {
        if transaction.offsets.is_empty() {
            return Ok(());
        }
        let group = match source.commit_as() {
            CommitAs::Member(group) => Some(group),
            CommitAs::Standalone => self.standalone.group_metadata(),
            CommitAs::Lost => None,
        };
        let Some(group) = group else {
            return Err(TransactionFailure::RollBack("the group has moved on without this member".to_owned()));
        };
        let is_held = |at: &TopicPartition| transaction.offsets.iter().all(|(partition, _)| partition != at);
        let held = source.held_offsets().into_iter().filter(|(partition, _)| is_held(partition));
        let held = held.map(|(partition, next)| (partition, CommittedOffset::from(next)));
        let mut list = TopicPartitionList::with_capacity(transaction.offsets.len());
        for (partition, CommittedOffset { next, metadata }) in held.chain(transaction.offsets.iter().cloned()) {
            let mut element = list.add_partition(&partition.topic, partition.partition);
            element.set_metadata(&metadata);
            element
                .set_offset(Offset::Offset(next))
                .map_err(|error| TransactionFailure::Refused(format!("the offset {next}: {error}")))?;
        }
        repeat(|wait| self.producer.send_offsets_to_transaction(&list, &group, wait))
            .map_err(|error| self.classify(&error))
    }

    /// Classifies a failed call by what is left to do.
    fn classify(&self, error: &KafkaError) -> TransactionFailure {
        match error {
            KafkaError::Transaction(cause) if cause.txn_requires_abort() && !cause.is_fatal() => {
                TransactionFailure::RollBack(error.to_string())
            }
            _ => TransactionFailure::GiveUp(self.broken(error)),
        }
    }

    /// Classifies a record that was not stored by what is left to do.
    fn undelivered(&self, failed: Failed, records: &[ProducerRecord]) -> TransactionFailure {
        let error = KafkaError::MessageProduction(failed.code);
        if self.producer.client().fatal_error().is_some() {
            return TransactionFailure::GiveUp(self.broken(&error));
        }
        let record = records.get(failed.index).or(records.first());
        let what = record.map_or_else(String::new, |record| {
            let bytes = record.value.as_ref().map_or(0, Vec::len);
            format!("a record of {bytes} bytes for {}: ", record.topic)
        });
        if is_refusal(failed.code) {
            TransactionFailure::Refused(format!("{what}{error}"))
        } else {
            TransactionFailure::RollBack(format!("{what}{error}"))
        }
    }

    /// The error of a writer that cannot be used any more.
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

    /// Rolls back where that is possible, and returns the error for the caller.
    fn settle(&self, failure: TransactionFailure, deliveries: &Deliveries, sent: bool) -> PortError {
        let (reason, again) = match failure {
            TransactionFailure::GiveUp(error) => return error,
            TransactionFailure::RollBack(reason) => (reason, true),
            TransactionFailure::Refused(reason) => (reason, false),
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

impl<S: CommitsOffsets> TransactionalWriter<S> for KafkaWriter {
    fn transact(&mut self, source: &mut S, transaction: &Transaction) -> Result<Vec<i64>, PortError> {
        if transaction.records.is_empty() && transaction.offsets.is_empty() {
            return Ok(Vec::new());
        }
        self.producer.begin_transaction().map_err(|error| self.broken(&error))?;
        failpoint::hit("after_begin");
        let deliveries = Deliveries::of(transaction.records.len());
        let done = self.fill(source, transaction, &deliveries).and_then(|offsets| {
            repeat(|wait| self.producer.commit_transaction(wait)).map_err(|error| self.classify(&error))?;
            failpoint::hit("after_commit");
            Ok(offsets)
        });
        done.map_err(|failure| self.settle(failure, &deliveries, !transaction.records.is_empty()))
    }
}

/// Repeats a transaction call until it succeeds or fails for good. A call that times out continues in the background and
/// is resumed by the next one; after the last one its outcome is unknown.
fn repeat(mut call: impl FnMut(Duration) -> Result<(), KafkaError>) -> Result<(), KafkaError> {
    let deadline = Instant::now() + PHASE_WITHIN;
    loop {
        match call(CALL_WITHIN) {
            Err(KafkaError::Transaction(error)) if error.is_retriable() && Instant::now() < deadline => {
                thread::sleep(REPEAT_AFTER);
            }
            result => return result,
        }
    }
}
