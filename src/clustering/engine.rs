//! The state machine of one log partition: decide, apply, and the records to publish.

use std::sync::Arc;

use super::apply::StateChange;
use super::context::DecisionCounters;
use super::decide::decide;
use super::emit::{self, Publication};
use super::rules::ClusteringRules;
use super::state::State;
use crate::record::{BoilerplateTable, Decision, LogEntry, Rejection, Signature, StoryRecord, VerdictRecord};

/// Turns signatures into decisions, one after the other, by one set of rules.
///
/// [`Engine::process`] is the only place where a decision is taken and applied. The service, runs over files, `explain`,
/// benches and tests all call it, so none of them can cluster differently.
#[derive(Debug, Clone, Default)]
pub struct Engine {
    state: State,
    rules: ClusteringRules,
    counters: DecisionCounters,
}

/// A signature with its decision, which was applied. The records to publish are made when they are asked for.
#[derive(Debug)]
pub struct Processed<'a> {
    /// The decision, to be written to `NS.decisions`.
    pub decision: Decision,
    /// What the decision changed beyond the article itself.
    pub changes: Vec<StateChange>,
    state: &'a State,
    signature: &'a Signature,
    publication: Publication,
}

impl Engine {
    /// Makes an engine for an empty log.
    pub fn new(rules: ClusteringRules) -> Self {
        Self::resume(State::new(), rules)
    }

    /// Makes an engine that goes on from a restored state. The rules may differ from those of earlier decisions.
    pub fn resume(state: State, rules: ClusteringRules) -> Self {
        Self { state, rules, counters: DecisionCounters::default() }
    }

    /// The state after the last decision.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The rules by which it decides.
    pub fn rules(&self) -> &ClusteringRules {
        &self.rules
    }

    /// Returns the counters and sets them to zero.
    pub fn take_counters(&mut self) -> DecisionCounters {
        std::mem::take(&mut self.counters)
    }

    /// Decides on the signature of this log entry, and applies the decision. Log offsets must ascend.
    pub fn process<'a>(
        &'a mut self,
        signature: &'a Signature,
        entry: LogEntry,
        publication: Publication,
    ) -> Processed<'a> {
        let mut decision = decide(&self.state, signature, entry, &self.rules, &mut self.counters);
        if publication == Publication::WarmUp {
            self.state.keep_unpublished(&mut decision);
        }
        let changes = self.state.apply(signature, &decision);
        Processed { decision, changes, state: &self.state, signature, publication }
    }
}

impl Processed<'_> {
    /// The verdict on the article itself, whether it is published or not. `epoch` is that of the namespace.
    pub fn verdict(&self, epoch: u32) -> VerdictRecord {
        emit::verdict(self.state, self.signature, &self.decision, epoch)
    }

    /// The signature that was decided on.
    pub fn signature(&self) -> &Signature {
        self.signature
    }

    /// Why the record becomes a dead letter instead of getting a verdict; none where it does not, and in the warm-up.
    pub fn rejection(&self) -> Option<Rejection> {
        emit::rejection(self.signature, &self.decision).filter(|_| self.publication > Publication::WarmUp)
    }

    /// The verdicts to publish: the one on the article itself, except in the warm-up and of a dead letter, then one for each
    /// live article that a merge moved into another story.
    pub fn verdicts(&self, epoch: u32) -> Vec<VerdictRecord> {
        emit::verdicts(self.state, self.signature, &self.decision, &self.changes, epoch, self.publication)
    }

    /// The story records to publish: stories that ended, then stories that changed.
    pub fn stories(&self, epoch: u32) -> Vec<StoryRecord> {
        emit::story_records(&self.decision, &self.changes, epoch, self.publication)
    }

    /// The boilerplate filters to write with the decision, by publisher; none deletes the filter of a publisher.
    pub fn filters(&self) -> Vec<(Arc<str>, Option<BoilerplateTable>)> {
        let table = |publisher| self.state.boilerplate_table(publisher, self.decision.seq);
        let evicted = self.decision.filter_evicted.iter().map(|publisher| (publisher.clone(), None));
        let written = self.decision.filters_written.iter().map(|publisher| (publisher.clone(), table(publisher)));
        evicted.chain(written).collect()
    }
}
