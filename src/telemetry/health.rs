//! Whether the loops run, and whether the process does its work.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::pipeline::observe::{Event, Observer, Stage};
use crate::pipeline::port::TopicPartition;

/// A group gives a member its partitions within some seconds: three of the broker's patience for others to join, and
/// a round of the protocol. A stage without any after this long is one too many, which is no fault: it stands by.
const IDLE_AFTER: Duration = Duration::from_secs(10);

/// The answer to a probe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// Whether all is well.
    pub ok: bool,
    /// A line a stage, with the reason.
    pub text: String,
}

/// What is known of the loops.
#[derive(Debug)]
pub struct Health {
    stall_after: Duration,
    stages: Mutex<Vec<Loop>>,
}

#[derive(Debug)]
struct Loop {
    stage: Stage,
    /// When it last showed that it runs; at first, when it was expected to start.
    seen: Instant,
    /// Since when it has the partitions it has; absent before its first poll.
    settled: Option<Instant>,
    partitions: BTreeMap<TopicPartition, Work>,
}

/// What a stage does with a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work {
    /// Its state is being read; this many offsets remain, where that is known.
    Restoring(Option<u64>),
    /// Records are worked on.
    Live,
}

impl Health {
    /// Health of a process that runs these stages.
    #[must_use]
    pub fn new(stages: &[Stage], stall_after: Duration) -> Self {
        let begin = Instant::now();
        let expected = |stage: &Stage| Loop { stage: *stage, seen: begin, settled: None, partitions: BTreeMap::new() };
        Self { stall_after, stages: Mutex::new(stages.iter().map(expected).collect()) }
    }

    /// Every loop has polled lately.
    #[must_use]
    pub fn livez(&self) -> Probe {
        self.livez_at(Instant::now())
    }

    /// Every loop works on restored partitions, or stands by because the group has none for it.
    #[must_use]
    pub fn readyz(&self) -> Probe {
        self.readyz_at(Instant::now())
    }

    fn livez_at(&self, now: Instant) -> Probe {
        self.probe(|state| {
            let silent = now.saturating_duration_since(state.seen);
            if silent <= self.stall_after {
                return (true, format!("polled {} s ago", silent.as_secs()));
            }
            (false, format!("has not polled for {} s; {} s are allowed", silent.as_secs(), self.stall_after.as_secs()))
        })
    }

    fn readyz_at(&self, now: Instant) -> Probe {
        self.probe(|state| {
            let Some(settled) = state.settled else { return (false, "has not polled yet".to_owned()) };
            if state.partitions.is_empty() {
                if now.saturating_duration_since(settled) < IDLE_AFTER {
                    return (false, "waits for the group to assign partitions".to_owned());
                }
                return (true, "stands by: the group has no partition for it".to_owned());
            }
            let mut restoring = String::new();
            for (at, work) in &state.partitions {
                if let Work::Restoring(remaining) = work {
                    let remaining = remaining.map_or("all".to_owned(), |offsets| offsets.to_string());
                    // Writing to a String cannot fail.
                    let _ = write!(restoring, ", {}[{}] with {remaining} offsets to go", at.topic, at.partition);
                }
            }
            match restoring.strip_prefix(", ") {
                Some(restoring) => (false, format!("restores {restoring}")),
                None => (true, format!("partitions: {}, all live", state.partitions.len())),
            }
        })
    }

    fn probe(&self, judge: impl Fn(&Loop) -> (bool, String)) -> Probe {
        let mut probe = Probe { ok: true, text: String::new() };
        for state in &*self.lock() {
            let (ok, reason) = judge(state);
            probe.ok &= ok;
            let _ = writeln!(probe.text, "{}: {}: {reason}", state.stage.name(), if ok { "ok" } else { "not ok" });
        }
        probe
    }

    fn note(&self, event: &Event<'_>, now: Instant) {
        match event {
            Event::Polled(stage) => self.with(*stage, |state| {
                state.seen = now;
                state.settled.get_or_insert(now);
            }),
            Event::Ended(stage) => self.lock().retain(|state| state.stage != *stage),
            Event::Assigned(stage, at) => self.with(*stage, |state| {
                let work = if *stage == Stage::Fold { Work::Restoring(None) } else { Work::Live };
                state.partitions.insert((*at).clone(), work);
                state.settled = Some(now);
            }),
            Event::Revoked(stage, at) => self.with(*stage, |state| {
                state.partitions.remove(at);
                state.settled = Some(now);
            }),
            Event::Restoring { partition, remaining } => {
                self.with(Stage::Fold, |state| state.restore(*partition, Work::Restoring(Some(*remaining)), now));
            }
            Event::Restored { partition, .. } => {
                self.with(Stage::Fold, |state| state.restore(*partition, Work::Live, now));
            }
            _ => {}
        }
    }

