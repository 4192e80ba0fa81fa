//! Logs and decisions that do not belong together: refused with what is where, and nothing is written.

use wirefold::pipeline::port::{Committed, Inbound, Outbound};
use wirefold::record::{Decision, Low, Versioned};

use super::place::{DECISIONS, FOLD, LOG, Place, SOURCES};
use super::world::World;
use crate::faults::Plan;
use crate::support::{partition, record};

/// A service that was stopped in good order, and what stands in its topics.
struct Stopped {
    world: World,
    decisions: Vec<Inbound>,
    log: Vec<Inbound>,
    /// From where a restore reads.
    low: Low,
}

impl Stopped {
    fn new() -> Self {
        let mut world = World::new(7, 1);
        let place = world.add(Place::planned(&world.cluster, "a", Plan::None));
        world.write(40, 4_000);
        world.settle().expect("settles");
        place.borrow_mut().stop().expect("stops");
        let [decisions, log] = [DECISIONS, LOG].map(|topic| world.run.records(topic).cloned().collect::<Vec<_>>());
        let low = world.last_decision().expect("a decision").low;
        assert!(low.seq > 2 && low.seq + 6 < decisions.len() as u64, "{low:?} of {}", decisions.len());
        Self { world, decisions, log, low }
    }

    fn spoil(&self, topic: &str, offset: i64, value: Option<&[u8]>) {
        let mut brokers = self.world.cluster.brokers();
        brokers.partition(&partition(topic, 0)).spoil(offset, value.map(<[u8]>::to_vec));
    }

    /// A decision after the last one, on the signature at this offset.
    fn forge_decision(&mut self, log_offset: i64) -> u64 {
        let last = self.world.last_decision().expect("a decision");
        let forged = Decision { seq: last.seq + 1, log_offset, ..last };
        self.world.cluster.produce(&Outbound { value: Some(forged.to_bytes()), ..record(DECISIONS) });
        forged.seq
    }

    fn commit(&self, committed: Committed) {
        let mut brokers = self.world.cluster.brokers();
        brokers.groups.get_mut(FOLD).expect("a group").commit(partition(LOG, 0), committed);
    }

    fn position(&self) -> Committed {
        self.world.cluster.group_position(FOLD, &partition(LOG, 0)).expect("a position")
    }

    /// Starts the service again; it must refuse, naming all this.
    fn expect_refusal(mut self, names: &[&dyn ToString]) {
        let end = |world: &World| world.cluster.brokers().partition(&partition(DECISIONS, 0)).stable();
        let before = end(&self.world);
        let refusal = self.world.turns(60).expect_err("it should refuse").to_string();
        for name in names.iter().map(|name| name.to_string()) {
            let mut words = refusal.split(|c: char| !c.is_alphanumeric() && c != '.');
            let is_named = words.any(|word| word == name) || (name.contains(' ') && refusal.contains(&name));
            assert!(is_named, "{name} is not named: {refusal}");
        }
        assert_eq!(end(&self.world), before, "and it went on: {refusal}");
    }
}

#[test]
fn a_log_that_starts_above_low_is_refused() {
    let stopped = Stopped::new();
    let low = stopped.low.log_offset;
    stopped.world.cluster.delete_below(&partition(LOG, 0), low + 1);
    stopped.expect_refusal(&[&low, &(low + 1), &LOG]);
}

#[test]
fn and_so_it_is_when_the_position_is_forgotten() {
    let mut stopped = Stopped::new();
    let low = stopped.low.log_offset;
    stopped.world.forget_positions();
    stopped.world.cluster.delete_below(&partition(LOG, 0), low + 1);
    stopped.expect_refusal(&[&low, &(low + 1), &LOG]);
}

#[test]
fn a_missing_decision_is_refused_with_its_signature_and_the_next_one_named() {
    let stopped = Stopped::new();
    let missing = stopped.low.seq as usize + 3;
    stopped.spoil(DECISIONS, stopped.decisions[missing].offset, None);
    let (at, next) = (stopped.log[missing].offset, stopped.log[missing + 1].offset);
    stopped.expect_refusal(&[&missing, &at, &(missing + 1), &next]);
}

