//! Faults: where they occur, what a crash leaves, and that a run can be repeated.

use wirefold::evaluation::Random;
use wirefold::stream::port::{LogStore, PortError, ProducerRecord, RecordSource};

use crate::simulation::cluster::SimCluster;
use crate::simulation::copier::{Copier, CopierProcess};
use crate::simulation::faults::{Effect, Fault, FaultPlan, FaultRates};
use crate::simulation::instance::Instance;
use crate::simulation::support::{LIMITS, offsets, partition, poll_offsets, record};

fn cluster(input: usize) -> SimCluster {
    let cluster = SimCluster::new();
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

/// The values of the copied records, sorted; a record that was copied twice is there twice.
fn copied(cluster: &SimCluster) -> Vec<String> {
    let records = cluster.committed_records(&partition("out", 0));
    let values = records.into_iter().filter_map(|record| record.value);
    let mut names: Vec<_> = values.map(|value| String::from_utf8(value).expect("a name")).collect();
    names.sort_unstable();
    names
}

#[test]
fn a_run_without_faults_lists_its_boundaries() {
    use Effect::{Acknowledge, AddOffsets, Append, Begin, Commit, Leave, OpenWriter, Poll};

    let instance = cluster(2).instance(FaultPlan::None);
    copy(&instance, 1).expect("copies");
    let passed: Vec<_> = instance.effects().into_iter().map(|(effect, _)| effect).collect();
    assert_eq!(passed, [OpenWriter, Poll, Begin, Append, Append, AddOffsets, Commit, Acknowledge, Leave]);
}

#[test]
fn a_crash_at_any_boundary_ends_the_instance_and_its_successor_finishes_the_work() {
    let boundaries = {
        let instance = cluster(3).instance(FaultPlan::None);
        copy(&instance, 2).expect("copies");
        instance.effects().len()
    };
    for number in 0..boundaries {
        let cluster = cluster(3);
        let crashing = cluster.instance(FaultPlan::At(number, Fault::Crash));
        assert!(matches!(copy(&crashing, 2), Err(PortError::Fatal(_))), "at {number}");
        assert!(crashing.has_crashed());
        assert_eq!(crashing.effects().len(), number + 1);
        assert!(
            matches!(crashing.broker("g").range(&partition("in", 0)), Err(PortError::Fatal(_))),
            "a crashed instance does nothing more"
        );

        cluster.advance(60_000);
        copy(&cluster.instance(FaultPlan::None), 2).expect("copies");
        assert_eq!(copied(&cluster), ["0@0", "0@1", "0@2"], "after a crash at {number}");
    }
}

const RATES: FaultRates = FaultRates { crash: 10, pause: 50, abort: 30, fail_writer: 10, repeat: 200, short: 200 };

/// Two processes share three partitions. Each goes on while the other is paused in the middle of a step.
fn run_two_processes(seed: u64) -> (Vec<String>, Vec<(Effect, Option<Fault>)>) {
    let cluster = SimCluster::new();
    cluster.create_topic("in", 3);
    cluster.create_topic("out", 1);
    let mut random = Random::new(seed);
    let processes: Vec<_> =
        (0..2).map(|number| CopierProcess::new(&cluster, format!("w{number}"), random.next(), RATES)).collect();
    let others = processes.clone();
    cluster.while_paused(move |_| {
        for process in &others {
            if let Ok(mut process) = process.try_borrow_mut() {
                process.step();
                process.step();
            }
        }
    });
    for round in 0..150 {
        let process = &processes[random.below(2) as usize];
        process.borrow_mut().step();
        cluster.advance(random.below(1_000).cast_signed());
        if round < 60 {
            cluster.produce(&ProducerRecord { partition: Some(round % 3), ..record("in") });
        }
    }
    for process in &processes {
        process.borrow_mut().stop_faults();
    }
    for _ in 0..40 {
        for process in &processes {
            process.borrow_mut().step();
        }
        cluster.advance(1_000);
    }
    cluster.while_paused(|_| {});
    let instances = processes.iter().flat_map(|process| process.borrow().instances.clone()).collect::<Vec<_>>();
    (copied(&cluster), instances.iter().flat_map(Instance::effects).collect())
}

#[test]
fn under_random_faults_two_instances_copy_each_record_once_and_a_seed_repeats_itself() {
    let mut expected: Vec<_> = (0..60).map(|n| format!("{}@{}", n % 3, n / 3)).collect();
    expected.sort_unstable();
    let mut occurred = Vec::new();
    for seed in 0..100 {
        let (names, effects) = run_two_processes(seed);
        assert_eq!(names, expected, "seed {seed}");
        if seed < 10 {
            assert!(run_two_processes(seed) == (names, effects.clone()), "seed {seed} cannot be repeated");
        }
        occurred.extend(effects.into_iter().filter_map(|(_, fault)| fault));
    }
    for kind in [Fault::Crash, Fault::Pause(0), Fault::Abort, Fault::FailWriter, Fault::Repeat, Fault::Short(1)] {
        assert!(occurred.contains(&kind), "{kind:?} never occurred");
    }
}

#[test]
fn a_repeating_poll_returns_the_record_before_and_each_of_its_own_twice() {
    let cluster = cluster(1);
    let mut consumer = cluster.instance(FaultPlan::At(1, Fault::Repeat)).consumer("g", &["in"]);
    assert_eq!(poll_offsets(&mut consumer), [0]);
    cluster.produce(&record("in"));
    cluster.produce(&record("in"));
    assert_eq!(poll_offsets(&mut consumer), [0, 1, 1, 2, 2]);
    assert_eq!(poll_offsets(&mut consumer), [] as [i64; 0]);
}

#[test]
fn a_short_poll_loses_nothing() {
    let cluster = cluster(3);
    let mut consumer = cluster.instance(FaultPlan::At(0, Fault::Short(1))).consumer("g", &["in"]);
    assert_eq!(poll_offsets(&mut consumer), [0]);
    assert_eq!(offsets(&consumer.poll(LIMITS).expect("polls").records), [1, 2]);
}

#[test]
fn a_fault_occurs_only_where_it_can() {
    let cluster = cluster(1);
    let instance = cluster.instance(FaultPlan::At(0, Fault::Abort));
    copy(&instance, 1).expect("there is nothing to abort when a writer is opened");
    assert!(instance.effects().iter().all(|(_, fault)| fault.is_none()));
}
