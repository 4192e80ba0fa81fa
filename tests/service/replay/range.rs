//! A part of the past, with what its window needs from before.

use std::time::Duration;

use wirefold::kafka::ArticleProducer;
use wirefold::record::{Millis, ReplayState, StoryRecord, StoryState, VerdictRecord};

use super::{Published, Replay, by_key, published, served, ungenerated};
use crate::articles;
use crate::namespace::Namespace;

/// Of the twelve days of the articles, the beginning of the seventh.
const FROM: &str = "2024-03-07T00:00:00Z";

/// And of the tenth.
const TO: &str = "2024-03-10";

/// The verdict on each raw record, without what numbers it.
fn judged(verdicts: &Published) -> Vec<(i64, VerdictRecord)> {
    let mut judged: Vec<(i64, VerdictRecord)> = verdicts
        .values()
        .flatten()
        .map(|value| {
            let mut verdict: VerdictRecord = serde_json::from_str(value).expect("a verdict");
            verdict.revision.generation = 0;
            verdict.revision.seq = 0;
            (verdict.raw.offset, verdict)
        })
        .collect();
    judged.sort_by_key(|(offset, _)| *offset);
    judged
}

#[test]
fn a_range_is_judged_as_the_whole_was_once_its_window_is_warm() {
    let namespace = served("range", 1, &articles::lines(24, 1_200));
    let (whole, part, cold) =
        (published(&namespace, "verdicts"), Replay::beside(&namespace, "part"), Replay::beside(&namespace, "cold"));
    // Histories of outlets reach back to their first articles: they are a part of what is warmed up.
    part.run(&["--from", FROM, "--to", TO, "--warmup", "30d"]);
    cold.run(&["--from", FROM, "--to", TO, "--warmup", "0s"]);

    let range = part.plan().ranges[0].clone();
    assert!(range.warmup == 0 && 500 < range.from && range.from < range.to && range.to < 1_000, "{range:?}");
    assert_eq!(part.plan().state, ReplayState::Finished);
    let (whole, part_of_it) = (judged(&whole), judged(&by_key(&part.records("verdicts"))));
    let within = |offset: i64| (range.from..range.to).contains(&offset);
    // A verdict on an older article is published when its story goes on in another one.
    let (here, before): (Vec<_>, Vec<_>) = part_of_it.into_iter().partition(|(offset, _)| within(*offset));
    assert!(before.iter().all(|(offset, _)| *offset < range.from));
    let expected: Vec<_> = whole.into_iter().filter(|(offset, _)| within(*offset)).collect();
    let arrived = |verdicts: &[(i64, VerdictRecord)]| {
        let mut seen = std::collections::BTreeSet::new();
        verdicts.iter().filter(|(offset, _)| seen.insert(*offset)).cloned().collect::<Vec<_>>()
    };
    assert!(here.len() > 200);
    assert_eq!(arrived(&here), arrived(&expected));
    for (id, records) in by_key(&part.records("stories")) {
        let first: StoryRecord = serde_json::from_str(&records[0]).expect("a story");
        assert_ne!(first.state, StoryState::Closed, "{id:?} ends, and nothing was said of it");
    }
    let joins_what_was_before =
        |verdicts: &[(i64, VerdictRecord)]| verdicts.iter().filter(|(_, verdict)| verdict.matched.is_some()).count();
    let cold = judged(&by_key(&cold.records("verdicts")));
    assert!(joins_what_was_before(&cold) < joins_what_was_before(&here), "without a warm window less is found");
    let begin = Millis("2024-03-07T00:00:00Z".parse::<jiff::Timestamp>().expect("a time").as_millisecond());
    assert!(cold.iter().filter(|(_, verdict)| verdict.published_at < begin).count() < 10);
}

#[test]
fn what_a_replay_has_read_ahead_is_not_published_when_its_signatures_are_judged_again() {
    let namespace = served("ahead", 1, &articles::lines(36, 900));
    let first = Replay::beside(&namespace, "first");
    first.run(&["--from", FROM]);
    let range = first.plan().ranges[0].clone();
    assert!(range.warmup + 100 < range.from, "{range:?}");
    let again = Replay::beside(&namespace, "again");
    let settings = format!("namespace={}", first.name);
    again.run(&["--source", "signatures", "--set", &settings]);
    assert_eq!(again.plan().generation, 2);
    for topic in ["signatures", "decisions"] {
        assert_eq!(again.records(topic).len(), first.records(topic).len());
    }
    for topic in ["stories", "verdicts"] {
        let published = [&first, &again].map(|replay| ungenerated(by_key(&replay.records(topic))));
        assert!(published[0].len() > 20 && published[0] == published[1], "{topic}");
    }
}

#[test]
fn offsets_of_each_partition_are_a_range_too() {
    let namespace = served("offsets", 2, &articles::lines(25, 400));
    let replay = Replay::beside(&namespace, "offsets");
    replay.run(&["--from", "0:50,1:60", "--to", "0:150,1:160", "--warmup", "0s"]);
    let written = replay.written();
    assert_eq!(written.signatures.len() + written.dead_letters.len(), 200);
}

#[test]
fn what_is_read_ahead_beside_the_range_ends_the_stories_of_the_range() {
    let namespace = served("skew", 2, &articles::lines(28, 1_200));
    let replay = Replay::beside(&namespace, "skew");
    let ahead = namespace.input_ends()[1] - 50;
    replay.run(&["--from", &format!("0:0,1:{ahead}"), "--warmup", "30d"]);
    assert_eq!(replay.plan().ranges[1].warmup, 0, "it is read beside the range of the other partition");
    let last = |records: &Vec<String>| -> StoryRecord {
        serde_json::from_str(records.last().expect("a record")).expect("a story")
    };
    let stories: Vec<StoryRecord> = by_key(&replay.records("stories")).values().map(last).collect();
    let (open, ended): (Vec<_>, Vec<_>) = stories.iter().partition(|story| story.state == StoryState::Open);
    let end = stories.iter().map(|story| story.last_seen).max().expect("stories");
    for story in &open {
        assert!(story.last_seen.distance(end) < Duration::from_hours(5 * 24), "open for ever: {story:#?}");
    }
    assert!(open.len() > 5 && ended.len() > 30, "{} open, {} ended", open.len(), ended.len());
}

#[test]
fn a_range_by_time_over_records_that_do_not_ascend_is_cut_with_a_warning() {
    let namespace = Namespace::new("disorder", 1);
    let producer = ArticleProducer::new(&namespace.cluster).expect("a producer");
    let day = |day: &str| Millis(day.parse::<jiff::Timestamp>().expect("a time").as_millisecond());
    let lines = articles::lines(27, 4);
    for (line, at) in lines.lines().zip(["2024-03-01", "2024-03-05", "2024-03-02", "2024-03-06"]) {
        producer.send(&namespace.articles, None, line.as_bytes(), day(&format!("{at}T00:00:00Z"))).expect("sent");
    }
    producer.flush().expect("stored");
    let cut = Replay::beside(&namespace, "cut");
    let said = cut.run(&["--to", "2024-03-04"]);
    assert_eq!(cut.plan().ranges[0].to, 1);
    assert!(
        said.contains(
            "--to 2024-03-04T00:00:00.000Z stands at offset 1, and of the 3 records from there on 1 are older"
        ),
        "{said}"
    );
    let whole = Replay::beside(&namespace, "whole");
    let said = whole.run(&["--to", "2024-03-06"]);
    assert!(whole.plan().ranges[0].to == 3 && !said.contains("do not ascend"), "{said}");
}
