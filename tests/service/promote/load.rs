//! Producers never stop: not for the replay, not for the promotion, not for the service after it.

use wirefold::fold::Rules;
use wirefold::record::{ReplayState, StoryState};

use super::{Reader, assert_folded, check, promoted, seen, serve};
use crate::articles;
use crate::instance::say;
use crate::namespace::{Namespace, port};
use crate::replay::Replay;

/// More than are written until the test is done.
const LINES: usize = 6_000;

/// Serves, replays beside it, promotes and serves on, all under load; `arguments` are the settings of the replay.
fn promote_under_load(what: &str, seed: u64, source: &str, arguments: &[&str], rules: &Rules) -> (Reader, Reader) {
    let namespace = Namespace::new(what, 3);
    let mut load = namespace.begin_to_produce(&articles::lines(seed, LINES), 70);
    let live = namespace.serve(port());
    namespace.await_signed(900);
    let replay = Replay::beside(&namespace, "next");
    replay.run(&[&["--source", source][..], arguments].concat());
    namespace.await_signed(namespace.signed() + 200);
    live.stop();
    let before = Reader::of(&namespace);
    let said = promoted(&replay, arguments);
    say(&format!("{what}: {said}"));
    let plan = replay.plan();
    assert_eq!(plan.state, ReplayState::Promoted);
    let hand_off = plan.hand_off.expect("a promoted replay has one");
    assert!(hand_off.catch_up.iter().any(|range| range.from < range.to), "the service had gone on meanwhile");
    let after = Reader::of(&namespace);
    after.assert_consistent();
    assert!(
        before.verdicts.keys().all(|uri| after.verdicts[uri].revision.generation == 1),
        "a verdict was left behind"
    );
    // Fold may have stopped short of what was signed, which the replay has judged.
    assert!(before.verdicts.len() <= after.verdicts.len() && before.verdicts.len() > 700);

    let (next, observer) = (serve(&replay, port(), arguments), seen(&replay));
    observer.await_signed(observer.signed() + 300);
    assert!(load.exited().is_none(), "the service was replaced after the load");
    load.kill();
    observer.await_done();
    next.stop();
    let reader = check(&replay, rules, 1);
    assert_folded(&replay, &reader, rules, 1);
    assert!(reader.verdicts.len() > before.verdicts.len() + 200);
    (before, reader)
}

#[test]
fn articles_judged_by_other_rules_take_over_under_load() {
    let rules = Rules::reference();
    let (before, after) =
        promote_under_load("other-rules", 41, "articles", &["--set", "match.rule=containment"], &rules);
    let gone: Vec<_> = before.stories.keys().map(|id| &after.stories[id]).collect();
    let states = |state| gone.iter().filter(|story| story.state == state).count();
    assert!(states(StoryState::Merged) > 0 || states(StoryState::Closed) > 0);
    assert!(
        before.open().all(|story| after.stories[&story.story_id].revision.generation == 1),
        "an open story is left"
    );
}

#[test]
fn signatures_judged_by_the_same_rules_take_over_under_load_and_no_story_changes_its_name() {
    let (before, after) = promote_under_load("same-rules", 42, "signatures", &[], &Rules::default());
    for (id, story) in &before.stories {
        let now = &after.stories[id];
        assert_eq!(now.revision.generation, 1);
        if story.state != StoryState::Open {
            let at = |revision| wirefold::record::Revision { generation: 0, ..revision };
            assert_eq!(story.revision, at(now.revision), "{id} was over, and is as it was");
        }
    }
}
