//! Promotions of a replay of a part of the past, of one that has read further than the service, and of an archive.

use wirefold::clustering::ClusteringRules;
use wirefold::record::StoryState;

use super::{PublicReader, assert_matches_log, check, promoted_namespace, run_promotion, serve};
use crate::service::articles;
use crate::service::namespace::{Namespace, port};
use crate::service::oracle::dead_letters;
use crate::service::replay::{Replay, served};

/// The start of the tenth of the twelve days of the articles.
const FROM: &str = "2024-03-10T00:00:00Z";

const RULES: [&str; 2] = ["--set", "match.rule=containment"];

#[test]
fn records_before_the_range_stay_unchanged_and_no_story_stays_open() {
    let namespace = served("part", 1, &articles::lines(46, 1_200));
    let before = PublicReader::of(&namespace);
    let replay = Replay::of(&namespace, "part");
    replay.run(&[&["--from", FROM][..], &RULES].concat());
    run_promotion(&replay, &RULES);
    let range = replay.plan().ranges[0].clone();
    assert!(0 < range.warmup_from && range.warmup_from < range.from, "{range:?}");

    let after = check(&replay, &ClusteringRules::reference(), 1);
    for (uri, verdict) in &before.verdicts {
        let now = &after.verdicts[uri];
        if verdict.raw.offset >= range.from {
            assert_eq!(now.revision.epoch, 1, "{uri} has no new verdict");
        } else if verdict.raw.offset < range.warmup_from {
            assert_eq!(now, verdict, "the verdict on {uri} changed");
        }
    }
    let (mut kept, mut changed) = (0, 0);
    for (id, story) in &before.stories {
        let now = &after.stories[id];
        if now == story {
            assert_ne!(story.state, StoryState::Open, "{id} would stay open forever");
            kept += 1;
        } else {
            assert!(now.revision.epoch == 1, "{story:#?} became {now:#?}");
            changed += 1;
        }
    }
    assert!(kept > 50 && changed > 10, "{kept} kept, {changed} changed");
    assert!(after.open().count() > 10);

    // Six days later every story is closed.
    let service = serve(&replay, port(), &RULES);
    namespace.produce(
        r#"{"uri": "urn:invented:later", "body_text": "nothing like the others", "published_at": "2024-03-20T00:00:00Z"}"#,
    );
    promoted_namespace(&replay).await_done();
    service.stop();
    let closed = PublicReader::of(&namespace);
    assert_eq!(closed.open().count(), 0);

    let service = serve(&replay, port(), &[]);
    service.await_logged("new articles are clustered with these: match.rule was");
    service.stop();
}

#[test]
fn a_replay_that_has_read_further_than_the_service_continues_from_its_own_offsets() {
    let lines = articles::lines(52, 600);
    let lines: Vec<&str> = lines.lines().collect();
    let namespace = served("further", 2, &lines[..300].join("\n"));
    namespace.produce(&lines[300..500].join("\n"));
    let replay = Replay::of(&namespace, "further");
    replay.run(&[]);
    let before = dead_letters(&namespace).len();
    run_promotion(&replay, &[]);
    // Dead letters of records that the service had not read are copied to its topic, each once.
    assert!(dead_letters(&namespace).len() > before + 2);
    let service = serve(&replay, port(), &[]);
    namespace.produce(&lines[500..].join("\n"));
    promoted_namespace(&replay).await_done();
    service.stop();
    let reader = check(&replay, &ClusteringRules::default(), 1);
    assert_matches_log(&replay, &reader, &ClusteringRules::default(), 1);
}

#[test]
fn an_archive_replayed_by_published_time_continues_in_order_of_arrival() {
    let lines = articles::lines(51, 700);
    let mut sorted: Vec<&str> = lines.lines().collect();
    // The last lines are written while the archive is replayed, and after that.
    let rest = sorted.split_off(500);
    sorted.reverse();
    let namespace = Namespace::new("archive", 1);
    namespace.produce(&sorted.join("\n"));
    let service = namespace.serve(port());
    namespace.await_done();
    let replay = Replay::of(&namespace, "archive");
    replay.run(&["--order", "published"]);
    namespace.produce(&rest[..100].join("\n"));
    namespace.await_done();
    service.stop();
    run_promotion(&replay, &[]);
    let handover = replay.plan().handover.expect("a promoted replay has one");
    assert!(handover.catch_up.iter().any(|range| range.from == 500 && range.to == 600), "{handover:?}");

    let service = serve(&replay, port(), &[]);
    namespace.produce(&rest[100..].join("\n"));
    promoted_namespace(&replay).await_done();
    service.stop();
    let reader = check(&replay, &ClusteringRules::default(), 1);
    assert_matches_log(&replay, &reader, &ClusteringRules::default(), 1);
    assert!(reader.stories.len() > 50);
}
