//! The oracle for a namespace on a real Kafka.

use std::collections::BTreeMap;

use wirefold::clustering::ClusteringRules;
use wirefold::record::{Decision, RawPosition, RestorePoint, Signature, VerdictRecord, Versioned};
use wirefold::stream::port::ConsumerRecord;

use crate::kit::oracle::{self, Expected, Rules, Written, rejected_at};
use crate::kit::record::partition;
use crate::service::namespace::Namespace;

/// The results of a run that the oracle has accepted.
pub(crate) struct Run {
    signatures: Vec<Vec<u8>>,
    pub(crate) expected: Expected,
    pub(crate) dead_letters: BTreeMap<RawPosition, ConsumerRecord>,
}

/// Reads everything back and checks it.
pub(crate) fn check(namespace: &Namespace) -> Run {
    let records = |topic| namespace.records(&topic).into_iter().flatten().collect::<Vec<_>>();
    let log = namespace.topic("signatures");
    let mut committed = BTreeMap::new();
    for (stage, topic) in [("signatures", &namespace.articles), ("stories", &log)] {
        for (number, next) in (0..).zip(namespace.committed(stage, topic)) {
            committed.extend(next.map(|next| (partition(topic, number), next)));
        }
    }
    let written = Written {
        articles: records(namespace.articles.clone()),
        signatures: records(log),
        dead_letters: records(namespace.topic("dead-letters")),
        decisions: records(namespace.topic("decisions")),
        boilerplate: records(namespace.topic("boilerplate")),
        stories: records(namespace.topic("stories")),
        verdicts: records(namespace.topic("verdicts")),
        committed,
        committed_forgotten: false,
    };
    let clustering = ClusteringRules::default();
    let rules = Rules { grace: clustering.grace, clustering, epoch: 0 };
    let expected = oracle::check(&written, &rules).unwrap_or_else(|error| panic!("{}: {error}", namespace.name));
    let signatures = written.signatures.into_iter().filter_map(|record| record.value).collect();
    Run { signatures, expected, dead_letters: dead_letters(namespace) }
}

impl Run {
    /// Asserts that this run has written the same bytes as an undisturbed one over the same single partition. Only the log
    /// offsets may differ, which have gaps where transactions end.
    pub(crate) fn assert_same_as(&self, undisturbed: &Self) {
        assert!(self.signatures == undisturbed.signatures, "the signatures or their order differ");
        assert_eq!(numbered(&self.expected.decisions), numbered(&undisturbed.expected.decisions));
        assert!(self.expected.stories == undisturbed.expected.stories, "the stories differ");
        assert!(self.expected.verdicts == undisturbed.expected.verdicts, "the verdicts differ");
        let at = |run: &Self| run.dead_letters.keys().cloned().collect::<Vec<_>>();
        assert_eq!(at(self), at(undisturbed));
    }

    /// The restore point of the last decision.
    pub(crate) fn restore_point(&self) -> RestorePoint {
        self.expected.decisions.last().expect("at least one decision").restore_point
    }

    /// The signatures of the log.
    pub(crate) fn signatures(&self) -> impl Iterator<Item = Signature> {
        self.signatures.iter().map(|bytes| Signature::from_bytes(bytes).expect("a signature"))
    }

    /// The number of published stories.
    pub(crate) fn stories(&self) -> usize {
        self.expected.stories.len()
    }

    /// The last verdict on this uri.
    pub(crate) fn verdict(&self, uri: &str) -> VerdictRecord {
        let last = self.expected.verdicts.get(uri.as_bytes()).and_then(|verdicts| verdicts.last()?.0.as_deref());
        serde_json::from_slice(last.unwrap_or_else(|| panic!("no verdict on {uri}"))).expect("a verdict")
    }
}

/// Dead letters by raw position.
pub(crate) fn dead_letters(namespace: &Namespace) -> BTreeMap<RawPosition, ConsumerRecord> {
    let mut letters = BTreeMap::new();
    for letter in namespace.records(&namespace.topic("dead-letters")).into_iter().flatten() {
        let at = rejected_at(&letter);
        assert!(letters.insert(at.clone(), letter).is_none(), "{}: {at} has two dead letters", namespace.name);
    }
    letters
}

/// Decisions with the ordinal number of their signature in place of its log offset.
fn numbered(decisions: &[Decision]) -> Vec<Decision> {
    let place: BTreeMap<i64, i64> = decisions.iter().map(|one| (one.log_offset, one.seq as i64)).collect();
    let number = |mut decision: Decision| {
        decision.log_offset = place[&decision.log_offset];
        decision.restore_point.log_offset = place[&decision.restore_point.log_offset];
        decision
    };
    decisions.iter().cloned().map(number).collect()
}
