//! What becomes visible, and when.

use std::slice::from_ref;
use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use wirefold::pipeline::port::{Broker, Committed, GroupConsumer, Outbound, PortError, Transaction, Writer};

use crate::harness::{
    bootstrap_servers, broker, committed_records, partition, record, topic, topic_with, unique, values,
};

/// A producer without our writer's manners: it can leave a transaction open.
pub(crate) fn raw_producer(transactional_id: &str) -> BaseProducer {
    let producer: BaseProducer = ClientConfig::new()
        .set("bootstrap.servers", bootstrap_servers())
        .set("transactional.id", transactional_id)
        .create()
        .expect("a producer can be made");
    producer.init_transactions(Duration::from_secs(30)).expect("the coordinator answers");
    producer
}

/// Opens a transaction with these records in it, stored and not committed.
pub(crate) fn open_transaction(producer: &BaseProducer, topic: &str, values: &[&str]) {
    producer.begin_transaction().expect("a transaction can be begun");
    for value in values {
        producer.send(BaseRecord::<(), str>::to(topic).partition(0).payload(value)).expect("the queue has room");
    }
    producer.flush(Duration::from_secs(30)).expect("the records are stored");
}

#[test]
fn records_and_positions_of_a_transaction_appear_together() {
    let (input, output) = (topic("input", 1), topic("output", 2));
    let mut broker = broker(&unique("group"));
    let mut consumer = broker.consumer(from_ref(&input)).expect("the group can be joined");
    let mut writer = broker.writer(&unique("writer")).expect("the writer opens");
    let read = partition(&input, 0);
    assert_eq!(consumer.committed(from_ref(&read)).expect("the group is asked"), [None]);

    let committed = Committed { next: 7, note: "low=3 and é".to_owned() };
    let first = Outbound {
        key: Some(b"k".to_vec()),
        headers: vec![("reason".to_owned(), Some(b"not_json".to_vec())), ("empty".to_owned(), None)],
        ..record(&output, 0, "a")
    };
    let transaction = Transaction {
        records: vec![first.clone(), record(&output, 1, "b"), Outbound { value: None, ..record(&output, 0, "") }],
        positions: vec![(read.clone(), committed.clone())],
    };
    let offsets = writer.transact(&mut consumer, &transaction).expect("the transaction goes through");

    assert_eq!(offsets, [0, 0, 1]);
    let written = committed_records(&output, 0);
    assert_eq!((&written[0].key, &written[0].headers), (&first.key, &first.headers));
    assert_eq!((written[0].value.as_deref(), written[1].value.as_deref()), (Some(&b"a"[..]), None));
    assert_eq!(values(&committed_records(&output, 1)), ["b"]);
    assert_eq!(consumer.committed(&[read]).expect("the group is asked"), [Some(committed)]);
}

#[test]
fn offsets_of_a_second_transaction_step_over_the_marker_of_the_first() {
    let output = topic("output", 1);
    let mut broker = broker(&unique("group"));
    let mut consumer = broker.consumer(from_ref(&output)).expect("the group can be joined");
    let mut writer = broker.writer(&unique("writer")).expect("the writer opens");
    for expected in [[0, 1], [3, 4]] {
        let transaction = Transaction { records: vec![record(&output, 0, "x"); 2], positions: Vec::new() };
        assert_eq!(writer.transact(&mut consumer, &transaction).expect("it goes through"), expected);
    }
}

#[test]
fn a_transaction_that_cannot_be_written_is_aborted_whole_and_the_writer_goes_on() {
    let (input, output) = (topic("input", 1), topic("output", 1));
    let mut broker = broker(&unique("group"));
    let mut consumer = broker.consumer(from_ref(&input)).expect("the group can be joined");
    let mut writer = broker.writer(&unique("writer")).expect("the writer opens");
    let read = partition(&input, 0);

    let nowhere = Transaction {
        records: vec![record(&output, 0, "lost"), record(&output, 99, "nowhere")],
        positions: vec![(read.clone(), Committed { next: 1, note: String::new() })],
    };
    let refused = writer.transact(&mut consumer, &nowhere);
    assert!(matches!(refused, Err(PortError::Aborted(_))), "{refused:?}");
    assert_eq!(consumer.committed(&[read]).expect("the group is asked"), [None]);

    let good = Transaction { records: vec![record(&output, 0, "kept")], positions: Vec::new() };
    writer.transact(&mut consumer, &good).expect("the next transaction goes through");
    assert_eq!(values(&committed_records(&output, 0)), ["kept"]);
}

#[test]
fn a_record_larger_than_its_topic_takes_is_fatal_and_named() {
    let output = topic_with("output", 1, &[("max.message.bytes", "2000")]);
    let mut broker = broker(&unique("group"));
    let mut consumer = broker.consumer(from_ref(&output)).expect("the group can be joined");
    let mut writer = broker.writer(&unique("writer")).expect("the writer opens");
    // Digits without a pattern: compression does not make them small enough.
    let noise: String = (0..2_000_u64).map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_string()).collect();
    let transaction = Transaction { records: vec![record(&output, 0, &noise)], positions: Vec::new() };
    match writer.transact(&mut consumer, &transaction) {
        Err(PortError::Fatal(reason)) => {
            assert!(reason.contains(&*output) && reason.contains(&noise.len().to_string()), "{reason}");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(committed_records(&output, 0), []);
}

#[test]
fn a_second_writer_of_the_same_id_fences_the_first() {
    let output = topic("output", 1);
    let mut broker = broker(&unique("group"));
    let mut consumer = broker.consumer(from_ref(&output)).expect("the group can be joined");
    let id = unique("writer");
    let mut first = broker.writer(&id).expect("the first writer opens");
    let transaction = |value| Transaction { records: vec![record(&output, 0, value)], positions: Vec::new() };
    first.transact(&mut consumer, &transaction("first")).expect("it goes through");

    let mut second = broker.writer(&id).expect("the second writer opens");
    let fenced = first.transact(&mut consumer, &transaction("zombie"));
    assert!(matches!(fenced, Err(PortError::Fenced(_))), "{fenced:?}");
    second.transact(&mut consumer, &transaction("second")).expect("it goes through");
    assert_eq!(values(&committed_records(&output, 0)), ["first", "second"]);
}

#[test]
fn a_writer_aborts_what_its_predecessor_left_open() {
    let output = topic("output", 1);
    let id = unique("writer");
    let predecessor = raw_producer(&id);
    open_transaction(&predecessor, &output, &["left", "open"]);
    let mut broker = broker(&unique("group"));
    let log = partition(&output, 0);
    assert_eq!(broker.range(&log).expect("the range is known"), (0, 0), "what is open is not committed");

    let mut writer = broker.writer(&id).expect("the successor opens");
    assert!(predecessor.commit_transaction(Duration::from_secs(30)).is_err(), "the predecessor is fenced");
    let mut consumer = broker.consumer(from_ref(&output)).expect("the group can be joined");
    let transaction = Transaction { records: vec![record(&output, 0, "mine")], positions: Vec::new() };
    writer.transact(&mut consumer, &transaction).expect("it goes through");
    assert_eq!(values(&committed_records(&output, 0)), ["mine"]);
}
