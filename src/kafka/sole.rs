//! The only reader of a partition.

use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerGroupMetadata};
use rdkafka::message::Message;

use super::client::ClientSettings;
use super::closing::Closing;
use super::consumer::committed;
use super::error::{ends_reading, fatal};
use super::message;
use super::notices::Notices;
use super::reader::{connect, read_from};
use super::writer::Positions;
use crate::pipeline::port::{
    Committed, GroupConsumer, Inbound, PollLimits, Polled, PortError, Rebalance, TopicPartition,
};

/// A [`GroupConsumer`] of one partition, which it is told and follows from where it is sought. Its group has no members, and
/// keeps positions as a notebook does: a predecessor that died without a word is not waited for, and that it writes nothing more
/// is for the writer to see to.
pub struct SoleConsumer {
    client: Closing<BaseConsumer<Notices>>,
    settings: ClientSettings,
    partition: TopicPartition,
    announced: bool,
    paused: bool,
    /// The next offset to hand out.
    next: i64,
    /// Read, and not handed out because it would have burst the last poll's limit.
    held: Option<Inbound>,
}

impl SoleConsumer {
    /// Nothing is fetched before the first seek.
    pub(super) fn open(settings: &ClientSettings, group: &str, partition: &TopicPartition) -> Result<Self, PortError> {
        Ok(Self {
            client: connect(settings, group, partition)?,
            settings: settings.clone(),
            partition: partition.clone(),
            announced: false,
            paused: false,
            next: 0,
            held: None,
        })
    }

    /// The next record, if it comes in time.
    fn read(&mut self, wait: Duration) -> Result<Option<Inbound>, PortError> {
        if self.held.is_some() {
            return Ok(self.held.take());
        }
        match self.client.poll(wait) {
            Some(Ok(record)) if record.offset() < self.next => Ok(None),
            Some(Ok(record)) => Ok(Some(message::inbound(&record, &self.partition.topic))),
            Some(Err(error)) if ends_reading(&error) => {
                let what = format!("reading {} at {}", self.partition, self.next);
                Err(fatal(&self.settings, &what, &error))
            }
            // The end for now, or an error of a connection.
            Some(Err(_)) | None => Ok(None),
        }
    }
}

impl GroupConsumer for SoleConsumer {
    fn poll(&mut self, limits: PollLimits) -> Result<Polled, PortError> {
        let mut polled = Polled::default();
        if !std::mem::replace(&mut self.announced, true) {
            polled.rebalances.push(Rebalance::Assigned(vec![self.partition.clone()]));
            return Ok(polled);
        }
        if self.paused {
            std::thread::sleep(limits.wait);
            return Ok(polled);
        }
        let mut bytes = 0;
        let mut deadline = Instant::now() + limits.wait;
        while polled.records.len() < limits.records {
            let left = deadline.saturating_duration_since(Instant::now());
            let Some(record) = self.read(left)? else {
                if Instant::now() >= deadline {
                    break;
                }
                continue;
            };
            bytes += message::bytes(&record);
            if bytes > limits.bytes && !polled.records.is_empty() {
                self.held = Some(record);
                break;
            }
            if polled.records.is_empty() {
                deadline = Instant::now() + limits.linger;
            }
            self.next = record.offset + 1;
            polled.records.push(record);
        }
        Ok(polled)
    }

    fn pause(&mut self, _: &[TopicPartition]) -> Result<(), PortError> {
        self.paused = true;
        Ok(())
    }

    fn resume(&mut self, _: &[TopicPartition]) -> Result<(), PortError> {
        self.paused = false;
        Ok(())
    }

    fn seek(&mut self, partition: &TopicPartition, next: i64) -> Result<(), PortError> {
        self.next = next.max(0);
        self.held = None;
        read_from(&self.settings, &self.client, partition, self.next)
    }

    fn committed(&mut self, partitions: &[TopicPartition]) -> Result<Vec<Option<Committed>>, PortError> {
        committed(&self.settings, &*self.client, partitions)
    }

    fn leave(&mut self) -> Result<(), PortError> {
        Ok(())
    }
}

impl Positions for SoleConsumer {
    fn membership(&self) -> Option<ConsumerGroupMetadata> {
        self.client.group_metadata()
    }

    fn standing(&self) -> Vec<(TopicPartition, i64)> {
        Vec::new()
    }
}
