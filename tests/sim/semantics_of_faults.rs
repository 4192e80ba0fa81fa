//! The faults: where they strike, what a crash leaves behind, and that a run can be repeated.

use wirefold::pipeline::port::{Broker, GroupConsumer, Outbound, PortError};

use crate::cluster::Cluster;
use crate::copier::{Copier, Place};
use crate::faults::{Effect, Fault, Odds, Plan};
use crate::instance::Instance;
use crate::random::Random;
use crate::support::{LIMITS, offsets, offsets_of, partition, record};

fn cluster(input: usize) -> Cluster {
    let cluster = Cluster::new();
    cluster.create_topic("in", 1);
    cluster.create_topic("out", 1);
    for _ in 0..input {
        cluster.produce(&record("in"));
    }
    cluster
}

fn copy(instance: &Instance, steps: usize) -> Result<(), PortError> {
    Copier::start(instance.clone(), "w")?.finish(steps)
}

/// What was copied, in order of its names; a record copied twice is there twice.
fn copied(cluster: &Cluster) -> Vec<String> {
    let records = cluster.committed_records(&partition("out", 0));
    let values = records.into_iter().filter_map(|record| record.value);
    let mut names: Vec<_> = values.map(|value| String::from_utf8(value).expect("a name")).collect();
    names.sort_unstable();
    names
}

#[test]
fn a_clean_run_names_its_boundaries() {
    use Effect::{Acknowledge, Append, Begin, Commit, Leave, OpenWriter, Poll, Positions};

    let instance = cluster(2).instance(Plan::None);
    copy(&instance, 1).expect("copies");
    let named: Vec<_> = instance.effects().into_iter().map(|(effect, _)| effect).collect();
    assert_eq!(named, [OpenWriter, Poll, Begin, Append, Append, Positions, Commit, Acknowledge, Leave]);
}

#[test]
fn a_crash_at_any_boundary_ends_the_instance_and_its_successor_finishes_the_work() {
    let clean = {
        let instance = cluster(3).instance(Plan::None);
        copy(&instance, 2).expect("copies");
        instance.effects().len()
    };
    for number in 0..clean {
        let cluster = cluster(3);
        let mut crashing = cluster.instance(Plan::At(number, Fault::Crash));
        assert!(matches!(copy(&crashing, 2), Err(PortError::Fatal(_))), "at {number}");
        assert!(crashing.crashed());
        assert_eq!(crashing.effects().len(), number + 1);
        assert!(matches!(crashing.range(&partition("in", 0)), Err(PortError::Fatal(_))), "nothing comes after");

        cluster.advance(60_000);
        copy(&cluster.instance(Plan::None), 2).expect("copies");
        assert_eq!(copied(&cluster), ["0@0", "0@1", "0@2"], "after a crash at {number}");
    }
}

const ODDS: Odds = Odds { crash: 10, pause: 50, abort: 30, fail_writer: 10, repeat: 200, short: 200 };

/// Two places share three partitions, each runs on while the other is paused in the middle of a step.
fn run_two_places(seed: u64) -> (Vec<String>, Vec<(Effect, Option<Fault>)>) {
    let cluster = Cluster::new();
    cluster.create_topic("in", 3);
    cluster.create_topic("out", 1);
    let mut random = Random::new(seed);
    let places: Vec<_> = (0..2).map(|place| Place::new(&cluster, format!("w{place}"), random.next(), ODDS)).collect();
    let others = places.clone();
    cluster.while_paused(move |_| {
        for place in &others {
            if let Ok(mut place) = place.try_borrow_mut() {
                place.step();
                place.step();
            }
        }
    });
    for turn in 0..150 {
        let place = &places[random.below(2) as usize];
        place.borrow_mut().step();
        cluster.advance(random.below(1_000).cast_signed());
        if turn < 60 {
            cluster.produce(&Outbound { partition: Some(turn % 3), ..record("in") });
        }
    }
    for place in &places {
        place.borrow_mut().heal();
    }
    for _ in 0..40 {
        for place in &places {
            place.borrow_mut().step();
        }
        cluster.advance(1_000);
    }
    cluster.while_paused(|_| {});
    let instances = places.iter().flat_map(|place| place.borrow().instances.clone()).collect::<Vec<_>>();
    (copied(&cluster), instances.iter().flat_map(Instance::effects).collect())
}

#[test]
fn under_random_faults_two_instances_copy_each_record_once_and_a_seed_repeats_itself() {
    let mut expected: Vec<_> = (0..60).map(|n| format!("{}@{}", n % 3, n / 3)).collect();
    expected.sort_unstable();
    let mut struck = Vec::new();
    for seed in 0..100 {
        let (names, effects) = run_two_places(seed);
        assert_eq!(names, expected, "seed {seed}");
        if seed < 10 {
            assert!(run_two_places(seed) == (names, effects.clone()), "seed {seed} is not repeatable");
        }
        struck.extend(effects.into_iter().filter_map(|(_, fault)| fault));
    }
    for kind in [Fault::Crash, Fault::Pause(0), Fault::Abort, Fault::FailWriter, Fault::Repeat, Fault::Short(1)] {
        assert!(struck.contains(&kind), "{kind:?} never struck");
    }
}

#[test]
fn a_repeating_poll_brings_the_record_before_and_each_of_its_own_twice() {
    let cluster = cluster(1);
    let mut consumer = cluster.instance(Plan::At(1, Fault::Repeat)).consumer("g", &["in"]);
    assert_eq!(offsets_of(&mut consumer), [0]);
    cluster.produce(&record("in"));
    cluster.produce(&record("in"));
    assert_eq!(offsets_of(&mut consumer), [0, 1, 1, 2, 2]);
    assert_eq!(offsets_of(&mut consumer), [] as [i64; 0]);
}

#[test]
fn a_short_poll_loses_nothing() {
    let cluster = cluster(3);
    let mut consumer = cluster.instance(Plan::At(0, Fault::Short(1))).consumer("g", &["in"]);
    assert_eq!(offsets_of(&mut consumer), [0]);
    assert_eq!(offsets(&consumer.poll(LIMITS).expect("polls").records), [1, 2]);
}

#[test]
fn a_fault_strikes_only_where_it_can() {
    let cluster = cluster(1);
    let instance = cluster.instance(Plan::At(0, Fault::Abort));
    copy(&instance, 1).expect("nothing to abort at the opening of a writer");
    assert!(instance.effects().iter().all(|(_, fault)| fault.is_none()));
}
