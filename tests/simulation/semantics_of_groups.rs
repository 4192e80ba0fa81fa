//! Guarantees of a group to its members, and the expulsion of members that stop polling.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use wirefold::evaluation::Random;
use wirefold::record::Millis;
use wirefold::stream::port::{
    Broker, CommittedOffset, GroupMembership, LogStore, OffsetStore, PollLimits, PortError, ProducerRecord, Rebalance,
    RecordSource, TopicPartition, Transaction, TransactionalWriter,
};

use crate::simulation::cluster::SimCluster;
use crate::simulation::consumer::SimConsumer;
use crate::simulation::faults::{Effect, Fault, FaultPlan};
use crate::simulation::group::SESSION_TIMEOUT;
use crate::simulation::support::{LIMITS, partition, poll_offsets, poll_rebalances, record, transaction_of};
use crate::simulation::transactions::TRANSACTION_TIMEOUT;

fn cluster(partitions: i32) -> SimCluster {
    let cluster = SimCluster::new();
    cluster.create_topic("in", partitions);
    cluster.create_topic("out", 1);
    cluster
}

fn member(cluster: &SimCluster) -> SimConsumer {
    cluster.instance(FaultPlan::None).consumer("g", &["in"])
}

fn offset(next: i64) -> CommittedOffset {
    CommittedOffset { next, metadata: format!("before {next}") }
}

fn committing(to: i64) -> Transaction {
    Transaction { offsets: vec![(partition("in", 0), offset(to))], ..transaction_of("out", 1) }
}

const NOTHING: [String; 0] = [];

#[test]
fn a_single_member_gets_all_partitions() {
    let cluster = cluster(3);
    let mut one = member(&cluster);
    assert_eq!(poll_rebalances(&mut one), ["+0+1+2"]);
    assert_eq!(poll_rebalances(&mut one), NOTHING);
}

#[test]
fn only_partitions_that_move_are_revoked_and_they_are_assigned_after_the_revocation() {
    let cluster = cluster(4);
    let (mut one, mut two) = (member(&cluster), member(&cluster));
    assert_eq!(poll_rebalances(&mut one), ["+0+1+2+3"]);
    assert_eq!(poll_rebalances(&mut two), NOTHING);
    assert_eq!(poll_rebalances(&mut two), NOTHING, "the rebalance waits for the first member");
    assert_eq!(poll_rebalances(&mut one), ["-2-3"]);
    assert_eq!(poll_rebalances(&mut two), ["+2+3"]);
    assert_eq!(poll_rebalances(&mut one), NOTHING);
}

#[test]
fn the_partitions_of_a_member_that_leaves_are_assigned_to_another() {
    let cluster = cluster(2);
    let (mut one, mut two) = (member(&cluster), member(&cluster));
    poll_rebalances(&mut one);
    poll_rebalances(&mut two);
    poll_rebalances(&mut one);
    assert_eq!(poll_rebalances(&mut two), ["+1"]);
    one.leave().expect("leaves");
    assert_eq!(poll_rebalances(&mut two), ["+0"]);
}

#[test]
fn a_member_keeps_its_partitions_when_a_new_member_replaces_one_that_leaves() {
    let cluster = cluster(4);
    let (mut leaver, mut stayer, mut newcomer) = (member(&cluster), member(&cluster), member(&cluster));
    poll_rebalances(&mut leaver);
    poll_rebalances(&mut stayer);
    poll_rebalances(&mut leaver);
    assert_eq!(poll_rebalances(&mut stayer), ["+2+3"]);
    assert_eq!(poll_rebalances(&mut newcomer), NOTHING);
    leaver.leave().expect("leaves");
    assert_eq!(poll_rebalances(&mut stayer), NOTHING);
    assert_eq!(poll_rebalances(&mut newcomer), ["+0+1"]);
}

#[test]
fn a_member_that_stops_polling_loses_its_partitions_and_joins_again_when_it_polls() {
    let cluster = cluster(2);
    let (mut frozen, mut other) = (member(&cluster), member(&cluster));
    assert_eq!(poll_rebalances(&mut frozen), ["+0+1"]);
    assert_eq!(poll_rebalances(&mut other), NOTHING);
    cluster.advance(SESSION_TIMEOUT);
    assert_eq!(poll_rebalances(&mut other), NOTHING);
    cluster.advance(1);
    assert_eq!(poll_rebalances(&mut other), ["+0+1"]);
    assert_eq!(poll_rebalances(&mut frozen), ["-0-1"]);
    assert_eq!(poll_rebalances(&mut other), ["-1"]);
    assert_eq!(poll_rebalances(&mut frozen), ["+1"]);
}

