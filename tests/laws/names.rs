//! Names say nothing: ids hash the raw position, and the same articles in another topic are folded into the same groups.

use std::collections::BTreeMap;

use proptest::prelude::*;
use wirefold::fold::{State, Tally, judge};
use wirefold::record::{ArticleId, Outcome, RawPosition, StoryId};

use crate::logs::{Step, log, signatures};

/// Each decision of a log whose raw records stand in this topic, as far as it names no id.
fn folded(steps: &[Step], topic: &str) -> Vec<String> {
    let mut state = State::new();
    // Stories by the first record of theirs, as numbers.
    let mut numbers: BTreeMap<ArticleId, u64> = BTreeMap::new();
    let mut decided = Vec::new();
    for (offset, mut signature, rules) in signatures(steps) {
        signature.raw = RawPosition { topic: topic.into(), ..signature.raw };
        let decision = judge(&state, &signature, offset, &rules, &mut Tally::default());
        state.apply(&signature, &decision);
        numbers.entry(signature.raw.article_id()).or_insert(decision.seq);
        let number = |story: StoryId| numbers.iter().find(|&(&id, _)| StoryId::from(id) == story).map(|(_, &seq)| seq);
        decided.push(match &decision.outcome {
            Outcome::Admitted(admission) => {
                let merged: Vec<_> = admission.merged.iter().map(|&story| number(story)).collect();
                let links: Vec<_> = admission.links.iter().map(|link| number(link.story_id)).collect();
                let story = number(admission.story);
                format!("{story:?} {merged:?} {:?} {links:?} {:?}", admission.relation, admission.matched)
            }
            other => format!("{other:?}"),
        });
    }
    decided
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn the_same_articles_in_another_topic_are_judged_the_same(steps in log()) {
        let in_one = folded(&steps, "articles");
        for topic in ["live.articles", "a"] {
            prop_assert_eq!(&folded(&steps, topic), &in_one);
        }
    }
}
