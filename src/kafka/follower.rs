//! Follows a topic.

use std::sync::Arc;
use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use super::admin::partitions;
use super::client::ClientSettings;
use super::close::CloseWithTimeout;
use super::error::{fatal, patiently};
use super::log_context::LogContext;
use super::message;
use crate::stream::port::{ConsumerRecord, PortError};

/// Where a follower starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartAt {
    /// With the oldest record kept.
    Beginning,
    /// With what comes from now on.
    End,
}

/// Reads all partitions of a topic as records are committed. It joins no group and commits nothing.
pub struct Follower {
    client: CloseWithTimeout<BaseConsumer<LogContext>>,
    topic: Arc<str>,
}

impl Follower {
    /// Follows `topic`.
    pub fn open(settings: &ClientSettings, topic: &str, start: StartAt) -> Result<Self, PortError> {
        let what = format!("following {topic}");
        let client: BaseConsumer<LogContext> = settings
            .reader(&settings.client_id)
            .create_with_context(LogContext)
            .map_err(|error| fatal(settings, &what, &error))?;
        let count = patiently(settings, &what, || partitions(&client, topic))?
            .ok_or_else(|| PortError::Fatal(format!("{what}: there is no such topic; run: wirefold topics create")))?;
        let offset = match start {
            StartAt::Beginning => Offset::Beginning,
            StartAt::End => Offset::End,
        };
        let all: TopicPartitionList = (0..count).map(|partition| (topic.to_owned(), partition, offset)).collect();
        client.assign(&all).map_err(|error| fatal(settings, &what, &error))?;
        Ok(Self { client: CloseWithTimeout::new(client), topic: topic.into() })
    }

    /// The next record; none when none came within `wait`.
    pub fn next(&mut self, wait: Duration) -> Result<Option<ConsumerRecord>, PortError> {
        match self.client.poll(wait) {
            Some(Ok(record)) => Ok(Some(message::consumer_record(&record, &self.topic))),
            Some(Err(KafkaError::MessageConsumptionFatal(code))) => {
                Err(PortError::Fatal(format!("following {}: {code}", self.topic)))
            }
            // The end of a partition for now, or an error of a connection that the client restores.
            Some(Err(_)) | None => Ok(None),
        }
    }
}
