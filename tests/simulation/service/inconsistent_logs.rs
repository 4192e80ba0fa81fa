//! Logs and decisions that do not belong together: the stories stage fails with the offsets concerned, and writes nothing.

use wirefold::record::{Decision, RestorePoint, Versioned};
use wirefold::stream::port::{CommittedOffset, ConsumerRecord, ProducerRecord};

use super::process::{BOILERPLATE, DECISIONS, LOG, STORIES_GROUP, ServiceProcess};
use super::simulation::Simulation;
use crate::simulation::faults::FaultPlan;
use crate::simulation::support::{partition, record};

/// A service that was shut down cleanly, and the records of its topics.
struct StoppedService {
    simulation: Simulation,
    decisions: Vec<ConsumerRecord>,
    log: Vec<ConsumerRecord>,
    /// The restore point of the last decision.
    restore_point: RestorePoint,
}

impl StoppedService {
    fn new() -> Self {
        let mut simulation = Simulation::new(7, 1);
        let process = simulation.add(ServiceProcess::planned(&simulation.cluster, "a", FaultPlan::None));
        simulation.write(40, 4_000);
        simulation.run_until_done().expect("finishes its work");
        process.borrow_mut().stop().expect("stops");
        let [decisions, log] =
            [DECISIONS, LOG].map(|topic| simulation.recorded.records(topic).cloned().collect::<Vec<_>>());
        let restore_point = simulation.last_decision().expect("a decision").restore_point;
        assert!(
            restore_point.seq > 2 && restore_point.seq + 6 < decisions.len() as u64,
            "{restore_point:?} of {}",
            decisions.len()
        );
        Self { simulation, decisions, log, restore_point }
    }

    fn damage(&self, topic: &str, offset: i64, value: Option<&[u8]>) {
        let mut state = self.simulation.cluster.state();
        state.partition(&partition(topic, 0)).damage(offset, value.map(<[u8]>::to_vec));
    }

    /// Appends a decision after the last one, on the signature at this offset.
    fn append_decision(&mut self, log_offset: i64) -> u64 {
        let last = self.simulation.last_decision().expect("a decision");
        let appended = Decision { seq: last.seq + 1, log_offset, ..last };
        self.simulation.cluster.produce(&ProducerRecord { value: Some(appended.to_bytes()), ..record(DECISIONS) });
        appended.seq
    }

    fn commit(&self, committed: CommittedOffset) {
        let mut state = self.simulation.cluster.state();
        state.groups.get_mut(STORIES_GROUP).expect("a group").commit(partition(LOG, 0), committed);
    }

    fn committed(&self) -> CommittedOffset {
        self.simulation.cluster.committed_offset(STORIES_GROUP, &partition(LOG, 0)).expect("a committed offset")
    }

    /// Starts the service again. It must fail with an error that contains all these names.
    fn expect_error(mut self, names: &[&dyn ToString]) {
        let end = |simulation: &Simulation| {
            simulation.cluster.state().partition(&partition(DECISIONS, 0)).last_stable_offset()
        };
        let before = end(&self.simulation);
        let error = self.simulation.run_rounds(60).expect_err("the service should fail").to_string();
        for name in names.iter().map(|name| name.to_string()) {
            let mut words = error.split(|c: char| !c.is_alphanumeric() && c != '.');
            let is_named = words.any(|word| word == name) || (name.contains(' ') && error.contains(&name));
            assert!(is_named, "{name} is missing in: {error}");
        }
        assert_eq!(end(&self.simulation), before, "decisions were written in spite of: {error}");
    }
}

#[test]
fn a_log_that_starts_after_the_restore_point_is_an_error() {
    let stopped = StoppedService::new();
    let restore_point = stopped.restore_point.log_offset;
    stopped.simulation.cluster.delete_below(&partition(LOG, 0), restore_point + 1);
    stopped.expect_error(&[&restore_point, &(restore_point + 1), &LOG]);
}

#[test]
fn a_log_that_starts_after_the_restore_point_is_an_error_when_offsets_have_expired() {
    let mut stopped = StoppedService::new();
    let restore_point = stopped.restore_point.log_offset;
    stopped.simulation.expire_offsets();
    stopped.simulation.cluster.delete_below(&partition(LOG, 0), restore_point + 1);
    stopped.expect_error(&[&restore_point, &(restore_point + 1), &LOG]);
}

