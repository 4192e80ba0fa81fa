//! Progress of a replay: a bar on a terminal, log lines elsewhere, a summary at the end.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::io::IsTerminal;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tracing::info;

use super::plan::{ReplayOrder, ReplayPlan, ReplaySegment};
use crate::record::{DecisionKind, Millis, Reason};
use crate::stream::event::{Event, Observer, Stage};

/// The time between two log lines where there is no terminal.
const LOG_LINE_EVERY: Duration = Duration::from_secs(10);

/// How much of a time a bar has room for.
const MINUTE: &str = "2026-03-01T06:00";

/// How far a source has read; written by the thread of the source, read by any thread.
#[derive(Debug)]
pub(super) struct ReadingProgress {
    offsets: AtomicU64,
    /// Negative before the first record.
    time: AtomicI64,
}

impl Default for ReadingProgress {
    fn default() -> Self {
        Self { offsets: AtomicU64::new(0), time: AtomicI64::new(-1) }
    }
}

impl ReadingProgress {
    pub(super) fn update(&self, offsets: u64, time: Option<Millis>) {
        self.offsets.store(offsets, Ordering::Relaxed);
        if let Some(time) = time {
            self.time.store(time.0, Ordering::Relaxed);
        }
    }

    /// Offsets returned of all ranges, those without a record included.
    pub(super) fn offsets(&self) -> u64 {
        self.offsets.load(Ordering::Relaxed)
    }

    /// The time stamp of the last record; none before the first.
    fn time(&self) -> Option<Millis> {
        Some(self.time.load(Ordering::Relaxed)).filter(|&time| time >= 0).map(Millis)
    }
}

/// Receives the events of the stages, passes them on, and counts.
pub struct ReplayProgress {
    next: Arc<dyn Observer>,
    bar: ProgressBar,
    started: Instant,
    logged: Mutex<Instant>,
    /// Offsets to read in all; twice as many where the records are sorted first.
    offsets: u64,
    readings: Mutex<Vec<Arc<ReadingProgress>>>,
    /// Offsets that earlier processes had done.
    resumed_at: OnceLock<u64>,
    counts: Mutex<ReplayCounts>,
    decisions: AtomicU64,
}

#[derive(Debug, Default)]
struct ReplayCounts {
    stories: StoriesState,
    read: u64,
    decided: u64,
    kinds: BTreeMap<DecisionKind, u64>,
    rejected: BTreeMap<Reason, u64>,
    late: u64,
    warmup: u64,
    /// Signatures without a decision, as far as known: the last reported lag, and what was done since.
    backlog: u64,
}

/// What is known of the stories stage.
#[derive(Debug, Default, PartialEq, Eq)]
enum StoriesState {
    /// It restores the state from earlier processes, with this many records to read. How many of their signatures have no
    /// decision is not known yet.
    Restoring(u64),
    /// It processes signatures.
    #[default]
    Live,
}

impl ReplayProgress {
    /// Progress of this plan. Events are passed on to `next`.
    pub fn new(next: Arc<dyn Observer>, plan: &ReplayPlan) -> Self {
        let ReplaySegment { ranges, order, .. } = plan.segment();
        let offsets: u64 = ranges.iter().map(|range| u64::try_from(range.to - range.warmup_from).unwrap_or(0)).sum();
        let offsets = if order == ReplayOrder::Published { 2 * offsets } else { offsets };
        let is_terminal = std::io::stderr().is_terminal();
        let draw = if is_terminal { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(offsets), draw);
        let style = ProgressStyle::with_template("{wide_bar} {percent:>3}% {msg}, {eta} to go");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        let stories = if plan.run > 1 { StoriesState::Restoring(0) } else { StoriesState::Live };
        Self {
            next,
            bar,
            started: Instant::now(),
            logged: Mutex::new(Instant::now()),
            offsets,
            readings: Mutex::default(),
            resumed_at: OnceLock::new(),
            counts: Mutex::new(ReplayCounts { stories, ..ReplayCounts::default() }),
            decisions: AtomicU64::new(0),
        }
    }

