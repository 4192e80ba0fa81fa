//! A process that is a client of the simulated cluster.

use std::collections::BTreeSet;
use std::sync::Arc;

use wirefold::stream::port::PortError;

use crate::simulation::broker::SimBroker;
use crate::simulation::cluster::SimCluster;
use crate::simulation::consumer::SimConsumer;
use crate::simulation::faults::{Effect, Fault, FaultInjector, FaultPlan};
use crate::simulation::group::SimGroup;

/// Identifies an instance; a restart is another instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct InstanceId(pub(crate) usize);

/// A process. Clones are the same process: its stages share its faults.
#[derive(Clone)]
pub(crate) struct Instance {
    pub(crate) cluster: SimCluster,
    pub(crate) id: InstanceId,
    faults: FaultInjector,
}

impl Instance {
    pub(crate) fn new(cluster: SimCluster, id: InstanceId, plan: FaultPlan) -> Self {
        Self { cluster, id, faults: FaultInjector::new(plan) }
    }

    /// A consumer of these topics, which exist. It joins the group in its first poll.
    pub(crate) fn consumer(&self, group: &str, topics: &[&str]) -> SimConsumer {
        let mut state = self.cluster.state();
        let partitions: BTreeSet<_> = topics.iter().flat_map(|topic| state.partitions_of(topic)).cloned().collect();
        let group: Arc<str> = group.into();
        let existing = state.groups.entry(Arc::clone(&group)).or_insert_with(|| SimGroup::new(partitions.clone()));
        assert_eq!(*existing.partitions(), partitions, "all members of {group} subscribe to the same topics");
        drop(state);
        SimConsumer::new(self.clone(), group)
    }

    /// The cluster, as seen by a stage of this process that commits offsets for a group.
    pub(crate) fn broker(&self, group: &str) -> SimBroker {
        SimBroker::new(self.clone(), group.into())
    }

    /// Injects no more faults.
    pub(crate) fn stop_faults(&self) {
        self.faults.stop_faults();
    }

    /// Whether it has ended by a crash.
    pub(crate) fn has_crashed(&self) -> bool {
        self.faults.has_crashed()
    }

    /// The boundaries that it has passed, in order, each with its fault.
    pub(crate) fn effects(&self) -> Vec<(Effect, Option<Fault>)> {
        self.faults.effects()
    }

    /// Passes a boundary. When this returns, a pause is over and the other instances have run.
    pub(crate) fn pass(&self, effect: Effect) -> Result<Option<Fault>, PortError> {
        match self.faults.pass(effect)? {
            Some(Fault::Pause(milliseconds)) => {
                self.cluster.freeze(self.id, milliseconds);
                Ok(None)
            }
            other => Ok(other),
        }
    }
}
