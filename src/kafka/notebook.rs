//! The positions of a group that has no members.

use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerGroupMetadata};

use super::client::ClientSettings;
use super::closing::Closing;
use super::consumer::committed;
use super::error::fatal;
use super::notices::Notices;
use super::writer::Positions;
use crate::pipeline::port::{Committed, PortError, TopicPartition};

/// Where a process that reads on its own keeps how far it is. What it notes goes with the transaction that writes what it read.
pub struct Notebook {
    client: Closing<BaseConsumer<Notices>>,
    settings: ClientSettings,
}

impl Notebook {
    /// Opens the positions of this group.
    pub fn open(settings: &ClientSettings, group: &str) -> Result<Self, PortError> {
        let client: BaseConsumer<Notices> = settings
            .reader(group)
            .create_with_context(Notices)
            .map_err(|error| fatal(settings, "making a client", &error))?;
        Ok(Self { client: Closing::new(client), settings: settings.clone() })
    }

    /// Lets the client say what it has to say, now and then.
    pub(super) fn serve(&self) {
        self.client.poll(Duration::ZERO);
    }

    /// What is noted of each partition, none where nothing is.
    pub fn committed(&self, partitions: &[TopicPartition]) -> Result<Vec<Option<Committed>>, PortError> {
        committed(&self.settings, &self.client, partitions)
    }
}

impl Positions for Notebook {
    fn membership(&self) -> Option<ConsumerGroupMetadata> {
        self.client.group_metadata()
    }

    fn standing(&self) -> Vec<(TopicPartition, i64)> {
        Vec::new()
    }
}