#[test]
fn no_partition_is_read_by_two_members_and_in_the_end_each_is_read_by_one() {
    let cluster = cluster(5);
    let mut members: Vec<_> = (0..4).map(|_| (member(&cluster), BTreeSet::new(), cluster.now())).collect();
    let mut random = Random::new(1);
    let mut expelled = 0;
    for round in 0..500 {
        cluster.advance(500);
        // A member is expelled after more than twelve rounds without a poll. At random that is rare, but it happens.
        let (consumer, owned, last_poll) = &mut members[random.below(4) as usize];
        expelled += usize::from(is_silent(&cluster, *last_poll));
        *last_poll = cluster.now();
        follow(owned, consumer);
        let listening = members.iter().filter(|(_, _, last_poll)| !is_silent(&cluster, *last_poll));
        let all: Vec<_> = listening.flat_map(|(_, owned, _)| owned).collect();
        assert_eq!(all.len(), all.iter().collect::<BTreeSet<_>>().len(), "round {round}: {all:?}");
    }
    assert!(expelled > 5, "{expelled}");
    for _ in 0..5 {
        for (consumer, owned, _) in &mut members {
            follow(owned, consumer);
        }
    }
    let mut shares: Vec<_> = members.iter().map(|(_, owned, _)| owned.len()).collect();
    shares.sort_unstable();
    assert_eq!(shares, [1, 1, 1, 2]);
}

fn is_silent(cluster: &SimCluster, last_poll: Millis) -> bool {
    cluster.now().0 - last_poll.0 > SESSION_TIMEOUT
}

fn follow(owned: &mut BTreeSet<TopicPartition>, consumer: &mut SimConsumer) {
    for change in consumer.poll(LIMITS).expect("polls").rebalances {
        match change {
            Rebalance::Assigned(partitions) => owned.extend(partitions),
            Rebalance::Revoked(partitions) => owned.retain(|partition| !partitions.contains(partition)),
        }
    }
}

#[test]
fn reading_starts_at_the_committed_offset() {
    let cluster = cluster(1);
    for _ in 0..4 {
        cluster.produce(&record("in"));
    }
    let instance = cluster.instance(FaultPlan::None);
    let mut first = instance.consumer("g", &["in"]);
    assert_eq!(poll_offsets(&mut first), [0, 1, 2, 3]);
    instance.broker("g").writer("w").expect("opens").transact(&mut first, &committing(2)).expect("commits");
    assert_eq!(instance.broker("g").committed(&[partition("in", 0)]).expect("answers"), [Some(offset(2))]);
    first.leave().expect("leaves");
    assert_eq!(poll_offsets(&mut member(&cluster)), [2, 3]);
    cluster.expire_offsets("g");
    assert_eq!(cluster.committed_offset("g", &partition("in", 0)), None);
}

#[test]
fn polls_respect_limits_pauses_and_seeks() {
    let cluster = cluster(2);
    for _ in 0..3 {
        cluster.produce(&record("in"));
    }
    let zero = [partition("in", 0)];
    let mut consumer = member(&cluster);
    let one_record = PollLimits { records: 1, ..LIMITS };
    let one_byte = PollLimits { bytes: 1, ..LIMITS };
    assert_eq!(consumer.poll(one_record).expect("polls").records.len(), 1);
    assert_eq!(consumer.poll(one_byte).expect("polls").records.len(), 1);
    consumer.pause(&zero).expect("pauses");
    assert_eq!(poll_offsets(&mut consumer), [] as [i64; 0]);
    consumer.resume(&zero).expect("resumes");
    assert_eq!(poll_offsets(&mut consumer), [2]);
    consumer.seek(&zero[0], 1).expect("seeks");
    assert_eq!(poll_offsets(&mut consumer), [1, 2]);
}

#[test]
fn each_poll_begins_with_another_partition() {
    let cluster = cluster(2);
    for _ in 0..4 {
        cluster.produce(&record("in"));
        cluster.produce(&ProducerRecord { partition: Some(1), ..record("in") });
    }
    let mut consumer = member(&cluster);
    let two_records = PollLimits { records: 2, ..LIMITS };
    for expected in [0, 1, 0, 1] {
        let records = consumer.poll(two_records).expect("polls").records;
        assert_eq!(records.iter().map(|record| record.from.partition).collect::<Vec<_>>(), [expected; 2]);
    }
}

#[test]
fn a_pause_ends_with_the_assignment() {
    let cluster = cluster(1);
    cluster.produce(&record("in"));
    let mut consumer = member(&cluster);
    assert_eq!(poll_offsets(&mut consumer), [0]);
    consumer.pause(&[partition("in", 0)]).expect("pauses");
    cluster.advance(SESSION_TIMEOUT + 1);
    assert_eq!(poll_offsets(&mut consumer), [0], "expelled, assigned again, and read from the start");
}

