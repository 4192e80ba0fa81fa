//! Begins a replay, or resumes one: the checks, and the plan.

use std::sync::Arc;
use std::time::Duration;

use super::engine::{ReplayRun, RunSettings};
use super::file_target::FileTarget;
use super::namespace_status::check_not_retired;
use super::plan::{ReplayOrder, ReplayPlan, ReplaySource, ReplayState};
use super::plan_topic::{NamespaceStatus, PlanTopic};
use super::process::this_process;
use super::range_bound::{RangeBound, RangeBoundError};
use super::ranges::{check_readable, resolve};
use super::refusal::{Refusal, ReplayError};
use super::request::{BeginMode, ReplayRequest, TargetChoice};
use super::target::ReplayTarget;
use super::topic_target::TopicTarget;
use crate::kafka::{Admin, ClientSettings, KafkaBroker};
use crate::record::{Signature, Versioned};
use crate::stream::event::Observer;

/// A replay that was begun.
pub struct Replay<'a> {
    target: Box<dyn ReplayTarget + 'a>,
    plan: ReplayPlan,
}

impl<'a> Replay<'a> {
    /// Plans a replay and writes the plan, or finds the plan to resume. Nothing is written before everything is checked.
    ///
    /// Returns the results of a replay that is finished already as an error of the inner result.
    pub fn begin(
        client: &ClientSettings,
        admin: &'a Admin,
        request: &ReplayRequest,
        mode: BeginMode,
    ) -> Result<Result<Self, Vec<String>>, ReplayError> {
        let source = &request.source_namespace;
        // The readers of a replay into files commit nothing, so their group is that of no service.
        let (mut target, group): (Box<dyn ReplayTarget + 'a>, String) = match &request.target {
            TargetChoice::Topics(names) => {
                (Box::new(TopicTarget::new(client, admin, names, source, request.now)?), names.signatures_group())
            }
            TargetChoice::Directory(path) => {
                (Box::new(FileTarget::new(path, source.articles.clone())), client.client_id.clone())
            }
        };
        let mut broker = KafkaBroker::new(client.clone(), &group)?;
        let name = target.to_string();
        let existing = target.plan()?;
        let overwrite = existing.is_some();
        let plan = match (existing, mode) {
            (None, BeginMode::Resume) => return Err(Refusal::NothingToResume(name).into()),
            (None, BeginMode::New | BeginMode::Force) => {
                target.check_unused()?;
                draft(client, admin, &mut broker, request, name)?
            }
            (Some(plan), BeginMode::New) => return Err(exists(&name, &plan).into()),
            (Some(plan), BeginMode::Resume | BeginMode::Force)
                if matches!(plan.state, ReplayState::Promoting | ReplayState::Promoted) =>
            {
                return Err(exists(&name, &plan).into());
            }
            (Some(plan), BeginMode::Resume) => {
                check_same(&name, &plan, request)?;
                if plan.state == ReplayState::Finished {
                    target.finish(&plan)?;
                    return Ok(Err(target.results()));
                }
                let plan = ReplayPlan { run: plan.run + 1, process: this_process(), ..plan };
                target.resume(&plan)?;
                return Ok(Ok(Self { target, plan }));
            }
            (Some(_), BeginMode::Force) => draft(client, admin, &mut broker, request, name)?,
        };
        target.create(&plan, overwrite)?;
        Ok(Ok(Self { target, plan }))
    }

    /// The run of its stages. Events are passed on to `observer`.
    pub fn run(&self, client: ClientSettings, settings: RunSettings, observer: Arc<dyn Observer>) -> ReplayRun {
        let (names, journal) = (self.target.names().clone(), self.target.journal().cloned());
        ReplayRun::new(client, names, self.plan.clone(), journal, settings, observer)
    }

    /// Writes the results and the finished plan, after `run` is at its end.
    pub fn finish(mut self, run: &ReplayRun) -> Result<(), ReplayError> {
        let decisions = Some(run.decisions());
        self.target.finish(&ReplayPlan { state: ReplayState::Finished, decisions, ..self.plan })
    }

