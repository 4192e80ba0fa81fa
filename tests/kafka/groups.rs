//! Consumer groups.

use std::collections::BTreeSet;
use std::slice::from_ref;
use std::time::Duration;

use wirefold::kafka::ArticleProducer;
use wirefold::pipeline::port::{
    Broker, GroupConsumer, Inbound, Outbound, PollLimits, Polled, Rebalance, TopicPartition, Transaction, Writer,
};
use wirefold::record::Millis;

use crate::harness::{
    LIMITS, broker, committed_records, held, partition, poll_until, record, settings, topic, topic_with, unique, values,
};

fn produce(topic: &str, count: usize) {
    let producer = ArticleProducer::new(&settings()).expect("a producer can be made");
    for n in 0..count {
        // Java's hash spreads these keys over the partitions.
        let key = format!("key-{n}");
        producer.send(topic, Some(key.as_bytes()), format!("{n}").as_bytes(), Millis(1_000)).expect("it is sent");
    }
    producer.flush().expect("all is stored");
}

#[test]
fn two_members_share_the_partitions_and_one_inherits_what_the_other_leaves() {
    let input = topic("input", 4);
    let broker = broker(&unique("group"));
    let mut first = broker.consumer(from_ref(&input)).expect("the group can be joined");
    let mut first_changes = poll_until(&mut first, |all| held(&all.rebalances) == 4).rebalances;

    let mut second = broker.consumer(from_ref(&input)).expect("the group can be joined");
    let mut second_changes = Vec::new();
    for _ in 0..300 {
        first_changes.extend(first.poll(LIMITS).expect("it polls").rebalances);
        second_changes.extend(second.poll(LIMITS).expect("it polls").rebalances);
        if (held(&first_changes), held(&second_changes)) == (2, 2) {
            break;
        }
    }
    assert_eq!((held(&first_changes), held(&second_changes)), (2, 2));

    produce(&input, 100);
    let (mut firsts, mut seconds) = (Polled::default(), Polled::default());
    for _ in 0..300 {
        for (member, all) in [(&mut first, &mut firsts), (&mut second, &mut seconds)] {
            let polled = member.poll(LIMITS).expect("it polls");
            all.records.extend(polled.records);
            all.rebalances.extend(polled.rebalances);
        }
        if distinct(&firsts.records, &seconds.records) >= 100 {
            break;
        }
    }
    // A machine that gives a member no turn for as long as a session lasts makes the group share anew, and what was not
    // committed come again.
    let settled = firsts.rebalances.is_empty() && seconds.rebalances.is_empty();
    let (firsts, seconds) = (firsts.records, seconds.records);
    assert_eq!(distinct(&firsts, &seconds), 100, "each record");
    assert!(!settled || firsts.len() + seconds.len() == 100, "each record once");
    let (mine, theirs) = (partitions_of(&firsts), partitions_of(&seconds));
    assert!(mine.is_disjoint(&theirs) && !mine.is_empty() && !theirs.is_empty(), "{mine:?} {theirs:?}");

    second.leave().expect("the member leaves");
    drop(second);
    let inherited = poll_until(&mut first, |all| held(&all.rebalances) == 2);
    let again: BTreeSet<&str> =
        values(&poll_until(&mut first, |all| all.records.len() + inherited.records.len() >= seconds.len()).records)
            .into_iter()
            .chain(values(&inherited.records))
            .map(|value| values(&seconds).into_iter().find(|theirs| *theirs == value).expect("what was not committed"))
            .collect();
    assert_eq!(again.len(), seconds.len());
}

fn distinct(firsts: &[Inbound], seconds: &[Inbound]) -> usize {
    values(firsts).into_iter().chain(values(seconds)).collect::<BTreeSet<&str>>().len()
}

fn partitions_of(records: &[Inbound]) -> BTreeSet<i32> {
    records.iter().map(|record| record.from.partition).collect()
}

#[test]
fn a_key_chooses_the_partition_that_the_java_client_would_choose() {
    let output = topic("output", 7);
    let mut broker = broker(&unique("group"));
    let mut consumer = broker.consumer(from_ref(&output)).expect("the group can be joined");
    let mut writer = broker.writer(&unique("writer")).expect("the writer opens");
    // Hashes from the tests of Kafka's own murmur2.
    let hashes: [(&str, i32); 4] = [
        ("21", -973_932_308),
        ("foobar", -790_332_482),
        ("a-little-bit-long-string", -985_981_536),
        ("a-little-bit-longer-string", -1_486_304_829),
    ];
    let records = hashes
        .iter()
        .map(|(key, _)| Outbound { key: Some(key.as_bytes().to_vec()), partition: None, ..record(&output, 0, key) })
        .collect();
    writer.transact(&mut consumer, &Transaction { records, positions: Vec::new() }).expect("it goes through");
    for (key, hash) in hashes {
        let expected = (hash & i32::MAX) % 7;
        assert!(values(&committed_records(&output, expected)).contains(&key), "{key} is not in {expected}");
    }
}