#[test]
#[should_panic(expected = "in[0] is not assigned to this consumer")]
fn a_seek_in_a_partition_that_is_not_assigned_panics() {
    let cluster = cluster(1);
    member(&cluster).seek(&partition("in", 0), 0).expect("panics before");
}

#[test]
fn offsets_of_an_expelled_member_are_refused() {
    let cluster = cluster(1);
    let zombie = cluster.instance(FaultPlan::None);
    let mut consumer = zombie.consumer("g", &["in"]);
    let mut writer = zombie.broker("g").writer("zombie").expect("opens");
    assert_eq!(poll_rebalances(&mut consumer), ["+0"]);
    cluster.freeze(zombie.id, SESSION_TIMEOUT + 1);
    assert!(matches!(writer.transact(&mut consumer, &committing(1)), Err(PortError::Aborted(_))));
    assert_eq!(cluster.committed_offset("g", &partition("in", 0)), None);
    assert_eq!(cluster.raw_positions("out").len(), 0);
}

#[test]
fn offsets_of_a_member_that_waits_for_its_first_assignment_are_refused() {
    let cluster = cluster(1);
    let mut first = member(&cluster);
    assert_eq!(poll_rebalances(&mut first), ["+0"]);
    let instance = cluster.instance(FaultPlan::None);
    let mut waiting = instance.consumer("g", &["in"]);
    assert_eq!(poll_rebalances(&mut waiting), NOTHING);
    let mut writer = instance.broker("g").writer("w").expect("opens");
    assert!(matches!(writer.transact(&mut waiting, &committing(1)), Err(PortError::Aborted(_))));
}

#[test]
fn a_new_member_does_not_read_while_the_offset_is_part_of_an_open_transaction() {
    let cluster = cluster(1);
    cluster.produce(&record("in"));
    let crashing = cluster.instance(FaultPlan::At(5, Fault::Crash));
    let mut consumer = crashing.consumer("g", &["in"]);
    assert_eq!(poll_offsets(&mut consumer), [0]);
    let mut writer = crashing.broker("g").writer("crashing").expect("opens");
    assert!(writer.transact(&mut consumer, &committing(1)).is_err());
    assert_eq!(crashing.effects().last(), Some(&(Effect::Commit, Some(Fault::Crash))));

    cluster.advance(SESSION_TIMEOUT + 1);
    let mut successor = member(&cluster);
    let polled = successor.poll(LIMITS).expect("polls");
    assert_eq!(polled.rebalances, [Rebalance::Assigned(vec![partition("in", 0)])]);
    assert_eq!(polled.records, []);
    cluster.advance(TRANSACTION_TIMEOUT - SESSION_TIMEOUT);
    assert_eq!(poll_offsets(&mut successor), [0]);
}

#[test]
fn reading_a_committed_offset_waits_for_the_end_of_the_transaction_that_holds_it() {
    let cluster = cluster(1);
    let failing = cluster.instance(FaultPlan::At(5, Fault::FailWriter));
    let mut consumer = failing.consumer("g", &["in"]);
    poll_rebalances(&mut consumer);
    let mut writer = failing.broker("g").writer("w").expect("opens");
    assert!(matches!(writer.transact(&mut consumer, &committing(1)), Err(PortError::WriterFailed(_))));
    assert_eq!(cluster.instance(FaultPlan::None).broker("g").range(&partition("out", 0)).expect("answers"), (0, 0));
    assert_eq!(failing.broker("g").committed(&[partition("in", 0)]).expect("answers"), [None]);
    assert_eq!(cluster.instance(FaultPlan::None).broker("g").range(&partition("out", 0)).expect("answers"), (0, 2));
}

#[test]
fn others_run_while_an_instance_is_paused_in_the_middle_of_a_transaction() {
    let cluster = cluster(1);
    let paused = cluster.instance(FaultPlan::At(5, Fault::Pause(SESSION_TIMEOUT + 1)));
    let mut consumer = paused.consumer("g", &["in"]);
    poll_rebalances(&mut consumer);
    let mut writer = paused.broker("g").writer("w").expect("opens");

    let seen = Rc::new(RefCell::new(Vec::new()));
    let other = cluster.instance(FaultPlan::None);
    let (recorder, paused_id) = (Rc::clone(&seen), paused.id);
    let mut other_consumer = other.consumer("g", &["in"]);
    cluster.while_paused(move |who| {
        assert_eq!(who, paused_id);
        recorder.borrow_mut().extend(poll_rebalances(&mut other_consumer));
        other.broker("g").writer("w").expect("takes over");
    });
    assert!(matches!(writer.transact(&mut consumer, &committing(1)), Err(PortError::Fenced(_))));
    assert_eq!(*seen.borrow(), ["+0"]);
    assert_eq!(cluster.raw_positions("out").len(), 0);
}
