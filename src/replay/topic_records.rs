//! The records of a topic, for looking at them.

use std::time::Duration;

use super::merged_source::MergedSource;
use super::plan::ReplayRange;
use super::range_bound::RangeBound;
use super::ranges::resolve;
use super::refusal::ReplayError;
use crate::kafka::{Admin, ClientSettings, KafkaBroker, OffsetRange};
use crate::stream::port::{ConsumerRecord, PollLimits, PortError, RecordSource};

/// The limits of a poll.
const TOPIC_LIMITS: PollLimits =
    PollLimits { records: 1_000, bytes: 16 << 20, wait: Duration::from_millis(200), linger: Duration::from_millis(20) };

/// The committed records of a topic from a bound to where it ended when it was opened, in the order of a replay: by time
/// stamp, then by partition, then by offset. It joins no group and commits nothing.
pub struct TopicRecords {
    source: MergedSource,
    offsets: u64,
    ended: bool,
}

impl TopicRecords {
    /// Opens a topic.
    pub fn open(client: &ClientSettings, admin: &Admin, topic: &str, from: &RangeBound) -> Result<Self, ReplayError> {
        // Nothing is committed, so the group is that of no service.
        let group = client.client_id.clone();
        let mut broker = KafkaBroker::new(client.clone(), &group)?;
        let ends = (from, &RangeBound::Latest);
        let ranges = resolve(admin, &mut broker, &[topic.to_owned()], ends, Duration::ZERO)?;
        let offsets = ranges.iter().map(|range| u64::try_from(range.to - range.from).unwrap_or_default()).sum();
        let range =
            |range: &ReplayRange| OffsetRange { partition: range.into(), begin: range.from, end: Some(range.to) };
        let source = MergedSource::new(client, &group, ranges.iter().map(range).collect());
        Ok(Self { source, offsets, ended: false })
    }

    /// The number of offsets to read, those without a record included.
    pub fn offsets(&self) -> u64 {
        self.offsets
    }

    /// The number of offsets read so far.
    pub fn offsets_read(&self) -> u64 {
        self.source.progress().offsets()
    }

    /// The next records; none at the end.
    pub fn next_batch(&mut self) -> Result<Option<Vec<ConsumerRecord>>, PortError> {
        while !self.ended {
            let polled = self.source.poll(TOPIC_LIMITS)?;
            self.ended = polled.ended;
            if !polled.records.is_empty() {
                return Ok(Some(polled.records));
            }
        }
        Ok(None)
    }
}
