//! The law of names: ids hash the raw position, but the same articles in another topic are clustered in the same way.

use std::collections::BTreeMap;

use proptest::prelude::*;
use wirefold::clustering::{Engine, Publication};
use wirefold::record::{ArticleId, Outcome, RawPosition, StoryId};

use crate::laws::logs::{Step, entry, log, signatures};

/// The decisions on a log whose raw records are in this topic, with numbers instead of ids.
fn decisions(steps: &[Step], topic: &str) -> Vec<String> {
    let mut engine = Engine::default();
    // The number of a story is the `seq` of its first record.
    let mut numbers: BTreeMap<ArticleId, u64> = BTreeMap::new();
    let mut decided = Vec::new();
    for (offset, mut signature, rules) in signatures(steps) {
        signature.raw = RawPosition { topic: topic.into(), ..signature.raw };
        engine = Engine::resume(engine.state().clone(), rules);
        let decision = engine.process(&signature, entry(offset, &signature), Publication::Service).decision;
        numbers.entry(signature.raw.article_id()).or_insert(decision.seq);
        let number = |story: StoryId| numbers.iter().find(|&(&id, _)| StoryId::from(id) == story).map(|(_, &seq)| seq);
        decided.push(match &decision.outcome {
            Outcome::Assigned(assignment) => {
                let merged: Vec<_> = assignment.merged.iter().map(|&story| number(story)).collect();
                let links: Vec<_> = assignment.links.iter().map(|link| number(link.story_id)).collect();
                let story = number(assignment.story);
                format!("{story:?} {merged:?} {:?} {links:?} {:?}", assignment.relation, assignment.matched)
            }
            other => format!("{other:?}"),
        });
    }
    decided
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn decisions_do_not_depend_on_the_name_of_the_topic(steps in log()) {
        let expected = decisions(&steps, "articles");
        for topic in ["live.articles", "a"] {
            prop_assert_eq!(&decisions(&steps, topic), &expected);
        }
    }
}
