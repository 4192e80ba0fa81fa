//! A journal after a crash, and while it is read.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use proptest::prelude::*;
use tempfile::TempDir;

use super::{Journal, JournalBroker, JournalSource};
use crate::stream::event::Stage;
use crate::stream::port::{
    Broker, CommittedOffset, ConsumerRecord, LogReader, LogStore, PollLimits, ProducerRecord, RecordSource,
    TopicPartition, Transaction, TransactionalWriter,
};

const LIMITS: PollLimits =
    PollLimits { records: 3, bytes: 1 << 20, wait: Duration::from_millis(1), linger: Duration::ZERO };

const TOPICS: [&str; 3] = ["a", "b", "c"];

fn partition(topic: &str) -> TopicPartition {
    TopicPartition { topic: topic.into(), partition: 0 }
}

/// One record for each of these topics, and an offset.
fn transaction(number: usize, topics: &[usize]) -> Transaction {
    let record = |(at, &topic): (usize, &usize)| ProducerRecord {
        topic: TOPICS[topic].into(),
        partition: (at % 2 == 0).then_some(0),
        key: Some(vec![topic as u8]),
        value: Some(format!("{number}.{at}").into_bytes()),
        headers: vec![("n".to_owned(), (at > 0).then(|| vec![number as u8]))],
    };
    Transaction {
        records: topics.iter().enumerate().map(record).collect(),
        offsets: vec![(
            partition("input"),
            CommittedOffset { next: number as i64, metadata: format!("metadata {number}") },
        )],
    }
}

fn broker(journal: &Journal) -> JournalBroker {
    JournalBroker::new(journal, Stage::Signatures)
}

fn write(journal: &Journal, transaction: &Transaction) -> Vec<i64> {
    let mut writer = broker(journal).writer("").expect("a writer");
    writer.transact(&mut (), transaction).expect("written")
}

/// The values of a topic, whose offsets are 0, 1, 2 and so on.
fn values(journal: &Journal, topic: &str, from: i64) -> Vec<String> {
    let mut reader = broker(journal).reader(&partition(topic), Some(from)).expect("a reader");
    let mut values = Vec::new();
    loop {
        let batch = reader.next_batch().expect("readable");
        if batch.is_empty() {
            assert_eq!(reader.remaining(), 0);
            return values;
        }
        for record in batch {
            assert_eq!(record.offset, from + values.len() as i64);
            values.push(String::from_utf8(record.value.expect("a value")).expect("text"));
        }
    }
}

/// Everything that can be read from a journal.
fn contents(journal: &Journal) -> (Vec<Vec<String>>, Option<CommittedOffset>) {
    let committed = journal.committed(Stage::Signatures, &[partition("input")]).remove(0);
    (TOPICS.iter().map(|topic| values(journal, topic, 0)).collect(), committed)
}

fn file() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("journal");
    (directory, path)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn a_journal_cut_anywhere_holds_whole_transactions_and_continues_after_them(
        transactions in prop::collection::vec(prop::collection::vec(0..TOPICS.len(), 0..4), 1..4),
    ) {
        let (_directory, path) = file();
        let journal = Journal::open(&path).expect("a journal");
        let mut lengths = vec![0];
        let mut states = vec![contents(&journal)];
        for (number, topics) in transactions.iter().enumerate() {
            write(&journal, &transaction(number, topics));
            lengths.push(fs::metadata(&path).expect("a length").len());
            states.push(contents(&journal));
        }
        drop(journal);
        let bytes = fs::read(&path).expect("bytes");
        for cut in 0..=bytes.len() {
            fs::write(&path, &bytes[..cut]).expect("cut");
            let journal = Journal::open(&path).expect("a journal");
            let whole = lengths.iter().rposition(|length| *length <= cut as u64).expect("the empty one");
            prop_assert_eq!(&contents(&journal), &states[whole], "cut at {}", cut);
            for (number, topics) in transactions.iter().enumerate().skip(whole) {
                write(&journal, &transaction(number, topics));
            }
            prop_assert_eq!(&contents(&journal), states.last().expect("one"));
            drop(journal);
            prop_assert!(fs::read(&path).expect("bytes") == bytes, "continued after a cut at {}", cut);
        }
    }

    #[test]
    fn a_flipped_bit_ends_a_journal_before_its_transaction(at in 0.0..1.0_f64, bit in 0..8_u8) {
        let (_directory, path) = file();
        let journal = Journal::open(&path).expect("a journal");
        let first = transaction(0, &[0, 1]);
        write(&journal, &first);
        let (length, expected) = (fs::metadata(&path).expect("a length").len() as usize, contents(&journal));
        write(&journal, &transaction(1, &[0, 2]));
        drop(journal);
        let mut bytes = fs::read(&path).expect("bytes");
        let at = length + ((bytes.len() - length) as f64 * at) as usize;
        bytes[at] ^= 1_u8 << bit;
        fs::write(&path, &bytes).expect("damaged");
        let journal = Journal::open(&path).expect("a journal");
        prop_assert_eq!(contents(&journal), expected);
    }
}

