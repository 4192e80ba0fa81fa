//! Whether a replay may begin, or go on, and the plan by which it does.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::bound::Bound;
use super::home::Home;
use super::ranges::{first_and_last, resolve};
use super::standing::retired;
use crate::kafka::{Admin, ClientSettings, KafkaBroker, PlanTopic, TopicNames};
use crate::pipeline::port::{PortError, TopicPartition};
use crate::record::{Millis, ReplayOrder, ReplayPlan, ReplayRange, ReplaySource, ReplayState, Signature, Versioned};

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Request {
    /// The namespace that is written, or the directory.
    pub namespace: String,
    /// The names of the service that it must leave alone, and whose articles or signatures it reads.
    pub beside: TopicNames,
    /// What is read; none is [`ReplaySource::Articles`], or what was begun.
    pub source: Option<ReplaySource>,
    /// In which order; none is [`ReplayOrder::Recorded`], or what was begun.
    pub order: Option<ReplayOrder>,
    /// The beginning of the range, as it was typed; none is the earliest, or what was begun.
    pub from: Option<String>,
    /// Its end, as it was typed; none is the latest, or what was begun.
    pub to: Option<String>,
    /// How much is read before the range.
    pub warmup: Duration,
    /// The settings that signing and judging go by.
    pub settings: BTreeMap<String, String>,
    /// The clock.
    pub now: Millis,
}

/// What is done about a replay of that name that was begun before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begin {
    /// There must be none.
    Anew,
    /// It goes on.
    Resume,
    /// It is thrown away.
    Force,
}

/// Plans the replay and writes the plan, or finds the one to go on with; none when that is finished. Nothing is written before
/// everything is checked.
pub fn begin(
    client: &ClientSettings,
    admin: &Admin,
    cluster: &mut KafkaBroker,
    home: &mut impl Home,
    request: &Request,
    how: Begin,
) -> Result<Option<ReplayPlan>, PortError> {
    let name = home.to_string();
    let begun = home.plan()?;
    let over = begun.is_some();
    let plan = match (begun, how) {
        (None, Begin::Resume) => {
            return Err(refused(format!("there is no replay {name} to resume: begin it without --resume")));
        }
        (None, Begin::Anew | Begin::Force) => {
            home.refuse_strangers()?;
            draft(client, admin, cluster, request)?
        }
        (Some(plan), Begin::Anew) => return Err(refused(remedy(&name, &plan))),
        (Some(plan), Begin::Resume | Begin::Force)
            if matches!(plan.state, ReplayState::Promoting | ReplayState::Promoted) =>
        {
            return Err(refused(remedy(&name, &plan)));
        }
        (Some(plan), Begin::Resume) => {
            refuse_another(&name, &plan, request)?;
            if plan.state == ReplayState::Finished {
                home.finish(&plan)?;
                return Ok(None);
            }
            let plan = ReplayPlan { run: plan.run + 1, process: this_process(), ..plan };
            home.take_over(&plan)?;
            return Ok(Some(plan));
        }
        (Some(_), Begin::Force) => draft(client, admin, cluster, request)?,
    };
    home.found(&plan, over)?;
    Ok(Some(plan))
}

/// A name for this process that no other has.
#[must_use]
pub fn this_process() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("{}-{}-{}", gethostname::gethostname().to_string_lossy(), std::process::id(), since.as_nanos())
}

fn remedy(name: &str, plan: &ReplayPlan) -> String {
    match plan.state {
        ReplayState::Running => format!(
            "the replay {name} was begun at {} and is not at its end: --resume goes on with it, --force throws it away",
            plan.planned
        ),
        ReplayState::Finished => {
            format!("the replay {name} is finished: --force throws it away and begins again, or choose another name")
        }
        ReplayState::Promoting => format!(
            "{name} is taking the place of {}: wirefold promote {name} goes on with that; choose another name",
            plan.beside
        ),
        ReplayState::Promoted => {
            format!("{name} was promoted, and is a service now: choose another name")
        }
    }
}

