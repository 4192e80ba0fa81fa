//! From the range as it is typed to the offsets of every partition.

use std::time::Duration;

use super::plan::ReplayRange;
use super::range_bound::RangeBound;
use super::refusal::{Refusal, ReplayError};
use crate::kafka::{Admin, KafkaBroker};
use crate::record::{Millis, Versioned};
use crate::stream::port::{ConsumerRecord, LogReader, LogStore, PortError, TopicPartition};

/// How much the times of adjacent records may be out of order because several producers write them.
const JITTER: Duration = Duration::from_mins(1);

/// How many offsets before an end are searched for the last record: fewer than a reader returns at once.
const LAST_OFFSETS: i64 = 500;

/// What to do where times do not describe a range.
const OFFSETS_ARE_PLAIN: &str = "give a range by offsets, of one topic at a time (--set topics.articles=TOPIC)";

/// A partition and the offsets that the cluster retains.
struct RetainedRange {
    partition: TopicPartition,
    first: i64,
    end: i64,
}

/// The first and the last record from `from` to before `to`; the last one only if it is near the end.
pub(super) fn first_and_last(
    broker: &mut KafkaBroker,
    partition: &TopicPartition,
    from: i64,
    to: i64,
) -> Result<(Option<ConsumerRecord>, Option<ConsumerRecord>), PortError> {
    let mut read = |from| -> Result<Vec<ConsumerRecord>, PortError> {
        let mut records = broker.reader(partition, Some(from))?.next_batch()?;
        records.retain(|record| record.offset < to);
        Ok(records)
    };
    Ok((read(from)?.into_iter().next(), read(from.max(to - LAST_OFFSETS))?.pop()))
}

/// Refuses records of another format version. The version changes with the build, so the first and the last record are
/// enough.
pub(super) fn check_readable<T: Versioned>(
    broker: &mut KafkaBroker,
    partition: &TopicPartition,
    (from, to): (i64, i64),
) -> Result<(), ReplayError> {
    let (first, last) = first_and_last(broker, partition, from, to)?;
    for record in [first, last].into_iter().flatten() {
        let Some(value) = &record.value else { continue };
        T::from_bytes(value).map_err(|error| Refusal::OtherFormat {
            topic: partition.topic.to_string(),
            found: format!("{error} at offset {} of partition {}", record.offset, partition.partition),
        })?;
    }
    Ok(())
}

impl RetainedRange {
    /// Its offsets in words, with the times of the first and of the last record.
    fn what(&self, broker: &mut KafkaBroker) -> Result<String, PortError> {
        let Self { partition, first, end } = self;
        let (begin, last) = first_and_last(broker, partition, *first, *end)?;
        Ok(match (begin, last) {
            (Some(begin), Some(last)) => {
                format!("{partition} has offsets {first} to {end}, from {} to {}", begin.timestamp, last.timestamp)
            }
            _ => format!("{partition} has offsets {first} to {end}"),
        })
    }
}

/// Resolves a range of these topics to offsets: `from` to before `to`, and the warm-up before it.
pub(super) fn resolve(
    admin: &Admin,
    broker: &mut KafkaBroker,
    topics: &[String],
    (from, to): (&RangeBound, &RangeBound),
    warmup: Duration,
) -> Result<Vec<ReplayRange>, ReplayError> {
    let mut kept = Vec::new();
    for topic in topics {
        let count = admin.partitions(topic)?.ok_or_else(|| range(format!("there is no topic {topic}")))?;
        for partition in 0..count {
            let partition = TopicPartition { topic: topic.as_str().into(), partition };
            let (first, end) = broker.range(&partition)?;
            kept.push(RetainedRange { partition, first, end });
        }
    }
    for bound in [from, to] {
        check_offsets(bound, &kept, topics)?;
    }
    if let (RangeBound::Time(from), RangeBound::Time(to)) = (from, to)
        && from >= to
    {
        return Err(range(format!("the range ends at {to}, which is not after its beginning at {from}")));
    }
    let mut ranges = Vec::with_capacity(kept.len());
    for RetainedRange { partition, first, end } in &kept {
        let begin = offset(admin, from, partition, (*first, *end))?;
        // Time stamps need not ascend: the end of a range by time may lie before its start. Such a range is empty.
        let stop = offset(admin, to, partition, (*first, *end))?;
        if stop < begin && !matches!((from, to), (RangeBound::Time(_), _) | (_, RangeBound::Time(_))) {
            return Err(range(format!("the range of {partition} ends at offset {stop}, before it begins at {begin}")));
        }
        if stop < begin {
            tracing::warn!(
                "record times of {partition} do not ascend: --from stands at offset {begin}, behind --to at {stop}, and nothing \
                 of it is read; {OFFSETS_ARE_PLAIN}"
            );
        }
        let TopicPartition { topic, partition } = partition.clone();
        ranges.push(ReplayRange { topic, partition, warmup_from: begin, from: begin, to: stop.max(begin) });
    }
    if ranges.iter().all(|range| range.from == range.to) {
        let what = kept.iter().map(|kept| kept.what(broker)).collect::<Result<Vec<_>, _>>()?;
        return Err(range(format!("the range holds no record: {}", what.join(", "))));
    }
    warn_of_disorder(broker, (from, to), &ranges)?;
    if let Some(begin) = begin_time(broker, from, &ranges)?.filter(|_| !warmup.is_zero()) {
        for (range, kept) in ranges.iter_mut().zip(&kept) {
            let before = admin.offset_for_time(&kept.partition, begin.minus(warmup))?;
            range.warmup_from = before.unwrap_or(range.from).clamp(kept.first.min(range.from), range.from);
        }
    }
    Ok(ranges)
}

