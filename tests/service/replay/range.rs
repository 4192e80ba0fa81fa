//! Replays of a range, with warm-up.

use std::time::Duration;

use wirefold::kafka::RecordProducer;
use wirefold::record::{Millis, StoryRecord, StoryState, VerdictRecord};
use wirefold::replay::ReplayState;

use super::{Published, Replay, by_key, published, served, without_epoch};
use crate::service::articles;
use crate::service::namespace::Namespace;

/// The start of the seventh of the twelve days of the articles.
const FROM: &str = "2024-03-07T00:00:00Z";

/// The start of the tenth day.
const TO: &str = "2024-03-10";

/// The verdicts with the offsets of their raw records, without revisions.
fn by_offset(verdicts: &Published) -> Vec<(i64, VerdictRecord)> {
    let mut sorted: Vec<(i64, VerdictRecord)> = verdicts
        .values()
        .flatten()
        .map(|value| {
            let mut verdict: VerdictRecord = serde_json::from_str(value).expect("a verdict");
            verdict.revision.epoch = 0;
            verdict.revision.seq = 0;
            (verdict.raw.offset, verdict)
        })
        .collect();
    sorted.sort_by_key(|(offset, _)| *offset);
    sorted
}

#[test]
fn a_range_with_warmup_gets_the_verdicts_of_the_whole() {
    let namespace = served("range", 1, &articles::lines(24, 1_200));
    let (whole, part, cold) =
        (published(&namespace, "verdicts"), Replay::of(&namespace, "part"), Replay::of(&namespace, "cold"));
    // Boilerplate filters learn from the first articles of their outlets: the warm-up begins with those.
    part.run(&["--from", FROM, "--to", TO, "--warmup", "30d"]);
    cold.run(&["--from", FROM, "--to", TO, "--warmup", "0s"]);

    let range = part.plan().ranges[0].clone();
    assert!(range.warmup_from == 0 && 500 < range.from && range.from < range.to && range.to < 1_000, "{range:?}");
    assert_eq!(part.plan().state, ReplayState::Finished);
    let (whole, part_of_it) = (by_offset(&whole), by_offset(&by_key(&part.records("verdicts"))));
    let within = |offset: i64| (range.from..range.to).contains(&offset);
    // A verdict on an older article is published when its story is merged.
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
        assert_ne!(first.state, StoryState::Closed, "{id:?} is closed, and was never published as open");
    }
    let matched =
        |verdicts: &[(i64, VerdictRecord)]| verdicts.iter().filter(|(_, verdict)| verdict.matched.is_some()).count();
    let cold = by_offset(&by_key(&cold.records("verdicts")));
    assert!(matched(&cold) < matched(&here), "without warm-up as many articles match");
    let begin = Millis("2024-03-07T00:00:00Z".parse::<jiff::Timestamp>().expect("a time").as_millisecond());
    assert!(cold.iter().filter(|(_, verdict)| verdict.event_at < begin).count() < 10);
}

#[test]
fn warmup_of_a_replay_stays_unpublished_when_its_signatures_are_replayed() {
    let namespace = served("warmup", 1, &articles::lines(36, 900));
    let first = Replay::of(&namespace, "first");
    first.run(&["--from", FROM]);
    let range = first.plan().ranges[0].clone();
    assert!(range.warmup_from + 100 < range.from, "{range:?}");
    let again = Replay::of(&namespace, "again");
    let settings = format!("namespace={}", first.name);
    again.run(&["--source", "signatures", "--set", &settings]);
    assert_eq!(again.plan().epoch, 2);
    for topic in ["signatures", "decisions"] {
        assert_eq!(again.records(topic).len(), first.records(topic).len());
    }
    for topic in ["stories", "verdicts"] {
        let published = [&first, &again].map(|replay| without_epoch(by_key(&replay.records(topic))));
        assert!(published[0].len() > 20 && published[0] == published[1], "{topic}");
    }
}

#[test]
fn a_range_can_be_given_by_the_offsets_of_each_partition() {
    let namespace = served("offsets", 2, &articles::lines(25, 400));
    let replay = Replay::of(&namespace, "offsets");
    replay.run(&["--from", "0:50,1:60", "--to", "0:150,1:160", "--warmup", "0s"]);
    let written = replay.written();
    assert_eq!(written.signatures.len() + written.dead_letters.len(), 200);
}

#[test]
fn warmup_of_another_partition_closes_the_stories_of_the_range() {
    let namespace = served("skew", 2, &articles::lines(28, 1_200));
    let replay = Replay::of(&namespace, "skew");
    let near_end = namespace.input_ends()[1] - 50;
    replay.run(&["--from", &format!("0:0,1:{near_end}"), "--warmup", "30d"]);
    assert_eq!(replay.plan().ranges[1].warmup_from, 0, "the warm-up of the other partition is not read");
    let last = |records: &Vec<String>| -> StoryRecord {
        serde_json::from_str(records.last().expect("a record")).expect("a story")
    };
    let stories: Vec<StoryRecord> = by_key(&replay.records("stories")).values().map(last).collect();
    let (open, ended): (Vec<_>, Vec<_>) = stories.iter().partition(|story| story.state == StoryState::Open);
    let end = stories.iter().map(|story| story.last_seen).max().expect("stories");
    for story in &open {
        assert!(story.last_seen.distance(end) < Duration::from_hours(5 * 24), "open forever: {story:#?}");
    }
    assert!(open.len() > 5 && ended.len() > 30, "{} open, {} ended", open.len(), ended.len());
}

#[test]
fn a_range_by_time_over_unordered_records_is_cut_with_a_warning() {
    let namespace = Namespace::new("disorder", 1);
    let producer = RecordProducer::new(&namespace.cluster).expect("a producer");
    let day = |day: &str| Millis(day.parse::<jiff::Timestamp>().expect("a time").as_millisecond());
    let lines = articles::lines(27, 4);
    for (line, at) in lines.lines().zip(["2024-03-01", "2024-03-05", "2024-03-02", "2024-03-06"]) {
        producer.send(&namespace.articles, None, line.as_bytes(), day(&format!("{at}T00:00:00Z"))).expect("sent");
    }
    producer.flush().expect("stored");
    let cut = Replay::of(&namespace, "cut");
    let stderr = cut.run(&["--to", "2024-03-04"]);
    assert_eq!(cut.plan().ranges[0].to, 1);
    assert!(
        stderr.contains(
            "--to 2024-03-04T00:00:00.000Z stands at offset 1, and of the 3 records from there on 1 are older"
        ),
        "{stderr}"
    );
    let whole = Replay::of(&namespace, "whole");
    let stderr = whole.run(&["--to", "2024-03-06"]);
    assert!(whole.plan().ranges[0].to == 3 && !stderr.contains("do not ascend"), "{stderr}");
}
