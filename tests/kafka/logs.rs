//! Finite reads and followers.

use std::time::{Duration, Instant};

use rdkafka::producer::Producer;
use wirefold::kafka::{ArticleProducer, Follower, StartAt};
use wirefold::pipeline::port::{Broker, LogReader, PortError};
use wirefold::record::Millis;

use crate::harness::{
    WITHIN, admin, broker, committed_records, partition, read_all, read_to_end, settings, settle, topic, unique, values,
};
use crate::transactions::{open_transaction, raw_producer};

const SOON: Duration = Duration::from_secs(30);

#[test]
fn a_read_passes_over_aborted_records_and_ends_after_an_aborted_tail() {
    let log = topic("log", 1);
    let producer = raw_producer(&unique("writer"));
    for (values, commit) in
        [(&["a", "b", "c"][..], true), (&["x", "y"], false), (&["d", "e", "f"], true), (&["z", "z", "z"], false)]
    {
        open_transaction(&producer, &log, values);
        if commit {
            producer.commit_transaction(SOON).expect("it commits");
        } else {
            producer.abort_transaction(SOON).expect("it aborts");
        }
    }
    let records = committed_records(&log, 0);
    assert_eq!(values(&records), ["a", "b", "c", "d", "e", "f"]);
    let offsets: Vec<i64> = records.iter().map(|record| record.offset).collect();
    assert_eq!(offsets, [0, 1, 2, 7, 8, 9]);
    assert_eq!(broker("any").range(&partition(&log, 0)).expect("the range is known"), (0, 15), "markers included");
}

#[test]
fn a_read_ends_before_a_transaction_that_is_open() {
    let log = topic("log", 1);
    let done = raw_producer(&unique("writer"));
    open_transaction(&done, &log, &["a"]);
    done.commit_transaction(SOON).expect("it commits");
    settle(&partition(&log, 0));
    let open = raw_producer(&unique("writer"));
    open_transaction(&open, &log, &["open"]);
    open_transaction(&done, &log, &["behind the open one"]);
    done.commit_transaction(SOON).expect("it commits");

    assert_eq!(broker("any").range(&partition(&log, 0)).expect("the range is known"), (0, 2));
    assert_eq!(values(&read_to_end(&log, 0)), ["a"]);
    open.commit_transaction(SOON).expect("it commits");
    assert_eq!(values(&committed_records(&log, 0)), ["a", "open", "behind the open one"]);
}

#[test]
fn a_read_ends_where_the_log_ended_when_it_was_opened() {
    let log = topic("log", 1);
    let producer = raw_producer(&unique("writer"));
    let write = |value| {
        open_transaction(&producer, &log, &[value]);
        producer.commit_transaction(SOON).expect("it commits");
    };
    write("before");
    settle(&partition(&log, 0));
    let reader = broker("any").reader(&partition(&log, 0), None).expect("the log can be read");
    assert_eq!(reader.remaining(), 2);
    write("after");
    assert_eq!(values(&read_all(reader)), ["before"]);
}

#[test]
fn a_read_of_nothing_ends() {
    let log = topic("log", 1);
    assert_eq!(committed_records(&log, 0), []);
}

#[test]
fn a_read_from_a_deleted_position_is_refused_with_both_offsets() {
    let log = topic("log", 1);
    let producer = ArticleProducer::new(&settings()).expect("a producer can be made");
    for n in 0..10 {
        producer.send(&log, None, format!("{n}").as_bytes(), Millis(1_000)).expect("it is sent");
    }
    producer.flush().expect("all is stored");
    let admin = admin();
    let log_partition = partition(&log, 0);
    admin.delete_records(&log_partition, 4).expect("records can be deleted");

    let mut broker = broker("any");
    assert_eq!(broker.range(&log_partition).expect("the range is known"), (4, 10));
    match broker.reader(&log_partition, Some(2)) {
        Err(PortError::Fatal(reason)) => assert!(reason.contains("offset 2") && reason.contains('4'), "{reason}"),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("what was deleted was read"),
    }
    assert_eq!(values(&committed_records(&log, 0)), ["4", "5", "6", "7", "8", "9"]);
}

#[test]
fn produced_articles_keep_their_own_times_and_are_found_by_them() {
    let input = topic("articles", 1);
    let producer = ArticleProducer::new(&settings()).expect("a producer can be made");
    let day = 86_400_000;
    let start = 1_333_000_000_000;
    for n in 0..5_i64 {
        producer.send(&input, Some(b"uri"), format!("{n}").as_bytes(), Millis(start + n * day)).expect("it is sent");
    }
    producer.flush().expect("all is stored");

    let records = committed_records(&input, 0);
    assert_eq!(values(&records), ["0", "1", "2", "3", "4"]);
    assert_eq!(records[3].timestamp, Millis(start + 3 * day));
    assert_eq!(records[3].key.as_deref(), Some(&b"uri"[..]));
    let found = |time| admin().offset_for_time(&partition(&input, 0), Millis(time)).expect("the time is looked up");
    assert_eq!(found(start + 2 * day - 1), Some(2));
    assert_eq!(found(start + 9 * day), None);
}

#[test]
fn a_follower_begins_where_it_is_told_and_sees_what_is_committed() {
    let stories = topic("stories", 2);
    let producer = raw_producer(&unique("writer"));
    open_transaction(&producer, &stories, &["old"]);
    producer.commit_transaction(SOON).expect("it commits");

    let mut whole = Follower::open(&settings(), &stories, StartAt::Beginning).expect("the topic can be followed");
    let mut fresh = Follower::open(&settings(), &stories, StartAt::End).expect("the topic can be followed");
    assert_eq!(next_value(&mut whole), "old");
    // One that starts at the end is there once it has heard that there is nothing.
    assert_eq!(fresh.next(Duration::from_secs(2)).expect("it follows"), None);
    open_transaction(&producer, &stories, &["aborted"]);
    producer.abort_transaction(SOON).expect("it aborts");
    open_transaction(&producer, &stories, &["new"]);
    producer.commit_transaction(SOON).expect("it commits");
    assert_eq!((next_value(&mut whole), next_value(&mut fresh)), ("new".to_owned(), "new".to_owned()));
}

fn next_value(follower: &mut Follower) -> String {
    let deadline = Instant::now() + WITHIN;
    loop {
        assert!(Instant::now() < deadline, "nothing came");
        if let Some(record) = follower.next(Duration::from_millis(200)).expect("it follows") {
            return String::from_utf8(record.value.unwrap_or_default()).expect("tests write text");
        }
    }
}
