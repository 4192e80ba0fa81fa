//! Whether a namespace may be served, and in which epoch.

use std::collections::BTreeMap;

use super::plan::{ReplayState, Retirement};
use super::plan_topic::{NamespaceStatus, PlanTopic};
use super::ranges::check_readable;
use super::refusal::{Refusal, ReplayError};
use crate::config::TopicNames;
use crate::kafka::{Admin, ClientSettings, KafkaBroker};
use crate::record::{BoilerplateTable, Decision, Signature};
use crate::stream::port::{LogStore, PortError, TopicPartition};

/// A namespace that may be served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServedNamespace {
    /// Its epoch: that of the plan where it is a promoted replay, else 0.
    pub epoch: u32,
    /// Settings that differ from those of the promotion, in words.
    pub differences: Vec<String>,
}

/// Checks whether a namespace may be served with `settings`, those that signatures and clustering depend on. A replay that
/// was not promoted is refused, and so are a retired namespace and one whose log another build has written.
pub fn check_served(
    client: &ClientSettings,
    admin: &Admin,
    names: &TopicNames,
    settings: &BTreeMap<String, String>,
) -> Result<ServedNamespace, ReplayError> {
    let status = PlanTopic::of(client, names).status(admin)?;
    let epoch = epoch_of(&names.namespace, &status)?;
    check_formats(client, admin, names)?;
    let differences = status.plan.map(|plan| plan.setting_differences(settings)).unwrap_or_default();
    Ok(ServedNamespace { epoch, differences })
}

/// A guard for the writers of a service: they are opened only as long as the namespace may be served.
///
/// The stages open a writer when partitions are assigned to them. So an instance that starts, or comes back, after its
/// namespace was retired ends before it writes anything.
pub fn writer_guard(
    client: &ClientSettings,
    names: &TopicNames,
) -> Result<impl FnMut() -> Result<(), PortError> + Send + 'static, PortError> {
    let (admin, plan, namespace) = (Admin::connect(client)?, PlanTopic::of(client, names), names.namespace.clone());
    Ok(move || {
        // A cluster that does not answer is worth another try, as it is for the writer.
        let status = plan.status(&admin).map_err(|error| PortError::WriterFailed(error.to_string()))?;
        Ok(epoch_of(&namespace, &status).map(drop)?)
    })
}

/// Refuses a retired namespace.
pub(super) fn check_not_retired(status: &NamespaceStatus) -> Result<(), Refusal> {
    match &status.retirement {
        Some(Retirement { namespace, successor, at, .. }) => {
            Err(Refusal::Retired { namespace: namespace.clone(), successor: successor.clone(), at: *at })
        }
        None => Ok(()),
    }
}

fn epoch_of(namespace: &str, status: &NamespaceStatus) -> Result<u32, Refusal> {
    check_not_retired(status)?;
    let Some(plan) = &status.plan else { return Ok(0) };
    let source = &plan.source_namespace;
    Err(Refusal::NotServed(match plan.state {
        ReplayState::Promoted => return Ok(plan.epoch),
        ReplayState::Promoting => format!(
            "{namespace} is being promoted, as {namespace}.replay says: wirefold promote {namespace}, with the settings of \
             {source}, continues that"
        ),
        ReplayState::Running => format!(
            "{namespace} is a replay that is not finished, as {namespace}.replay says, and cannot be served: wirefold replay \
             --namespace {namespace} --resume continues it"
        ),
        ReplayState::Finished => format!(
            "{namespace} is a replay, as {namespace}.replay says, and cannot be served before it replaces {source}: \
             wirefold promote {namespace}"
        ),
    }))
}

/// Refuses internal topics that another build has written.
fn check_formats(client: &ClientSettings, admin: &Admin, names: &TopicNames) -> Result<(), ReplayError> {
    let mut broker = KafkaBroker::new(client.clone(), &client.client_id)?;
    for topic in [names.signatures(), names.decisions(), names.boilerplate()] {
        for partition in 0..admin.partitions(&topic)?.unwrap_or_default() {
            let partition = TopicPartition { topic: topic.as_str().into(), partition };
            let range = broker.range(&partition)?;
            match &topic {
                topic if *topic == names.signatures() => check_readable::<Signature>(&mut broker, &partition, range)?,
                topic if *topic == names.decisions() => check_readable::<Decision>(&mut broker, &partition, range)?,
                _ => check_readable::<BoilerplateTable>(&mut broker, &partition, range)?,
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Millis;
    use crate::replay::plan::{ReplayOrder, ReplayPlan, ReplaySource};

    fn status(state: ReplayState) -> NamespaceStatus {
        let plan = ReplayPlan {
            schema: ReplayPlan::SCHEMA.into(),
            namespace: "march".to_owned(),
            source_namespace: "live".to_owned(),
            epoch: 3,
            state,
            run: 1,
            process: "here".to_owned(),
            source: ReplaySource::Articles,
            order: ReplayOrder::Recorded,
            from: "earliest".to_owned(),
            to: "latest".to_owned(),
            ranges: Vec::new(),
            planned: Millis(0),
            wirefold: "0.0.0".into(),
            signature_version: 1,
            settings: BTreeMap::new(),
            decisions: None,
            handover: None,
        };
        NamespaceStatus { plan: Some(plan), retirement: None }
    }

    #[test]
    fn a_namespace_is_served_when_it_is_no_replay_or_was_promoted_and_was_not_retired() {
        assert_eq!(epoch_of("live", &NamespaceStatus::default()), Ok(0));
        assert_eq!(epoch_of("march", &status(ReplayState::Promoted)), Ok(3));
        for (state, text) in [
            (ReplayState::Running, "wirefold replay --namespace march --resume"),
            (ReplayState::Finished, "wirefold promote march"),
            (ReplayState::Promoting, "wirefold promote march, with the settings of live"),
        ] {
            let refused = epoch_of("march", &status(state)).map_err(|refusal| refusal.to_string());
            assert!(refused.as_ref().is_err_and(|reason| reason.contains(text)), "{state:?}: {refused:?}");
        }
        let retirement = Retirement {
            schema: Retirement::SCHEMA.into(),
            namespace: "march".to_owned(),
            successor: "april".to_owned(),
            at: Millis(0),
        };
        for plan in [None, status(ReplayState::Promoted).plan] {
            let refused = epoch_of("march", &NamespaceStatus { plan, retirement: Some(retirement.clone()) });
            assert!(refused.is_err_and(|refusal| refusal.to_string().contains("namespace = \"april\"")));
        }
    }
}
