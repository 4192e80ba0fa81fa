//! Replays that are refused, and that replays do not affect the service.

use std::sync::Arc;

use wirefold::kafka::RecordProducer;
use wirefold::record::Millis;

use super::{Replay, published, served};
use crate::kit::broker::{admin, unique};
use crate::kit::record::partition;
use crate::service::articles;
use crate::service::namespace::{Namespace, port};

/// Everything of a service that a replay could have written: the records of its topics and the committed offsets of its groups.
fn footprint(namespace: &Namespace) -> (Vec<usize>, Vec<Vec<Option<i64>>>) {
    let topics = ["signatures", "decisions", "boilerplate", "stories", "verdicts", "dead-letters"];
    let records = topics.map(|topic| namespace.records(&namespace.topic(topic)).iter().map(Vec::len).sum());
    let committed = vec![
        namespace.committed("signatures", &namespace.articles),
        namespace.committed("stories", &namespace.topic("signatures")),
    ];
    (records.to_vec(), committed)
}

#[test]
fn a_running_service_is_not_affected_by_replays() {
    let namespace = Namespace::new("unaffected", 2);
    namespace.produce(&articles::lines(28, 500));
    let service = namespace.serve(port());
    namespace.await_done();
    let (before, stories) = (footprint(&namespace), published(&namespace, "stories"));
    let groups = |replay: &Replay<'_>| {
        let articles: Arc<str> = namespace.articles.clone();
        let committed = admin().committed(&format!("{}.signatures", replay.name), &[partition(&articles, 0)]);
        committed.expect("the broker answers").remove(0)
    };
    let (raw, signatures) = (Replay::of(&namespace, "raw"), Replay::of(&namespace, "signatures"));
    raw.run(&[]);
    signatures.run(&["--source", "signatures"]);
    assert!(groups(&raw).is_some(), "the replay has committed no offsets of its own");
    assert_eq!(footprint(&namespace), before);
    assert_eq!(published(&namespace, "stories"), stories);
    // It has lost no partition, and processes new articles.
    assert!(!service.logged().contains("partition revoked"), "{}", service.logged());
    namespace.produce(&articles::lines(29, 100));
    namespace.await_done();
    service.stop();
}

/// Asserts that a replay is refused with this exit code and text.
fn assert_refused(replay: &Replay<'_>, arguments: &[&str], code: i32, text: &str) {
    let output = replay.output(arguments);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {stderr}");
    assert!(stderr.contains(text), "{arguments:?}: {text:?} is not in:\n{stderr}");
}

#[test]
fn impossible_ranges_and_taken_names_are_refused_before_anything_is_written() {
    let namespace = served("refusals", 2, &articles::lines(30, 200));
    let replay = Replay::of(&namespace, "refused");
    admin().delete_records(&partition(&namespace.articles, 0), 10).expect("records can be deleted");
    let topics = format!("topics.articles={}", unique("nowhere"));
    let live = Replay { source: &namespace, name: namespace.name.clone() };
    assert_refused(&live, &[], 2, "is the namespace of these settings");
    assert_refused(&replay, &["--from", "soon"], 2, "expected earliest, a time such as");
    assert_refused(&replay, &["--order", "published", "--warmup", "1h"], 2, "--warmup is for --order recorded");
    assert_refused(&replay, &["--from", "5"], 3, "of which partition?");
    assert_refused(&replay, &["--from", "0:5,1:5"], 3, "has expired: the first one kept is 10");
    assert_refused(&replay, &["--to", "0:20"], 3, "offsets are given for the partitions [0]");
    assert_refused(&replay, &["--to", "0:9999,1:5"], 3, "does not exist: it ends at");
    assert_refused(&replay, &["--from", "0:30,1:30", "--to", "0:20,1:40"], 3, "before it begins at 30");
    assert_refused(&replay, &["--from", "2020-01-01", "--to", "2020-01-02"], 3, "the range holds no record");
    assert_refused(&replay, &["--from", "2020-01-02", "--to", "2020-01-01"], 3, "which is not after its beginning");
    assert_refused(&replay, &["--set", &topics], 3, "there is no topic nowhere-");
    assert_refused(&replay, &["--resume"], 3, "there is no replay");
    for topic in ["replay", "signatures", "stories"] {
        let topic = format!("{}.{topic}", replay.name);
        assert_eq!(admin().partitions(&topic).expect("the broker answers"), None, "{topic}");
    }
    // Topics of another service are not overwritten.
    let other = Namespace::new("other", 1);
    let foreign = Replay { source: &namespace, name: other.name.clone() };
    assert_refused(&foreign, &["--force"], 3, "belongs to a service");

    replay.run(&["--to", "0:60,1:50"]);
    let first = replay.written();
    assert_refused(&replay, &[], 3, "is finished: --force");
    assert!(replay.run(&["--resume"]).contains("is finished already: --force begins it again"));
    assert_eq!(replay.written(), first);
    assert_refused(&replay, &["--resume", "--to", "0:61,1:50"], 3, "--to was 0:60,1:50 and is 0:61,1:50");
    replay.run(&["--force", "--to", "0:60,1:50"]);
    assert_eq!(replay.written(), first);
    let serve = namespace.command(&["serve", "--set", &format!("namespace={}", replay.name)]).output();
    let serve = serve.expect("the program starts");
    assert_eq!(serve.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&serve.stderr).contains("is a replay"));
}

#[test]
fn signatures_of_another_format_are_refused() {
    let namespace = served("formats", 1, &articles::lines(35, 100));
    let replay = Replay::of(&namespace, "formats");
    let producer = RecordProducer::new(&namespace.cluster).expect("a producer");
    producer.send(&namespace.topic("signatures"), None, &[200, 1, 2, 3], Millis(0)).expect("sent");
    producer.flush().expect("stored");
    assert_refused(&replay, &["--source", "signatures"], 3, "Replay the articles into a new namespace");
    assert_refused(&replay, &["--source", "signatures", "--order", "published"], 3, "signatures have an order already");
    assert_eq!(admin().partitions(&format!("{}.replay", replay.name)).expect("the broker answers"), None);
}

#[test]
fn a_replay_is_resumed_with_its_own_options_only() {
    let namespace = served("begun", 1, &articles::lines(31, 300));
    let replay = Replay::of(&namespace, "begun");
    let mut crashing = replay.start(&["--from", "20"], &[("FAILPOINT", "signatures.after_commit:1")]);
    crashing.wait();
    assert_refused(&replay, &[], 3, "--resume continues it, --force deletes it and begins again");
    assert_refused(&replay, &["--resume", "--from", "21"], 3, "--from was 20 and is 21");
    assert_refused(&replay, &["--resume", "--source", "signatures"], 3, "the source was articles and is signatures");
    assert_refused(&replay, &["--resume", "--set", "match.threshold=0.5"], 3, "match.threshold was not set and is 0.5");
    replay.run(&["--resume"]);
}
