//! Promotions while producers go on writing.

use wirefold::clustering::ClusteringRules;
use wirefold::record::StoryState;
use wirefold::replay::ReplayState;

use super::{PublicReader, assert_matches_log, check, promoted_namespace, run_promotion, serve};
use crate::service::articles;
use crate::service::instance::print;
use crate::service::namespace::{Namespace, port};
use crate::service::replay::Replay;

/// More lines than are written during the test.
const LINES: usize = 6_000;

/// Serves, replays, promotes and serves the promoted namespace, all under load; `arguments` are the settings of the replay.
/// Returns the public records before the promotion and at the end.
fn promote_under_load(
    what: &str,
    seed: u64,
    source: &str,
    arguments: &[&str],
    rules: &ClusteringRules,
) -> (PublicReader, PublicReader) {
    let namespace = Namespace::new(what, 3);
    let mut load = namespace.begin_to_produce(&articles::lines(seed, LINES), 70);
    let live = namespace.serve(port());
    namespace.await_processed(900);
    let replay = Replay::of(&namespace, "next");
    replay.run(&[&["--source", source][..], arguments].concat());
    namespace.await_processed(namespace.processed() + 200);
    live.stop();
    let before = PublicReader::of(&namespace);
    let summary = run_promotion(&replay, arguments);
    print(&format!("{what}: {summary}"));
    let plan = replay.plan();
    assert_eq!(plan.state, ReplayState::Promoted);
    let handover = plan.handover.expect("a promoted replay has one");
    assert!(handover.catch_up.iter().any(|range| range.from < range.to), "the promotion had nothing to read");
    let after = PublicReader::of(&namespace);
    after.assert_consistent();
    assert!(before.verdicts.keys().all(|uri| after.verdicts[uri].revision.epoch == 1), "a verdict has the old epoch");
    // The replay may have verdicts on articles whose signatures the stories stage of the service had not read.
    assert!(before.verdicts.len() <= after.verdicts.len() && before.verdicts.len() > 700);

    let (next, observer) = (serve(&replay, port(), arguments), promoted_namespace(&replay));
    observer.await_processed(observer.processed() + 300);
    assert!(load.exited().is_none(), "the load had ended before the service was replaced");
    load.kill();
    observer.await_done();
    next.stop();
    let reader = check(&replay, rules, 1);
    assert_matches_log(&replay, &reader, rules, 1);
    assert!(reader.verdicts.len() > before.verdicts.len() + 200);
    (before, reader)
}

#[test]
fn a_replay_of_articles_by_other_rules_is_promoted_under_load() {
    let rules = ClusteringRules::reference();
    let (before, after) =
        promote_under_load("other-rules", 41, "articles", &["--set", "match.rule=containment"], &rules);
    let replaced: Vec<_> = before.stories.keys().map(|id| &after.stories[id]).collect();
    let states = |state| replaced.iter().filter(|story| story.state == state).count();
    assert!(states(StoryState::Merged) > 0 || states(StoryState::Closed) > 0);
    assert!(
        before.open().all(|story| after.stories[&story.story_id].revision.epoch == 1),
        "an open story has the old epoch"
    );
}

#[test]
fn a_replay_of_signatures_by_the_same_rules_is_promoted_under_load_and_keeps_all_story_ids() {
    let (before, after) = promote_under_load("same-rules", 42, "signatures", &[], &ClusteringRules::default());
    for (id, story) in &before.stories {
        let now = &after.stories[id];
        assert_eq!(now.revision.epoch, 1);
        if story.state != StoryState::Open {
            let at = |revision| wirefold::record::Revision { epoch: 0, ..revision };
            assert_eq!(story.revision, at(now.revision), "{id} had ended, and changed");
        }
    }
}