/// What was begun is gone on with, and nothing else.
fn refuse_another(name: &str, plan: &ReplayPlan, request: &Request) -> Result<(), PortError> {
    let mut differences = Vec::new();
    let mut compare = |what: &str, was: &str, is: Option<&str>| {
        if let Some(is) = is.filter(|is| *is != was) {
            differences.push(format!("{what} was {was} and is {is}"));
        }
    };
    compare("the source", plan.source.name(), request.source.map(ReplaySource::name));
    compare("the order", plan.order.name(), request.order.map(ReplayOrder::name));
    compare("--from", &plan.from, request.from.as_deref());
    compare("--to", &plan.to, request.to.as_deref());
    compare("the other namespace", &plan.beside, Some(&request.beside.namespace));
    compare("the build", &plan.wirefold, Some(env!("CARGO_PKG_VERSION")));
    compare("the version of signatures", &plan.signature_version.to_string(), Some(&Signature::VERSION.to_string()));
    differences.extend(self::differences(&plan.settings, &request.settings));
    if differences.is_empty() {
        return Ok(());
    }
    Err(refused(format!(
        "the replay {name} was begun otherwise and cannot go on like this: {}; --force begins it again",
        differences.join("; ")
    )))
}

/// What is set otherwise, or only here or there, in words.
#[must_use]
pub fn differences(was: &BTreeMap<String, String>, is: &BTreeMap<String, String>) -> Vec<String> {
    let keys: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
    let value =
        |settings: &BTreeMap<String, String>, key| settings.get(key).map_or("not set", String::as_str).to_owned();
    let differs = |key: &&String| was.get(*key) != is.get(*key);
    keys.into_iter()
        .filter(differs)
        .map(|key| format!("{key} was {} and is {}", value(was, key), value(is, key)))
        .collect()
}

/// The plan of a replay that begins.
fn draft(
    client: &ClientSettings,
    admin: &Admin,
    cluster: &mut KafkaBroker,
    request: &Request,
) -> Result<ReplayPlan, PortError> {
    let source = request.source.unwrap_or(ReplaySource::Articles);
    let order = request.order.unwrap_or(ReplayOrder::Recorded);
    let from = request.from.clone().unwrap_or_else(|| "earliest".to_owned());
    let to = request.to.clone().unwrap_or_else(|| "latest".to_owned());
    let bound = |parsed: Result<Bound, super::BoundError>| parsed.map_err(|error| refused(error.to_string()));
    if order == ReplayOrder::Published && source == ReplaySource::Signatures {
        return Err(refused("signatures have their order: --order published is for articles".to_owned()));
    }
    let (begin, end) = (bound(Bound::from(&from))?, bound(Bound::to(&to))?);
    let topics = match source {
        ReplaySource::Articles => request.beside.articles.clone(),
        ReplaySource::Signatures => vec![request.beside.signatures()],
    };
    let beside = PlanTopic::of(client, &request.beside).standing(admin)?;
    if let Some(retirement) = &beside.retirement {
        return Err(refused(retired(retirement)));
    }
    if beside.plan.as_ref().is_some_and(|plan| plan.state != ReplayState::Promoted) {
        tracing::warn!(
            "{} is a replay that was not promoted: this one can be compared with it, and cannot take its place",
            request.beside.namespace
        );
    }
    // What was published before may stand anywhere in an archive: there is no way to read only that.
    let warmup = if order == ReplayOrder::Published { Duration::ZERO } else { request.warmup };
    let ranges = resolve(admin, cluster, &topics, (&begin, &end), warmup)?;
    if source == ReplaySource::Signatures {
        refuse_unreadable(cluster, &ranges)?;
    }
    Ok(ReplayPlan {
        schema: ReplayPlan::SCHEMA.into(),
        namespace: request.namespace.clone(),
        beside: request.beside.namespace.clone(),
        generation: beside.plan.map_or(0, |plan| plan.generation) + 1,
        state: ReplayState::Running,
        run: 1,
        process: this_process(),
        source,
        order,
        from,
        to,
        ranges,
        planned: request.now,
        wirefold: env!("CARGO_PKG_VERSION").into(),
        signature_version: Signature::VERSION,
        settings: request.settings.clone(),
        decisions: None,
        hand_off: None,
    })
}

/// Signatures of another format are found before anything is begun. Formats change with builds: the first record and the
/// last one tell.
fn refuse_unreadable(cluster: &mut KafkaBroker, ranges: &[ReplayRange]) -> Result<(), PortError> {
    for range in ranges.iter().filter(|range| range.warmup < range.to) {
        let partition = TopicPartition::from(range);
        let (first, last) = first_and_last(cluster, &partition, range.warmup, range.to)?;
        for record in [first, last].into_iter().flatten() {
            Signature::from_bytes(record.value.as_deref().unwrap_or_default()).map_err(|error| {
                refused(format!("offset {} of {partition} holds {error}: replay the articles", record.offset))
            })?;
        }
    }
    Ok(())
}

pub(super) fn refused(reason: String) -> PortError {
    PortError::Fatal(reason)
}