#[test]
fn decisions_that_start_above_low_are_refused() {
    let stopped = Stopped::new();
    let missing = stopped.low.seq as usize;
    stopped.spoil(DECISIONS, stopped.decisions[missing].offset, None);
    let (at, next) = (stopped.log[missing].offset, stopped.log[missing + 1].offset);
    stopped.expect_refusal(&[&missing, &at, &(missing + 1), &next]);
}

#[test]
fn a_missing_last_decision_is_refused() {
    let stopped = Stopped::new();
    let last = stopped.decisions.len() - 1;
    stopped.spoil(DECISIONS, stopped.decisions[last].offset, None);
    let (undecided, decided) = (stopped.log[last].offset, stopped.log[last - 1].offset);
    let committed = stopped.position().next;
    stopped.expect_refusal(&[&undecided, &decided, &committed]);
}

#[test]
fn a_decision_on_no_signature_is_refused() {
    let mut stopped = Stopped::new();
    let last = stopped.log[stopped.log.len() - 1].offset;
    let seq = stopped.forge_decision(last + 7);
    stopped.expect_refusal(&[&seq, &(last + 7), &last]);
}

#[test]
fn a_last_decision_that_stands_there_twice_is_refused() {
    let stopped = Stopped::new();
    let last = stopped.decisions.len() - 1;
    let value = stopped.decisions[last].value.clone();
    stopped.world.cluster.produce(&Outbound { value, ..record(DECISIONS) });
    let at = stopped.log[last].offset;
    stopped.expect_refusal(&[&last, &at]);
}

#[test]
fn a_decision_beyond_the_committed_position_is_refused() {
    let mut stopped = Stopped::new();
    let value = stopped.log[stopped.log.len() - 1].value.clone();
    let logged = stopped.world.cluster.produce(&Outbound { value, ..record(LOG) });
    stopped.forge_decision(logged);
    let committed = stopped.position().next;
    stopped.expect_refusal(&[&logged, &committed]);
}

#[test]
fn a_decision_on_another_signature_is_refused() {
    let stopped = Stopped::new();
    let missing = stopped.low.seq as usize + 3;
    stopped.spoil(LOG, stopped.log[missing].offset, None);
    let (decided, logged) = (stopped.log[missing].offset, stopped.log[missing + 1].offset);
    stopped.expect_refusal(&[&missing, &decided, &logged]);
}

#[test]
fn a_position_with_a_note_that_is_not_ours_is_refused() {
    let stopped = Stopped::new();
    let position = stopped.position();
    stopped.commit(Committed { note: "moved by hand".to_owned(), ..position.clone() });
    stopped.expect_refusal(&[&"moved by hand", &position.next]);
}

#[test]
fn a_position_that_was_moved_back_is_refused() {
    let stopped = Stopped::new();
    let position = stopped.position();
    let moved = stopped.log[stopped.low.seq as usize + 3].offset;
    let last = stopped.log[stopped.log.len() - 1].offset;
    stopped.commit(Committed { next: moved, ..position });
    stopped.expect_refusal(&[&moved, &last]);
}

#[test]
fn a_damaged_record_is_refused_wherever_it_stands() {
    for (topic, value) in [
        (LOG, &b"\x01?"[..]),
        (DECISIONS, b"\x01"),
        (DECISIONS, b""),
        (LOG, b"\x63 of a later version"),
        (SOURCES, b"!"),
    ] {
        let stopped = Stopped::new();
        let offset = match topic {
            LOG => stopped.log[stopped.low.seq as usize + 3].offset,
            DECISIONS => stopped.decisions[stopped.low.seq as usize + 3].offset,
            _ => {
                let last = stopped.world.run.records(topic).filter(|record| record.value.is_some()).last();
                last.expect("a source table").offset
            }
        };
        stopped.spoil(topic, offset, Some(value));
        stopped.expect_refusal(&[&topic, &offset]);
    }
}

#[test]
fn a_damaged_signature_that_is_yet_to_be_judged_is_refused() {
    let stopped = Stopped::new();
    let offset = stopped.world.cluster.produce(&Outbound { value: Some(b"?".to_vec()), ..record(LOG) });
    stopped.expect_refusal(&[&LOG, &offset]);
}