    /// The topics or files that hold the results.
    pub fn results(&self) -> Vec<String> {
        self.target.results()
    }
}

fn exists(name: &str, plan: &ReplayPlan) -> Refusal {
    Refusal::Exists(match plan.state {
        ReplayState::Running => format!(
            "the replay {name} was begun at {} and is not finished: --resume continues it, --force deletes it and begins again",
            plan.planned
        ),
        ReplayState::Finished => {
            format!("the replay {name} is finished: --force deletes it and begins again, or choose another name")
        }
        ReplayState::Promoting => format!(
            "{name} is being promoted to replace {}: wirefold promote {name} continues that; choose another name",
            plan.source_namespace
        ),
        ReplayState::Promoted => format!("{name} was promoted and is a service now: choose another name"),
    })
}

/// A replay is resumed as it was begun, and in no other way.
fn check_same(name: &str, plan: &ReplayPlan, request: &ReplayRequest) -> Result<(), Refusal> {
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
    compare("the source namespace", &plan.source_namespace, Some(&request.source_namespace.namespace));
    compare("the build", &plan.wirefold, Some(env!("CARGO_PKG_VERSION")));
    let (was, is) = (plan.signature_version.to_string(), Signature::VERSION.to_string());
    compare("the format version of signatures", &was, Some(&is));
    differences.extend(plan.setting_differences(&request.settings));
    if differences.is_empty() {
        return Ok(());
    }
    Err(Refusal::StartedDifferently { name: name.to_owned(), differences: differences.join("; ") })
}

/// The plan of a new replay.
fn draft(
    client: &ClientSettings,
    admin: &Admin,
    broker: &mut KafkaBroker,
    request: &ReplayRequest,
    namespace: String,
) -> Result<ReplayPlan, ReplayError> {
    let source = request.source.unwrap_or(ReplaySource::Articles);
    let order = request.order.unwrap_or(ReplayOrder::Recorded);
    let from = request.from.clone().unwrap_or_else(|| "earliest".to_owned());
    let to = request.to.clone().unwrap_or_else(|| "latest".to_owned());
    let bound = |parsed: Result<RangeBound, RangeBoundError>| parsed.map_err(|error| Refusal::Range(error.to_string()));
    if order == ReplayOrder::Published && source == ReplaySource::Signatures {
        let reason = "signatures have an order already: --order published is for articles";
        return Err(Refusal::Range(reason.to_owned()).into());
    }
    let (begin, end) = (bound(RangeBound::from(&from))?, bound(RangeBound::to(&to))?);
    let names = &request.source_namespace;
    let topics = match source {
        ReplaySource::Articles => names.articles.clone(),
        ReplaySource::Signatures => vec![names.signatures()],
    };
    let status = match PlanTopic::of(client, names).status(admin) {
        // The way on from a namespace of another build: its articles can be read, whatever its plan was.
        Err(ReplayError::Refused(other @ Refusal::OtherFormat { .. })) if source == ReplaySource::Articles => {
            tracing::warn!("{other}; this replay begins with epoch 1: publish it to topics of other names");
            NamespaceStatus::default()
        }
        status => status?,
    };
    check_not_retired(&status)?;
    if status.plan.as_ref().is_some_and(|plan| plan.state != ReplayState::Promoted) {
        tracing::warn!(
            "{} is a replay that was not promoted: this replay can be compared with it, and cannot replace it",
            names.namespace
        );
    }
    // Articles that were published before the range may be anywhere in an archive: they cannot be read alone.
    let warmup = if order == ReplayOrder::Published { Duration::ZERO } else { request.warmup };
    let ranges = resolve(admin, broker, &topics, (&begin, &end), warmup)?;
    if source == ReplaySource::Signatures {
        for range in ranges.iter().filter(|range| range.warmup_from < range.to) {
            check_readable::<Signature>(broker, &range.into(), (range.warmup_from, range.to))?;
        }
    }
    Ok(ReplayPlan {
        schema: ReplayPlan::SCHEMA.into(),
        namespace,
        source_namespace: names.namespace.clone(),
        epoch: status.plan.map_or(0, |plan| plan.epoch) + 1,
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
        handover: None,
    })
}