    /// Adds a source whose reading is part of the progress.
    pub(super) fn follow(&self, reading: Arc<ReadingProgress>) {
        self.readings.lock().unwrap_or_else(PoisonError::into_inner).push(reading);
    }

    /// Sets the number of decisions at the end, those of earlier processes included.
    pub(super) fn finished(&self, decisions: u64) {
        self.decisions.store(decisions, Ordering::Relaxed);
    }

    /// The number of decisions at the end; 0 before.
    pub(super) fn decisions(&self) -> u64 {
        self.decisions.load(Ordering::Relaxed)
    }

    /// Shows the progress: on a terminal every time, in the log when a line is due.
    pub fn show(&self) {
        let (decided, backlog) = {
            let counts = self.counts();
            if let StoriesState::Restoring(records) = counts.stories {
                return self.show_restore(records);
            }
            (counts.decided, counts.backlog)
        };
        let readings = self.readings.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(last) = readings.last() else { return };
        let read: u64 = readings.iter().map(|reading| reading.offsets()).sum();
        if read == 0 {
            return;
        }
        let offsets = read.saturating_sub(backlog);
        let resumed_at = *self.resumed_at.get_or_init(|| {
            self.bar.set_position(offsets);
            self.bar.reset_eta();
            offsets
        });
        let seconds = self.started.elapsed().as_secs_f64().max(1e-3);
        let rate = decided as f64 / seconds;
        // None where earlier processes have read everything.
        let time = last.time().map(|time| time.to_string());
        if !self.bar.is_hidden() {
            self.bar.set_position(offsets);
            let read_to = time.as_ref().map(|time| format!(", read to {}", time.get(..MINUTE.len()).unwrap_or(time)));
            self.bar.set_message(format!("{decided} clustered, {rate:.0}/s{}", read_to.unwrap_or_default()));
            return;
        }
        if self.is_log_line_due() {
            let left = self.offsets.saturating_sub(offsets) as f64;
            let speed = offsets.saturating_sub(resumed_at) as f64 / seconds;
            let percent = (100 * offsets / self.offsets.max(1)).to_string();
            let eta = if speed > 0.0 { format!("{:.0}", left / speed) } else { "unknown".to_owned() };
            info!(clustered = decided, rate = rate.round(), read_to = time, percent, seconds_to_go = eta, "replaying");
        }
    }

    fn show_restore(&self, records: u64) {
        if !self.bar.is_hidden() {
            self.bar.set_message(format!("restoring earlier decisions: {records} records to go"));
        } else if self.is_log_line_due() {
            info!(records_to_go = records, "restoring earlier decisions");
        }
    }

    fn is_log_line_due(&self) -> bool {
        let mut logged = self.logged.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = logged.elapsed() >= LOG_LINE_EVERY;
        if is_due {
            *logged = Instant::now();
        }
        is_due
    }

    /// Removes the bar.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }

