//! The law of restore: for every log and every cut, the state restored from what must be readable equals the
//! state of the uninterrupted run, dump for dump, and goes on identically.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use wirefold::fold::{Restore, State, Tally, judge};
use wirefold::record::{Decision, Outcome, SourceTable, Versioned};

use crate::logs::{Run, log, run};

/// Random logs in an ordinary run, in each of the two halves that run side by side; `LAW_LOGS` asks for another number.
fn logs() -> u32 {
    std::env::var("LAW_LOGS").ok().and_then(|count| count.parse().ok()).unwrap_or(10_000) / 2
}

/// The compacted topic of source tables as it stands after the record `cut`.
fn tables(run: &Run, cut: usize) -> BTreeMap<Arc<str>, SourceTable> {
    let mut topic = BTreeMap::new();
    for (state, (_, _, _, decision)) in run.states.iter().zip(&run.records).take(cut + 1) {
        for (source, table) in Restore::tables_after(state, decision) {
            match table {
                Some(table) => topic.insert(source, table),
                None => topic.remove(&source),
            };
        }
    }
    topic
}

/// Restores the state after the record `cut` from the decisions since `low` and the source tables, all of them by way
/// of their bytes; `spoil` may falsify a decision.
fn restored(run: &Run, cut: usize, topic: &BTreeMap<Arc<str>, SourceTable>, spoil: impl Fn(&mut Decision)) -> State {
    let low = run.states[cut].low().expect("something was decided");
    let mut restore = Restore::new();
    for table in topic.values() {
        restore.source_table(&SourceTable::from_bytes(&table.to_bytes()).expect("a table is read back"));
    }
    for (offset, signature, _, decision) in &run.records[..=cut] {
        if decision.seq >= low.seq {
            assert!(*offset >= low.log_offset, "low names the offset of its decision's signature");
            let mut decision = Decision::from_bytes(&decision.to_bytes()).expect("a decision is read back");
            spoil(&mut decision);
            restore.decision(signature, *offset, &decision).expect("log and decisions fit");
        }
    }
    restore.finish()
}

#[test]
fn a_state_restored_at_any_cut_is_the_state_that_was_never_lost() {
    every_cut_restores();
}

#[test]
fn and_so_it_is_on_as_many_other_logs() {
    every_cut_restores();
}

fn every_cut_restores() {
    let mut runner = TestRunner::new(Config { cases: logs(), ..Config::default() });
    runner
        .run(&log(), |steps| {
            let run = run(&steps);
            let mut topic = BTreeMap::new();
            for cut in 0..run.records.len() {
                for (source, table) in Restore::tables_after(&run.states[cut], &run.records[cut].3) {
                    match table {
                        Some(table) => topic.insert(source, table),
                        None => topic.remove(&source),
                    };
                }
                let mut state = restored(&run, cut, &topic, |_| {});
                prop_assert_eq!(&state.dump(), &run.dumps[cut], "after record {}", cut);
                if let Some((offset, signature, rules, decision)) = run.records.get(cut + 1) {
                    let next = judge(&state, signature, *offset, rules, &mut Tally::default());
                    prop_assert_eq!(&next, decision);
                    state.apply(signature, &next);
                    prop_assert_eq!(&state.dump(), &run.dumps[cut + 1]);
                }
            }
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
}

/// What is left out, and how.
type Spoil = (&'static str, fn(&mut Decision));

/// Counts over some logs how many cuts a falsified restore gets wrong.
fn cuts_gone_wrong(spoil: impl Fn(&mut Decision) + Copy) -> usize {
    let mut runner = TestRunner::deterministic();
    (0..60)
        .map(|_| {
            let steps = log().new_tree(&mut runner).expect("a log").current();
            let run = run(&steps);
            (0..run.records.len())
                .filter(|&cut| restored(&run, cut, &tables(&run, cut), spoil).dump() != run.dumps[cut])
                .count()
        })
        .sum()
}

#[test]
fn the_law_notices_whatever_a_decision_leaves_out() {
    assert_eq!(cuts_gone_wrong(|_| {}), 0);
    let spoils: [Spoil; 6] = [
        ("a story's header", |decision| {
            decision.stories.pop();
        }),
        ("the horizon", |decision| decision.horizon = wirefold::record::Millis::MIN),
        ("the source evicted", |decision| decision.source_evicted = None),
        ("whom the article teaches", |decision| {
            if let Outcome::Admitted(admission) = &mut decision.outcome {
                admission.teaches = None;
            }
        }),
        ("what survived the filter", |decision| {
            if let Outcome::Admitted(admission) = &mut decision.outcome {
                admission.sample.survivors.fill(0xFF);
            }
        }),
        ("the stories merged", |decision| {
            if let Outcome::Admitted(admission) = &mut decision.outcome {
                admission.merged.clear();
            }
        }),
    ];
    for (what, spoil) in spoils {
        assert!(cuts_gone_wrong(spoil) > 0, "nobody notices that {what} is missing");
    }
}

#[test]
fn everything_that_can_happen_does_happen_in_these_logs() {
    let mut runner = TestRunner::deterministic();
    let mut seen = BTreeMap::new();
    for _ in 0..200 {
        let steps = log().new_tree(&mut runner).expect("a log").current();
        for (_, signature, _, decision) in run(&steps).records {
            let mut count =
                |what: &'static str, happened: bool| *seen.entry(what).or_insert(0) += usize::from(happened);
            count(decision.kind(signature.article().map_or(0, |article| article.tokens)).name(), true);
            count("late", decision.late);
            count("tables written", !decision.sources_written.is_empty());
            count("evicted", decision.source_evicted.is_some());
            if let Outcome::Admitted(admission) = &decision.outcome {
                count("merged", !admission.merged.is_empty());
                count("linked", !admission.links.is_empty());
                count("late joined", decision.late && admission.matched.is_some());
                count(admission.relation.name(), true);
            }
            count("retraction of a live article", matches!(decision.outcome, Outcome::Retracted { removed: Some(_) }));
        }
    }
    for what in [
        "judged",
        "no_fingerprint",
        "replaced",
        "duplicate",
        "retracted",
        "withheld",
        "late",
        "late joined",
        "tables written",
        "evicted",
        "merged",
        "linked",
        "exact",
        "version",
        "abridged",
        "extended",
        "rewrite",
        "unique",
        "partial",
        "retraction of a live article",
    ] {
        assert!(seen.get(what).is_some_and(|&count| count >= 3), "{what}: {:?}", seen.get(what));
    }
}
