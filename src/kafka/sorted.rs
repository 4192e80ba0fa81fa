//! A sorted sequence as a consumer of its own.

use std::io;
use std::sync::Arc;

use rdkafka::consumer::ConsumerGroupMetadata;

use super::client::ClientSettings;
use super::merged::Reached;
use super::notebook::Notebook;
use super::writer::Positions;
use crate::pipeline::port::{
    Committed, GroupConsumer, Inbound, PollLimits, Polled, PortError, Rebalance, TopicPartition,
};
use crate::pipeline::sort::Sorted;
use crate::record::Millis;

/// A [`GroupConsumer`] of records that were sorted on this machine. To its group the sequence is a partition, and the number
/// of a record its offset: whoever sorts the same records again goes on from the committed number.
pub struct SortedConsumer {
    notebook: Notebook,
    partition: TopicPartition,
    sorted: Sorted,
    announced: bool,
    reached: Arc<Reached>,
}

impl SortedConsumer {
    /// Reads the sequence, and keeps the position in `group` under the name of `partition`, which must exist.
    pub(super) fn open(
        settings: &ClientSettings,
        group: &str,
        partition: TopicPartition,
        sorted: Sorted,
    ) -> Result<Self, PortError> {
        let notebook = Notebook::open(settings, group)?;
        Ok(Self { notebook, partition, sorted, announced: false, reached: Arc::default() })
    }

    /// How far the reading has come, now and later.
    #[must_use]
    pub fn reached(&self) -> Arc<Reached> {
        Arc::clone(&self.reached)
    }
}

impl GroupConsumer for SortedConsumer {
    fn poll(&mut self, limits: PollLimits) -> Result<Polled, PortError> {
        let mut polled = Polled::default();
        if !std::mem::replace(&mut self.announced, true) {
            polled.rebalances.push(Rebalance::Assigned(vec![self.partition.clone()]));
            return Ok(polled);
        }
        self.notebook.serve();
        let mut bytes = 0;
        while polled.records.len() < limits.records && bytes < limits.bytes {
            let offset = self.sorted.place() as i64;
            let Some((time, item)) = self.sorted.next_item().map_err(|error| unreadable(&error))? else { break };
            bytes += item.len();
            self.reached.note(self.sorted.place(), Some(Millis(time)));
            polled.records.push(Inbound {
                from: self.partition.clone(),
                offset,
                timestamp: Millis(time),
                key: None,
                value: Some(item),
                headers: Vec::new(),
            });
        }
        polled.ended = self.sorted.place() == self.sorted.count();
        Ok(polled)
    }

    fn pause(&mut self, _: &[TopicPartition]) -> Result<(), PortError> {
        Err(PortError::Fatal("a sorted sequence cannot be paused".to_owned()))
    }

    fn resume(&mut self, _: &[TopicPartition]) -> Result<(), PortError> {
        Ok(())
    }

    fn seek(&mut self, _: &TopicPartition, next: i64) -> Result<(), PortError> {
        self.sorted.seek(u64::try_from(next).unwrap_or_default()).map_err(|error| unreadable(&error))
    }

    /// Where nothing was committed, the sequence begins.
    fn committed(&mut self, partitions: &[TopicPartition]) -> Result<Vec<Option<Committed>>, PortError> {
        let begin = || Some(Committed { next: 0, note: String::new() });
        let found = self.notebook.committed(partitions)?;
        Ok(found.into_iter().map(|found| found.or_else(begin)).collect())
    }

    fn leave(&mut self) -> Result<(), PortError> {
        Ok(())
    }
}

impl Positions for SortedConsumer {
    fn membership(&self) -> Option<ConsumerGroupMetadata> {
        self.notebook.membership()
    }

    fn standing(&self) -> Vec<(TopicPartition, i64)> {
        self.notebook.standing()
    }
}

fn unreadable(error: &io::Error) -> PortError {
    PortError::Fatal(format!("the temporary files cannot be read: {error}"))
}
