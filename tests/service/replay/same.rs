//! Replays give the results of the service, and a second replay those of the first.

use std::collections::BTreeMap;

use wirefold::evaluation::{Clustering, ClusteringReader, Item, compare_groupings};
use wirefold::stream::port::ConsumerRecord;

use super::{Replay, by_key, published, served, without_epoch};
use crate::service::articles;
use crate::service::namespace::{Namespace, port};

#[test]
fn replayed_signatures_give_the_same_bytes_as_the_service() {
    for instances in [1, 3] {
        let namespace = Namespace::new("signatures", 3);
        let load = namespace.begin_to_produce(&articles::lines(21, 900), 300);
        let mut services: Vec<_> = (0..instances).map(|_| namespace.serve(port())).collect();
        let last = services.pop().expect("at least one");
        crate::service::kills::finish(&namespace, load, last);
        services.into_iter().for_each(crate::service::instance::Process::stop);

        let replay = Replay::of(&namespace, "again");
        let stderr = replay.run(&["--source", "signatures"]);
        assert!(stderr.contains("assigned"), "{stderr}");
        for topic in ["stories", "verdicts"] {
            let (again, live) = (by_key(&replay.records(topic)), published(&namespace, topic));
            assert!(live.len() > 50, "{} {topic}", live.len());
            assert!(again.values().flatten().all(|value| value.contains("\"revision\":{\"epoch\":1,")));
            assert_eq!(without_epoch(again), without_epoch(live), "{topic}, {instances} instances");
        }
    }
}

#[test]
fn articles_of_one_partition_give_the_same_bytes_as_the_service() {
    let namespace = served("articles", 1, &articles::lines(22, 600));
    let replay = Replay::of(&namespace, "again");
    replay.run(&[]);
    for topic in ["stories", "verdicts"] {
        assert_eq!(
            without_epoch(by_key(&replay.records(topic))),
            without_epoch(published(&namespace, topic)),
            "{topic}"
        );
    }
    let letters = |records: Vec<_>| -> Vec<_> {
        records.into_iter().map(|record: ConsumerRecord| (record.value, record.headers)).collect()
    };
    let live = namespace.records(&namespace.topic("dead-letters")).into_iter().flatten().collect();
    assert_eq!(letters(replay.records("dead-letters")), letters(live));
}

#[test]
fn the_stories_of_six_partitions_are_those_of_the_service() {
    let namespace = Namespace::new("same", 6);
    let service = namespace.serve(port());
    let load = namespace.begin_to_produce(&articles::lines(37, 1_500), 400);
    crate::service::kills::finish(&namespace, load, service);
    let replay = Replay::of(&namespace, "agreement");
    replay.run(&[]);
    let [live, again] = [
        clustering(namespace.records(&namespace.topic("verdicts")).into_iter().flatten()),
        clustering(replay.records("verdicts").into_iter()),
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
    let index = compare_groupings(&items).adjusted_rand;
    assert!(items.len() > 1_000 && index >= 0.99, "{index} over {} articles", items.len());
}

/// The clustering of the last verdict on each article.
fn clustering(verdicts: impl Iterator<Item = ConsumerRecord>) -> Clustering {
    let mut last = BTreeMap::new();
    for record in verdicts {
        last.insert(record.key, record.value.expect("a verdict"));
    }
    let mut reading = ClusteringReader::default();
    for value in last.values() {
        reading.line("verdicts", 0, value).expect("a verdict");
    }
    reading.finish()
}

#[test]
fn two_replays_of_six_partitions_give_the_same_bytes_in_any_order_of_fetches() {
    let namespace = served("partitions", 6, &articles::lines(23, 900));
    let (first, second) = (Replay::of(&namespace, "first"), Replay::of(&namespace, "second"));
    first.run(&[]);
    // Small fetches arrive in another order, and each holds few records of a partition.
    second.run(&["--set", "kafka.properties.fetch.message.max.bytes=2000", "--set", "serve.batch_records=3"]);
    let written = first.written();
    assert_eq!(written, second.written());
    let processed = written.signatures.len() + written.dead_letters.len();
    assert_eq!(processed as i64, namespace.input_ends().iter().sum::<i64>());
    assert_eq!(first.plan().decisions, Some(written.signatures.len() as u64));
}
