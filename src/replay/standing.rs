//! Whether a namespace may be served, and in which generation.

use std::collections::BTreeMap;

use super::begin::differences;
use crate::kafka::{
    Admin, ClientSettings, KafkaBroker, KafkaConsumer, KafkaReader, KafkaWriter, PlanTopic, Standing, TopicNames,
};
use crate::pipeline::port::{Broker, PortError, TopicPartition};
use crate::record::{Millis, ReplayState, Retirement};

/// A namespace that may be served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    /// In which generation: that of its plan where it is a replay that was promoted.
    pub generation: u32,
    /// What is set otherwise than when it was promoted, in words.
    pub differences: Vec<String>,
}

/// How a namespace is served with `settings`, those that signing and judging go by. A replay that was not promoted is refused,
/// and so is a namespace that another one has replaced.
pub fn served(
    client: &ClientSettings,
    admin: &Admin,
    names: &TopicNames,
    settings: &BTreeMap<String, String>,
) -> Result<Served, PortError> {
    let standing = PlanTopic::of(client, names).standing(admin)?;
    let generation = generation(&names.namespace, &standing).map_err(PortError::Fatal)?;
    let differences = standing.plan.map(|plan| differences(&plan.settings, settings)).unwrap_or_default();
    Ok(Served { generation, differences })
}

fn generation(namespace: &str, standing: &Standing) -> Result<u32, String> {
    if let Some(retirement) = &standing.retirement {
        return Err(retired(retirement));
    }
    let Some(plan) = &standing.plan else { return Ok(0) };
    match plan.state {
        ReplayState::Promoted => Ok(plan.generation),
        ReplayState::Promoting => Err(format!(
            "{namespace} is being promoted, as {namespace}.replay says: wirefold promote {namespace}, with the settings of {}, \
             goes on with that",
            plan.beside
        )),
        ReplayState::Running => Err(format!(
            "{namespace} is a replay that is not at its end, as {namespace}.replay says, and is not served: wirefold replay \
             --namespace {namespace} --resume goes on with it"
        )),
        ReplayState::Finished => Err(format!(
            "{namespace} is a replay, as {namespace}.replay says, and is not served until it takes the place of {}: \
             wirefold promote {namespace}",
            plan.beside
        )),
    }
}

/// That a namespace has a successor, and what to do.
pub(super) fn retired(retirement: &Retirement) -> String {
    let Retirement { namespace, successor, at, .. } = retirement;
    format!(
        "{namespace} was retired at {at}, and {successor} goes on in its place: set namespace = \"{successor}\" \
         (WIREFOLD_NAMESPACE={successor})"
    )
}

/// The cluster as a stage of the service sees it: a writer is opened only as long as the namespace may be served.
///
/// Fold opens one whenever a partition becomes its own. So an instance that starts, or comes back, after its namespace was
/// retired ends before it writes anything.
pub struct ServedBroker {
    cluster: KafkaBroker,
    admin: Admin,
    plan: PlanTopic,
    namespace: String,
}

impl ServedBroker {
    /// The cluster for a stage of this namespace.
    pub fn new(cluster: KafkaBroker, client: &ClientSettings, names: &TopicNames) -> Result<Self, PortError> {
        let (admin, plan) = (Admin::connect(client)?, PlanTopic::of(client, names));
        Ok(Self { cluster, admin, plan, namespace: names.namespace.clone() })
    }
}

impl Broker for ServedBroker {
    type Consumer = KafkaConsumer;
    type Writer = KafkaWriter;
    type Reader = KafkaReader;

    fn writer(&mut self, transactional_id: &str) -> Result<KafkaWriter, PortError> {
        let writer = self.cluster.writer(transactional_id)?;
        // A cluster that does not answer is worth another try, as it is for the writer.
        let standing = self.plan.standing(&self.admin).map_err(|error| PortError::WriterFailed(error.to_string()))?;
        generation(&self.namespace, &standing).map_err(PortError::Fatal)?;
        Ok(writer)
    }

    fn reader(&mut self, partition: &TopicPartition, from: Option<i64>) -> Result<KafkaReader, PortError> {
        self.cluster.reader(partition, from)
    }

    fn range(&mut self, partition: &TopicPartition) -> Result<(i64, i64), PortError> {
        self.cluster.range(partition)
    }

    fn glance(&mut self, partition: &TopicPartition) -> Option<i64> {
        self.cluster.glance(partition)
    }

    fn trim(&mut self, partition: &TopicPartition, below: i64, older_than: Millis) -> Result<(), PortError> {
        self.cluster.trim(partition, below, older_than)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{ReplayOrder, ReplayPlan, ReplaySource};

    fn standing(state: ReplayState) -> Standing {
        let plan = ReplayPlan {
            schema: ReplayPlan::SCHEMA.into(),
            namespace: "march".to_owned(),
            beside: "live".to_owned(),
            generation: 3,
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
            hand_off: None,
        };
        Standing { plan: Some(plan), retirement: None }
    }

    #[test]
    fn a_namespace_is_served_when_it_is_no_replay_or_was_promoted_and_has_no_successor() {
        assert_eq!(generation("live", &Standing::default()), Ok(0));
        assert_eq!(generation("march", &standing(ReplayState::Promoted)), Ok(3));
        for (state, said) in [
            (ReplayState::Running, "wirefold replay --namespace march --resume"),
            (ReplayState::Finished, "wirefold promote march"),
            (ReplayState::Promoting, "wirefold promote march, with the settings of live"),
        ] {
            let refused = generation("march", &standing(state));
            assert!(refused.as_ref().is_err_and(|reason| reason.contains(said)), "{state:?}: {refused:?}");
        }
        let retirement = Retirement {
            schema: Retirement::SCHEMA.into(),
            namespace: "march".to_owned(),
            successor: "april".to_owned(),
            at: Millis(0),
        };
        for plan in [None, standing(ReplayState::Promoted).plan] {
            let refused = generation("march", &Standing { plan, retirement: Some(retirement.clone()) });
            assert!(refused.is_err_and(|reason| reason.contains("set namespace = \"april\"")));
        }
    }
}
