//! What a group promises its members, and what it does to those that fall silent.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use wirefold::pipeline::port::{
    Broker, Committed, GroupConsumer, Outbound, PollLimits, PortError, Rebalance, TopicPartition, Transaction, Writer,
};
use wirefold::record::Millis;

use crate::cluster::Cluster;
use crate::consumer::SimConsumer;
use crate::faults::{Effect, Fault, Plan};
use crate::group::SESSION_TIMEOUT;
use crate::random::Random;
use crate::support::{LIMITS, changes, offsets_of, partition, record, records};
use crate::transactions::TRANSACTION_TIMEOUT;

fn cluster(partitions: i32) -> Cluster {
    let cluster = Cluster::new();
    cluster.create_topic("in", partitions);
    cluster.create_topic("out", 1);
    cluster
}

fn member(cluster: &Cluster) -> SimConsumer {
    cluster.instance(Plan::None).consumer("g", &["in"])
}

fn position(next: i64) -> Committed {
    Committed { next, note: format!("before {next}") }
}

fn moving(to: i64) -> Transaction {
    Transaction { positions: vec![(partition("in", 0), position(to))], ..records("out", 1) }
}

const NOTHING: [String; 0] = [];

#[test]
fn a_lone_member_gets_everything() {
    let cluster = cluster(3);
    let mut one = member(&cluster);
    assert_eq!(changes(&mut one), ["+0+1+2"]);
    assert_eq!(changes(&mut one), NOTHING);
}

#[test]
fn only_what_moves_is_revoked_and_it_is_given_on_after_its_owner_knows() {
    let cluster = cluster(4);
    let (mut one, mut two) = (member(&cluster), member(&cluster));
    assert_eq!(changes(&mut one), ["+0+1+2+3"]);
    assert_eq!(changes(&mut two), NOTHING);
    assert_eq!(changes(&mut two), NOTHING, "the round waits for the first member");
    assert_eq!(changes(&mut one), ["-2-3"]);
    assert_eq!(changes(&mut two), ["+2+3"]);
    assert_eq!(changes(&mut one), NOTHING);
}

#[test]
fn a_member_that_leaves_gives_its_partitions_on() {
    let cluster = cluster(2);
    let (mut one, mut two) = (member(&cluster), member(&cluster));
    changes(&mut one);
    changes(&mut two);
    changes(&mut one);
    assert_eq!(changes(&mut two), ["+1"]);
    one.leave().expect("leaves");
    assert_eq!(changes(&mut two), ["+0"]);
}

#[test]
fn a_member_keeps_what_it_has_when_a_new_one_takes_the_place_of_one_that_leaves() {
    let cluster = cluster(4);
    let (mut leaver, mut stayer, mut newcomer) = (member(&cluster), member(&cluster), member(&cluster));
    changes(&mut leaver);
    changes(&mut stayer);
    changes(&mut leaver);
    assert_eq!(changes(&mut stayer), ["+2+3"]);
    assert_eq!(changes(&mut newcomer), NOTHING);
    leaver.leave().expect("leaves");
    assert_eq!(changes(&mut stayer), NOTHING);
    assert_eq!(changes(&mut newcomer), ["+0+1"]);
}

#[test]
fn a_member_that_stops_polling_loses_its_partitions_and_joins_again_when_it_wakes() {
    let cluster = cluster(2);
    let (mut frozen, mut other) = (member(&cluster), member(&cluster));
    assert_eq!(changes(&mut frozen), ["+0+1"]);
    assert_eq!(changes(&mut other), NOTHING);
    cluster.advance(SESSION_TIMEOUT);
    assert_eq!(changes(&mut other), NOTHING);
    cluster.advance(1);
    assert_eq!(changes(&mut other), ["+0+1"]);
    assert_eq!(changes(&mut frozen), ["-0-1"]);
    assert_eq!(changes(&mut other), ["-1"]);
    assert_eq!(changes(&mut frozen), ["+1"]);
}

