//! Feeds the input topic.

use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use rdkafka::ClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::DeliveryResult;
use rdkafka::producer::{BaseRecord, Producer, ProducerContext, ThreadedProducer};

use super::client::ClientSettings;
use super::closing::Closing;
use super::error::fatal;
use super::notices::notice;
use crate::pipeline::port::PortError;
use crate::record::Millis;

/// How long a full queue is given to drain before the next try.
const QUEUE_FULL_WAIT: Duration = Duration::from_millis(5);

/// How long the last records may take. Above the five minutes after which the client itself gives a record up, so
/// that its reason is heard.
const FLUSH_WITHIN: Duration = Duration::from_secs(310);

/// An idempotent producer of raw articles: in order within a partition, each once, as long as the process lives. What
/// is in flight is bounded; [`ArticleProducer::send`] waits when the bound is reached.
pub struct ArticleProducer {
    producer: Closing<ThreadedProducer<FirstFailure>>,
    settings: ClientSettings,
}

/// Keeps the first record that was not stored.
#[derive(Debug, Default)]
struct FirstFailure(Mutex<Option<KafkaError>>);

impl FirstFailure {
    fn get(&self) -> Option<KafkaError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl ClientContext for FirstFailure {
    fn error(&self, error: KafkaError, reason: &str) {
        notice(&error, reason);
    }
}

impl ProducerContext for FirstFailure {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        if let Err((error, _)) = result {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(|| error.clone());
        }
    }
}

impl ArticleProducer {
    /// Makes a producer.
    pub fn new(settings: &ClientSettings) -> Result<Self, PortError> {
        Self::by(settings, &settings.plain_producer())
    }

    /// One for a record now and then that may stand there twice. It does not have to be given an id first, which takes half a
    /// second.
    pub(super) fn repeating(settings: &ClientSettings) -> Result<Self, PortError> {
        Self::by(settings, settings.plain_producer().set("enable.idempotence", "false"))
    }

    fn by(settings: &ClientSettings, config: &ClientConfig) -> Result<Self, PortError> {
        let producer: ThreadedProducer<FirstFailure> = config
            .create_with_context(FirstFailure::default())
            .map_err(|error| fatal(settings, "making a producer", &error))?;
        Ok(Self { producer: Closing::new(producer), settings: settings.clone() })
    }

    /// Takes a record on its way, and fails with the first one before it that was refused.
    pub fn send(&self, topic: &str, key: Option<&[u8]>, value: &[u8], timestamp: Millis) -> Result<(), PortError> {
        loop {
            self.check(topic)?;
            let record =
                BaseRecord { key, payload: Some(value), timestamp: Some(timestamp.0), ..BaseRecord::to(topic) };
            match self.producer.send(record) {
                Ok(()) => return Ok(()),
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), _)) => thread::sleep(QUEUE_FULL_WAIT),
                Err((error, _)) => return Err(fatal(&self.settings, &format!("writing to {topic}"), &error)),
            }
        }
    }

    /// Waits until everything sent is stored.
    pub fn flush(&self) -> Result<(), PortError> {
        let flushed = self.producer.flush(FLUSH_WITHIN);
        self.check("the input")?;
        flushed.map_err(|error| fatal(&self.settings, "writing the last records", &error))
    }

    fn check(&self, topic: &str) -> Result<(), PortError> {
        match self.producer.context().get() {
            Some(error) => Err(fatal(&self.settings, &format!("writing to {topic}"), &error)),
            None => Ok(()),
        }
    }
}
