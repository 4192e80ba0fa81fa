//! The health of a process: whether its loops run (liveness) and whether its stages process records (readiness).

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::stream::event::{Event, Observer, Stage};
use crate::stream::port::TopicPartition;

/// A group assigns partitions to a member within some seconds: the broker waits three seconds for others to join, and
/// then the protocol takes a round. A stage that has no partition after this long is surplus. That is no fault: it is a
/// standby.
const IDLE_AFTER: Duration = Duration::from_secs(10);

/// The answer to a probe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// Whether every stage passes.
    pub ok: bool,
    /// One line per stage, with the reason.
    pub text: String,
}

/// What the events have shown of the stages.
#[derive(Debug)]
pub struct Health {
    stall_after: Duration,
    stages: Mutex<Vec<Loop>>,
}

#[derive(Debug)]
struct Loop {
    stage: Stage,
    /// When an event last showed that it runs; before the first event, when it was expected to start.
    seen: Instant,
    /// When its partitions last changed, or its first poll; absent before that.
    assigned_at: Option<Instant>,
    partitions: BTreeMap<TopicPartition, Work>,
}

/// The work of a stage on a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work {
    /// The stage restores its state; this many offsets are left, if that is known.
    Restoring(Option<u64>),
    /// The stage processes its records.
    Processing,
}

impl Health {
    /// The health of a process that runs these stages. A loop is stuck when it has not polled for `stall_after`.
    pub fn new(stages: &[Stage], stall_after: Duration) -> Self {
        let begin = Instant::now();
        let expected =
            |stage: &Stage| Loop { stage: *stage, seen: begin, assigned_at: None, partitions: BTreeMap::new() };
        Self { stall_after, stages: Mutex::new(stages.iter().map(expected).collect()) }
    }

    /// Liveness: every loop has polled recently.
    pub fn livez(&self) -> Probe {
        self.livez_at(Instant::now())
    }

    /// Readiness: every stage has restored its partitions, or is a standby because the group has none for it.
    pub fn readyz(&self) -> Probe {
        self.readyz_at(Instant::now())
    }

    fn livez_at(&self, now: Instant) -> Probe {
        self.probe(|state| {
            let silent = now.saturating_duration_since(state.seen);
            if silent <= self.stall_after {
                return (true, format!("polled {} s ago", silent.as_secs()));
            }
            (false, format!("has not polled for {} s (limit {} s)", silent.as_secs(), self.stall_after.as_secs()))
        })
    }

    fn readyz_at(&self, now: Instant) -> Probe {
        self.probe(|state| {
            let Some(assigned_at) = state.assigned_at else { return (false, "has not polled yet".to_owned()) };
            if state.partitions.is_empty() {
                if now.saturating_duration_since(assigned_at) < IDLE_AFTER {
                    return (false, "waiting for the group to assign partitions".to_owned());
                }
                return (true, "standby: the group has no partition for it".to_owned());
            }
            let mut restoring = String::new();
            for (at, work) in &state.partitions {
                if let Work::Restoring(remaining) = work {
                    let remaining = remaining.map_or("all".to_owned(), |offsets| offsets.to_string());
                    // Writing to a String cannot fail.
                    let _ = write!(restoring, ", {}[{}] (offsets left: {remaining})", at.topic, at.partition);
                }
            }
            match restoring.strip_prefix(", ") {
                Some(restoring) => (false, format!("restoring {restoring}")),
                None => (true, format!("partitions: {}, all ready", state.partitions.len())),
            }
        })
    }

    fn probe(&self, check: impl Fn(&Loop) -> (bool, String)) -> Probe {
        let mut probe = Probe { ok: true, text: String::new() };
        for state in &*self.lock() {
            let (ok, reason) = check(state);
            probe.ok &= ok;
            let _ = writeln!(probe.text, "{}: {}: {reason}", state.stage.name(), if ok { "ok" } else { "not ok" });
        }
        probe
    }

    fn update(&self, event: &Event<'_>, now: Instant) {
        match event {
            Event::Polled(stage) => self.with(*stage, |state| {
                state.seen = now;
                state.assigned_at.get_or_insert(now);
            }),
            Event::Ended(stage) => self.lock().retain(|state| state.stage != *stage),
            Event::Assigned(stage, at) => self.with(*stage, |state| {
                let work = if *stage == Stage::Stories { Work::Restoring(None) } else { Work::Processing };
                state.partitions.insert((*at).clone(), work);
                state.assigned_at = Some(now);
            }),
            Event::Revoked(stage, at) => self.with(*stage, |state| {
                state.partitions.remove(at);
                state.assigned_at = Some(now);
            }),
            Event::Restoring { partition, remaining } => {
                self.with(Stage::Stories, |state| state.restore(*partition, Work::Restoring(Some(*remaining)), now));
            }
            Event::Restored { partition, .. } => {
                self.with(Stage::Stories, |state| state.restore(*partition, Work::Processing, now));
            }
            _ => {}
        }
    }

