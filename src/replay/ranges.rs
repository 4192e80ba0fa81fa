//! From the ends of a range as they are typed to offsets of every partition.

use std::time::Duration;

use super::bound::Bound;
use crate::kafka::{Admin, KafkaBroker};
use crate::pipeline::port::{Broker, Inbound, LogReader, PortError, TopicPartition};
use crate::record::{Millis, ReplayRange};

/// By how much the times of neighbours may be out of order because they come from several producers.
const JITTER: Duration = Duration::from_mins(1);

/// In how many offsets before an end the last record is looked for: fewer than a reader brings at once.
const LAST_OFFSETS: i64 = 500;

/// What to do where times do not say what is meant.
const OFFSETS_ARE_PLAIN: &str =
    "a range by offsets, of one topic at a time (--set topics.articles=TOPIC), says what is meant";

/// A partition and what the cluster keeps of it.
struct Kept {
    partition: TopicPartition,
    first: i64,
    end: i64,
}

/// The first and the last record from `from` to before `to`, where the last is not far from there.
pub(super) fn first_and_last(
    cluster: &mut KafkaBroker,
    partition: &TopicPartition,
    from: i64,
    to: i64,
) -> Result<(Option<Inbound>, Option<Inbound>), PortError> {
    let mut read = |from| -> Result<Vec<Inbound>, PortError> {
        let mut records = cluster.reader(partition, Some(from))?.next_batch()?;
        records.retain(|record| record.offset < to);
        Ok(records)
    };
    Ok((read(from)?.into_iter().next(), read(from.max(to - LAST_OFFSETS))?.pop()))
}

impl Kept {
    /// In words, with the times of the first record and of the last one.
    fn what(&self, cluster: &mut KafkaBroker) -> Result<String, PortError> {
        let Self { partition, first, end } = self;
        let (begin, last) = first_and_last(cluster, partition, *first, *end)?;
        Ok(match (begin, last) {
            (Some(begin), Some(last)) => {
                format!("{partition} has offsets {first} to {end}, from {} to {}", begin.timestamp, last.timestamp)
            }
            _ => format!("{partition} has offsets {first} to {end}"),
        })
    }
}

/// What is read of these topics: `from` to before `to`, and the `warmup` before it. Both ends are fixed by this.
pub(super) fn resolve(
    admin: &Admin,
    cluster: &mut KafkaBroker,
    topics: &[String],
    (from, to): (&Bound, &Bound),
    warmup: Duration,
) -> Result<Vec<ReplayRange>, PortError> {
    let mut kept = Vec::new();
    for topic in topics {
        let count = admin.partitions(topic)?.ok_or_else(|| refused(format!("there is no topic {topic}")))?;
        for partition in 0..count {
            let partition = TopicPartition { topic: topic.as_str().into(), partition };
            let (first, end) = cluster.range(&partition)?;
            kept.push(Kept { partition, first, end });
        }
    }
    for bound in [from, to] {
        check_offsets(bound, &kept, topics)?;
    }
    if let (Bound::Time(from), Bound::Time(to)) = (from, to)
        && from >= to
    {
        return Err(refused(format!("the range ends at {to}, which is not after its beginning at {from}")));
    }
    let mut ranges = Vec::with_capacity(kept.len());
    for Kept { partition, first, end } in &kept {
        let begin = offset(admin, from, partition, (*first, *end))?;
        // Time stamps need not ascend: by time a range may be turned round, which is an empty one.
        let stop = offset(admin, to, partition, (*first, *end))?;
        if stop < begin && !matches!((from, to), (Bound::Time(_), _) | (_, Bound::Time(_))) {
            return Err(refused(format!(
                "the range of {partition} ends at offset {stop}, before it begins at {begin}"
            )));
        }
        if stop < begin {
            tracing::warn!(
                "record times of {partition} do not ascend: --from stands at offset {begin}, behind --to at {stop}, and nothing \
                 of it is read; {OFFSETS_ARE_PLAIN}"
            );
        }
        let TopicPartition { topic, partition } = partition.clone();
        ranges.push(ReplayRange { topic, partition, warmup: begin, from: begin, to: stop.max(begin) });
    }
    if ranges.iter().all(|range| range.from == range.to) {
        let what = kept.iter().map(|kept| kept.what(cluster)).collect::<Result<Vec<_>, _>>()?;
        return Err(refused(format!("the range holds no record: {}", what.join(", "))));
    }
    warn_of_disorder(cluster, (from, to), &ranges)?;
    if let Some(begin) = begin_time(cluster, from, &ranges)?.filter(|_| !warmup.is_zero()) {
        for (range, kept) in ranges.iter_mut().zip(&kept) {
            let before = admin.offset_for_time(&kept.partition, begin.minus(warmup))?;
            range.warmup = before.unwrap_or(range.from).clamp(kept.first.min(range.from), range.from);
        }
    }
    Ok(ranges)
}

