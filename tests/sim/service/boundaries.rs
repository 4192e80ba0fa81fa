//! Every fault at every boundary that a clean run passes.

use std::collections::BTreeMap;

use wirefold::pipeline::port::Inbound;
use wirefold::record::{Millis, Outcome, Signature, Versioned};

use super::oracle;
use super::place::{DECISIONS, LOG, Place, STORIES, VERDICTS};
use super::run::Run;
use super::world::World;
use crate::faults::{Fault, Plan};
use crate::group::SESSION_TIMEOUT;
use crate::support::partition;
use crate::transactions::TRANSACTION_TIMEOUT;

/// A world whose raw records are all written before the service starts: the undisturbed run and any other read
/// the same.
fn written(articles: usize) -> World {
    let mut world = World::new(7, 1);
    world.write(articles, 6_000);
    world
}

fn count(run: &Run, seen: &mut BTreeMap<&'static str, usize>) {
    let signatures = run
        .records(LOG)
        .map(|record| Signature::from_bytes(record.value.as_deref().unwrap_or_default()).expect("a signature"));
    for (record, signature) in run.records(DECISIONS).zip(signatures) {
        let decision = oracle::decision(record).expect("a decision");
        let mut count = |what, happened: bool| *seen.entry(what).or_insert(0) += usize::from(happened);
        count(decision.kind(signature.article().map_or(0, |article| article.tokens)).name(), true);
        count("late", decision.late);
        count("table written", !decision.sources_written.is_empty());
        count("table evicted", decision.source_evicted.is_some());
        if let Outcome::Admitted(admission) = &decision.outcome {
            count("matched", admission.matched.is_some());
            count("merged", !admission.merged.is_empty());
        }
    }
    for story in run.records(STORIES) {
        let value = String::from_utf8_lossy(story.value.as_deref().unwrap_or_default()).into_owned();
        *seen.entry("closed").or_insert(0) += usize::from(value.contains(r#""state":"closed""#));
    }
}

#[test]
fn in_a_clean_run_everything_happens_that_can_happen_to_an_article_and_the_oracle_is_content() {
    let mut seen = BTreeMap::new();
    for partitions in 1..=3 {
        let mut world = World::new(7, partitions);
        world.write(300, 3_000);
        world.add(Place::planned(&world.cluster, "a", Plan::None));
        count(&world.finish(), &mut seen);
    }
    for what in [
        "judged",
        "no_fingerprint",
        "replaced",
        "duplicate",
        "retracted",
        "withheld",
        "late",
        "table written",
        "table evicted",
        "matched",
        "merged",
        "closed",
    ] {
        assert!(seen.get(what).is_some_and(|&count| count >= 3), "{what}: {seen:?}");
    }
}

/// What the world gets to see, whatever the offsets in between and the time it was written.
fn published(run: &Run) -> Vec<Inbound> {
    let records = run.records(STORIES).chain(run.records(VERDICTS));
    records.map(|record| Inbound { offset: 0, timestamp: Millis(0), ..record.clone() }).collect()
}

/// Runs the same sixteen articles again and again, each time with another fault at another boundary.
fn strike_everywhere(fault: Fault, accompanied: bool) {
    let run = |plan| {
        let mut world = written(16);
        let victim = world.add(Place::planned(&world.cluster, "a", plan));
        if accompanied {
            world.add(Place::planned(&world.cluster, "b", Plan::None));
        }
        let published = published(&world.finish());
        let effects = victim.borrow().instances[0].effects();
        (published, effects)
    };
    let (undisturbed, effects) = run(Plan::None);
    assert!(effects.len() > 60, "{effects:?}");
    let mut struck = 0;
    for (number, _) in effects.iter().enumerate().filter(|(_, (effect, _))| fault.can_strike(*effect)) {
        let (published, effects) = run(Plan::At(number, fault));
        assert_eq!(effects[number].1, Some(fault), "at {number} of {effects:?}");
        assert!(published == undisturbed, "{fault:?} at {number}, {:?}, shows", effects[number].0);
        struck += 1;
    }
    assert!(struck > 5, "{fault:?} struck {struck} times");
}

#[test]
fn a_crash_at_any_boundary_leaves_no_trace() {
    strike_everywhere(Fault::Crash, false);
    strike_everywhere(Fault::Crash, true);
}

#[test]
fn a_transaction_rolled_back_at_any_boundary_leaves_no_trace() {
    strike_everywhere(Fault::Abort, false);
    strike_everywhere(Fault::Abort, true);
}

#[test]
fn a_writer_that_fails_at_any_boundary_leaves_no_trace() {
    strike_everywhere(Fault::FailWriter, false);
    strike_everywhere(Fault::FailWriter, true);
}

#[test]
fn a_stage_that_does_not_know_what_became_of_a_transaction_does_not_say_where_the_log_ends() {
    let run = |plan| {
        let mut world = written(16);
        let place = world.add(Place::planned(&world.cluster, "a", plan));
        world.settle().expect("nothing ends by itself");
        let last = world.cluster.committed_records(&partition(LOG, 0)).last().map(|record| record.offset);
        let place = place.borrow();
        (place.last_signature(), last, place.instances[0].effects())
    };
    let (said, last, effects) = run(Plan::None);
    assert!(said.is_some() && said == last, "{said:?} of {last:?}");
    let mut silent = 0;
    for (number, _) in effects.iter().enumerate().filter(|(_, (effect, _))| Fault::FailWriter.can_strike(*effect)) {
        let (said, last, _) = run(Plan::At(number, Fault::FailWriter));
        assert!(said.is_none() || said == last, "{said:?} of {last:?}, a failure at {number}");
        silent += usize::from(said.is_none());
    }
    assert!(silent > 0, "the last transaction is among those that fail");
}

#[test]
fn a_pause_at_any_boundary_leaves_no_trace() {
    strike_everywhere(Fault::Pause(0), true);
    strike_everywhere(Fault::Pause(SESSION_TIMEOUT + 1), false);
    strike_everywhere(Fault::Pause(SESSION_TIMEOUT + 1), true);
}

#[test]
fn a_pause_past_the_time_out_of_transactions_leaves_no_trace() {
    strike_everywhere(Fault::Pause(TRANSACTION_TIMEOUT + 1), false);
    strike_everywhere(Fault::Pause(TRANSACTION_TIMEOUT + 1), true);
}

#[test]
fn records_that_come_twice_or_one_at_a_time_leave_no_trace() {
    for fault in [Fault::Repeat, Fault::Short(0), Fault::Short(1)] {
        strike_everywhere(fault, false);
    }
}
