//! What is replayed is what was judged, and a second replay is what the first one was.

use super::{Replay, by_key, published, served, ungenerated};
use crate::articles;
use crate::namespace::{Namespace, port};

#[test]
fn signatures_judged_again_by_the_same_rules_give_the_same_bytes_as_the_service() {
    for instances in [1, 3] {
        let namespace = Namespace::new("signatures", 3);
        let load = namespace.begin_to_produce(&articles::lines(21, 900), 300);
        let mut services: Vec<_> = (0..instances).map(|_| namespace.serve(port())).collect();
        let last = services.pop().expect("at least one");
        crate::kills::finish(&namespace, load, last);
        services.into_iter().for_each(crate::instance::Process::stop);

        let replay = Replay::beside(&namespace, "again");
        let said = replay.run(&["--source", "signatures"]);
        assert!(said.contains("judged"), "{said}");
        for topic in ["stories", "verdicts"] {
            let (again, live) = (by_key(&replay.records(topic)), published(&namespace, topic));
            assert!(live.len() > 50, "{} {topic}", live.len());
            assert!(again.values().flatten().all(|value| value["revision"]["generation"] == 1));
            assert_eq!(ungenerated(again), ungenerated(live), "{topic}, {instances} instances");
        }
    }
}

#[test]
fn articles_of_one_partition_give_the_same_bytes_as_the_service() {
    let namespace = served("articles", 1, &articles::lines(22, 600));
    let replay = Replay::beside(&namespace, "again");
    replay.run(&[]);
    for topic in ["stories", "verdicts"] {
        assert_eq!(ungenerated(by_key(&replay.records(topic))), ungenerated(published(&namespace, topic)), "{topic}");
    }
    let letters = |records: Vec<_>| -> Vec<_> {
        records.into_iter().map(|record: wirefold::pipeline::port::Inbound| (record.value, record.headers)).collect()
    };
    let live = namespace.records(&namespace.topic("dead-letters")).into_iter().flatten().collect();
    assert_eq!(letters(replay.records("dead-letters")), letters(live));
}

#[test]
fn two_replays_of_six_partitions_are_the_same_bytes_whatever_is_fetched_first() {
    let namespace = served("partitions", 6, &articles::lines(23, 900));
    let (first, second) = (Replay::beside(&namespace, "first"), Replay::beside(&namespace, "second"));
    first.run(&[]);
    // Fetched in bits and in another order, of which each partition has a few records at a time.
    second.run(&["--set", "kafka.properties.fetch.message.max.bytes=2000", "--set", "serve.batch_records=3"]);
    let written = first.written();
    assert_eq!(written, second.written());
    let judged = written.signatures.len() + written.dead_letters.len();
    assert_eq!(judged as i64, namespace.input_ends().iter().sum::<i64>());
    assert_eq!(first.plan().decisions, Some(written.signatures.len() as u64));
}
