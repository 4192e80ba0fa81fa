//! What goes wrong between a group, a writer and their broker.

use std::slice::from_ref;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use wirefold::kafka::{Admin, KafkaBroker};
use wirefold::pipeline::observe::Stage;
use wirefold::pipeline::port::{
    Broker, Committed, GroupConsumer, PollLimits, PortError, Rebalance, Transaction, Writer,
};

use crate::harness::{
    Cluster, LIMITS, WITHIN, committed_records, held, partition, poll_until, read_all, record, settings, spec, topic,
    unique, values,
};

#[test]
fn a_member_that_was_away_too_long_commits_no_positions() {
    let (input, output) = (topic("input", 1), topic("output", 1));
    let mut impatient = settings();
    impatient.properties.insert("max.poll.interval.ms".to_owned(), "6000".to_owned());
    let mut broker = KafkaBroker::new(impatient, Stage::Sign, &unique("group")).expect("a client can be made");
    let mut consumer = broker.consumer(from_ref(&input)).expect("the group can be joined");
    poll_until(&mut consumer, |all| held(&all.rebalances) == 1);
    let mut writer = broker.writer(&unique("writer")).expect("the writer opens");
    let read = partition(&input, 0);

    thread::sleep(Duration::from_secs(9));
    let transaction = Transaction {
        records: vec![record(&output, 0, "stale")],
        positions: vec![(read.clone(), Committed { next: 1, note: String::new() })],
    };
    let late = writer.transact(&mut consumer, &transaction);
    assert!(matches!(late, Err(PortError::Aborted(_))), "{late:?}");
    assert_eq!(committed_records(&output, 0), []);
    assert_eq!(consumer.committed(from_ref(&read)).expect("the group is asked"), [None]);

    // It is told so by the next polls, and is given the partition again.
    let changes = poll_until(&mut consumer, |all| all.rebalances.len() >= 2).rebalances;
    assert!(matches!(&changes[..2], [Rebalance::Revoked(_), Rebalance::Assigned(_)]), "{changes:?}");
    writer.transact(&mut consumer, &transaction).expect("the member is back");
}

/// The way of the loops: on any failure the committed position says where to go on.
#[test]
fn each_record_is_written_once_over_the_hard_restart_of_the_only_broker() {
    let cluster = Cluster::start(1);
    let (input, output) = ("input".into(), "output".into());
    let topics = [spec("input", 1, &[]), spec("output", 1, &[])];
    Admin::connect(&cluster.settings()).expect("it answers").create(&topics).expect("topics can be created");
    let mut broker = KafkaBroker::new(cluster.settings(), Stage::Sign, "group").expect("a client can be made");
    let mut consumer = broker.consumer(&[Arc::clone(&input)]).expect("the group can be joined");
    poll_until(&mut consumer, |all| held(&all.rebalances) == 1);
    let read = partition(&input, 0);
    let limits = PollLimits { wait: Duration::from_millis(5), ..LIMITS };

    let written = AtomicUsize::new(0);
    thread::scope(|scope| {
        let fault = scope.spawn(|| {
            // In the middle of one of the transactions.
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
            assert!(Instant::now() < deadline, "{written:?} transactions went through");
            // Keeps the membership alive: the group's coordinator was away too.
            consumer.poll(limits).expect("it polls");
            let next = consumer.committed(from_ref(&read)).expect("the group is asked");
            let next = next[0].as_ref().map_or(0, |committed| committed.next);
            let open = match writer.take().map_or_else(|| broker.writer("writer"), Ok) {
                Ok(open) => writer.insert(open),
                Err(PortError::WriterFailed(_)) => continue,
                Err(other) => panic!("{other}"),
            };
            let transaction = Transaction {
                records: vec![record(&output, 0, &next.to_string())],
                positions: vec![(read.clone(), Committed { next: next + 1, note: String::new() })],
            };
            match open.transact(&mut consumer, &transaction) {
                Ok(_) => _ = written.fetch_add(1, Ordering::Relaxed),
                Err(PortError::Aborted(_)) => {}
                Err(PortError::WriterFailed(_) | PortError::Fenced(_)) => writer = None,
                Err(other) => panic!("{other}"),
            }
        }
    });
    // The successor of the last writer settles what is open.
    broker.writer("writer").expect("the writer opens");
    let records = read_all(broker.reader(&partition(&output, 0), None).expect("the output can be read"));
    let expected: Vec<String> = (0..records.len()).map(|n| n.to_string()).collect();
    assert!(records.len() >= written.into_inner(), "what was acknowledged is there");
    assert_eq!(values(&records), expected);
}