#[test]
fn no_partition_has_two_owners_and_in_the_end_each_has_one() {
    let cluster = cluster(5);
    let mut members: Vec<_> = (0..4).map(|_| (member(&cluster), BTreeSet::new(), cluster.now())).collect();
    let mut random = Random::new(1);
    let mut expelled = 0;
    for turn in 0..500 {
        cluster.advance(500);
        // Gaps of more than twelve turns, after which a member is expelled, are rare at random but happen.
        let (consumer, owned, heard) = &mut members[random.below(4) as usize];
        expelled += usize::from(is_silent(&cluster, *heard));
        *heard = cluster.now();
        follow(owned, consumer);
        let listening = members.iter().filter(|(_, _, heard)| !is_silent(&cluster, *heard));
        let all: Vec<_> = listening.flat_map(|(_, owned, _)| owned).collect();
        assert_eq!(all.len(), all.iter().collect::<BTreeSet<_>>().len(), "turn {turn}: {all:?}");
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

fn is_silent(cluster: &Cluster, heard: Millis) -> bool {
    cluster.now().0 - heard.0 > SESSION_TIMEOUT
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
fn reading_starts_at_the_committed_position() {
    let cluster = cluster(1);
    for _ in 0..4 {
        cluster.produce(&record("in"));
    }
    let mut instance = cluster.instance(Plan::None);
    let mut first = instance.consumer("g", &["in"]);
    assert_eq!(offsets_of(&mut first), [0, 1, 2, 3]);
    instance.writer("w").expect("opens").transact(&mut first, &moving(2)).expect("commits");
    assert_eq!(first.committed(&[partition("in", 0)]).expect("answers"), [Some(position(2))]);
    first.leave().expect("leaves");
    assert_eq!(offsets_of(&mut member(&cluster)), [2, 3]);
    cluster.forget_positions("g");
    assert_eq!(cluster.group_position("g", &partition("in", 0)), None);
}

#[test]
fn limits_pauses_and_seeks_are_kept() {
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
    assert_eq!(offsets_of(&mut consumer), [] as [i64; 0]);
    consumer.resume(&zero).expect("resumes");
    assert_eq!(offsets_of(&mut consumer), [2]);
    consumer.seek(&zero[0], 1).expect("seeks");
    assert_eq!(offsets_of(&mut consumer), [1, 2]);
}

#[test]
fn each_poll_begins_with_another_partition() {
    let cluster = cluster(2);
    for _ in 0..4 {
        cluster.produce(&record("in"));
        cluster.produce(&Outbound { partition: Some(1), ..record("in") });
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
    assert_eq!(offsets_of(&mut consumer), [0]);
    consumer.pause(&[partition("in", 0)]).expect("pauses");
    cluster.advance(SESSION_TIMEOUT + 1);
    assert_eq!(offsets_of(&mut consumer), [0], "expelled, assigned anew, and read from the start");
}

#[test]
#[should_panic(expected = "in[0] is not assigned to this consumer")]
fn to_seek_in_a_partition_of_another_is_an_error_of_the_loop() {
    let cluster = cluster(1);
    member(&cluster).seek(&partition("in", 0), 0).expect("panics before");
}

#[test]
fn positions_of_a_zombie_member_are_refused() {
    let cluster = cluster(1);
    let mut zombie = cluster.instance(Plan::None);
    let mut consumer = zombie.consumer("g", &["in"]);
    let mut writer = zombie.writer("zombie").expect("opens");
    assert_eq!(changes(&mut consumer), ["+0"]);
    cluster.freeze(zombie.id, SESSION_TIMEOUT + 1);
    assert!(matches!(writer.transact(&mut consumer, &moving(1)), Err(PortError::Aborted(_))));
    assert_eq!(cluster.group_position("g", &partition("in", 0)), None);
    assert_eq!(cluster.raw_positions("out").len(), 0);
}

#[test]
fn positions_of_a_member_that_waits_for_its_first_assignment_are_refused() {
    let cluster = cluster(1);
    let mut owner = member(&cluster);
    assert_eq!(changes(&mut owner), ["+0"]);
    let mut instance = cluster.instance(Plan::None);
    let mut waiting = instance.consumer("g", &["in"]);
    assert_eq!(changes(&mut waiting), NOTHING);
    let mut writer = instance.writer("w").expect("opens");
    assert!(matches!(writer.transact(&mut waiting, &moving(1)), Err(PortError::Aborted(_))));
}

#[test]
fn a_new_owner_does_not_read_while_the_position_is_part_of_an_open_transaction() {
    let cluster = cluster(1);
    cluster.produce(&record("in"));
    let mut crashing = cluster.instance(Plan::At(5, Fault::Crash));
    let mut consumer = crashing.consumer("g", &["in"]);
    assert_eq!(offsets_of(&mut consumer), [0]);
    let mut writer = crashing.writer("crashing").expect("opens");
    assert!(writer.transact(&mut consumer, &moving(1)).is_err());
    assert_eq!(crashing.effects().last(), Some(&(Effect::Commit, Some(Fault::Crash))));

    cluster.advance(SESSION_TIMEOUT + 1);
    let mut successor = member(&cluster);
    let polled = successor.poll(LIMITS).expect("polls");
    assert_eq!(polled.rebalances, [Rebalance::Assigned(vec![partition("in", 0)])]);
    assert_eq!(polled.records, []);
    cluster.advance(TRANSACTION_TIMEOUT - SESSION_TIMEOUT);
    assert_eq!(offsets_of(&mut successor), [0]);
}

#[test]
fn to_ask_for_a_position_waits_for_the_end_of_the_transaction_that_holds_it() {
    let cluster = cluster(1);
    let mut failing = cluster.instance(Plan::At(5, Fault::FailWriter));
    let mut consumer = failing.consumer("g", &["in"]);
    changes(&mut consumer);
    let mut writer = failing.writer("w").expect("opens");
    assert!(matches!(writer.transact(&mut consumer, &moving(1)), Err(PortError::WriterFailed(_))));
    assert_eq!(cluster.instance(Plan::None).range(&partition("out", 0)).expect("answers"), (0, 0));
    assert_eq!(consumer.committed(&[partition("in", 0)]).expect("answers"), [None]);
    assert_eq!(cluster.instance(Plan::None).range(&partition("out", 0)).expect("answers"), (0, 2));
}

#[test]
fn others_go_on_while_an_instance_is_paused_in_the_middle_of_a_transaction() {
    let cluster = cluster(1);
    let mut paused = cluster.instance(Plan::At(5, Fault::Pause(SESSION_TIMEOUT + 1)));
    let mut consumer = paused.consumer("g", &["in"]);
    changes(&mut consumer);
    let mut writer = paused.writer("w").expect("opens");

    let seen = Rc::new(RefCell::new(Vec::new()));
    let mut other = cluster.instance(Plan::None);
    let (noted, paused_id) = (Rc::clone(&seen), paused.id);
    let mut other_consumer = other.consumer("g", &["in"]);
    cluster.while_paused(move |who| {
        assert_eq!(who, paused_id);
        noted.borrow_mut().extend(changes(&mut other_consumer));
        other.writer("w").expect("takes over");
    });
    assert!(matches!(writer.transact(&mut consumer, &moving(1)), Err(PortError::Fenced(_))));
    assert_eq!(*seen.borrow(), ["+0"]);
    assert_eq!(cluster.raw_positions("out").len(), 0);
}
