//! The oracle detects errors: a correct run that is changed in one record fails its check.

use wirefold::record::{Decision, Signature, Versioned};
use wirefold::stream::port::ConsumerRecord;

use super::oracle;
use super::process::{BOILERPLATE, DEAD_LETTERS, DECISIONS, LOG, STORIES, ServiceProcess, VERDICTS};
use super::recorded_run::RecordedRun;
use super::simulation::Simulation;
use crate::simulation::faults::FaultPlan;

/// A run that has written to every topic.
fn correct_run() -> RecordedRun {
    let run = |seed| {
        let mut simulation = Simulation::new(seed, 1);
        simulation.add(ServiceProcess::planned(&simulation.cluster, "a", FaultPlan::None));
        simulation.write(60, 4_000);
        simulation.finish()
    };
    let topics = [LOG, DECISIONS, BOILERPLATE, STORIES, VERDICTS, DEAD_LETTERS];
    let mut runs = (1..100).map(run);
    runs.find(|run| topics.iter().all(|topic| run.records(topic).count() > 5)).expect("such a run")
}

fn edit<T: Versioned>(record: &mut ConsumerRecord, change: impl FnOnce(&mut T)) {
    let mut read = T::from_bytes(record.value.as_deref().unwrap_or_default()).expect("a valid record");
    change(&mut read);
    record.value = Some(read.to_bytes());
}

fn drop_first(run: &mut RecordedRun, topic: &str) {
    run.records_mut(topic).remove(0);
}

fn repeat_fifth(run: &mut RecordedRun, topic: &str) {
    let records = run.records_mut(topic);
    records.insert(5, records[5].clone());
}

/// The name of a change, a part of the error that the oracle must report, and the change.
type RunChange = (&'static str, &'static str, fn(&mut RecordedRun));

#[test]
fn the_oracle_reports_each_change_of_a_correct_run() {
    let changes: [RunChange; 20] = [
        ("a decision altered", "decision 5 is", |run| {
            edit(&mut run.records_mut(DECISIONS)[5], |decision: &mut Decision| decision.expiry_watermark.0 += 1);
        }),
        ("a decision on another offset", "the log offset of decision 5", |run| {
            edit(&mut run.records_mut(DECISIONS)[5], |decision: &mut Decision| decision.log_offset += 1);
        }),
        ("a decision dropped", "the seq of a decision", |run| drop_first(run, DECISIONS)),
        ("a decision twice", "the seq of a decision", |run| repeat_fifth(run, DECISIONS)),
        ("the last decision dropped", "has no decision", |run| drop(run.records_mut(DECISIONS).pop())),
        ("the last decision twice", "belongs to no signature", |run| {
            let decisions = run.records_mut(DECISIONS);
            decisions.extend(decisions.last().cloned());
        }),
        ("decisions swapped", "the seq of a decision", |run| run.records_mut(DECISIONS).swap(5, 6)),
        ("a signature altered", "the signature at", |run| {
            edit(&mut run.records_mut(LOG)[5], |signature: &mut Signature| signature.ingested.0 += 1);
        }),
        ("a signature dropped", "is lost", |run| drop_first(run, LOG)),
        ("a signature twice", "is in the log twice", |run| repeat_fifth(run, LOG)),
        ("signatures swapped", "comes after the signature of a later", |run| run.records_mut(LOG).swap(5, 6)),
        ("a trace dropped", "the headers of", |run| {
            run.records_mut(LOG).iter_mut().for_each(|record| record.headers.clear());
        }),
        ("a dead letter dropped", "is lost", |run| drop_first(run, DEAD_LETTERS)),
        ("a dead letter twice", "is a dead letter twice", |run| {
            let dead = run.records_mut(DEAD_LETTERS);
            dead.extend(dead.first().cloned());
        }),
        ("a dead letter altered", "the dead letter at", |run| {
            run.records_mut(DEAD_LETTERS)[0].value = Some(b"{}".to_vec());
        }),
        ("a story dropped", "the records of stories under", |run| drop_first(run, STORIES)),
        ("a verdict dropped", "the records of verdicts under", |run| drop_first(run, VERDICTS)),
        ("a verdict twice", "the records of verdicts under", |run| repeat_fifth(run, VERDICTS)),
        ("a boilerplate filter dropped", "the records of boilerplate under", |run| drop_first(run, BOILERPLATE)),
        ("a story lost by compaction", "stories after compaction", |run| {
            run.latest.entry(STORIES).and_modify(|stories| drop(stories.pop_first()));
        }),
    ];
    let correct = correct_run();
    for (what, expected, change) in changes {
        let mut run = correct.clone();
        change(&mut run);
        let error = oracle::check(&run).expect_err(what);
        assert!(error.contains(expected), "{what}: {error}");
    }
}

#[test]
fn the_oracle_reports_a_committed_offset_that_is_wrong_or_missing() {
    let correct = correct_run();
    for name in correct.committed.keys() {
        for off in [-1, 1] {
            let mut run = correct.clone();
            run.committed.entry(name.clone()).and_modify(|committed| committed.next += off);
            let error = oracle::check(&run).expect_err("a committed offset that is wrong");
            assert!(error.contains("the committed offset of"), "{error}");
        }
        let mut run = correct.clone();
        run.committed.remove(name);
        oracle::check(&run).expect_err("a committed offset that is missing");
    }
    assert_eq!(correct.committed.len(), 2);
}
