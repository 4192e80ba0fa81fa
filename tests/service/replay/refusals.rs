//! What a replay does not do: touch the service, or begin what cannot be done.

use std::sync::Arc;

use wirefold::kafka::ArticleProducer;
use wirefold::record::Millis;

use super::{Replay, published, served};
use crate::articles;
use crate::harness::{admin, partition, unique};
use crate::namespace::{Namespace, port};

/// Everything of a service that a replay could have written: the records of its topics and the positions of its groups.
fn footprint(namespace: &Namespace) -> (Vec<usize>, Vec<Vec<Option<i64>>>) {
    let topics = ["signatures", "decisions", "sources", "stories", "verdicts", "dead-letters"];
    let records = topics.map(|topic| namespace.records(&namespace.topic(topic)).iter().map(Vec::len).sum());
    let positions = vec![
        namespace.positions("sign", &namespace.articles),
        namespace.positions("fold", &namespace.topic("signatures")),
    ];
    (records.to_vec(), positions)
}

#[test]
fn a_running_service_sees_nothing_of_the_replays_beside_it() {
    let namespace = Namespace::new("beside", 2);
    namespace.produce(&articles::lines(28, 500));
    let service = namespace.serve(port());
    namespace.await_done();
    let (before, stories) = (footprint(&namespace), published(&namespace, "stories"));
    let groups = |replay: &Replay<'_>| {
        let articles: Arc<str> = namespace.articles.clone();
        let committed = admin().committed(&format!("{}.sign", replay.name), &[partition(&articles, 0)]);
        committed.expect("the broker answers").remove(0)
    };
    let (raw, signatures) = (Replay::beside(&namespace, "raw"), Replay::beside(&namespace, "signatures"));
    raw.run(&[]);
    signatures.run(&["--source", "signatures"]);
    assert!(groups(&raw).is_some(), "its positions are in a group of its own");
    assert_eq!(footprint(&namespace), before);
    assert_eq!(published(&namespace, "stories"), stories);
    // It has lost no partition, and goes on.
    assert!(!service.logged().contains("partition revoked"), "{}", service.logged());
    namespace.produce(&articles::lines(29, 100));
    namespace.await_done();
    service.stop();
}

/// That a replay is refused with this exit code and these words, and has written nothing.
fn assert_refused(replay: &Replay<'_>, arguments: &[&str], code: i32, said: &str) {
    let output = replay.output(arguments);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {stderr}");
    assert!(stderr.contains(said), "{said:?} is not said of {arguments:?} in:\n{stderr}");
}

#[test]
fn ranges_that_are_none_and_names_that_are_taken_are_refused_before_anything_is_written() {
    let namespace = served("refusals", 2, &articles::lines(30, 200));
    let replay = Replay::beside(&namespace, "refused");
    admin().delete_records(&partition(&namespace.articles, 0), 10).expect("records can be deleted");
    let topics = format!("topics.articles={}", unique("nowhere"));
    let live = Replay { beside: &namespace, name: namespace.name.clone() };
    assert_refused(&live, &[], 2, "is the namespace of these settings");
    assert_refused(&replay, &["--from", "soon"], 2, "expected earliest, a time such as");
    assert_refused(&replay, &["--order", "published", "--warmup", "1h"], 2, "--warmup is for --order recorded");
    assert_refused(&replay, &["--from", "5"], 1, "of which partition?");
    assert_refused(&replay, &["--from", "0:5,1:5"], 1, "has expired: the first one kept is 10");
    assert_refused(&replay, &["--to", "0:20"], 1, "offsets are given for the partitions [0]");
    assert_refused(&replay, &["--to", "0:9999,1:5"], 1, "does not exist: it ends at");
    assert_refused(&replay, &["--from", "0:30,1:30", "--to", "0:20,1:40"], 1, "before it begins at 30");
    assert_refused(&replay, &["--from", "2020-01-01", "--to", "2020-01-02"], 1, "the range holds no record");
    assert_refused(&replay, &["--from", "2020-01-02", "--to", "2020-01-01"], 1, "which is not after its beginning");
    assert_refused(&replay, &["--set", &topics], 1, "there is no topic nowhere-");
    assert_refused(&replay, &["--resume"], 1, "there is no replay");
    for topic in ["replay", "signatures", "stories"] {
        let topic = format!("{}.{topic}", replay.name);
        assert_eq!(admin().partitions(&topic).expect("the broker answers"), None, "{topic}");
    }
    // Another service's topics are no replay's.
    let other = Namespace::new("other", 1);
    let foreign = Replay { beside: &namespace, name: other.name.clone() };
    assert_refused(&foreign, &["--force"], 1, "belongs to a service");

    replay.run(&["--to", "0:60,1:50"]);
    let first = replay.written();
    assert_refused(&replay, &[], 1, "is finished: --force");
    assert!(replay.run(&["--resume"]).contains("is finished already: --force begins it again"));
    assert_eq!(replay.written(), first);
    assert_refused(&replay, &["--resume", "--to", "0:61,1:50"], 1, "--to was 0:60,1:50 and is 0:61,1:50");
    replay.run(&["--force", "--to", "0:60,1:50"]);
    assert_eq!(replay.written(), first);
    let serve = namespace.command(&["serve", "--set", &format!("namespace={}", replay.name)]).output();
    let serve = serve.expect("the program starts");
    assert_eq!(serve.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&serve.stderr).contains("is a replay"));
}

#[test]
fn signatures_of_another_format_are_refused_wherever_they_begin() {
    let namespace = served("formats", 1, &articles::lines(35, 100));
    let replay = Replay::beside(&namespace, "formats");
    let producer = ArticleProducer::new(&namespace.cluster).expect("a producer");
    producer.send(&namespace.topic("signatures"), None, &[200, 1, 2, 3], Millis(0)).expect("sent");
    producer.flush().expect("stored");
    assert_refused(&replay, &["--source", "signatures"], 1, ": replay the articles");
    assert_refused(&replay, &["--source", "signatures", "--order", "published"], 1, "signatures have their order");
    assert_eq!(admin().partitions(&format!("{}.replay", replay.name)).expect("the broker answers"), None);
}

#[test]
fn a_replay_that_was_begun_goes_on_as_it_was_begun_or_not_at_all() {
    let namespace = served("begun", 1, &articles::lines(31, 300));
    let replay = Replay::beside(&namespace, "begun");
    let mut crashing = replay.start(&["--from", "20"], &[("FAILPOINT", "sign.after_commit:1")]);
    crashing.wait();
    assert_refused(&replay, &[], 1, "--resume goes on with it, --force throws it away");
    assert_refused(&replay, &["--resume", "--from", "21"], 1, "--from was 20 and is 21");
    assert_refused(&replay, &["--resume", "--source", "signatures"], 1, "the source was articles and is signatures");
    assert_refused(&replay, &["--resume", "--set", "match.threshold=0.5"], 1, "match.threshold was not set and is 0.5");
    replay.run(&["--resume"]);
}