/// The offset of one end of the range in a partition, of which the cluster retains these offsets.
fn offset(
    admin: &Admin,
    bound: &RangeBound,
    partition: &TopicPartition,
    (first, end): (i64, i64),
) -> Result<i64, ReplayError> {
    let typed = match bound {
        RangeBound::Earliest => return Ok(first),
        RangeBound::Latest => return Ok(end),
        RangeBound::Time(time) => {
            return Ok(admin.offset_for_time(partition, *time)?.unwrap_or(end).clamp(first, end));
        }
        RangeBound::Offset(offset) => *offset,
        RangeBound::Offsets(offsets) => offsets.get(&partition.partition).copied().unwrap_or(first),
    };
    if typed < first {
        return Err(range(format!("offset {typed} of {partition} has expired: the first one kept is {first}")));
    }
    if typed > end {
        return Err(range(format!("offset {typed} of {partition} does not exist: it ends at {end}")));
    }
    Ok(typed)
}

/// A time is resolved to the right offset only where record times ascend. Warns where the ends show that they do not.
fn warn_of_disorder(
    broker: &mut KafkaBroker,
    (from, to): (&RangeBound, &RangeBound),
    ranges: &[ReplayRange],
) -> Result<(), ReplayError> {
    for range in ranges.iter().filter(|range| range.from < range.to) {
        for (bound, option, at) in [(from, "--from", range.from), (to, "--to", range.to)] {
            let RangeBound::Time(time) = bound else { continue };
            let partition = TopicPartition::from(range);
            let records = broker.reader(&partition, Some(at))?.next_batch()?;
            let older = records.iter().filter(|record| record.timestamp < time.minus(JITTER)).count();
            if older > 0 {
                tracing::warn!(
                    "record times of {partition} do not ascend: {option} {time} stands at offset {at}, and of the {} records \
                     from there on {older} are older; {OFFSETS_ARE_PLAIN}",
                    records.len()
                );
            }
        }
    }
    Ok(())
}

/// An offset needs a partition.
fn check_offsets(bound: &RangeBound, kept: &[RetainedRange], topics: &[String]) -> Result<(), ReplayError> {
    match bound {
        RangeBound::Offset(offset) if kept.len() != 1 => Err(range(format!(
            "offset {offset} of which partition? There are {}: name each with its offset, as in 0:1200,1:950, or give a time",
            kept.len()
        ))),
        RangeBound::Offsets(_) if topics.len() != 1 => {
            Err(range(format!("offsets of which topic? Articles come from {}: give a time", topics.join(", "))))
        }
        RangeBound::Offsets(offsets) => {
            let named: Vec<i32> = offsets.keys().copied().collect();
            let there: Vec<i32> = kept.iter().map(|kept| kept.partition.partition).collect();
            if named == there {
                return Ok(());
            }
            Err(range(format!(
                "offsets are given for the partitions {named:?}, and {} has {there:?}",
                topics.join(", ")
            )))
        }
        RangeBound::Offset(_) | RangeBound::Earliest | RangeBound::Latest | RangeBound::Time(_) => Ok(()),
    }
}

/// The time at which the range starts, if records may exist before it.
fn begin_time(
    broker: &mut KafkaBroker,
    from: &RangeBound,
    ranges: &[ReplayRange],
) -> Result<Option<Millis>, PortError> {
    match from {
        RangeBound::Earliest | RangeBound::Latest => Ok(None),
        RangeBound::Time(time) => Ok(Some(*time)),
        RangeBound::Offset(_) | RangeBound::Offsets(_) => {
            let mut times = Vec::new();
            for range in ranges.iter().filter(|range| range.from < range.to) {
                let partition = TopicPartition::from(range);
                let first = broker.reader(&partition, Some(range.from))?.next_batch()?.into_iter().next();
                times.extend(first.map(|record| record.timestamp));
            }
            Ok(times.into_iter().min())
        }
    }
}

fn range(reason: String) -> ReplayError {
    Refusal::Range(reason).into()
}
