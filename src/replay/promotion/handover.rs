//! Where a promoted replay takes over.

use super::request::PromotionRequest;
use crate::kafka::{Admin, KafkaBroker};
use crate::record::RawPosition;
use crate::replay::plan::{Handover, ReplayPlan, ReplayRange, ReplaySource};
use crate::replay::refusal::{Refusal, ReplayError};
use crate::stream::port::{LogStore, TopicPartition};

/// The handover: the committed offsets of the service, and what the replay must read to reach them.
pub(super) fn handover(
    admin: &Admin,
    broker: &mut KafkaBroker,
    plan: &ReplayPlan,
    request: &PromotionRequest,
) -> Result<Handover, ReplayError> {
    let (live, mut raw) = (&request.live, Vec::new());
    for topic in &live.articles {
        let count = admin.partitions(topic)?.ok_or_else(|| refusal(format!("there is no topic {topic}")))?;
        raw.extend((0..count).map(|partition| TopicPartition { topic: topic.as_str().into(), partition }));
    }
    let committed: Vec<Option<i64>> = admin
        .committed(&live.signatures_group(), &raw)?
        .into_iter()
        .map(|committed| committed.map(|committed| committed.next))
        .collect();
    let mut catch_up = Vec::new();
    match plan.source {
        ReplaySource::Articles => {
            for (partition, next) in raw.iter().zip(&committed) {
                let (first, _) = broker.range(partition)?;
                // A partition that is not in the plan is younger than the plan: all of it is read.
                let begin = read_to(plan, partition).unwrap_or(first);
                catch_up.push(catch_up_range(broker, partition, begin, next.unwrap_or(begin).max(begin))?);
            }
        }
        ReplaySource::Signatures => {
            for range in &plan.ranges {
                let partition = TopicPartition::from(range);
                let (_, end) = broker.range(&partition)?;
                if end > 0 && committed.iter().all(Option::is_none) {
                    return Err(refusal(format!(
                        "Kafka has deleted the committed offsets of {} (offsets.retention.minutes), and its signatures do not \
                         contain them: replay the articles",
                        live.namespace
                    )));
                }
                catch_up.push(catch_up_range(broker, &partition, range.to, end.max(range.to))?);
            }
        }
    }
    let at = |(partition, next): (TopicPartition, Option<i64>)| {
        Some(RawPosition { topic: partition.topic, partition: partition.partition, offset: next? })
    };
    Ok(Handover { at: request.now, committed: raw.into_iter().zip(committed).filter_map(at).collect(), catch_up })
}

/// The end of the range of the plan in a partition.
fn read_to(plan: &ReplayPlan, partition: &TopicPartition) -> Option<i64> {
    plan.ranges.iter().find(|range| TopicPartition::from(*range) == *partition).map(|range| range.to)
}

/// A range to be read, all of which must exist.
fn catch_up_range(
    broker: &mut KafkaBroker,
    partition: &TopicPartition,
    from: i64,
    to: i64,
) -> Result<ReplayRange, ReplayError> {
    let (first, _) = broker.range(partition)?;
    if first > from && to > from {
        return Err(refusal(format!(
            "{partition} must be read from offset {from}, where the replay ended, to {to}, and its first offset is {first}: \
             records between were deleted; replay again"
        )));
    }
    let TopicPartition { topic, partition } = partition.clone();
    Ok(ReplayRange { topic, partition, warmup_from: from, from, to })
}

/// The next raw record of each partition that the promoted namespace reads. Where it has read further than the service that
/// it replaces, it continues from there: the records between are clustered once, by it.
pub(super) fn final_offsets(plan: &ReplayPlan) -> Vec<(TopicPartition, i64)> {
    let Some(Handover { committed, catch_up, .. }) = &plan.handover else { return Vec::new() };
    let partition = |at: &RawPosition| TopicPartition { topic: at.topic.clone(), partition: at.partition };
    match plan.source {
        ReplaySource::Articles => catch_up.iter().map(|range| (range.into(), range.to)).collect(),
        ReplaySource::Signatures => committed.iter().map(|at| (partition(at), at.offset)).collect(),
    }
}

fn refusal(reason: String) -> ReplayError {
    Refusal::NotPromotable(reason).into()
}
