//! A clustering run that reports on each record.

use std::collections::BTreeMap;

use super::examined::ExaminedRecord;
use super::inspected::{ArrivalDecision, InspectedRecord};
use super::summary::InspectionSummary;
use crate::clustering::{ClusteringRules, Engine, Publication};
use crate::record::{DecisionKind, LogEntry, Signature, VerdictRecord};

/// Clusters records in their order, and reports what was decided on each when it arrived.
#[derive(Debug, Default)]
pub struct Inspector {
    engine: Engine,
    processed: i64,
    summary: InspectionSummary,
}

impl Inspector {
    /// An inspector that has seen no record.
    pub fn new(rules: ClusteringRules) -> Self {
        Self { engine: Engine::new(rules), ..Self::default() }
    }

    /// Watches which paths of this field map are used: the summary names the others.
    #[must_use]
    pub fn with_field_map(mut self, fields: &BTreeMap<String, Vec<String>>) -> Self {
        self.summary.watch(fields);
        self
    }

    /// Processes the next record.
    pub fn process(&mut self, examined: ExaminedRecord) -> InspectedRecord {
        let ExaminedRecord { mut inspected, signature } = examined;
        if let Some((signature, compared)) = signature {
            let mut is_other_text = None;
            if let Some(article) = signature.article() {
                // Before it is processed: afterwards the state has the article itself.
                let state = self.engine.state();
                let count = compared.boilerplate_count(|shingle| state.is_boilerplate(&article.publisher, shingle));
                inspected.words_boilerplate = Some(count as u64);
                inspected.publisher = Some(article.publisher.clone()).filter(|publisher| !publisher.is_empty());
                is_other_text = state.text_hash(signature.names.uri()).map(|known| known != article.text_hash);
            }
            let arrival = self.decide(&signature);
            inspected.same_uri_other_text = is_other_text.filter(|_| arrival.decision == DecisionKind::Duplicate);
            inspected.decision = Some(arrival);
        }
        self.summary.add(&inspected);
        inspected
    }

    /// The counts so far.
    pub fn summary(&self) -> &InspectionSummary {
        &self.summary
    }

    fn decide(&mut self, signature: &Signature) -> ArrivalDecision {
        let entry = LogEntry::unlogged(self.processed);
        // There is no namespace, so no replay can take the place of this run.
        let verdict = self.engine.process(signature, entry, Publication::Service).verdict(0);
        self.processed += 1;
        let VerdictRecord { decision, relation, story_id, matched, links, late, .. } = verdict;
        let (matched_to, score) = matched.map(|matched| (matched.matched_to, matched.score)).unzip();
        ArrivalDecision { decision, relation, story_id, matched_to, score, late, links }
    }
}
