//! Follows a topic.

use std::sync::Arc;
use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use super::admin::partitions;
use super::client::ClientSettings;
use super::closing::Closing;
use super::error::{fatal, patiently};
use super::message;
use super::notices::Notices;
use crate::pipeline::port::{Inbound, PortError};

/// Where a follower begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartAt {
    /// With the oldest record kept.
    Beginning,
    /// With what comes from now on.
    End,
}

/// Reads all partitions of a topic as they are committed to. A spectator: it joins no group and leaves no trace.
pub struct Follower {
    client: Closing<BaseConsumer<Notices>>,
    topic: Arc<str>,
}

impl Follower {
    /// Follows `topic`.
    pub fn open(settings: &ClientSettings, topic: &str, start: StartAt) -> Result<Self, PortError> {
        let what = format!("following {topic}");
        let client: BaseConsumer<Notices> = settings
            .reader(&settings.client_id)
            .create_with_context(Notices)
            .map_err(|error| fatal(settings, &what, &error))?;
        let count = patiently(settings, &what, || partitions(&client, topic))?
            .ok_or_else(|| PortError::Fatal(format!("{what}: there is no such topic; run: wirefold topics create")))?;
        let offset = match start {
            StartAt::Beginning => Offset::Beginning,
            StartAt::End => Offset::End,
        };
        let all: TopicPartitionList = (0..count).map(|partition| (topic.to_owned(), partition, offset)).collect();
        client.assign(&all).map_err(|error| fatal(settings, &what, &error))?;
        Ok(Self { client: Closing::new(client), topic: topic.into() })
    }

    /// The next record, none when there was none within `wait`.
    pub fn next(&mut self, wait: Duration) -> Result<Option<Inbound>, PortError> {
        match self.client.poll(wait) {
            Some(Ok(record)) => Ok(Some(message::inbound(&record, &self.topic))),
            Some(Err(KafkaError::MessageConsumptionFatal(code))) => {
                Err(PortError::Fatal(format!("following {}: {code}", self.topic)))
            }
            // The end of a partition for now, or a transport error that the client deals with.
            Some(Err(_)) | None => Ok(None),
        }
    }
}