#[test]
fn a_reader_begins_anywhere_and_ends_where_it_was_opened() {
    let (_directory, path) = file();
    let journal = Journal::open(&path).expect("a journal");
    assert_eq!(write(&journal, &transaction(0, &[0, 0, 1])), [0, 1, 0]);
    assert_eq!(write(&journal, &transaction(1, &[1, 0])), [1, 2]);
    assert_eq!(broker(&journal).range(&partition("a")).expect("a range"), (0, 3));
    for (from, expected) in [(0, &["0.0", "0.1", "1.1"][..]), (1, &["0.1", "1.1"]), (2, &["1.1"]), (3, &[])] {
        assert_eq!(values(&journal, "a", from), expected);
    }
    let mut reader = broker(&journal).reader(&partition("b"), None).expect("a reader");
    write(&journal, &transaction(2, &[1]));
    let mut read = Vec::new();
    loop {
        let batch = reader.next_batch().expect("readable");
        if batch.is_empty() {
            break;
        }
        read.extend(batch);
    }
    assert_eq!(read.len(), 2);
}

#[test]
fn a_source_waits_for_records_and_continues_where_it_is_told() {
    let (_directory, path) = file();
    let journal = Journal::open(&path).expect("a journal");
    let mut source = JournalSource::open(&journal, partition("a")).expect("a source");
    assert_eq!(source.partitions(), [partition("a")]);
    let poll = |source: &mut JournalSource, wait| -> Vec<i64> {
        let polled = source.poll(PollLimits { wait, ..LIMITS }).expect("polled");
        polled.records.iter().map(|record: &ConsumerRecord| record.offset).collect()
    };
    assert!(poll(&mut source, Duration::from_millis(1)).is_empty());
    thread::scope(|scope| {
        scope.spawn(|| write(&journal, &transaction(0, &[0, 1, 0])));
        assert_eq!(poll(&mut source, Duration::from_mins(1)), [0, 1]);
    });
    for number in 1..=2 {
        write(&journal, &transaction(number, &[0, 0]));
    }
    assert_eq!(poll(&mut source, Duration::ZERO), [2, 3, 4], "no more than three at once");
    source.seek(&partition("a"), 1).expect("sought");
    assert_eq!(poll(&mut source, Duration::ZERO), [1, 2, 3]);
    assert_eq!(poll(&mut source, Duration::ZERO), [4, 5]);
}

#[test]
fn a_new_journal_replaces_the_old_one_even_one_that_cannot_be_read() {
    let (_directory, path) = file();
    let strange = b"a frame of another build";
    let mut bytes = (strange.len() as u64).to_le_bytes().to_vec();
    bytes.extend_from_slice(&xxhash_rust::xxh3::xxh3_64(strange).to_le_bytes());
    bytes.extend_from_slice(strange);
    fs::write(&path, &bytes).expect("written");
    Journal::open(&path).expect_err("it is whole, and says nothing");
    assert_eq!(fs::read(&path).expect("bytes"), bytes, "it is left as it is");

    let journal = Journal::create(&path).expect("a journal");
    journal.begin(Stage::Signatures, &[(partition("input"), 40)]).expect("begun");
    let committed = Some(CommittedOffset { next: 40, metadata: String::new() });
    let empty = vec![Vec::<String>::new(); TOPICS.len()];
    assert_eq!(contents(&journal), (empty.clone(), committed.clone()));
    drop(journal);
    assert_eq!(contents(&Journal::open(&path).expect("a journal")), (empty, committed));
}

#[test]
fn a_journal_is_open_once() {
    let (_directory, path) = file();
    let journal = Journal::open(&path).expect("a journal");
    write(&journal, &transaction(0, &[0]));
    for again in [Journal::open(&path), Journal::create(&path)] {
        assert_eq!(again.expect_err("refused").kind(), io::ErrorKind::WouldBlock);
    }
    assert_eq!(values(&journal, "a", 0), ["0.0"], "and nothing was thrown away");
    drop(journal);
    Journal::open(&path).expect("free again");
}

#[test]
fn the_last_record_of_each_key_is_written_in_the_order_of_the_topic() {
    let (directory, path) = file();
    let journal = Journal::open(&path).expect("a journal");
    let record = |key: &str, value: Option<&str>| ProducerRecord {
        topic: "a".into(),
        partition: None,
        key: Some(key.as_bytes().to_vec()),
        value: value.map(|value| value.as_bytes().to_vec()),
        headers: Vec::new(),
    };
    let topic: Arc<str> = "a".into();
    for records in [
        vec![record("x", Some("x1")), record("y", Some("y1")), record("x", Some("x2"))],
        vec![record("z", Some("z1")), record("w", Some("w1")), record("y", Some("y2"))],
        vec![record("w", None)],
    ] {
        write(&journal, &Transaction { records, offsets: Vec::new() });
    }
    let out = directory.path().join("a.ndjson");
    journal.write_last(&topic, &out).expect("written");
    assert_eq!(fs::read_to_string(&out).expect("text"), "x2\nz1\ny2\n");
    journal.write_last("b", &out).expect("written");
    assert_eq!(fs::read_to_string(&out).expect("text"), "");
    assert_eq!(fs::read_dir(directory.path()).expect("a directory").count(), 2, "the journal and the result");
}