#[test]
fn a_missing_decision_is_an_error_that_names_its_signature_and_the_next_one() {
    let stopped = StoppedService::new();
    let missing = stopped.restore_point.seq as usize + 3;
    stopped.damage(DECISIONS, stopped.decisions[missing].offset, None);
    let (at, next) = (stopped.log[missing].offset, stopped.log[missing + 1].offset);
    stopped.expect_error(&[&missing, &at, &(missing + 1), &next]);
}

#[test]
fn decisions_that_start_after_the_restore_point_are_an_error() {
    let stopped = StoppedService::new();
    let missing = stopped.restore_point.seq as usize;
    stopped.damage(DECISIONS, stopped.decisions[missing].offset, None);
    let (at, next) = (stopped.log[missing].offset, stopped.log[missing + 1].offset);
    stopped.expect_error(&[&missing, &at, &(missing + 1), &next]);
}

#[test]
fn a_missing_last_decision_is_an_error() {
    let stopped = StoppedService::new();
    let last = stopped.decisions.len() - 1;
    stopped.damage(DECISIONS, stopped.decisions[last].offset, None);
    let (undecided, decided) = (stopped.log[last].offset, stopped.log[last - 1].offset);
    let committed = stopped.committed().next;
    stopped.expect_error(&[&undecided, &decided, &committed]);
}

#[test]
fn a_decision_on_no_signature_is_an_error() {
    let mut stopped = StoppedService::new();
    let last = stopped.log[stopped.log.len() - 1].offset;
    let seq = stopped.append_decision(last + 7);
    stopped.expect_error(&[&seq, &(last + 7), &last]);
}

#[test]
fn a_last_decision_that_was_written_twice_is_an_error() {
    let stopped = StoppedService::new();
    let last = stopped.decisions.len() - 1;
    let value = stopped.decisions[last].value.clone();
    stopped.simulation.cluster.produce(&ProducerRecord { value, ..record(DECISIONS) });
    let at = stopped.log[last].offset;
    stopped.expect_error(&[&last, &at]);
}

#[test]
fn a_decision_beyond_the_committed_offset_is_an_error() {
    let mut stopped = StoppedService::new();
    let value = stopped.log[stopped.log.len() - 1].value.clone();
    let logged = stopped.simulation.cluster.produce(&ProducerRecord { value, ..record(LOG) });
    stopped.append_decision(logged);
    let committed = stopped.committed().next;
    stopped.expect_error(&[&logged, &committed]);
}

#[test]
fn a_decision_on_another_signature_is_an_error() {
    let stopped = StoppedService::new();
    let missing = stopped.restore_point.seq as usize + 3;
    stopped.damage(LOG, stopped.log[missing].offset, None);
    let (decided, logged) = (stopped.log[missing].offset, stopped.log[missing + 1].offset);
    stopped.expect_error(&[&missing, &decided, &logged]);
}

#[test]
fn unknown_commit_metadata_is_an_error() {
    let stopped = StoppedService::new();
    let committed = stopped.committed();
    stopped.commit(CommittedOffset { metadata: "moved by hand".to_owned(), ..committed.clone() });
    stopped.expect_error(&[&"moved by hand", &committed.next]);
}

#[test]
fn a_committed_offset_that_was_moved_back_is_an_error() {
    let stopped = StoppedService::new();
    let committed = stopped.committed();
    let moved = stopped.log[stopped.restore_point.seq as usize + 3].offset;
    let last = stopped.log[stopped.log.len() - 1].offset;
    stopped.commit(CommittedOffset { next: moved, ..committed });
    stopped.expect_error(&[&moved, &last]);
}

#[test]
fn a_damaged_record_of_any_topic_is_an_error() {
    for (topic, value) in [
        (LOG, &b"\x01?"[..]),
        (DECISIONS, b"\x01"),
        (DECISIONS, b""),
        (LOG, b"\x63 of a later version"),
        (BOILERPLATE, b"!"),
    ] {
        let stopped = StoppedService::new();
        let offset = match topic {
            LOG => stopped.log[stopped.restore_point.seq as usize + 3].offset,
            DECISIONS => stopped.decisions[stopped.restore_point.seq as usize + 3].offset,
            _ => {
                let last = stopped.simulation.recorded.records(topic).filter(|record| record.value.is_some()).last();
                last.expect("a boilerplate filter").offset
            }
        };
        stopped.damage(topic, offset, Some(value));
        stopped.expect_error(&[&topic, &offset]);
    }
}

#[test]
fn a_damaged_signature_without_a_decision_is_an_error() {
    let stopped = StoppedService::new();
    let offset = stopped.simulation.cluster.produce(&ProducerRecord { value: Some(b"?".to_vec()), ..record(LOG) });
    stopped.expect_error(&[&LOG, &offset]);
}
