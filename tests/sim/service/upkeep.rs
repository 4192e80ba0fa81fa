//! What time does to the topics: trimmed logs, cleaned tables, forgotten positions.

use std::cell::RefCell;
use std::rc::Rc;

use super::place::{DECISIONS, LOG, Place};
use super::world::World;
use crate::faults::Plan;
use crate::support::partition;

/// A service that has decided on so many articles and is still running.
fn decided(articles: usize) -> (World, Rc<RefCell<Place>>) {
    let mut world = World::new(7, 1);
    let place = world.add(Place::planned(&world.cluster, "a", Plan::None));
    world.write(articles, 4_000);
    world.settle().expect("settles");
    (world, place)
}

fn stop(place: &RefCell<Place>) {
    place.borrow_mut().stop().expect("stops");
}

/// First offsets of log and decisions.
fn starts(world: &World) -> [i64; 2] {
    [LOG, DECISIONS].map(|topic| world.cluster.brokers().partition(&partition(topic, 0)).start())
}

#[test]
fn the_log_is_trimmed_where_no_restore_will_read_it_again() {
    let (mut world, place) = decided(60);
    world.turns(3_700).expect("runs on");
    let [log, decisions] = starts(&world);
    let low = world.last_decision().expect("a decision").low;
    assert!(low.log_offset > 0, "nothing could be trimmed");
    assert_eq!(log, low.log_offset);
    assert!(decisions > 0, "the decisions before {low:?} are still there");
    stop(&place);
    world.write(20, 4_000);
    world.finish();
}

#[test]
fn an_instance_that_never_lives_for_an_hour_trims_too() {
    let (mut world, place) = decided(60);
    for _ in 0..3 {
        world.turns(1_300).expect("runs on");
        stop(&place);
    }
    let [log, decisions] = starts(&world);
    assert!(log > 0 && decisions > 0, "trimmed up to {log} and {decisions}");
    world.finish();
}

#[test]
fn forgotten_positions_are_no_loss_though_the_log_was_trimmed() {
    for records in 1..5 {
        let (mut world, place) = decided(40);
        // All articles but these expire at once, their sources are written, and low moves far in a single decision.
        world.turns(120).expect("runs on");
        world.write(records, 0);
        world.turns(3_700).expect("runs on");
        stop(&place);
        world.forget_positions();
        world.write(20, 4_000);
        world.finish();
    }
}

#[test]
fn forgotten_positions_are_no_loss_in_the_middle_of_the_log() {
    for turns in 1..20 {
        let mut world = World::new(7, 1);
        let place = world.add(Place::planned(&world.cluster, "a", Plan::None));
        world.write(40, 4_000);
        world.turns(turns).expect("runs on");
        stop(&place);
        world.forget_positions();
        world.finish();
    }
}

#[test]
fn restores_from_compacted_tables_and_an_eagerly_trimmed_log_lose_nothing() {
    let mut world = World::new(11, 1);
    let place = world.add(Place::planned(&world.cluster, "a", Plan::None));
    for round in 0..30 {
        world.write(4, 3_000);
        world.settle().expect("settles");
        if round % 2 == 0 {
            stop(&place);
        }
        world.compact();
        world.trim();
    }
    assert!(starts(&world).iter().all(|&start| start > 0), "nothing was trimmed");
    world.finish();
}
