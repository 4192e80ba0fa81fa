//! Writes records without transactions.

use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use rdkafka::ClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{DeliveryResult, Message};
use rdkafka::producer::{BaseRecord, Producer, ProducerContext, ThreadedProducer};

use super::client::ClientSettings;
use super::close::CloseWithTimeout;
use super::error::{QUEUE_FULL_WAIT, fatal};
use super::log_context::log_error;
use crate::record::Millis;
use crate::stream::port::PortError;

/// How long the last records may take. Above the five minutes after which the client itself gives a record up, so that
/// its reason is reported.
const FLUSH_WITHIN: Duration = Duration::from_secs(310);

/// A producer without transactions: records are written in order within a partition, each once, as long as the process
/// lives. The number of records in flight is bounded; [`RecordProducer::send`] waits when the bound is reached.
pub struct RecordProducer {
    producer: CloseWithTimeout<ThreadedProducer<FirstFailure>>,
    settings: ClientSettings,
}

/// Keeps the error of the first record that was not stored, with the topic of the record.
#[derive(Debug, Default)]
struct FirstFailure(Mutex<Option<(String, KafkaError)>>);

impl FirstFailure {
    fn get(&self) -> Option<(String, KafkaError)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl ClientContext for FirstFailure {
    fn error(&self, error: KafkaError, reason: &str) {
        log_error(&error, reason);
    }
}

impl ProducerContext for FirstFailure {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        if let Err((error, record)) = result {
            let mut first = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            first.get_or_insert_with(|| (record.topic().to_owned(), error.clone()));
        }
    }
}

impl RecordProducer {
    /// An idempotent producer.
    pub fn new(settings: &ClientSettings) -> Result<Self, PortError> {
        Self::by(settings, &settings.plain_producer())
    }

    /// A producer of single records that may be written twice. It does not wait half a second for a producer id first.
    pub fn not_idempotent(settings: &ClientSettings) -> Result<Self, PortError> {
        Self::by(settings, settings.plain_producer().set("enable.idempotence", "false"))
    }

    fn by(settings: &ClientSettings, config: &ClientConfig) -> Result<Self, PortError> {
        let producer: ThreadedProducer<FirstFailure> = config
            .create_with_context(FirstFailure::default())
            .map_err(|error| fatal(settings, "making a producer", &error))?;
        Ok(Self { producer: CloseWithTimeout::new(producer), settings: settings.clone() })
    }

    /// Sends a record, and fails with the first earlier one that was not stored.
    pub fn send(&self, topic: &str, key: Option<&[u8]>, value: &[u8], timestamp: Millis) -> Result<(), PortError> {
        loop {
            self.check()?;
            let record =
                BaseRecord { key, payload: Some(value), timestamp: Some(timestamp.0), ..BaseRecord::to(topic) };
            match self.producer.send(record) {
                Ok(()) => return Ok(()),
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), _)) => thread::sleep(QUEUE_FULL_WAIT),
                Err((error, _)) => return Err(self.failed(topic, &error)),
            }
        }
    }

    /// Waits until every record that was sent is stored.
    pub fn flush(&self) -> Result<(), PortError> {
        let flushed = self.producer.flush(FLUSH_WITHIN);
        self.check()?;
        flushed.map_err(|error| fatal(&self.settings, "waiting for the last records to be stored", &error))
    }

    fn check(&self) -> Result<(), PortError> {
        match self.producer.context().get() {
            Some((topic, error)) => Err(self.failed(&topic, &error)),
            None => Ok(()),
        }
    }

    fn failed(&self, topic: &str, error: &KafkaError) -> PortError {
        fatal(&self.settings, &format!("writing to {topic}"), error)
    }
}
