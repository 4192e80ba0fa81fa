//! Reads up to the end of a partition, and followers.

use std::time::{Duration, Instant};

use rdkafka::producer::Producer;
use wirefold::kafka::{Follower, RecordProducer, StartAt};
use wirefold::record::Millis;
use wirefold::stream::port::{LogReader, LogStore, PortError};

use crate::kafka::transactions::{open_transaction, raw_producer};
use crate::kit::broker::{
    WITHIN, admin, broker, committed_records, read_all, read_to_end, settings, settle, topic, unique, values,
};
use crate::kit::record::partition;

const SOON: Duration = Duration::from_secs(30);

#[test]
fn a_read_skips_aborted_records_and_ends_after_an_aborted_tail() {
    let log = topic("log", 1);
    let producer = raw_producer(&unique("writer"));
    for (values, commit) in
        [(&["a", "b", "c"][..], true), (&["x", "y"], false), (&["d", "e", "f"], true), (&["z", "z", "z"], false)]
    {
        open_transaction(&producer, &log, values);
        if commit {
            producer.commit_transaction(SOON).expect("committed");
        } else {
            producer.abort_transaction(SOON).expect("aborted");
        }
    }
    let records = committed_records(&log, 0);
    assert_eq!(values(&records), ["a", "b", "c", "d", "e", "f"]);
    let offsets: Vec<i64> = records.iter().map(|record| record.offset).collect();
    assert_eq!(offsets, [0, 1, 2, 7, 8, 9]);
    assert_eq!(
        broker("any").range(&partition(&log, 0)).expect("the range is known"),
        (0, 15),
        "control records are part of the range"
    );
}

#[test]
fn a_read_ends_before_an_open_transaction() {
    let log = topic("log", 1);
    let done = raw_producer(&unique("writer"));
    open_transaction(&done, &log, &["a"]);
    done.commit_transaction(SOON).expect("committed");
    settle(&partition(&log, 0));
    let open = raw_producer(&unique("writer"));
    open_transaction(&open, &log, &["open"]);
    open_transaction(&done, &log, &["behind the open one"]);
    done.commit_transaction(SOON).expect("committed");

    assert_eq!(broker("any").range(&partition(&log, 0)).expect("the range is known"), (0, 2));
    assert_eq!(values(&read_to_end(&log, 0)), ["a"]);
    open.commit_transaction(SOON).expect("committed");
    assert_eq!(values(&committed_records(&log, 0)), ["a", "open", "behind the open one"]);
}

#[test]
fn a_read_ends_at_the_end_that_the_log_had_when_it_was_opened() {
    let log = topic("log", 1);
    let producer = raw_producer(&unique("writer"));
    let write = |value| {
        open_transaction(&producer, &log, &[value]);
        producer.commit_transaction(SOON).expect("committed");
    };
    write("before");
    settle(&partition(&log, 0));
    let reader = broker("any").reader(&partition(&log, 0), None).expect("the log can be read");
    assert_eq!(reader.remaining(), 2);
    write("after");
    assert_eq!(values(&read_all(reader)), ["before"]);
}

#[test]
fn a_read_of_an_empty_partition_ends() {
    let log = topic("log", 1);
    assert_eq!(committed_records(&log, 0), []);
}

#[test]
fn a_read_from_a_deleted_offset_fails_with_both_offsets() {
    let log = topic("log", 1);
    let producer = RecordProducer::new(&settings()).expect("a producer can be made");
    for n in 0..10 {
        producer.send(&log, None, format!("{n}").as_bytes(), Millis(1_000)).expect("sent");
    }
    producer.flush().expect("stored");
    let admin = admin();
    let log_partition = partition(&log, 0);
    admin.delete_records(&log_partition, 4).expect("records can be deleted");

    let mut broker = broker("any");
    assert_eq!(broker.range(&log_partition).expect("the range is known"), (4, 10));
    match broker.reader(&log_partition, Some(2)) {
        Err(PortError::Fatal(reason)) => assert!(reason.contains("offset 2") && reason.contains('4'), "{reason}"),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("a deleted record was read"),
    }
    assert_eq!(values(&committed_records(&log, 0)), ["4", "5", "6", "7", "8", "9"]);
}

#[test]
fn produced_records_keep_their_time_stamps_and_are_found_by_them() {
    let input = topic("articles", 1);
    let producer = RecordProducer::new(&settings()).expect("a producer can be made");
    let day = 86_400_000;
    let start = 1_333_000_000_000;
    for n in 0..5_i64 {
        producer.send(&input, Some(b"uri"), format!("{n}").as_bytes(), Millis(start + n * day)).expect("sent");
    }
    producer.flush().expect("stored");

    let records = committed_records(&input, 0);
    assert_eq!(values(&records), ["0", "1", "2", "3", "4"]);
    assert_eq!(records[3].timestamp, Millis(start + 3 * day));
    assert_eq!(records[3].key.as_deref(), Some(&b"uri"[..]));
    let found = |time| admin().offset_for_time(&partition(&input, 0), Millis(time)).expect("the time is looked up");
    assert_eq!(found(start + 2 * day - 1), Some(2));
    assert_eq!(found(start + 9 * day), None);
}

#[test]
fn a_follower_starts_where_asked_and_reads_committed_records_only() {
    let stories = topic("stories", 2);
    let producer = raw_producer(&unique("writer"));
    open_transaction(&producer, &stories, &["old"]);
    producer.commit_transaction(SOON).expect("committed");

    let mut whole = Follower::open(&settings(), &stories, StartAt::Beginning).expect("the topic can be followed");
    let mut fresh = Follower::open(&settings(), &stories, StartAt::End).expect("the topic can be followed");
    assert_eq!(next_value(&mut whole), "old");
    // A follower that starts at the end has found the end once it has returned nothing.
    assert_eq!(fresh.next(Duration::from_secs(2)).expect("followed"), None);
    open_transaction(&producer, &stories, &["aborted"]);
    producer.abort_transaction(SOON).expect("aborted");
    open_transaction(&producer, &stories, &["new"]);
    producer.commit_transaction(SOON).expect("committed");
    assert_eq!((next_value(&mut whole), next_value(&mut fresh)), ("new".to_owned(), "new".to_owned()));
}

fn next_value(follower: &mut Follower) -> String {
    let deadline = Instant::now() + WITHIN;
    loop {
        assert!(Instant::now() < deadline, "no record was read");
        if let Some(record) = follower.next(Duration::from_millis(200)).expect("followed") {
            return String::from_utf8(record.value.unwrap_or_default()).expect("tests write text");
        }
    }
}
