//! Ranges of partitions as one source.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::merge::Merge;
use super::progress::ReadingProgress;
use crate::kafka::{ClientSettings, CommitsOffsets, Fetched, KafkaReader, OffsetRange, RangeFetcher, record_bytes};
use crate::stream::port::{ConsumerRecord, LogReader, PollLimits, Polled, PortError, RecordSource, TopicPartition};

/// After this long without a record that must come, the fetches are started again: client libraries have lost
/// partitions, and starting a fetch again does no harm. A partition that is merely slow is waited for however long it takes.
const REFETCH_AFTER: Duration = Duration::from_secs(30);

/// The records of its ranges in the order of [`Merge`]; of one partition without an end, its records as they come.
///
/// It is no member of its group, which has none, so the session of a process that was killed is not waited for.
pub(super) struct MergedSource {
    /// None until the first poll, and after a seek.
    fetcher: Option<RangeFetcher>,
    settings: ClientSettings,
    group: String,
    ranges: Vec<RangeCursor>,
    merge: Merge,
    waiting_since: Option<Instant>,
    progress: Arc<ReadingProgress>,
}

struct RangeCursor {
    range: OffsetRange,
    /// The next offset to fetch.
    fetched: i64,
    /// The next offset to return.
    returned: i64,
    /// Reads what is left when the client reports the end of the partition before that of the range.
    rest: Option<(KafkaReader, VecDeque<ConsumerRecord>)>,
}

impl MergedSource {
    /// Reads these ranges, whose order breaks ties. Nothing is connected before the first poll. `group` is a name that
    /// access lists know.
    pub(super) fn new(settings: &ClientSettings, group: &str, ranges: Vec<OffsetRange>) -> Self {
        let cursor =
            |range: OffsetRange| RangeCursor { fetched: range.begin, returned: range.begin, rest: None, range };
        let ranges: Vec<RangeCursor> = ranges.into_iter().map(cursor).collect();
        Self {
            fetcher: None,
            settings: settings.clone(),
            group: group.to_owned(),
            merge: Merge::new(ranges.len()),
            ranges,
            waiting_since: None,
            progress: Arc::default(),
        }
    }

    /// How far the reading has come, now and later.
    pub(super) fn progress(&self) -> Arc<ReadingProgress> {
        Arc::clone(&self.progress)
    }

    /// The fetcher. A new one starts with the records that were not returned yet.
    fn fetcher(&mut self) -> Result<&RangeFetcher, PortError> {
        if let Some(fetcher) = self.fetcher.take() {
            return Ok(self.fetcher.insert(fetcher));
        }
        for cursor in &mut self.ranges {
            cursor.fetched = cursor.returned;
            cursor.rest = None;
        }
        self.merge = Merge::new(self.ranges.len());
        self.waiting_since = None;
        let at = |cursor: &RangeCursor| OffsetRange { begin: cursor.fetched, ..cursor.range.clone() };
        let ranges: Vec<OffsetRange> = self.ranges.iter().map(at).collect();
        Ok(self.fetcher.insert(RangeFetcher::open(&self.settings, &self.group, &ranges)?))
    }

    /// Looks for the next record of an awaited range; true when something came.
    fn fetch(&mut self, index: usize, wait: Duration) -> Result<bool, PortError> {
        let cursor = &mut self.ranges[index];
        let is_fetched = cursor.is_fetched();
        let record = match &mut cursor.rest {
            _ if is_fetched => None,
            Some((reader, records)) => {
                if records.is_empty() {
                    records.extend(reader.next_batch()?);
                }
                records.pop_front()
            }
            None => match self.fetcher()?.poll(index, wait)? {
                Fetched::Record(record) => Some(record),
                Fetched::EndOfPartition => {
                    let cursor = &mut self.ranges[index];
                    let Some(end) = cursor.range.end else { return Ok(false) };
                    let reader = cursor.reader(&self.settings, &self.group, end)?;
                    cursor.rest = Some((reader, VecDeque::new()));
                    return Ok(true);
                }
                Fetched::Nothing => return Ok(false),
            },
        };
        let cursor = &mut self.ranges[index];
        match record {
            Some(record) if record.offset < cursor.fetched => {}
            Some(record) if cursor.range.end.is_none_or(|end| record.offset < end) => {
                if record.timestamp.0 < 0 {
                    return Err(cursor.failed("the record has no time stamp, which its order depends on"));
                }
                cursor.fetched = record.offset + 1;
                self.merge.supply(index, record);
            }
            Some(_) | None => {
                cursor.fetched = cursor.range.end.unwrap_or(cursor.fetched);
                self.merge.end(index);
            }
        }
        Ok(true)
    }

