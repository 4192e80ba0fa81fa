//! Guarantees of the simulated log to its readers, and of the coordinator to its writers.

use std::sync::Arc;

use wirefold::stream::port::{
    Broker, CommittedOffset, LogReader, LogStore, PortError, ProducerRecord, RecordSource, Transaction,
    TransactionalWriter,
};

use crate::simulation::cluster::SimCluster;
use crate::simulation::faults::{Effect, Fault, FaultPlan};
use crate::simulation::instance::Instance;
use crate::simulation::support::{LIMITS, keyed, offsets, partition, poll_offsets, record, transaction_of};
use crate::simulation::transactions::TRANSACTION_TIMEOUT;

fn cluster() -> SimCluster {
    let cluster = SimCluster::new();
    cluster.create_topic("in", 1);
    cluster.create_topic("out", 1);
    cluster
}

fn write(instance: &Instance, id: &str, count: usize) -> Result<Vec<i64>, PortError> {
    let mut consumer = instance.consumer("g", &["in"]);
    instance.broker("g").writer(id)?.transact(&mut consumer, &transaction_of("out", count))
}

/// Leaves a transaction of one record open: its writer has crashed.
fn leave_open(cluster: &SimCluster, id: &str) {
    let instance = cluster.instance(FaultPlan::At(3, Fault::Crash));
    let crashed = write(&instance, id, 1);
    assert!(matches!(crashed, Err(PortError::Fatal(_))), "{crashed:?}");
    assert_eq!(instance.effects().last(), Some(&(Effect::Commit, Some(Fault::Crash))));
}

fn read(cluster: &SimCluster, from: Option<i64>) -> Vec<i64> {
    let mut reader = cluster.instance(FaultPlan::None).broker("g").reader(&partition("out", 0), from).expect("reads");
    let mut read = Vec::new();
    loop {
        let batch = reader.next_batch().expect("reads");
        if batch.is_empty() {
            assert_eq!(reader.remaining(), 0);
            return read;
        }
        read.extend(offsets(&batch));
    }
}

#[test]
fn markers_and_aborted_records_take_offsets() {
    let cluster = cluster();
    let steady = cluster.instance(FaultPlan::None);
    assert_eq!(write(&steady, "w", 3).expect("commits"), [0, 1, 2]);

    let aborting = cluster.instance(FaultPlan::At(4, Fault::Abort));
    assert!(matches!(write(&aborting, "w", 2), Err(PortError::Aborted(_))));

    assert_eq!(write(&steady, "w", 3).expect("commits"), [7, 8, 9]);
    assert_eq!(read(&cluster, None), [0, 1, 2, 7, 8, 9]);
    assert_eq!(steady.broker("g").range(&partition("out", 0)).expect("answers"), (0, 11));
    assert_eq!(offsets(&cluster.committed_records(&partition("out", 0))), [0, 1, 2, 7, 8, 9]);
}

#[test]
fn an_aborted_writer_writes_again() {
    let cluster = cluster();
    let instance = cluster.instance(FaultPlan::At(2, Fault::Abort));
    let mut consumer = instance.consumer("g", &["in"]);
    let mut writer = instance.broker("g").writer("w").expect("opens");
    assert!(matches!(writer.transact(&mut consumer, &transaction_of("out", 2)), Err(PortError::Aborted(_))));
    writer.transact(&mut consumer, &transaction_of("out", 2)).expect("commits");
    assert_eq!(read(&cluster, None).len(), 2);
}

#[test]
#[should_panic(expected = "the writer of w failed before and is used again")]
fn the_use_of_a_failed_writer_panics() {
    let cluster = cluster();
    let instance = cluster.instance(FaultPlan::At(1, Fault::FailWriter));
    let mut consumer = instance.consumer("g", &["in"]);
    let mut writer = instance.broker("g").writer("w").expect("opens");
    assert!(matches!(writer.transact(&mut consumer, &transaction_of("out", 1)), Err(PortError::WriterFailed(_))));
    let _panics = writer.transact(&mut consumer, &transaction_of("out", 1));
}

#[test]
fn an_open_transaction_holds_back_records_that_others_commit_after_it() {
    let cluster = cluster();
    write(&cluster.instance(FaultPlan::None), "before", 1).expect("commits");
    leave_open(&cluster, "open");
    write(&cluster.instance(FaultPlan::None), "after", 1).expect("commits");

    assert_eq!(read(&cluster, None), [0]);
    let mut follower = cluster.instance(FaultPlan::None).consumer("f", &["out"]);
    assert_eq!(offsets(&follower.poll(LIMITS).expect("polls").records), [0]);
    assert_eq!(follower.poll(LIMITS).expect("polls").records, []);

    // In two steps: a consumer that does not poll for the whole time would be expelled.
    cluster.advance(TRANSACTION_TIMEOUT / 2);
    assert_eq!(follower.poll(LIMITS).expect("polls").records, []);
    cluster.advance(TRANSACTION_TIMEOUT / 2);
    assert_eq!(offsets(&follower.poll(LIMITS).expect("polls").records), [3]);
    assert_eq!(read(&cluster, None), [0, 3]);
}

#[test]
fn a_reader_ends_at_the_last_stable_offset_of_the_time_when_it_was_opened() {
    let cluster = cluster();
    write(&cluster.instance(FaultPlan::None), "w", 4).expect("commits");
    let mut reader =
        cluster.instance(FaultPlan::None).broker("g").reader(&partition("out", 0), Some(1)).expect("reads");
    assert_eq!(reader.remaining(), 4);
    write(&cluster.instance(FaultPlan::None), "w", 1).expect("commits");
    assert_eq!(offsets(&reader.next_batch().expect("reads")), [1, 2, 3]);
    assert_eq!(reader.next_batch().expect("reads"), []);
}

