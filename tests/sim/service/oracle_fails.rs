//! The oracle notices: a right run, falsified in one place, is wrong.

use wirefold::pipeline::port::Inbound;
use wirefold::record::{Decision, Signature, Versioned};

use super::oracle;
use super::place::{DEAD_LETTERS, DECISIONS, LOG, Place, SOURCES, STORIES, VERDICTS};
use super::run::Run;
use super::world::World;
use crate::faults::Plan;

fn right() -> Run {
    let mut world = World::new(7, 1);
    world.add(Place::planned(&world.cluster, "a", Plan::None));
    world.write(60, 4_000);
    world.finish()
}

fn edit<T: Versioned>(record: &mut Inbound, change: impl FnOnce(&mut T)) {
    let mut read = T::from_bytes(record.value.as_deref().unwrap_or_default()).expect("a record of ours");
    change(&mut read);
    record.value = Some(read.to_bytes());
}

fn drop_first(run: &mut Run, topic: &str) {
    run.falsify(topic).remove(0);
}

fn repeat_fifth(run: &mut Run, topic: &str) {
    let records = run.falsify(topic);
    records.insert(5, records[5].clone());
}

/// How a run is falsified, and what the oracle says then.
type Falsification = (&'static str, &'static str, fn(&mut Run));

#[test]
fn the_oracle_complains_of_whatever_is_falsified() {
    let falsifications: [Falsification; 20] = [
        ("a decision altered", "decision 5 is", |run| {
            edit(&mut run.falsify(DECISIONS)[5], |decision: &mut Decision| decision.horizon.0 += 1);
        }),
        ("a decision on another offset", "the offset that decision 5 names", |run| {
            edit(&mut run.falsify(DECISIONS)[5], |decision: &mut Decision| decision.log_offset += 1);
        }),
        ("a decision dropped", "the number of a decision", |run| drop_first(run, DECISIONS)),
        ("a decision twice", "the number of a decision", |run| repeat_fifth(run, DECISIONS)),
        ("the last decision dropped", "has no decision", |run| drop(run.falsify(DECISIONS).pop())),
        ("the last decision twice", "is one too many", |run| {
            let decisions = run.falsify(DECISIONS);
            decisions.extend(decisions.last().cloned());
        }),
        ("decisions swapped", "the number of a decision", |run| run.falsify(DECISIONS).swap(5, 6)),
        ("a signature altered", "the signature at", |run| {
            edit(&mut run.falsify(LOG)[5], |signature: &mut Signature| signature.ingested.0 += 1);
        }),
        ("a signature dropped", "is lost", |run| drop_first(run, LOG)),
        ("a signature twice", "is in the log twice", |run| repeat_fifth(run, LOG)),
        ("signatures swapped", "comes after that of a later", |run| run.falsify(LOG).swap(5, 6)),
        ("a trace dropped", "the headers of", |run| {
            run.falsify(LOG).iter_mut().for_each(|record| record.headers.clear());
        }),
        ("a dead letter dropped", "is lost", |run| drop_first(run, DEAD_LETTERS)),
        ("a dead letter twice", "is a dead letter twice", |run| {
            let dead = run.falsify(DEAD_LETTERS);
            dead.extend(dead.first().cloned());
        }),
        ("a dead letter altered", "the dead letter at", |run| {
            run.falsify(DEAD_LETTERS)[0].value = Some(b"{}".to_vec());
        }),
        ("a story dropped", "what stories says", |run| drop_first(run, STORIES)),
        ("a verdict dropped", "what verdicts says", |run| drop_first(run, VERDICTS)),
        ("a verdict twice", "what verdicts says", |run| repeat_fifth(run, VERDICTS)),
        ("a source table dropped", "what live.sources says", |run| drop_first(run, SOURCES)),
        ("a story lost by compaction", "what compaction leaves of stories", |run| {
            run.latest.entry(STORIES).and_modify(|stories| drop(stories.pop_first()));
        }),
    ];
    let right = right();
    for (what, complaint, falsify) in falsifications {
        let mut run = right.clone();
        falsify(&mut run);
        let said = oracle::check(&run).expect_err(what);
        assert!(said.contains(complaint), "{what}: {said}");
    }
}

#[test]
fn the_oracle_complains_of_a_position_that_is_off() {
    let right = right();
    for name in right.positions.keys() {
        for off in [-1, 1] {
            let mut run = right.clone();
            run.positions.entry(name.clone()).and_modify(|committed| committed.next += off);
            let said = oracle::check(&run).expect_err("a position that is off");
            assert!(said.contains("the position of"), "{said}");
        }
        let mut run = right.clone();
        run.positions.remove(name);
        oracle::check(&run).expect_err("a position that is missing");
    }
    assert_eq!(right.positions.len(), 2);
}
