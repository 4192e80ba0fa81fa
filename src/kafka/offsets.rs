//! The offsets of a group, without being a member of it.

use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerGroupMetadata};
use rdkafka::topic_partition_list::{Offset, TopicPartitionListElem};

use super::client::ClientSettings;
use super::close::CloseWithTimeout;
use super::error::{REQUEST_WITHIN, fatal, patiently};
use super::log_context::LogContext;
use super::message;
use crate::stream::port::{CommittedOffset, PortError, TopicPartition};

/// Events of a client that does not consume are logged by its calls: far more than come between two of them.
const EVENTS_PER_CALL: usize = 32;

/// A client that names a group and does not join it. It reads the committed offsets of the group, and lends its name to
/// transactions that commit offsets of a group without members.
pub struct StandaloneOffsets {
    client: CloseWithTimeout<BaseConsumer<LogContext>>,
    settings: ClientSettings,
}

impl StandaloneOffsets {
    /// Makes the client; nothing is connected yet.
    pub fn new(settings: &ClientSettings, group: &str) -> Result<Self, PortError> {
        let client: BaseConsumer<LogContext> = settings
            .reader(group)
            .create_with_context(LogContext)
            .map_err(|error| fatal(settings, "making a client", &error))?;
        Ok(Self { client: CloseWithTimeout::new(client), settings: settings.clone() })
    }

    /// The committed offset of each partition; none where nothing was committed.
    pub fn committed(&self, partitions: &[TopicPartition]) -> Result<Vec<Option<CommittedOffset>>, PortError> {
        self.serve();
        let found = patiently(&self.settings, "reading the committed offsets of a group", || {
            let found = self.client.committed_offsets(message::list(partitions), REQUEST_WITHIN)?;
            found.elements().iter().try_for_each(TopicPartitionListElem::error)?;
            Ok(found)
        })?;
        let offset = |partition: &TopicPartition| {
            let element = found.find_partition(&partition.topic, partition.partition)?;
            match element.offset() {
                Offset::Offset(next) => Some(CommittedOffset { next, metadata: element.metadata().to_owned() }),
                _ => None,
            }
        };
        Ok(partitions.iter().map(offset).collect())
    }

    /// The client, for questions about partitions.
    pub(super) fn client(&self) -> &BaseConsumer<LogContext> {
        self.serve();
        &self.client
    }

    /// The metadata of the group, as a transaction needs it.
    pub(super) fn group_metadata(&self) -> Option<ConsumerGroupMetadata> {
        self.serve();
        self.client.group_metadata()
    }

    /// Logs what the client reports of its connections: nothing else polls it.
    fn serve(&self) {
        for _ in 0..EVENTS_PER_CALL {
            if self.client.poll(Duration::ZERO).is_none() {
                break;
            }
        }
    }
}
