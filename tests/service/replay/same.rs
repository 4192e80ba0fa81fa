//! What is replayed is what was judged, and a second replay is what the first one was.

use std::collections::BTreeMap;

use wirefold::eval::{Folding, FoldingReader, Item, agreement};
use wirefold::pipeline::port::Inbound;

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
            assert!(again.values().flatten().all(|value| value.contains("\"revision\":{\"generation\":1,")));
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
        records.into_iter().map(|record: Inbound| (record.value, record.headers)).collect()
    };
    let live = namespace.records(&namespace.topic("dead-letters")).into_iter().flatten().collect();
    assert_eq!(letters(replay.records("dead-letters")), letters(live));
}

#[test]
fn the_stories_of_six_partitions_are_those_of_the_service() {
    let namespace = Namespace::new("agreement", 6);
    let service = namespace.serve(port());
    let load = namespace.begin_to_produce(&articles::lines(37, 1_500), 400);
    crate::kills::finish(&namespace, load, service);
    let replay = Replay::beside(&namespace, "agreement");
    replay.run(&[]);
    let [live, again] = [
        folding(namespace.records(&namespace.topic("verdicts")).into_iter().flatten()),
        folding(replay.records("verdicts").into_iter()),
    ];
    let mut stories = BTreeMap::new();
    let items: Vec<Item> = live
        .articles
        .iter()
        .map(|(uri, place)| {
            let count = stories.len();
            let cluster = *stories.entry(place.story).or_insert(count);
            Item { cluster, story: cluster, found: again.articles[uri].story }
        })
        .collect();
    let index = agreement(&items).adjusted_rand;
    assert!(items.len() > 1_000 && index >= 0.99, "{index} over {} articles", items.len());
}

/// The last verdict on each article.
fn folding(verdicts: impl Iterator<Item = Inbound>) -> Folding {
    let mut last = BTreeMap::new();
    for record in verdicts {
        last.insert(record.key, record.value.expect("a verdict"));
    }
    let mut reading = FoldingReader::default();
    for value in last.values() {
        reading.line("verdicts", 0, value).expect("a verdict");
    }
    reading.finish()
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
