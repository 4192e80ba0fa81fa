//! Whether a replay may take over, and from where.

use std::collections::BTreeMap;

use crate::kafka::{Admin, ClientSettings, KafkaBroker, PlanTopic, Severity, Standing, TopicNames};
use crate::pipeline::failpoint;
use crate::pipeline::port::{Broker, PortError, TopicPartition};
use crate::record::{
    HandOff, Millis, RawPosition, ReplayPlan, ReplayRange, ReplaySource, ReplayState, Signature, Versioned,
};
use crate::replay::{differences, refuse_names_in_use, this_process};

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Request {
    /// The names of the replay.
    pub names: TopicNames,
    /// The names of the service whose place it takes.
    pub live: TopicNames,
    /// The settings that signing and judging go by.
    pub settings: BTreeMap<String, String>,
    /// The clock.
    pub now: Millis,
}

/// Retires the other namespace and fixes from where the replay takes over, or finds what was fixed before. Nothing is written
/// before everything is checked. None when the replay was promoted already.
pub fn begin(
    client: &ClientSettings,
    admin: &Admin,
    cluster: &mut KafkaBroker,
    request: &Request,
) -> Result<Option<ReplayPlan>, PortError> {
    let Request { names, live, now, .. } = request;
    let topic = PlanTopic::of(client, names);
    let Standing { plan: Some(plan), retirement } = topic.standing(admin)? else {
        return Err(refused(format!(
            "there is no replay {}: the topic {} holds no plan",
            names.namespace,
            names.replay()
        )));
    };
    if plan.state == ReplayState::Promoted && retirement.is_none() {
        return Ok(None);
    }
    let live_topic = PlanTopic::of(client, live);
    let standing = live_topic.standing(admin)?;
    refuse_unfit(&plan, &standing, request).map_err(PortError::Fatal)?;
    refuse_names_in_use(names, live)?;
    refuse_members(admin, live)?;
    refuse_wrong_topics(admin, live)?;

    let mut plan = ReplayPlan { run: plan.run + 1, process: this_process(), ..plan };
    if plan.state == ReplayState::Finished {
        // What stands in the way is found before anything is written.
        hand_off(admin, cluster, &plan, request)?;
        // A group without members forgets its positions within days, and the plan knows them.
        let read: Vec<_> = plan.ranges.iter().map(|range| (TopicPartition::from(range), range.to)).collect();
        admin.commit(&names.sign_group(), &read)?;
        plan.state = ReplayState::Promoting;
    }
    topic.write(&plan, *now)?;
    failpoint::pass("promote.after_plan");
    if standing.retirement.is_none() {
        live_topic.retire(admin, &names.namespace, *now)?;
    }
    failpoint::pass("promote.after_retirement");
    // An instance that started while this was written is a member by now, or reads that it must not serve.
    refuse_members(admin, live)?;
    admin.await_settled(&[
        live.signatures(),
        live.stories.clone(),
        live.verdicts.clone(),
        live.dead_letters.clone(),
    ])?;
    if plan.hand_off.is_none() {
        plan.hand_off = Some(hand_off(admin, cluster, &plan, request)?);
        topic.write(&plan, *now)?;
    }
    failpoint::pass("promote.after_hand_off");
    Ok(Some(plan))
}

/// Gives the groups of the replay, which has caught up, the position from which it goes on as a service.
pub fn hand_over(admin: &Admin, names: &TopicNames, plan: &ReplayPlan) -> Result<(), PortError> {
    admin.commit(&names.sign_group(), &positions(plan))?;
    failpoint::pass("promote.after_positions");
    Ok(())
}

/// The next raw record of each partition that the promoted namespace reads. Where it has read further than the service whose
/// place it takes, it goes on from there: the records between are judged once, by it.
fn positions(plan: &ReplayPlan) -> Vec<(TopicPartition, i64)> {
    let Some(HandOff { left, catch_up, .. }) = &plan.hand_off else { return Vec::new() };
    match plan.source {
        ReplaySource::Articles => catch_up.iter().map(|range| (range.into(), range.to)).collect(),
        ReplaySource::Signatures => left.iter().map(|at| (partition_of(at), at.offset)).collect(),
    }
}

fn partition_of(at: &RawPosition) -> TopicPartition {
    TopicPartition { topic: at.topic.clone(), partition: at.partition }
}