#[test]
fn a_successor_aborts_the_open_transaction_of_a_crashed_instance() {
    let cluster = cluster();
    leave_open(&cluster, "w");
    assert_eq!(write(&cluster.instance(FaultPlan::None), "w", 1).expect("commits"), [2]);
    assert_eq!(read(&cluster, None), [2]);
}

#[test]
fn a_zombie_is_fenced() {
    let cluster = cluster();
    let zombie = cluster.instance(FaultPlan::None);
    let mut consumer = zombie.consumer("g", &["in"]);
    let mut writer = zombie.broker("g").writer("w").expect("opens");
    let _successor = cluster.instance(FaultPlan::None).broker("g").writer("w").expect("opens");
    assert!(matches!(writer.transact(&mut consumer, &transaction_of("out", 1)), Err(PortError::Fenced(_))));
    assert_eq!(read(&cluster, None), [] as [i64; 0]);
}

#[test]
fn a_writer_that_pauses_past_the_transaction_time_out_is_fenced() {
    let cluster = cluster();
    let sleepy = cluster.instance(FaultPlan::At(3, Fault::Pause(TRANSACTION_TIMEOUT)));
    assert!(matches!(write(&sleepy, "w", 1), Err(PortError::Fenced(_))));
    assert_eq!(sleepy.effects()[3].0, Effect::Commit);
    assert_eq!(read(&cluster, None), [] as [i64; 0]);
}

#[test]
fn records_and_offsets_become_visible_together_or_not_at_all() {
    let input = partition("in", 0);
    let committed = CommittedOffset { next: 1, metadata: "metadata".to_owned() };
    let run = |plan: FaultPlan| {
        let cluster = cluster();
        cluster.produce(&record("in"));
        let instance = cluster.instance(plan);
        let mut consumer = instance.consumer("g", &["in"]);
        let transaction = Transaction { offsets: vec![(input.clone(), committed.clone())], ..transaction_of("out", 2) };
        let result = consumer
            .poll(LIMITS)
            .and_then(|_| instance.broker("g").writer("w"))
            .and_then(|mut writer| writer.transact(&mut consumer, &transaction));
        let visible = (cluster.committed_records(&partition("out", 0)).len(), cluster.committed_offset("g", &input));
        (visible, result, instance.effects())
    };
    let (all, _, effects) = run(FaultPlan::None);
    assert_eq!(all, (2, Some(committed.clone())));
    for (number, (effect, _)) in effects.iter().enumerate() {
        for fault in [Fault::Crash, Fault::Abort, Fault::FailWriter].into_iter().filter(|f| f.can_occur_at(*effect)) {
            let (visible, result, _) = run(FaultPlan::At(number, fault));
            let expected = if *effect == Effect::Acknowledge { all.clone() } else { (0, None) };
            assert_eq!(visible, expected, "{fault:?} at {effect:?}");
            let is_reported = match fault {
                Fault::Abort => matches!(result, Err(PortError::Aborted(_))),
                Fault::FailWriter => matches!(result, Err(PortError::WriterFailed(_))),
                _ => matches!(result, Err(PortError::Fatal(_))),
            };
            assert!(is_reported, "{fault:?} at {effect:?} gave {result:?}");
        }
    }
}

#[test]
fn a_key_chooses_its_partition_and_a_given_partition_is_used() {
    let cluster = SimCluster::new();
    cluster.create_topic("wide", 4);
    let free = keyed("wide", b"key", Some(b"value"));
    cluster.produce(&free);
    cluster.produce(&free);
    cluster.produce(&ProducerRecord { partition: Some(3), ..record("wide") });
    let counts: Vec<_> = (0..4).map(|n| cluster.committed_records(&partition("wide", n)).len()).collect();
    assert_eq!(counts.iter().sum::<usize>(), 3);
    assert!(counts[3] >= 1 && counts.iter().any(|count| *count >= 2), "{counts:?}");
    let positions = cluster.raw_positions("wide");
    assert_eq!(positions.len(), 3);
    assert!(positions.iter().any(|position| position.partition == 3 && position.topic == Arc::from("wide")));
}

#[test]
fn compaction_keeps_the_last_record_of_each_key() {
    let cluster = cluster();
    for (key, value) in [(b"a", Some(b"1")), (b"b", Some(b"2")), (b"a", Some(b"3")), (b"b", None)] {
        cluster.produce(&keyed("out", key, value.map(|value| &value[..])));
    }
    let latest = cluster.latest_by_key("out");
    assert_eq!(latest.into_iter().collect::<Vec<_>>(), [(b"a".to_vec(), b"3".to_vec())]);
    cluster.compact("out");
    assert_eq!(read(&cluster, None), [2, 3]);
}

#[test]
fn after_a_deletion_readers_begin_at_the_first_offset_that_is_kept() {
    let cluster = cluster();
    write(&cluster.instance(FaultPlan::None), "w", 4).expect("commits");
    cluster.delete_below(&partition("out", 0), 2);
    assert_eq!(cluster.instance(FaultPlan::None).broker("g").range(&partition("out", 0)).expect("answers"), (2, 5));
    assert_eq!(read(&cluster, None), [2, 3]);
    let mut late = cluster.instance(FaultPlan::None).consumer("late", &["out"]);
    assert_eq!(poll_offsets(&mut late), [2, 3]);
}