/// The offset that this end of the range has in a partition of which the cluster keeps so much.
fn offset(
    admin: &Admin,
    bound: &Bound,
    partition: &TopicPartition,
    (first, end): (i64, i64),
) -> Result<i64, PortError> {
    let typed = match bound {
        Bound::Earliest => return Ok(first),
        Bound::Latest => return Ok(end),
        Bound::Time(time) => {
            return Ok(admin.offset_for_time(partition, *time)?.unwrap_or(end).clamp(first, end));
        }
        Bound::Offset(offset) => *offset,
        Bound::Offsets(offsets) => offsets.get(&partition.partition).copied().unwrap_or(first),
    };
    if typed < first {
        return Err(refused(format!("offset {typed} of {partition} has expired: the first one kept is {first}")));
    }
    if typed > end {
        return Err(refused(format!("offset {typed} of {partition} does not exist: it ends at {end}")));
    }
    Ok(typed)
}

/// A time stands for an offset, which is the right one where record times ascend. That they do not is seen at the ends.
fn warn_of_disorder(
    cluster: &mut KafkaBroker,
    (from, to): (&Bound, &Bound),
    ranges: &[ReplayRange],
) -> Result<(), PortError> {
    for range in ranges.iter().filter(|range| range.from < range.to) {
        for (bound, option, at) in [(from, "--from", range.from), (to, "--to", range.to)] {
            let Bound::Time(time) = bound else { continue };
            let partition = TopicPartition::from(range);
            let records = cluster.reader(&partition, Some(at))?.next_batch()?;
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

/// An offset says where only if it says of which partition.
fn check_offsets(bound: &Bound, kept: &[Kept], topics: &[String]) -> Result<(), PortError> {
    match bound {
        Bound::Offset(offset) if kept.len() != 1 => Err(refused(format!(
            "offset {offset} of which partition? There are {}: name each with its offset, as in 0:1200,1:950, or give a time",
            kept.len()
        ))),
        Bound::Offsets(_) if topics.len() != 1 => {
            Err(refused(format!("offsets of which topic? Articles come from {}: give a time", topics.join(", "))))
        }
        Bound::Offsets(offsets) => {
            let named: Vec<i32> = offsets.keys().copied().collect();
            let there: Vec<i32> = kept.iter().map(|kept| kept.partition.partition).collect();
            if named == there {
                return Ok(());
            }
            Err(refused(format!(
                "offsets are given for the partitions {named:?}, and {} has {there:?}",
                topics.join(", ")
            )))
        }
        Bound::Offset(_) | Bound::Earliest | Bound::Latest | Bound::Time(_) => Ok(()),
    }
}

/// When the range begins, if something may stand before it.
fn begin_time(cluster: &mut KafkaBroker, from: &Bound, ranges: &[ReplayRange]) -> Result<Option<Millis>, PortError> {
    match from {
        Bound::Earliest | Bound::Latest => Ok(None),
        Bound::Time(time) => Ok(Some(*time)),
        Bound::Offset(_) | Bound::Offsets(_) => {
            let mut times = Vec::new();
            for range in ranges.iter().filter(|range| range.from < range.to) {
                let partition = TopicPartition::from(range);
                let first = cluster.reader(&partition, Some(range.from))?.next_batch()?.into_iter().next();
                times.extend(first.map(|record| record.timestamp));
            }
            Ok(times.into_iter().min())
        }
    }
}

fn refused(reason: String) -> PortError {
    PortError::Fatal(reason)
}
