//! The law of restore: for every log and every cut, the state restored from what must be readable equals the state of the
//! uninterrupted run, dump for dump, and the next decision is the same.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use wirefold::clustering::{Engine, Publication, Restore, RestoreError, State};
use wirefold::record::{BoilerplateTable, Decision, LogEntry, Outcome, Versioned};

use crate::laws::logs::{Run, entry, log, run};

/// The random logs that each of the two tests takes: 10,000 in all, unless `LAW_LOGS` sets another number. There are two
/// tests so that they run at the same time.
fn logs() -> u32 {
    std::env::var("LAW_LOGS").ok().and_then(|count| count.parse().ok()).unwrap_or(10_000) / 2
}

/// The compacted topic of boilerplate filters after the record `cut`.
fn tables(run: &Run, cut: usize) -> BTreeMap<Arc<str>, BoilerplateTable> {
    let mut topic = BTreeMap::new();
    for filters in run.filters.iter().take(cut + 1) {
        for (publisher, table) in filters.clone() {
            match table {
                Some(table) => topic.insert(publisher, table),
                None => topic.remove(&publisher),
            };
        }
    }
    topic
}

/// Restores the state after the record `cut` from the boilerplate filters and the decisions since the restore point, all by
/// way of their bytes. `spoil` may falsify a decision.
fn restored(
    run: &Run,
    cut: usize,
    topic: &BTreeMap<Arc<str>, BoilerplateTable>,
    spoil: impl Fn(&mut Decision),
) -> State {
    let restore_point = run.states[cut].restore_point().expect("something was decided");
    let mut restore = Restore::new();
    for table in topic.values() {
        restore.boilerplate_table(&BoilerplateTable::from_bytes(&table.to_bytes()).expect("a table is read back"));
    }
    for (offset, signature, _, decision) in &run.records[..=cut] {
        if decision.seq >= restore_point.seq {
            assert!(
                *offset >= restore_point.log_offset,
                "the log offset of the restore point is not after that of its decision"
            );
            let mut decision = Decision::from_bytes(&decision.to_bytes()).expect("a decision is read back");
            spoil(&mut decision);
            restore.decision(signature, entry(*offset, signature), &decision).expect("log and decisions fit");
        }
    }
    restore.finish()
}

#[test]
fn a_state_restored_at_any_cut_equals_the_state_of_the_uninterrupted_run() {
    every_cut_restores();
}

#[test]
fn the_same_holds_on_as_many_other_logs() {
    every_cut_restores();
}

fn every_cut_restores() {
    let mut runner = TestRunner::new(Config { cases: logs(), ..Config::default() });
    runner
        .run(&log(), |steps| {
            let run = run(&steps);
            let mut topic = BTreeMap::new();
            for cut in 0..run.records.len() {
                for (publisher, table) in run.filters[cut].clone() {
                    match table {
                        Some(table) => topic.insert(publisher, table),
                        None => topic.remove(&publisher),
                    };
                }
                let state = restored(&run, cut, &topic, |_| {});
                prop_assert_eq!(&state.dump(), &run.dumps[cut], "after record {}", cut);
                if let Some((offset, signature, rules, decision)) = run.records.get(cut + 1) {
                    let mut engine = Engine::resume(state, rules.clone());
                    prop_assert_eq!(
                        &engine.process(signature, entry(*offset, signature), Publication::Service).decision,
                        decision
                    );
                    prop_assert_eq!(&engine.state().dump(), &run.dumps[cut + 1]);
                }
            }
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
}

/// The part of a decision that is falsified, and how.
type Spoil = (&'static str, fn(&mut Decision));

/// The number of cuts, over some logs, at which a falsified restore gives another state.
fn wrong_cuts(spoil: impl Fn(&mut Decision) + Copy) -> usize {
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
fn a_restore_from_an_incomplete_decision_breaks_the_law() {
    assert_eq!(wrong_cuts(|_| {}), 0);
    let spoils: [Spoil; 6] = [
        ("a story summary", |decision| {
            decision.stories.pop();
        }),
        ("the expiry watermark", |decision| decision.expiry_watermark = wirefold::record::Millis::MIN),
        ("the evicted filter", |decision| decision.filter_evicted = None),
        ("the publisher whose filter learns", |decision| {
            if let Outcome::Assigned(assignment) = &mut decision.outcome {
                assignment.learned_by = None;
            }
        }),
        ("the shingles that survive the filter", |decision| {
            if let Outcome::Assigned(assignment) = &mut decision.outcome {
                assignment.sample.survivors.fill(0xFF);
            }
        }),
        ("the merged stories", |decision| {
            if let Outcome::Assigned(assignment) = &mut decision.outcome {
                assignment.merged.clear();
            }
        }),
    ];
    for (what, spoil) in spoils {
        assert!(wrong_cuts(spoil) > 0, "the restored states are right without {what}");
    }
}

#[test]
fn a_decision_is_applied_on_no_other_signature() {
    let steps = log().new_tree(&mut TestRunner::deterministic()).expect("a log").current();
    let run = run(&steps);
    let [(offset, signature, _, decision), (_, other, ..)] = &run.records[..2] else { panic!("two records") };
    let mut restore = Restore::new();
    let replaced = LogEntry::new(*offset, &other.to_bytes());
    let refused = restore.decision(other, replaced, decision).expect_err("another signature at its offset");
    assert_eq!(refused, RestoreError::OtherSignature { seq: 0, log_offset: *offset });
    restore.decision(signature, entry(*offset, signature), decision).expect("its own signature");
}

#[test]
fn the_random_logs_contain_everything_that_can_happen() {
    let mut runner = TestRunner::deterministic();
    let mut seen = BTreeMap::new();
    for _ in 0..200 {
        let steps = log().new_tree(&mut runner).expect("a log").current();
        for (_, signature, _, decision) in run(&steps).records {
            let mut count =
                |what: &'static str, happened: bool| *seen.entry(what).or_insert(0) += usize::from(happened);
            count(decision.kind(signature.article().map_or(0, |article| article.tokens)).name(), true);
            count("late", decision.late);
            count("filters written", !decision.filters_written.is_empty());
            count("evicted", decision.filter_evicted.is_some());
            if let Outcome::Assigned(assignment) = &decision.outcome {
                count("merged", !assignment.merged.is_empty());
                count("linked", !assignment.links.is_empty());
                count("late joined", decision.late && assignment.matched.is_some());
                count(assignment.relation.name(), true);
            }
            count("retraction of a live article", matches!(decision.outcome, Outcome::Retracted { removed: Some(_) }));
        }
    }
    for what in [
        "assigned",
        "empty",
        "replaced",
        "duplicate",
        "ambiguous",
        "retracted",
        "withheld",
        "late",
        "late joined",
        "filters written",
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
