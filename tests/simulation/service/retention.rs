//! Trimmed logs, compacted topics, expired offsets.

use std::cell::RefCell;
use std::rc::Rc;

use super::process::{DECISIONS, LOG, ServiceProcess};
use super::simulation::Simulation;
use crate::simulation::faults::FaultPlan;
use crate::simulation::support::partition;

/// A running service that has decided on this many articles.
fn decided(articles: usize) -> (Simulation, Rc<RefCell<ServiceProcess>>) {
    let mut simulation = Simulation::new(7, 1);
    let process = simulation.add(ServiceProcess::planned(&simulation.cluster, "a", FaultPlan::None));
    simulation.write(articles, 4_000);
    simulation.run_until_done().expect("finishes its work");
    (simulation, process)
}

fn stop(process: &RefCell<ServiceProcess>) {
    process.borrow_mut().stop().expect("stops");
}

/// The first offsets of the log and the decisions.
fn starts(simulation: &Simulation) -> [i64; 2] {
    [LOG, DECISIONS].map(|topic| simulation.cluster.state().partition(&partition(topic, 0)).start())
}

#[test]
fn records_that_no_restore_will_read_are_trimmed() {
    let (mut simulation, process) = decided(60);
    simulation.run_rounds(3_700).expect("continues");
    let [log, decisions] = starts(&simulation);
    let restore_point = simulation.last_decision().expect("a decision").restore_point;
    assert!(restore_point.log_offset > 0, "nothing could be trimmed");
    assert_eq!(log, restore_point.log_offset);
    assert!(decisions > 0, "the decisions before {restore_point:?} were not trimmed");
    stop(&process);
    simulation.write(20, 4_000);
    simulation.finish();
}

#[test]
fn an_instance_that_runs_for_less_than_an_hour_trims_too() {
    let (mut simulation, process) = decided(60);
    for _ in 0..3 {
        simulation.run_rounds(1_300).expect("continues");
        stop(&process);
    }
    let [log, decisions] = starts(&simulation);
    assert!(log > 0 && decisions > 0, "trimmed up to {log} and {decisions}");
    simulation.finish();
}

#[test]
fn after_offsets_have_expired_a_restore_from_a_trimmed_log_loses_nothing() {
    for records in 1..5 {
        let (mut simulation, process) = decided(40);
        // All articles but these expire at once, the filters of their sources are written, and the restore point moves far in
        // a single decision.
        simulation.run_rounds(120).expect("continues");
        simulation.write(records, 0);
        simulation.run_rounds(3_700).expect("continues");
        stop(&process);
        simulation.expire_offsets();
        simulation.write(20, 4_000);
        simulation.finish();
    }
}

#[test]
fn after_offsets_have_expired_a_restore_in_the_middle_of_the_log_loses_nothing() {
    for rounds in 1..20 {
        let mut simulation = Simulation::new(7, 1);
        let process = simulation.add(ServiceProcess::planned(&simulation.cluster, "a", FaultPlan::None));
        simulation.write(40, 4_000);
        simulation.run_rounds(rounds).expect("continues");
        stop(&process);
        simulation.expire_offsets();
        simulation.finish();
    }
}

#[test]
fn restores_from_compacted_filters_and_a_log_trimmed_to_the_restore_point_lose_nothing() {
    let mut simulation = Simulation::new(11, 1);
    let process = simulation.add(ServiceProcess::planned(&simulation.cluster, "a", FaultPlan::None));
    for round in 0..30 {
        simulation.write(4, 3_000);
        simulation.run_until_done().expect("finishes its work");
        if round % 2 == 0 {
            stop(&process);
        }
        simulation.compact();
        simulation.trim();
    }
    assert!(starts(&simulation).iter().all(|&start| start > 0), "nothing was trimmed");
    simulation.finish();
}
