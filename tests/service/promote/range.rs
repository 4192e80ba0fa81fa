//! Replays of a part of the past, and of an archive, take over.

use wirefold::fold::Rules;
use wirefold::record::StoryState;

use super::{Reader, assert_folded, check, promoted, seen, serve};
use crate::articles;
use crate::namespace::{Namespace, port};
use crate::oracle::dead_letters;
use crate::replay::{Replay, served};

/// Of the twelve days of the articles, the beginning of the tenth.
const FROM: &str = "2024-03-10T00:00:00Z";

const RULES: [&str; 2] = ["--set", "match.rule=containment"];

#[test]
fn what_lies_before_the_range_stays_as_it_was_and_no_story_is_left_open() {
    let namespace = served("part", 1, &articles::lines(46, 1_200));
    let before = Reader::of(&namespace);
    let replay = Replay::beside(&namespace, "part");
    replay.run(&[&["--from", FROM][..], &RULES].concat());
    promoted(&replay, &RULES);
    let range = replay.plan().ranges[0].clone();
    assert!(0 < range.warmup && range.warmup < range.from, "{range:?}");

    let after = check(&replay, &Rules::reference(), 1);
    for (uri, verdict) in &before.verdicts {
        let now = &after.verdicts[uri];
        if verdict.raw.offset >= range.from {
            assert_eq!(now.revision.generation, 1, "{uri} was judged again");
        } else if verdict.raw.offset < range.warmup {
            assert_eq!(now, verdict, "{uri} was not");
        }
    }
    let (mut kept, mut changed) = (0, 0);
    for (id, story) in &before.stories {
        let now = &after.stories[id];
        if now == story {
            assert_ne!(story.state, StoryState::Open, "{id} would stay open for ever");
            kept += 1;
        } else {
            assert!(now.revision.generation == 1, "{story:#?} became {now:#?}");
            changed += 1;
        }
    }
    assert!(kept > 50 && changed > 10, "{kept} kept, {changed} changed");
    assert!(after.open().count() > 10);

    // Whatever is open will be closed: six days later everything is.
    let service = serve(&replay, port(), &RULES);
    namespace.produce(
        r#"{"uri": "urn:invented:later", "body_text": "nothing like the others", "published_at": "2024-03-20T00:00:00Z"}"#,
    );
    seen(&replay).await_done();
    service.stop();
    let closed = Reader::of(&namespace);
    assert_eq!(closed.open().count(), 0);

    let service = serve(&replay, port(), &[]);
    service.await_logged("what comes is judged by these: match.rule was");
    service.stop();
}

#[test]
fn a_replay_that_is_ahead_of_the_service_goes_on_from_where_it_is() {
    let lines = articles::lines(52, 600);
    let lines: Vec<&str> = lines.lines().collect();
    let namespace = served("ahead", 2, &lines[..300].join("\n"));
    namespace.produce(&lines[300..500].join("\n"));
    let replay = Replay::beside(&namespace, "ahead");
    replay.run(&[]);
    let before = dead_letters(&namespace).len();
    promoted(&replay, &[]);
    // What it has refused beyond the service is to be seen where the service would have put it, and nothing twice.
    assert!(dead_letters(&namespace).len() > before + 2);
    let service = serve(&replay, port(), &[]);
    namespace.produce(&lines[500..].join("\n"));
    seen(&replay).await_done();
    service.stop();
    let reader = check(&replay, &Rules::default(), 1);
    assert_folded(&replay, &reader, &Rules::default(), 1);
}

#[test]
fn an_archive_that_was_folded_as_it_was_published_goes_on_as_articles_come_in() {
    let lines = articles::lines(51, 700);
    let mut sorted: Vec<&str> = lines.lines().collect();
    // What comes last is what comes in while the archive is replayed.
    let rest = sorted.split_off(500);
    sorted.reverse();
    let namespace = Namespace::new("archive", 1);
    namespace.produce(&sorted.join("\n"));
    let service = namespace.serve(port());
    namespace.await_done();
    let replay = Replay::beside(&namespace, "archive");
    replay.run(&["--order", "published"]);
    namespace.produce(&rest[..100].join("\n"));
    namespace.await_done();
    service.stop();
    promoted(&replay, &[]);
    let hand_off = replay.plan().hand_off.expect("a promoted replay has one");
    assert!(hand_off.catch_up.iter().any(|range| range.from == 500 && range.to == 600), "{hand_off:?}");

    let service = serve(&replay, port(), &[]);
    namespace.produce(&rest[100..].join("\n"));
    seen(&replay).await_done();
    service.stop();
    let reader = check(&replay, &Rules::default(), 1);
    assert_folded(&replay, &reader, &Rules::default(), 1);
    assert!(reader.stories.len() > 50);
}