    /// What this process has done, for people.
    pub fn summary(&self) -> String {
        let seconds = self.started.elapsed().as_secs_f64();
        let (counts, decisions) = (self.counts(), self.decisions());
        let list = |counts: Vec<(&'static str, u64)>| {
            counts.iter().map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
        };
        let rate = counts.decided as f64 / seconds.max(1e-9);
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "read          {} in {seconds:.1} s, {} clustered ({rate:.0}/s)",
            counts.read, counts.decided
        );
        if !counts.kinds.is_empty() {
            let kinds = counts.kinds.iter().map(|(kind, &count)| (kind.name(), count)).collect();
            let _ = writeln!(text, "decisions     {}", list(kinds));
        }
        if counts.warmup > 0 {
            let _ =
                writeln!(text, "warm-up       {} of them, from before the range and without verdicts", counts.warmup);
        }
        if counts.late > 0 {
            let _ = writeln!(text, "late          {}", counts.late);
        }
        if !counts.rejected.is_empty() {
            let rejected = counts.rejected.iter().map(|(reason, &count)| (reason.name(), count)).collect();
            let _ = writeln!(text, "dead letters  {}", list(rejected));
        }
        if decisions > counts.decided {
            let _ = writeln!(text, "in all        {decisions} clustered, those of earlier runs included");
        }
        text
    }

    fn counts(&self) -> MutexGuard<'_, ReplayCounts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for ReplayProgress {
    fn observe(&self, event: Event<'_>) {
        match &event {
            Event::Worked { stage: Stage::Signatures, records, .. } => {
                let mut counts = self.counts();
                counts.read += *records as u64;
                counts.backlog += *records as u64;
            }
            Event::Restoring { remaining, .. } => {
                let mut counts = self.counts();
                if let StoriesState::Restoring(records) = &mut counts.stories {
                    *records = *remaining;
                }
            }
            // Reported every few seconds, so that a wrong count in between does not last.
            Event::Lag { stage: Stage::Stories, messages, .. } => {
                let mut counts = self.counts();
                counts.backlog = *messages;
                counts.stories = StoriesState::Live;
            }
            Event::Decided { kind, late, warmup, .. } => {
                let mut counts = self.counts();
                counts.decided += 1;
                counts.backlog = counts.backlog.saturating_sub(1);
                *counts.kinds.entry(*kind).or_default() += 1;
                counts.late += u64::from(*late);
                counts.warmup += u64::from(*warmup);
            }
            Event::DeadLetter(reason) => *self.counts().rejected.entry(*reason).or_default() += 1,
            _ => {}
        }
        self.next.observe(event);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::port::TopicPartition;

    fn progress(run: u32) -> ReplayProgress {
        let plan = serde_json::json!({
            "schema": ReplayPlan::SCHEMA, "namespace": "march", "source_namespace": "live", "epoch": 1,
            "state": "running", "run": run, "process": "here", "source": "articles", "order": "recorded",
            "from": "earliest", "to": "latest", "ranges": [], "planned": "2026-03-01T00:00:00Z", "wirefold": "0",
            "signature_version": 1, "settings": {},
        });
        let plan: ReplayPlan = serde_json::from_value(plan).expect("a plan");
        ReplayProgress::new(Arc::new(()), &plan)
    }

    #[test]
    fn a_signature_without_a_decision_is_not_done() {
        let progress = progress(1);
        let decided = || Event::Decided {
            kind: DecisionKind::Assigned,
            relation: None,
            late: false,
            warmup: true,
            latency: Duration::ZERO,
        };
        progress.observe(Event::Worked { stage: Stage::Signatures, records: 10, took: Duration::ZERO });
        (0..3).for_each(|_| progress.observe(decided()));
        assert_eq!(progress.counts().backlog, 7);
        // Six of the seven were dead letters, which get no decision.
        let partition = TopicPartition { topic: "march.signatures".into(), partition: 0 };
        let behind = Duration::ZERO;
        progress.observe(Event::Lag { stage: Stage::Stories, partition: &partition, messages: 1, behind });
        progress.observe(Event::Lag { stage: Stage::Signatures, partition: &partition, messages: 40, behind });
        progress.observe(decided());
        assert_eq!(progress.counts().backlog, 0);
        assert!(progress.summary().starts_with("read          10 in "), "{}", progress.summary());
        assert!(progress.summary().contains(" 4 clustered ("), "{}", progress.summary());
        assert!(progress.summary().contains("warm-up       4 of them"), "{}", progress.summary());
    }

    #[test]
    fn a_resumed_replay_shows_no_position_before_the_stories_stage_has_reported_its_lag() {
        let progress = progress(2);
        assert_eq!(progress.counts().stories, StoriesState::Restoring(0));
        progress.observe(Event::Restoring { partition: 0, remaining: 40 });
        assert_eq!(progress.counts().stories, StoriesState::Restoring(40));
        let partition = TopicPartition { topic: "march.signatures".into(), partition: 0 };
        let (messages, behind) = (7, Duration::ZERO);
        progress.observe(Event::Lag { stage: Stage::Stories, partition: &partition, messages, behind });
        let counts = progress.counts();
        assert_eq!((&counts.stories, counts.backlog), (&StoriesState::Live, 7));
    }
}
