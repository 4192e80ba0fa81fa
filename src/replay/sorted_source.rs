//! Records that were sorted on this machine, as a source.

use std::io;
use std::sync::Arc;

use super::external_sort::SortedRecords;
use super::progress::ReadingProgress;
use crate::kafka::CommitsOffsets;
use crate::record::Millis;
use crate::stream::port::{ConsumerRecord, PollLimits, Polled, PortError, RecordSource, TopicPartition};

/// A sorted sequence. Its offsets are committed as those of a partition, the number of a record being its offset: whoever
/// sorts the same records again continues at the committed number.
pub(super) struct SortedSource {
    partition: TopicPartition,
    sorted: SortedRecords,
    progress: Arc<ReadingProgress>,
}

impl SortedSource {
    /// Reads the sequence under the name of `partition`, which must exist where offsets are committed to Kafka.
    pub(super) fn new(partition: TopicPartition, sorted: SortedRecords) -> Self {
        Self { partition, sorted, progress: Arc::default() }
    }

    /// How far the reading has come, now and later.
    pub(super) fn progress(&self) -> Arc<ReadingProgress> {
        Arc::clone(&self.progress)
    }
}

impl RecordSource for SortedSource {
    fn partitions(&self) -> Vec<TopicPartition> {
        vec![self.partition.clone()]
    }

    fn bounds(&self, _partition: &TopicPartition) -> Option<(i64, i64)> {
        Some((0, self.sorted.count() as i64))
    }

    fn poll(&mut self, limits: PollLimits) -> Result<Polled, PortError> {
        let mut polled = Polled::default();
        let mut bytes = 0;
        while polled.records.len() < limits.records && bytes < limits.bytes {
            let offset = self.sorted.position() as i64;
            let Some((time, item)) = self.sorted.next_item().map_err(|error| unreadable(&error))? else { break };
            bytes += item.len();
            self.progress.update(self.sorted.position(), Some(Millis(time)));
            polled.records.push(ConsumerRecord {
                from: self.partition.clone(),
                offset,
                timestamp: Millis(time),
                key: None,
                value: Some(item),
                headers: Vec::new(),
            });
        }
        polled.ended = self.sorted.position() == self.sorted.count();
        Ok(polled)
    }

    fn seek(&mut self, _partition: &TopicPartition, next: i64) -> Result<(), PortError> {
        self.sorted.seek(u64::try_from(next).unwrap_or_default()).map_err(|error| unreadable(&error))
    }
}

impl CommitsOffsets for SortedSource {}

fn unreadable(error: &io::Error) -> PortError {
    PortError::Fatal(format!("the temporary files cannot be read: {error}"))
}