/// Refuses what the plans and the settings say cannot be.
fn refuse_unfit(plan: &ReplayPlan, live: &Standing, request: &Request) -> Result<(), String> {
    let (name, service) = (&plan.namespace, &request.live.namespace);
    match plan.state {
        ReplayState::Running => {
            return Err(format!(
                "the replay {name} is not at its end: wirefold replay --namespace {name} --resume goes on with it"
            ));
        }
        ReplayState::Promoted => return Err(format!("{name} was promoted, and has been replaced since")),
        ReplayState::Finished | ReplayState::Promoting => {}
    }
    if plan.beside != *service {
        return Err(format!(
            "{name} was replayed beside {}, and the namespace of these settings is {service}: it can take the place of {} \
             only, with the settings of that",
            plan.beside, plan.beside
        ));
    }
    match (&live.retirement, plan.state) {
        (Some(retirement), _) if retirement.successor != *name => {
            return Err(format!(
                "{service} was retired at {}: {} goes on in its place",
                retirement.at, retirement.successor
            ));
        }
        (Some(_), ReplayState::Finished) => {
            return Err(format!("{service} was retired for another replay of the name {name}, which is gone"));
        }
        _ => {}
    }
    let generation = match &live.plan {
        None => 0,
        Some(plan) if plan.state == ReplayState::Promoted => plan.generation,
        Some(_) => return Err(format!("{service} is a replay that was not promoted: there is no service to replace")),
    };
    if plan.generation != generation + 1 {
        return Err(format!(
            "{name} has the generation {}, and {service} has {generation}: replay it again",
            plan.generation
        ));
    }
    if plan.signature_version != Signature::VERSION {
        return Err(format!(
            "the signatures of {name} have version {}, and this wirefold goes on with version {}: replay it again",
            plan.signature_version,
            Signature::VERSION
        ));
    }
    let differences = differences(&plan.settings, &request.settings);
    if differences.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{name} was judged by other settings than these, by which it would go on: {}; promote it with the settings of the \
         replay, and serve it with them",
        differences.join("; ")
    ))
}

/// The service has to stand still: only then it is known where it stands.
fn refuse_members(admin: &Admin, live: &TopicNames) -> Result<(), PortError> {
    for group in [live.sign_group(), live.fold_group()] {
        let members = admin.members(&group)?;
        if members > 0 {
            return Err(refused(format!(
                "{} is being served: the group {group} has {members} member{}; stop every instance of it with SIGTERM and \
                 promote again. One that died without a word is forgotten after its session (session.timeout.ms)",
                live.namespace,
                if members == 1 { "" } else { "s" }
            )));
        }
    }
    Ok(())
}

/// What is published has to have a place.
fn refuse_wrong_topics(admin: &Admin, live: &TopicNames) -> Result<(), PortError> {
    let public = [&live.stories, &live.verdicts, &live.dead_letters];
    let specs: Vec<_> = live.specs(1, 1).into_iter().filter(|spec| public.contains(&&spec.name)).collect();
    match admin.check(&specs)?.into_iter().find(|problem| problem.severity == Severity::Error) {
        Some(problem) => Err(refused(problem.to_string())),
        None => Ok(()),
    }
}

/// From where the replay takes over, and what it has to read until there.
fn hand_off(
    admin: &Admin,
    cluster: &mut KafkaBroker,
    plan: &ReplayPlan,
    request: &Request,
) -> Result<HandOff, PortError> {
    let (live, mut raw) = (&request.live, Vec::new());
    for topic in &live.articles {
        let count = admin.partitions(topic)?.ok_or_else(|| refused(format!("there is no topic {topic}")))?;
        raw.extend((0..count).map(|partition| TopicPartition { topic: topic.as_str().into(), partition }));
    }
    let left: Vec<Option<i64>> = admin
        .committed(&live.sign_group(), &raw)?
        .into_iter()
        .map(|committed| committed.map(|committed| committed.next))
        .collect();
    let mut catch_up = Vec::new();
    match plan.source {
        ReplaySource::Articles => {
            for (partition, left) in raw.iter().zip(&left) {
                let (first, _) = cluster.range(partition)?;
                // A partition that the plan does not know is younger than it: all of it is to be read.
                let begin = read_to(plan, partition).unwrap_or(first);
                catch_up.push(stretch(cluster, partition, begin, left.unwrap_or(begin).max(begin))?);
            }
        }
        ReplaySource::Signatures => {
            for range in &plan.ranges {
                let partition = TopicPartition::from(range);
                let (_, end) = cluster.range(&partition)?;
                if end > 0 && left.iter().all(Option::is_none) {
                    return Err(refused(format!(
                        "Kafka has forgotten how far {} has read the articles (offsets.retention.minutes), and its signatures \
                         do not say it: replay the articles",
                        live.namespace
                    )));
                }
                catch_up.push(stretch(cluster, &partition, range.to, end.max(range.to))?);
            }
        }
    }
    let at = |(partition, next): (TopicPartition, Option<i64>)| {
        Some(RawPosition { topic: partition.topic, partition: partition.partition, offset: next? })
    };
    Ok(HandOff { at: request.now, left: raw.into_iter().zip(left).filter_map(at).collect(), catch_up })
}

/// Where the range of the plan ends in a partition.
fn read_to(plan: &ReplayPlan, partition: &TopicPartition) -> Option<i64> {
    plan.ranges.iter().find(|range| TopicPartition::from(*range) == *partition).map(|range| range.to)
}

/// What is to be read of a partition, all of which must be there.
fn stretch(
    cluster: &mut KafkaBroker,
    partition: &TopicPartition,
    from: i64,
    to: i64,
) -> Result<ReplayRange, PortError> {
    let (first, _) = cluster.range(partition)?;
    if first > from && to > from {
        return Err(refused(format!(
            "{partition} is to be read from offset {from}, where the replay ended, to {to}, and the first one kept is {first}: \
             what is between was deleted; replay again"
        )));
    }
    let TopicPartition { topic, partition } = partition.clone();
    Ok(ReplayRange { topic, partition, warmup: from, from, to })
}

fn refused(reason: String) -> PortError {
    PortError::Fatal(reason)
}
