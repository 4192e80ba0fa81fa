//! Every fault at every boundary that a run without faults passes.

use std::collections::BTreeMap;

use wirefold::record::{Millis, Outcome, Signature, Versioned};
use wirefold::stream::port::ConsumerRecord;

use super::process::{DECISIONS, LOG, STORIES, ServiceProcess, VERDICTS};
use super::recorded_run::RecordedRun;
use super::simulation::Simulation;
use crate::simulation::faults::{Fault, FaultPlan};
use crate::simulation::group::SESSION_TIMEOUT;
use crate::simulation::support::partition;
use crate::simulation::transactions::TRANSACTION_TIMEOUT;

/// A simulation whose raw records are all written before the service starts: the run without faults and any other run
/// read the same records.
fn with_articles(articles: usize) -> Simulation {
    let mut simulation = Simulation::new(7, 1);
    simulation.write(articles, 6_000);
    simulation
}

fn count_events(run: &RecordedRun, seen: &mut BTreeMap<&'static str, usize>) {
    let signatures = run
        .records(LOG)
        .map(|record| Signature::from_bytes(record.value.as_deref().unwrap_or_default()).expect("a signature"));
    for (record, signature) in run.records(DECISIONS).zip(signatures) {
        let decision = crate::kit::oracle::decision(record).expect("a decision");
        let mut count = |what, happened: bool| *seen.entry(what).or_insert(0) += usize::from(happened);
        count(decision.kind(signature.article().map_or(0, |article| article.tokens)).name(), true);
        count("late", decision.late);
        count("filter written", !decision.filters_written.is_empty());
        count("filter evicted", decision.filter_evicted.is_some());
        if let Outcome::Assigned(assignment) = &decision.outcome {
            count("matched", assignment.matched.is_some());
            count("merged", !assignment.merged.is_empty());
        }
    }
    for story in run.records(STORIES) {
        let value = String::from_utf8_lossy(story.value.as_deref().unwrap_or_default()).into_owned();
        *seen.entry("closed").or_insert(0) += usize::from(value.contains(r#""state":"closed""#));
    }
}

#[test]
fn a_run_without_faults_shows_all_outcomes_of_an_article_and_passes_the_oracle() {
    let mut seen = BTreeMap::new();
    for partitions in 1..=3 {
        let mut simulation = Simulation::new(7, partitions);
        simulation.write(300, 3_000);
        simulation.add(ServiceProcess::planned(&simulation.cluster, "a", FaultPlan::None));
        count_events(&simulation.finish(), &mut seen);
    }
    for what in [
        "assigned",
        "empty",
        "replaced",
        "duplicate",
        "retracted",
        "withheld",
        "late",
        "filter written",
        "filter evicted",
        "matched",
        "merged",
        "closed",
    ] {
        assert!(seen.get(what).is_some_and(|&count| count >= 3), "{what}: {seen:?}");
    }
}

/// The published records, without their offsets and the times at which they were written.
fn published(run: &RecordedRun) -> Vec<ConsumerRecord> {
    let records = run.records(STORIES).chain(run.records(VERDICTS));
    records.map(|record| ConsumerRecord { offset: 0, timestamp: Millis(0), ..record.clone() }).collect()
}

/// Processes the same sixteen articles once for each boundary at which the fault can occur. The published records must be
/// those of the run without faults. `with_second` adds a second process, which meets no faults.
fn inject_everywhere(fault: Fault, with_second: bool) {
    let run = |plan| {
        let mut simulation = with_articles(16);
        let process = simulation.add(ServiceProcess::planned(&simulation.cluster, "a", plan));
        if with_second {
            simulation.add(ServiceProcess::planned(&simulation.cluster, "b", FaultPlan::None));
        }
        let published = published(&simulation.finish());
        let effects = process.borrow().instances[0].effects();
        (published, effects)
    };
    let (undisturbed, effects) = run(FaultPlan::None);
    assert!(effects.len() > 60, "{effects:?}");
    let mut injected = 0;
    for (number, _) in effects.iter().enumerate().filter(|(_, (effect, _))| fault.can_occur_at(*effect)) {
        let (published, effects) = run(FaultPlan::At(number, fault));
        assert_eq!(effects[number].1, Some(fault), "at {number} of {effects:?}");
        assert!(
            published == undisturbed,
            "{fault:?} at {number}, {:?}, changes the published records",
            effects[number].0
        );
        injected += 1;
    }
    assert!(injected > 5, "{fault:?} occurred {injected} times");
}

#[test]
fn a_crash_at_any_boundary_changes_no_published_record() {
    inject_everywhere(Fault::Crash, false);
    inject_everywhere(Fault::Crash, true);
}

#[test]
fn a_transaction_aborted_at_any_boundary_changes_no_published_record() {
    inject_everywhere(Fault::Abort, false);
    inject_everywhere(Fault::Abort, true);
}

#[test]
fn a_writer_that_fails_at_any_boundary_changes_no_published_record() {
    inject_everywhere(Fault::FailWriter, false);
    inject_everywhere(Fault::FailWriter, true);
}

#[test]
fn a_stage_that_does_not_know_the_outcome_of_a_transaction_reports_no_last_signature() {
    let run = |plan| {
        let mut simulation = with_articles(16);
        let process = simulation.add(ServiceProcess::planned(&simulation.cluster, "a", plan));
        simulation.run_until_done().expect("no stage fails");
        let last = simulation.cluster.committed_records(&partition(LOG, 0)).last().map(|record| record.offset);
        let process = process.borrow();
        (process.last_signature(), last, process.instances[0].effects())
    };
    let (reported, last, effects) = run(FaultPlan::None);
    assert!(reported.is_some() && reported == last, "{reported:?} of {last:?}");
    let mut unknown = 0;
    for (number, _) in effects.iter().enumerate().filter(|(_, (effect, _))| Fault::FailWriter.can_occur_at(*effect)) {
        let (reported, last, _) = run(FaultPlan::At(number, Fault::FailWriter));
        assert!(reported.is_none() || reported == last, "{reported:?} of {last:?}, a failure at {number}");
        unknown += usize::from(reported.is_none());
    }
    assert!(unknown > 0, "no failure concerns the last transaction");
}

#[test]
fn a_pause_at_any_boundary_changes_no_published_record() {
    inject_everywhere(Fault::Pause(0), true);
    inject_everywhere(Fault::Pause(SESSION_TIMEOUT + 1), false);
    inject_everywhere(Fault::Pause(SESSION_TIMEOUT + 1), true);
}

#[test]
fn a_pause_longer_than_the_time_out_of_transactions_changes_no_published_record() {
    inject_everywhere(Fault::Pause(TRANSACTION_TIMEOUT + 1), false);
    inject_everywhere(Fault::Pause(TRANSACTION_TIMEOUT + 1), true);
}

#[test]
fn records_that_come_twice_or_one_at_a_time_change_no_published_record() {
    for fault in [Fault::Repeat, Fault::Short(0), Fault::Short(1)] {
        inject_everywhere(fault, false);
    }
}