    fn with(&self, stage: Stage, change: impl FnOnce(&mut Loop)) {
        if let Some(state) = self.lock().iter_mut().find(|state| state.stage == stage) {
            change(state);
        }
    }

    /// Each change is complete in itself, so the state is valid even after another thread has panicked.
    fn lock(&self) -> MutexGuard<'_, Vec<Loop>> {
        self.stages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Loop {
    /// Sets the work on a partition. The progress of a restore counts as a poll, because a restore may take longer than
    /// `stall_after`.
    fn restore(&mut self, partition: i32, work: Work, now: Instant) {
        self.seen = now;
        for (at, state) in &mut self.partitions {
            if at.partition == partition {
                *state = work;
            }
        }
    }
}

impl Observer for Health {
    fn observe(&self, event: Event<'_>) {
        self.update(&event, Instant::now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn partition(partition: i32) -> TopicPartition {
        TopicPartition { topic: "live.signatures".into(), partition }
    }

    fn restored(partition: i32) -> Event<'static> {
        Event::Restored { partition, decisions: 3, took: Duration::ZERO }
    }

    /// A [`Health`] with a clock of its own: events and probes come at seconds after its start.
    struct Clocked(Health, Instant);

    impl Clocked {
        fn new(stages: &[Stage]) -> Self {
            let health = Health::new(stages, Duration::from_mins(1));
            let begin = health.lock()[0].seen;
            Self(health, begin)
        }

        fn at(&self, seconds: u64, events: &[Event<'_>]) {
            for event in events {
                self.0.update(event, self.1 + Duration::from_secs(seconds));
            }
        }

        fn ready(&self, seconds: u64) -> Probe {
            self.0.readyz_at(self.1 + Duration::from_secs(seconds))
        }

        fn live(&self, seconds: u64) -> Probe {
            self.0.livez_at(self.1 + Duration::from_secs(seconds))
        }
    }

    #[test]
    fn a_loop_that_has_stopped_polling_is_reported() {
        let health = Clocked::new(&[Stage::Signatures, Stage::Stories]);
        health.at(50, &[Event::Polled(Stage::Signatures)]);
        assert!(health.live(60).ok, "a loop has time to start");
        let probe = health.live(70);
        assert!(!probe.ok);
        assert_eq!(
            probe.text,
            "signatures: ok: polled 20 s ago\nstories: not ok: has not polled for 70 s (limit 60 s)\n"
        );
    }

    #[test]
    fn a_long_restore_that_makes_progress_is_live_but_not_ready() {
        let health = Clocked::new(&[Stage::Stories]);
        let at = partition(2);
        health.at(1, &[Event::Polled(Stage::Stories), Event::Assigned(Stage::Stories, &at)]);
        assert_eq!(health.ready(1).text, "stories: not ok: restoring live.signatures[2] (offsets left: all)\n");
        health.at(300, &[Event::Restoring { partition: 2, remaining: 70 }]);
        assert!(health.live(330).ok);
        assert_eq!(health.ready(330).text, "stories: not ok: restoring live.signatures[2] (offsets left: 70)\n");
        health.at(340, &[restored(2)]);
        assert_eq!(health.ready(340), Probe { ok: true, text: "stories: ok: partitions: 1, all ready\n".to_owned() });
    }

    #[test]
    fn a_stage_without_partitions_is_ready_after_the_group_had_time_to_assign_some() {
        let health = Clocked::new(&[Stage::Stories]);
        assert_eq!(health.ready(5).text, "stories: not ok: has not polled yet\n");
        health.at(5, &[Event::Polled(Stage::Stories)]);
        health.at(14, &[Event::Polled(Stage::Stories)]);
        assert!(!health.ready(14).ok);
        assert!(health.ready(15).ok);
    }

    #[test]
    fn a_revoked_partition_does_not_prevent_readiness() {
        let health = Clocked::new(&[Stage::Stories]);
        let (kept, lost) = (partition(0), partition(1));
        let assigned = [&kept, &lost].map(|at| Event::Assigned(Stage::Stories, at));
        health.at(0, &[Event::Polled(Stage::Stories)]);
        health.at(1, &assigned);
        health.at(2, &[restored(0)]);
        assert!(!health.ready(2).ok);
        health.at(3, &[Event::Revoked(Stage::Stories, &lost)]);
        assert!(health.ready(3).ok);
    }

    #[test]
    fn readiness_does_not_wait_for_a_stage_that_the_process_does_not_run() {
        let health = Clocked::new(&[Stage::Signatures]);
        let at = partition(0);
        health.at(
            0,
            &[Event::Polled(Stage::Signatures), Event::Assigned(Stage::Signatures, &at), Event::Polled(Stage::Stories)],
        );
        assert_eq!(health.ready(0).text, "signatures: ok: partitions: 1, all ready\n");
    }
}
