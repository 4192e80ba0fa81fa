//! The faults: where they strike, what a crash leaves behind, and that a run can be repeated.

use wirefold::pipeline::port::{Broker, Committed, GroupConsumer, PortError, Transaction, Writer};

use crate::cluster::Cluster;
use crate::faults::{Effect, Fault, Odds, Plan};
use crate::instance::Instance;
use crate::random::Random;
use crate::support::{LIMITS, offsets, offsets_of, partition, record, records};

fn cluster(input: usize) -> Cluster {
    let cluster = Cluster::new();
    cluster.create_topic("in", 1);
    cluster.create_topic("out", 1);
    for _ in 0..input {
        cluster.produce(&record("in"));
    }
    cluster
}

/// The smallest loop there is: copies a record for each one read, from the committed position on.
fn copy(instance: &mut Instance, polls: usize) -> Result<(), PortError> {
    let input = partition("in", 0);
    let mut consumer = instance.consumer("g", &["in"]);
    let mut writer = instance.writer("w")?;
    let mut next = consumer.committed(std::slice::from_ref(&input))?[0].as_ref().map_or(0, |at| at.next);
    for _ in 0..polls {
        let polled = consumer.poll(LIMITS)?;
        let fresh: Vec<_> = polled.records.iter().filter(|record| record.offset >= next).collect();
        let mut batch = Transaction::default();
        for record in fresh {
            if record.offset >= next {
                next = record.offset + 1;
                batch.records.extend(records("out", 1).records);
            }
        }
        batch.positions.push((input.clone(), Committed { next, note: String::new() }));
        match writer.transact(&mut consumer, &batch) {
            Err(PortError::Aborted(_)) => {
                next = consumer.committed(std::slice::from_ref(&input))?[0].as_ref().map_or(0, |at| at.next);
                consumer.seek(&input, next)?;
            }
            other => drop(other?),
        }
    }
    consumer.leave()
}

#[test]
fn a_clean_run_names_its_boundaries() {
    use Effect::{Acknowledge, Append, Begin, Commit, Committed, Leave, OpenWriter, Poll, Positions};

    let mut instance = cluster(2).instance(Plan::None);
    copy(&mut instance, 1).expect("copies");
    let named: Vec<_> = instance.effects().into_iter().map(|(effect, _)| effect).collect();
    assert_eq!(named, [OpenWriter, Committed, Poll, Begin, Append, Append, Positions, Commit, Acknowledge, Leave]);
}

#[test]
fn a_crash_at_any_boundary_ends_the_instance_and_its_successor_finishes_the_work() {
    let clean = {
        let mut instance = cluster(3).instance(Plan::None);
        copy(&mut instance, 2).expect("copies");
        instance.effects().len()
    };
    for number in 0..clean {
        let cluster = cluster(3);
        let mut crashing = cluster.instance(Plan::At(number, Fault::Crash));
        assert!(matches!(copy(&mut crashing, 2), Err(PortError::Fatal(_))), "at {number}");
        assert!(crashing.crashed());
        assert_eq!(crashing.effects().len(), number + 1);
        assert!(matches!(crashing.range(&partition("in", 0)), Err(PortError::Fatal(_))), "nothing comes after");

        cluster.advance(60_000);
        copy(&mut cluster.instance(Plan::None), 2).expect("copies");
        assert_eq!(cluster.raw_positions("out").len(), 3, "after a crash at {number}");
    }
}

#[test]
fn random_faults_leave_each_record_copied_once_and_a_seed_repeats_itself() {
    let odds = Odds { crash: 20, pause: 50, abort: 50, fail_writer: 20, repeat: 200, short: 200 };
    let run = |seed: u64| {
        let cluster = cluster(20);
        let mut seeds = Random::new(seed);
        let mut trace = Vec::new();
        for incarnation in 0.. {
            let mut instance = cluster.instance(Plan::random(seeds.next(), odds));
            if incarnation == 30 {
                instance.heal();
            }
            let end = copy(&mut instance, 10);
            trace.extend(instance.effects());
            cluster.advance(60_000);
            if end.is_ok() && incarnation >= 30 {
                break;
            }
        }
        assert_eq!(cluster.raw_positions("out").len(), 20, "seed {seed}");
        (trace, cluster.now())
    };
    let mut struck = Vec::new();
    for seed in 0..50 {
        let (trace, now) = run(seed);
        assert!((trace.clone(), now) == run(seed), "seed {seed} is not repeatable");
        struck.extend(trace.into_iter().filter_map(|(_, fault)| fault));
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
    let mut instance = cluster.instance(Plan::At(0, Fault::Abort));
    copy(&mut instance, 1).expect("nothing to abort at the opening of a writer");
    assert!(instance.effects().iter().all(|(_, fault)| fault.is_none()));
}
