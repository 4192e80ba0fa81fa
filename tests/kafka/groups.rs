//! Consumer groups.

use std::collections::BTreeSet;
use std::slice::from_ref;
use std::time::Duration;

use wirefold::kafka::RecordProducer;
use wirefold::record::Millis;
use wirefold::stream::port::{
    Broker, ConsumerRecord, GroupMembership, PollLimits, Polled, ProducerRecord, Rebalance, RecordSource,
    TopicPartition, Transaction, TransactionalWriter,
};

use crate::kit::broker::{
    LIMITS, assigned_count, broker, committed_records, poll_until, settings, topic, topic_with, unique, values,
};
use crate::kit::record::{partition, record};

fn produce(topic: &str, count: usize) {
    let producer = RecordProducer::new(&settings()).expect("a producer can be made");
    for n in 0..count {
        // Java's hash spreads these keys over the partitions.
        let key = format!("key-{n}");
        producer.send(topic, Some(key.as_bytes()), format!("{n}").as_bytes(), Millis(1_000)).expect("sent");
    }
    producer.flush().expect("stored");
}

#[test]
fn two_members_share_the_partitions_and_one_takes_over_when_the_other_leaves() {
    let input = topic("input", 4);
    let broker = broker(&unique("group"));
    let mut first = broker.consumer(from_ref(&input)).expect("the group can be joined");
    let mut first_changes = poll_until(&mut first, |all| assigned_count(&all.rebalances) == 4).rebalances;

    let mut second = broker.consumer(from_ref(&input)).expect("the group can be joined");
    let mut second_changes = Vec::new();
    for _ in 0..300 {
        first_changes.extend(first.poll(LIMITS).expect("polled").rebalances);
        second_changes.extend(second.poll(LIMITS).expect("polled").rebalances);
        if (assigned_count(&first_changes), assigned_count(&second_changes)) == (2, 2) {
            break;
        }
    }
    assert_eq!((assigned_count(&first_changes), assigned_count(&second_changes)), (2, 2));

    produce(&input, 100);
    let (mut firsts, mut seconds) = (Polled::default(), Polled::default());
    for _ in 0..300 {
        for (member, all) in [(&mut first, &mut firsts), (&mut second, &mut seconds)] {
            let polled = member.poll(LIMITS).expect("polled");
            all.records.extend(polled.records);
            all.rebalances.extend(polled.rebalances);
        }
        if distinct(&firsts.records, &seconds.records) >= 100 {
            break;
        }
    }
    // Where a member gets no processor time for a whole session, the group is rebalanced, and uncommitted records are read
    // again.
    let undisturbed = firsts.rebalances.is_empty() && seconds.rebalances.is_empty();
    let (firsts, seconds) = (firsts.records, seconds.records);
    assert_eq!(distinct(&firsts, &seconds), 100, "records are missing");
    assert!(!undisturbed || firsts.len() + seconds.len() == 100, "records were read twice");
    let (mine, theirs) = (partitions_of(&firsts), partitions_of(&seconds));
    assert!(mine.is_disjoint(&theirs) && !mine.is_empty() && !theirs.is_empty(), "{mine:?} {theirs:?}");

    second.leave().expect("left the group");
    drop(second);
    let taken_over = poll_until(&mut first, |all| assigned_count(&all.rebalances) == 2);
    let again: BTreeSet<&str> =
        values(&poll_until(&mut first, |all| all.records.len() + taken_over.records.len() >= seconds.len()).records)
            .into_iter()
            .chain(values(&taken_over.records))
            .map(|value| {
                values(&seconds)
                    .into_iter()
                    .find(|theirs| *theirs == value)
                    .expect("a record that the other member had not committed")
            })
            .collect();
    assert_eq!(again.len(), seconds.len());
}

fn distinct(firsts: &[ConsumerRecord], seconds: &[ConsumerRecord]) -> usize {
    values(firsts).into_iter().chain(values(seconds)).collect::<BTreeSet<&str>>().len()
}

fn partitions_of(records: &[ConsumerRecord]) -> BTreeSet<i32> {
    records.iter().map(|record| record.from.partition).collect()
}

#[test]
fn a_key_selects_the_same_partition_as_in_the_java_client() {
    let output = topic("output", 7);
    let mut broker = broker(&unique("group"));
    let mut consumer = broker.consumer(from_ref(&output)).expect("the group can be joined");
    let mut writer = broker.writer(&unique("writer")).expect("the writer opens");
    // Hashes from the tests of murmur2 in Kafka.
    let hashes: [(&str, i32); 4] = [
        ("21", -973_932_308),
        ("foobar", -790_332_482),
        ("a-little-bit-long-string", -985_981_536),
        ("a-little-bit-longer-string", -1_486_304_829),
    ];
    let records = hashes
        .iter()
        .map(|(key, _)| ProducerRecord {
            key: Some(key.as_bytes().to_vec()),
            partition: None,
            ..record(&output, 0, key)
        })
        .collect();
    writer
        .transact(&mut consumer, &Transaction { records, offsets: Vec::new() })
        .expect("the transaction is committed");
    for (key, hash) in hashes {
        let expected = (hash & i32::MAX) % 7;
        assert!(values(&committed_records(&output, expected)).contains(&key), "{key} is not in {expected}");
    }
}