    /// Looks at every awaited range, and waits for one of them when none has anything; false when the time is up.
    fn fetch_awaited(&mut self, deadline: Instant) -> Result<bool, PortError> {
        let awaited = self.merge.awaited();
        let mut came = false;
        for &index in &awaited {
            came |= self.fetch(index, Duration::ZERO)?;
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if !came && let Some(&first) = awaited.first() {
            came = self.fetch(first, left)?;
        }
        if came || awaited.iter().all(|&index| self.ranges[index].range.end.is_none()) {
            self.waiting_since = None;
            return Ok(came);
        }
        let since = *self.waiting_since.get_or_insert_with(Instant::now);
        if since.elapsed() >= REFETCH_AFTER {
            tracing::info!("no record has come for {REFETCH_AFTER:?}: the fetches are started again");
            self.fetcher = None;
        }
        Ok(false)
    }

    fn update_progress(&self, polled: &Polled) {
        let offsets = |cursor: &RangeCursor| {
            let end = cursor.range.end.filter(|_| self.merge.is_ended());
            u64::try_from(end.unwrap_or(cursor.returned) - cursor.range.begin).unwrap_or_default()
        };
        let last = polled.records.last().map(|last| last.timestamp);
        self.progress.update(self.ranges.iter().map(offsets).sum(), last);
    }
}

impl RangeCursor {
    /// Whether a seek to `next` starts the fetch again. For a partition without an end it always does: the stage seeks to where
    /// it is when the fetch is stuck.
    fn needs_new_fetch(&self, next: i64) -> bool {
        self.returned != next || self.range.end.is_none()
    }

    fn is_fetched(&self) -> bool {
        self.range.end.is_some_and(|end| self.fetched >= end)
    }

    /// A reader of the rest, which knows when a reported end is the end.
    fn reader(&self, settings: &ClientSettings, group: &str, end: i64) -> Result<KafkaReader, PortError> {
        let reader = KafkaReader::open(settings, group, &self.range.partition, Some(self.fetched))?;
        if reader.end() < end {
            return Err(self.failed(&format!("it ends at {} now: records were lost", reader.end())));
        }
        Ok(reader)
    }

    fn failed(&self, reason: &str) -> PortError {
        let OffsetRange { partition, end, .. } = &self.range;
        let end = end.map_or_else(|| "its end".to_owned(), |end| end.to_string());
        PortError::Fatal(format!("reading {partition} at {} of {end}: {reason}", self.fetched))
    }
}

impl RecordSource for MergedSource {
    fn partitions(&self) -> Vec<TopicPartition> {
        self.ranges.iter().map(|cursor| cursor.range.partition.clone()).collect()
    }

    fn bounds(&self, partition: &TopicPartition) -> Option<(i64, i64)> {
        let cursor = self.ranges.iter().find(|cursor| cursor.range.partition == *partition)?;
        Some((cursor.range.begin, cursor.range.end?))
    }

    fn poll(&mut self, limits: PollLimits) -> Result<Polled, PortError> {
        self.fetcher()?.serve();
        let mut polled = Polled::default();
        let mut bytes = 0;
        let mut deadline = Instant::now() + limits.wait;
        loop {
            if let Some(next) = self.merge.peek() {
                bytes += record_bytes(next);
                let full = polled.records.len() >= limits.records || bytes > limits.bytes;
                if full && !polled.records.is_empty() {
                    break;
                }
                let Some((index, record)) = self.merge.pop() else { break };
                self.ranges[index].returned = record.offset + 1;
                if polled.records.is_empty() {
                    deadline = Instant::now() + limits.linger;
                }
                polled.records.push(record);
            } else if self.merge.is_ended()
                || (!self.fetch_awaited(deadline)? && Instant::now() >= deadline)
                || self.fetcher.is_none()
            {
                break;
            }
        }
        polled.ended = self.merge.is_ended();
        self.update_progress(&polled);
        Ok(polled)
    }

    fn seek(&mut self, partition: &TopicPartition, next: i64) -> Result<(), PortError> {
        if let Some(cursor) = self.ranges.iter_mut().find(|cursor| cursor.range.partition == *partition)
            && cursor.needs_new_fetch(next)
        {
            cursor.returned = next;
            self.fetcher = None;
        }
        Ok(())
    }
}

impl CommitsOffsets for MergedSource {
    /// The offsets of all ranges are committed every time: a group without members forgets an offset that was not committed
    /// for a week, and a partition may have been finished for longer than that.
    fn held_offsets(&self) -> Vec<(TopicPartition, i64)> {
        let bounded = self.ranges.iter().filter(|cursor| cursor.range.end.is_some());
        bounded.map(|cursor| (cursor.range.partition.clone(), cursor.returned)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seek_to_the_present_offset_repairs_a_fetch_that_is_stuck_and_repeats_no_range() {
        let partition = TopicPartition { topic: "live.signatures".into(), partition: 0 };
        let cursor = |end| RangeCursor {
            range: OffsetRange { partition: partition.clone(), begin: 0, end },
            fetched: 9,
            returned: 7,
            rest: None,
        };
        assert!(cursor(None).needs_new_fetch(7));
        assert!(!cursor(Some(20)).needs_new_fetch(7));
        assert!(cursor(Some(20)).needs_new_fetch(3));
    }
}
