//! What forbids a promotion.

use super::request::PromotionRequest;
use crate::config::TopicNames;
use crate::kafka::{Admin, topic_specs};
use crate::record::{Signature, Versioned};
use crate::replay::plan::{ReplayPlan, ReplayState};
use crate::replay::plan_topic::NamespaceStatus;
use crate::replay::refusal::{Refusal, ReplayError};
use crate::replay::topic_target::check_topics;

/// Refuses a replay that cannot replace this service, by the plans and the settings.
pub(super) fn check_promotable(
    plan: &ReplayPlan,
    live: &NamespaceStatus,
    request: &PromotionRequest,
) -> Result<(), Refusal> {
    promotable(plan, live, request).map_err(Refusal::NotPromotable)
}

fn promotable(plan: &ReplayPlan, live: &NamespaceStatus, request: &PromotionRequest) -> Result<(), String> {
    let (name, service) = (&plan.namespace, &request.live.namespace);
    match plan.state {
        ReplayState::Running => {
            return Err(format!(
                "the replay {name} is not finished: wirefold replay --namespace {name} --resume continues it"
            ));
        }
        ReplayState::Promoted => return Err(format!("{name} was promoted, and has been replaced since")),
        ReplayState::Finished | ReplayState::Promoting => {}
    }
    if plan.source_namespace != *service {
        return Err(format!(
            "{name} is a replay of {}, and the namespace of these settings is {service}: it can replace {} only, with the \
             settings of that",
            plan.source_namespace, plan.source_namespace
        ));
    }
    match (&live.retirement, plan.state) {
        (Some(retirement), _) if retirement.successor != *name => {
            return Err(format!(
                "{service} was retired at {}: {} has replaced it",
                retirement.at, retirement.successor
            ));
        }
        (Some(_), ReplayState::Finished) => {
            return Err(format!("{service} was retired for another replay of the name {name}, which was deleted"));
        }
        _ => {}
    }
    let epoch = match &live.plan {
        None => 0,
        Some(plan) if plan.state == ReplayState::Promoted => plan.epoch,
        Some(_) => return Err(format!("{service} is a replay that was not promoted: there is no service to replace")),
    };
    if plan.epoch != epoch + 1 {
        return Err(format!("{name} has the epoch {}, and {service} has {epoch}: replay it again", plan.epoch));
    }
    if plan.signature_version != Signature::VERSION {
        return Err(format!(
            "the signatures of {name} have format version {}, and this wirefold writes version {}: replay it again",
            plan.signature_version,
            Signature::VERSION
        ));
    }
    let differences = plan.setting_differences(&request.settings);
    if differences.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{name} was clustered by other settings than these, by which it would continue: {}; promote it with the settings of \
         the replay, and serve it with them",
        differences.join("; ")
    ))
}

/// Refuses while the service runs: its offsets are final only when no instance is left.
pub(super) fn check_no_members(admin: &Admin, live: &TopicNames) -> Result<(), ReplayError> {
    for group in [live.signatures_group(), live.stories_group()] {
        let members = admin.members(&group)?;
        if members > 0 {
            return Err(Refusal::StillServed(format!(
                "{} is being served: the group {group} has {members} member{}. Stop every instance with SIGTERM and promote \
                 again; an instance that was killed stays a member until its session ends (session.timeout.ms)",
                live.namespace,
                if members == 1 { "" } else { "s" }
            ))
            .into());
        }
    }
    Ok(())
}

/// Refuses public topics that would lose what is published.
pub(super) fn check_public_topics(admin: &Admin, live: &TopicNames) -> Result<(), ReplayError> {
    let public = [&live.stories, &live.verdicts, &live.dead_letters];
    let specs: Vec<_> = topic_specs(live, 1, 1).into_iter().filter(|spec| public.contains(&&spec.name)).collect();
    check_topics(admin, &specs)
}