#[test]
fn a_poll_respects_its_limits_and_returns_a_large_record_alone() {
    let input = topic_with("input", 1, &[("max.message.bytes", "8388608")]);
    let large = "ä".repeat(2_500_000);
    let producer = RecordProducer::new(&settings()).expect("a producer can be made");
    for value in ["one", "two", large.as_str(), "three", "four", "five"] {
        producer.send(&input, None, value.as_bytes(), Millis(1_000)).expect("sent");
    }
    producer.flush().expect("stored");

    let broker = broker(&unique("group"));
    let mut consumer = broker.consumer(from_ref(&input)).expect("the group can be joined");
    let limits = PollLimits { records: 2, bytes: 1_000, ..LIMITS };
    let mut batches: Vec<Vec<String>> = Vec::new();
    while batches.iter().flatten().count() < 6 {
        let Polled { records, .. } = consumer.poll(limits).expect("polled");
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
fn a_paused_partition_returns_nothing_until_it_is_resumed_and_a_seek_reads_again() {
    let input = topic("input", 1);
    produce(&input, 10);
    let broker = broker(&unique("group"));
    let mut consumer = broker.consumer(from_ref(&input)).expect("the group can be joined");
    let limits = PollLimits { records: 3, ..LIMITS };
    let read = [partition(&input, 0)];

    let mut first = Vec::new();
    while first.is_empty() {
        first = consumer.poll(limits).expect("polled").records;
    }
    assert_eq!(first[0].offset, 0);
    consumer.pause(&read).expect("paused");
    for _ in 0..5 {
        assert_eq!(consumer.poll(limits).expect("polled").records, []);
    }
    consumer.resume(&read).expect("resumed");
    let rest = poll_until(&mut consumer, |all| all.records.len() + first.len() >= 10).records;
    assert_eq!(rest[0].offset, first.len() as i64, "the pause lost or repeated records");

    consumer.seek(&read[0], 4).expect("sought");
    let again: Vec<i64> =
        poll_until(&mut consumer, |all| all.records.len() >= 6).records.iter().map(|record| record.offset).collect();
    assert_eq!(again, [4, 5, 6, 7, 8, 9]);
}

#[test]
fn a_large_record_kept_for_the_next_poll_waits_during_a_pause_and_is_dropped_by_a_seek() {
    let input = topic("input", 1);
    let producer = RecordProducer::new(&settings()).expect("a producer can be made");
    let large = "x".repeat(5_000);
    for value in ["small", large.as_str(), "last"] {
        producer.send(&input, None, value.as_bytes(), Millis(1_000)).expect("sent");
    }
    producer.flush().expect("stored");
    let broker = broker(&unique("group"));
    let mut consumer = broker.consumer(from_ref(&input)).expect("the group can be joined");
    let limits = PollLimits { bytes: 1_000, linger: Duration::from_secs(2), ..LIMITS };
    let read: [TopicPartition; 1] = [partition(&input, 0)];

    let poll = |consumer: &mut wirefold::kafka::KafkaConsumer| loop {
        let polled = consumer.poll(limits).expect("polled");
        if !polled.records.is_empty() {
            break polled.records.iter().map(|record| record.offset).collect::<Vec<_>>();
        }
    };
    assert_eq!(poll(&mut consumer), [0]);
    consumer.pause(&read).expect("paused");
    assert_eq!(consumer.poll(LIMITS).expect("polled").records, []);
    consumer.resume(&read).expect("resumed");
    assert_eq!(poll(&mut consumer), [1]);
    consumer.seek(&read[0], 0).expect("sought");
    assert_eq!(poll(&mut consumer), [0]);
    consumer.seek(&read[0], 2).expect("sought");
    assert_eq!(poll(&mut consumer), [2]);
}

#[test]
fn a_member_that_leaves_hands_its_partitions_to_the_next_member() {
    let input = topic("input", 2);
    let broker = broker(&unique("group"));
    let mut consumer = broker.consumer(from_ref(&input)).expect("the group can be joined");
    let changes = poll_until(&mut consumer, |all| assigned_count(&all.rebalances) == 2).rebalances;
    assert!(matches!(&changes[0], Rebalance::Assigned(partitions) if partitions.len() == 2), "{changes:?}");
    consumer.leave().expect("left the group");
    drop(consumer);
    let mut next = broker.consumer(&[input]).expect("the group can be joined");
    poll_until(&mut next, |all| assigned_count(&all.rebalances) == 2);
}
