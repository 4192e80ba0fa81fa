//! Faults between a group, a writer and their broker.

use std::slice::from_ref;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use wirefold::kafka::{Admin, KafkaBroker};
use wirefold::stream::port::{
    Broker, LogStore, OffsetStore, PollLimits, PortError, Rebalance, RecordSource, Transaction, TransactionalWriter,
};

use crate::kit::broker::{
    Cluster, LIMITS, WITHIN, assigned_count, committed_records, poll_until, read_all, settings, spec, topic, unique,
    values,
};
use crate::kit::record::{partition, record};

#[test]
fn a_member_that_polled_too_late_commits_no_offsets() {
    let (input, output) = (topic("input", 1), topic("output", 1));
    let mut impatient = settings();
    impatient.properties.insert("max.poll.interval.ms".to_owned(), "6000".to_owned());
    let mut broker = KafkaBroker::new(impatient, &unique("group")).expect("a client can be made");
    let mut consumer = broker.consumer(from_ref(&input)).expect("the group can be joined");
    poll_until(&mut consumer, |all| assigned_count(&all.rebalances) == 1);
    let mut writer = broker.writer(&unique("writer")).expect("the writer opens");
    let read = partition(&input, 0);

    thread::sleep(Duration::from_secs(9));
    let transaction =
        Transaction { records: vec![record(&output, 0, "stale")], offsets: vec![(read.clone(), 1.into())] };
    let late = writer.transact(&mut consumer, &transaction);
    assert!(matches!(late, Err(PortError::Aborted(_))), "{late:?}");
    assert_eq!(committed_records(&output, 0), []);
    assert_eq!(broker.committed(from_ref(&read)).expect("the committed offset"), [None]);

    // The next polls report the loss, and the partition is assigned again.
    let changes = poll_until(&mut consumer, |all| all.rebalances.len() >= 2).rebalances;
    assert!(matches!(&changes[..2], [Rebalance::Revoked(_), Rebalance::Assigned(_)]), "{changes:?}");
    writer.transact(&mut consumer, &transaction).expect("a transaction after the reassignment");
}

/// As in the stages: after any failure the loop continues from the committed offset.
#[test]
fn each_record_is_written_once_across_a_crash_of_the_only_broker() {
    let cluster = Cluster::start(1);
    let (input, output) = ("input", "output");
    let topics = [spec("input", 1, &[]), spec("output", 1, &[])];
    Admin::connect(&cluster.settings()).expect("it answers").create(&topics).expect("topics can be created");
    let mut broker = KafkaBroker::new(cluster.settings(), "group").expect("a client can be made");
    let mut consumer = broker.consumer(&[input.into()]).expect("the group can be joined");
    poll_until(&mut consumer, |all| assigned_count(&all.rebalances) == 1);
    let read = partition(input, 0);
    let limits = PollLimits { wait: Duration::from_millis(5), ..LIMITS };

    let written = AtomicUsize::new(0);
    thread::scope(|scope| {
        let fault = scope.spawn(|| {
            // During one of the transactions.
            while written.load(Ordering::Relaxed) < 5 {
                thread::sleep(Duration::from_millis(1));
            }
            cluster.kill(1);
            thread::sleep(Duration::from_secs(1));
            cluster.restart(1);
            written.load(Ordering::Relaxed)
        });
        let deadline = Instant::now() + 2 * WITHIN;
        let mut writer = None;
        while !fault.is_finished() || written.load(Ordering::Relaxed) < 50 {
            assert!(Instant::now() < deadline, "only {written:?} transactions were committed");
            // Keeps the membership alive: the coordinator of the group was down too.
            consumer.poll(limits).expect("polled");
            let next = broker.committed(from_ref(&read)).expect("the committed offset");
            let next = next[0].as_ref().map_or(0, |committed| committed.next);
            let open = match writer.take().map_or_else(|| broker.writer("writer"), Ok) {
                Ok(open) => writer.insert(open),
                Err(PortError::WriterFailed(_)) => continue,
                Err(other) => panic!("{other}"),
            };
            let transaction = Transaction {
                records: vec![record(output, 0, &next.to_string())],
                offsets: vec![(read.clone(), (next + 1).into())],
            };
            match open.transact(&mut consumer, &transaction) {
                Ok(_) => _ = written.fetch_add(1, Ordering::Relaxed),
                Err(PortError::Aborted(_)) => {}
                Err(PortError::WriterFailed(_) | PortError::Fenced(_)) => writer = None,
                Err(other) => panic!("{other}"),
            }
        }
    });
    // The next writer aborts or completes an open transaction.
    broker.writer("writer").expect("the writer opens");
    let records = read_all(broker.reader(&partition(output, 0), None).expect("the output can be read"));
    let expected: Vec<String> = (0..records.len()).map(|n| n.to_string()).collect();
    assert!(records.len() >= written.into_inner(), "acknowledged records are missing");
    assert_eq!(values(&records), expected);
}