#[test]
fn a_poll_keeps_to_its_limits_and_a_large_record_comes_alone() {
    let input = topic_with("input", 1, &[("max.message.bytes", "8388608")]);
    let large = "ä".repeat(2_500_000);
    let producer = ArticleProducer::new(&settings()).expect("a producer can be made");
    for value in ["one", "two", large.as_str(), "three", "four", "five"] {
        producer.send(&input, None, value.as_bytes(), Millis(1_000)).expect("it is sent");
    }
    producer.flush().expect("all is stored");

    let broker = broker(&unique("group"));
    let mut consumer = broker.consumer(from_ref(&input)).expect("the group can be joined");
    let limits = PollLimits { records: 2, bytes: 1_000, ..LIMITS };
    let mut batches: Vec<Vec<String>> = Vec::new();
    while batches.iter().flatten().count() < 6 {
        let Polled { records, .. } = consumer.poll(limits).expect("it polls");
        if !records.is_empty() {
            batches.push(values(&records).into_iter().map(|value| value.chars().take(5).collect()).collect());
        }
    }
    assert!(batches.iter().all(|batch| batch.len() <= 2), "{batches:?}");
    let order: Vec<&str> = batches.iter().flatten().map(String::as_str).collect();
    assert_eq!(order, ["one", "two", "äääää", "three", "four", "five"]);
    assert!(batches.contains(&vec!["äääää".to_owned()]), "{batches:?}");
    assert_eq!(committed_records(&input, 0)[2].value.as_ref().map(Vec::len), Some(5_000_000));
}

#[test]
fn a_paused_partition_brings_nothing_until_it_is_resumed_and_a_seek_reads_again() {
    let input = topic("input", 1);
    produce(&input, 10);
    let broker = broker(&unique("group"));
    let mut consumer = broker.consumer(from_ref(&input)).expect("the group can be joined");
    let limits = PollLimits { records: 3, ..LIMITS };
    let read = [partition(&input, 0)];

    let mut first = Vec::new();
    while first.is_empty() {
        first = consumer.poll(limits).expect("it polls").records;
    }
    assert_eq!(first[0].offset, 0);
    consumer.pause(&read).expect("it pauses");
    for _ in 0..5 {
        assert_eq!(consumer.poll(limits).expect("it polls").records, []);
    }
    consumer.resume(&read).expect("it resumes");
    let rest = poll_until(&mut consumer, |all| all.records.len() + first.len() >= 10).records;
    assert_eq!(rest[0].offset, first.len() as i64, "nothing is lost or read twice by a pause");

    consumer.seek(&read[0], 4).expect("it seeks");
    let again: Vec<i64> =
        poll_until(&mut consumer, |all| all.records.len() >= 6).records.iter().map(|record| record.offset).collect();
    assert_eq!(again, [4, 5, 6, 7, 8, 9]);
}

#[test]
fn a_large_record_held_back_waits_out_a_pause_and_is_dropped_by_a_seek() {
    let input = topic("input", 1);
    let producer = ArticleProducer::new(&settings()).expect("a producer can be made");
    let large = "x".repeat(5_000);
    for value in ["small", large.as_str(), "last"] {
        producer.send(&input, None, value.as_bytes(), Millis(1_000)).expect("it is sent");
    }
    producer.flush().expect("all is stored");
    let broker = broker(&unique("group"));
    let mut consumer = broker.consumer(from_ref(&input)).expect("the group can be joined");
    let limits = PollLimits { bytes: 1_000, linger: Duration::from_secs(2), ..LIMITS };
    let read: [TopicPartition; 1] = [partition(&input, 0)];

    let poll = |consumer: &mut wirefold::kafka::KafkaConsumer| loop {
        let polled = consumer.poll(limits).expect("it polls");
        if !polled.records.is_empty() {
            break polled.records.iter().map(|record| record.offset).collect::<Vec<_>>();
        }
    };
    assert_eq!(poll(&mut consumer), [0]);
    consumer.pause(&read).expect("it pauses");
    assert_eq!(consumer.poll(LIMITS).expect("it polls").records, []);
    consumer.resume(&read).expect("it resumes");
    assert_eq!(poll(&mut consumer), [1]);
    consumer.seek(&read[0], 0).expect("it seeks");
    assert_eq!(poll(&mut consumer), [0]);
    consumer.seek(&read[0], 2).expect("it seeks");
    assert_eq!(poll(&mut consumer), [2]);
}

#[test]
fn a_member_that_leaves_is_told_what_it_gives_up() {
    let input = topic("input", 2);
    let broker = broker(&unique("group"));
    let mut consumer = broker.consumer(from_ref(&input)).expect("the group can be joined");
    let changes = poll_until(&mut consumer, |all| held(&all.rebalances) == 2).rebalances;
    assert!(matches!(&changes[0], Rebalance::Assigned(partitions) if partitions.len() == 2), "{changes:?}");
    consumer.leave().expect("it leaves");
    drop(consumer);
    let mut next = broker.consumer(&[input]).expect("the group can be joined");
    poll_until(&mut next, |all| held(&all.rebalances) == 2);
}
