//! When records and offsets of transactions become visible.

use std::slice::from_ref;
use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use wirefold::stream::port::{
    Broker, CommittedOffset, LogStore, OffsetStore, PortError, ProducerRecord, Transaction, TransactionalWriter,
};

use crate::kit::broker::{bootstrap_servers, broker, committed_records, topic, topic_with, unique, values};
use crate::kit::record::{partition, record};

/// A producer of the client library. Unlike a writer of wirefold it can leave a transaction open.
pub(crate) fn raw_producer(transactional_id: &str) -> BaseProducer {
    let producer: BaseProducer = ClientConfig::new()
        .set("bootstrap.servers", bootstrap_servers())
        .set("transactional.id", transactional_id)
        .create()
        .expect("a producer can be made");
    producer.init_transactions(Duration::from_secs(30)).expect("the coordinator answers");
    producer
}

/// Opens a transaction and stores these records in it without committing.
pub(crate) fn open_transaction(producer: &BaseProducer, topic: &str, values: &[&str]) {
    producer.begin_transaction().expect("a transaction can be begun");
    for value in values {
        producer.send(BaseRecord::<(), str>::to(topic).partition(0).payload(value)).expect("the queue has room");
    }
    producer.flush(Duration::from_secs(30)).expect("the records are stored");
}

#[test]
fn records_and_offsets_of_a_transaction_become_visible_together() {
    let (input, output) = (topic("input", 1), topic("output", 2));
    let mut broker = broker(&unique("group"));
    let mut consumer = broker.consumer(from_ref(&input)).expect("the group can be joined");
    let mut writer = broker.writer(&unique("writer")).expect("the writer opens");
    let read = partition(&input, 0);
    assert_eq!(broker.committed(from_ref(&read)).expect("the committed offset"), [None]);

    let committed = CommittedOffset { next: 7, metadata: "text with é".to_owned() };
    let first = ProducerRecord {
        key: Some(b"k".to_vec()),
        headers: vec![("reason".to_owned(), Some(b"not_json".to_vec())), ("empty".to_owned(), None)],
        ..record(&output, 0, "a")
    };
    let transaction = Transaction {
        records: vec![first.clone(), record(&output, 1, "b"), ProducerRecord { value: None, ..record(&output, 0, "") }],
        offsets: vec![(read.clone(), committed.clone())],
    };
    let offsets = writer.transact(&mut consumer, &transaction).expect("the transaction is committed");

    assert_eq!(offsets, [0, 0, 1]);
    let written = committed_records(&output, 0);
    assert_eq!((&written[0].key, &written[0].headers), (&first.key, &first.headers));
    assert_eq!((written[0].value.as_deref(), written[1].value.as_deref()), (Some(&b"a"[..]), None));
    assert_eq!(values(&committed_records(&output, 1)), ["b"]);
    assert_eq!(broker.committed(&[read]).expect("the committed offset"), [Some(committed)]);
}

#[test]
fn offsets_of_a_second_transaction_skip_the_commit_marker_of_the_first() {
    let output = topic("output", 1);
    let mut broker = broker(&unique("group"));
    let mut consumer = broker.consumer(from_ref(&output)).expect("the group can be joined");
    let mut writer = broker.writer(&unique("writer")).expect("the writer opens");
    for expected in [[0, 1], [3, 4]] {
        let transaction = Transaction { records: vec![record(&output, 0, "x"); 2], offsets: Vec::new() };
        assert_eq!(writer.transact(&mut consumer, &transaction).expect("the transaction is committed"), expected);
    }
}

#[test]
fn a_transaction_that_cannot_be_written_is_aborted_and_the_writer_stays_usable() {
    let (input, output) = (topic("input", 1), topic("output", 1));
    let mut broker = broker(&unique("group"));
    let mut consumer = broker.consumer(from_ref(&input)).expect("the group can be joined");
    let mut writer = broker.writer(&unique("writer")).expect("the writer opens");
    let read = partition(&input, 0);

    let nowhere = Transaction {
        records: vec![record(&output, 0, "lost"), record(&output, 99, "nowhere")],
        offsets: vec![(read.clone(), 1.into())],
    };
    let refused = writer.transact(&mut consumer, &nowhere);
    assert!(matches!(refused, Err(PortError::Aborted(_))), "{refused:?}");
    assert_eq!(broker.committed(&[read]).expect("the committed offset"), [None]);

    let good = Transaction { records: vec![record(&output, 0, "kept")], offsets: Vec::new() };
    writer.transact(&mut consumer, &good).expect("the next transaction is committed");
    assert_eq!(values(&committed_records(&output, 0)), ["kept"]);
}

#[test]
fn a_record_too_large_for_its_topic_is_a_fatal_error_that_names_the_topic() {
    let output = topic_with("output", 1, &[("max.message.bytes", "2000")]);
    let mut broker = broker(&unique("group"));
    let mut consumer = broker.consumer(from_ref(&output)).expect("the group can be joined");
    let mut writer = broker.writer(&unique("writer")).expect("the writer opens");
    // Random digits: compression does not make them small enough.
    let noise: String = (0..2_000_u64).map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_string()).collect();
    let transaction = Transaction { records: vec![record(&output, 0, &noise)], offsets: Vec::new() };
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
    let transaction = |value| Transaction { records: vec![record(&output, 0, value)], offsets: Vec::new() };
    first.transact(&mut consumer, &transaction("first")).expect("the transaction is committed");

    let mut second = broker.writer(&id).expect("the second writer opens");
    let fenced = first.transact(&mut consumer, &transaction("zombie"));
    assert!(matches!(fenced, Err(PortError::Fenced(_))), "{fenced:?}");
    second.transact(&mut consumer, &transaction("second")).expect("the transaction is committed");
    assert_eq!(values(&committed_records(&output, 0)), ["first", "second"]);
}

#[test]
fn a_new_writer_aborts_the_open_transaction_of_its_predecessor() {
    let output = topic("output", 1);
    let id = unique("writer");
    let predecessor = raw_producer(&id);
    open_transaction(&predecessor, &output, &["left", "open"]);
    let mut broker = broker(&unique("group"));
    let log = partition(&output, 0);
    assert_eq!(broker.range(&log).expect("the range is known"), (0, 0), "open records are not committed");

    let mut writer = broker.writer(&id).expect("the successor opens");
    assert!(predecessor.commit_transaction(Duration::from_secs(30)).is_err(), "the predecessor is fenced");
    let mut consumer = broker.consumer(from_ref(&output)).expect("the group can be joined");
    let transaction = Transaction { records: vec![record(&output, 0, "own")], offsets: Vec::new() };
    writer.transact(&mut consumer, &transaction).expect("the transaction is committed");
    assert_eq!(values(&committed_records(&output, 0)), ["own"]);
}
