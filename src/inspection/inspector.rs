//! A clustering run that reports on each record.

use std::collections::BTreeMap;

use super::examined::ExaminedRecord;
use super::inspected::{ArrivalDecision, InspectedRecord};
use super::known_texts::KnownTexts;
use super::summary::InspectionSummary;
use crate::clustering::{ClusteringRules, Engine, Publication};
use crate::record::{DecisionKind, Signature, VerdictRecord};

/// Clusters records in their order, and reports what was decided on each when it arrived.
#[derive(Debug, Default)]
pub struct Inspector {
    engine: Engine,
    processed: i64,
    known_texts: KnownTexts,
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
        let ExaminedRecord { mut inspected, signature, text_hash } = examined;
        if let Some((signature, compared)) = signature {
            if let Some(article) = signature.article() {
                let publisher = self.engine.rules().publisher(&article.source).clone();
                // Before it is processed: afterwards the filter has learned the article itself.
                let state = self.engine.state();
                let count = compared.boilerplate_count(|shingle| state.is_boilerplate(&publisher, shingle));
                inspected.words_boilerplate = Some(count as u64);
                inspected.publisher = Some(publisher).filter(|publisher| !publisher.is_empty());
            }
            let arrival = self.decide(&signature);
            if let Some(text) = text_hash {
                // Only the first of two texts is taken, so a third record with the second one is lost too.
                if arrival.decision == DecisionKind::Duplicate {
                    inspected.same_uri_other_text = self.known_texts.get(&signature.uri).map(|known| known != text);
                } else {
                    self.known_texts.insert(&signature.uri, text);
                }
            }
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
        // There is no namespace, so no replay can take the place of this run.
        let verdict = self.engine.process(signature, self.processed, Publication::Service).verdict(0);
        self.processed += 1;
        let VerdictRecord { decision, relation, story_id, matched, links, late, .. } = verdict;
        let (matched_to, score) = matched.map(|matched| (matched.matched_to, matched.score)).unzip();
        ArrivalDecision { decision, relation, story_id, matched_to, score, late, links }
    }
}