    fn with(&self, stage: Stage, change: impl FnOnce(&mut Loop)) {
        if let Some(state) = self.lock().iter_mut().find(|state| state.stage == stage) {
            change(state);
        }
    }

    /// Each change is complete in itself, so what a panicking thread left behind can be read on.
    fn lock(&self) -> MutexGuard<'_, Vec<Loop>> {
        self.stages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Loop {
    /// A restore that gets on is a sign of life too: it may take longer than a poll may be away.
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
        self.note(&event, Instant::now());
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

    /// A health with its own clock: events and probes at so many seconds after its start.
    struct Clocked(Health, Instant);

    impl Clocked {
        fn new(stages: &[Stage]) -> Self {
            let health = Health::new(stages, Duration::from_mins(1));
            let begin = health.lock()[0].seen;
            Self(health, begin)
        }

        fn at(&self, seconds: u64, events: &[Event<'_>]) {
            for event in events {
                self.0.note(event, self.1 + Duration::from_secs(seconds));
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
    fn a_loop_that_stops_polling_is_named() {
        let health = Clocked::new(&[Stage::Sign, Stage::Fold]);
        health.at(50, &[Event::Polled(Stage::Sign)]);
        assert!(health.live(60).ok, "a loop has its time to start");
        let probe = health.live(70);
        assert!(!probe.ok);
        assert_eq!(probe.text, "sign: ok: polled 20 s ago\nfold: not ok: has not polled for 70 s; 60 s are allowed\n");
    }

    #[test]
    fn a_long_restore_that_gets_on_is_alive_and_not_ready() {
        let health = Clocked::new(&[Stage::Fold]);
        let at = partition(2);
        health.at(1, &[Event::Polled(Stage::Fold), Event::Assigned(Stage::Fold, &at)]);
        assert_eq!(health.ready(1).text, "fold: not ok: restores live.signatures[2] with all offsets to go\n");
        health.at(300, &[Event::Restoring { partition: 2, remaining: 70 }]);
        assert!(health.live(330).ok);
        assert_eq!(health.ready(330).text, "fold: not ok: restores live.signatures[2] with 70 offsets to go\n");
        health.at(340, &[restored(2)]);
        assert_eq!(health.ready(340), Probe { ok: true, text: "fold: ok: partitions: 1, all live\n".to_owned() });
    }

    #[test]
    fn a_stage_without_partitions_is_ready_once_the_group_has_had_time_to_give_it_some() {
        let health = Clocked::new(&[Stage::Fold]);
        assert_eq!(health.ready(5).text, "fold: not ok: has not polled yet\n");
        health.at(5, &[Event::Polled(Stage::Fold)]);
        health.at(14, &[Event::Polled(Stage::Fold)]);
        assert!(!health.ready(14).ok);
        assert!(health.ready(15).ok);
    }

    #[test]
    fn a_revoked_partition_holds_up_nobody() {
        let health = Clocked::new(&[Stage::Fold]);
        let (kept, lost) = (partition(0), partition(1));
        let assigned = [&kept, &lost].map(|at| Event::Assigned(Stage::Fold, at));
        health.at(0, &[Event::Polled(Stage::Fold)]);
        health.at(1, &assigned);
        health.at(2, &[restored(0)]);
        assert!(!health.ready(2).ok);
        health.at(3, &[Event::Revoked(Stage::Fold, &lost)]);
        assert!(health.ready(3).ok);
    }

    #[test]
    fn a_stage_that_this_process_does_not_run_is_not_waited_for() {
        let health = Clocked::new(&[Stage::Sign]);
        let at = partition(0);
        health.at(0, &[Event::Polled(Stage::Sign), Event::Assigned(Stage::Sign, &at), Event::Polled(Stage::Fold)]);
        assert_eq!(health.ready(0).text, "sign: ok: partitions: 1, all live\n");
    }
}
