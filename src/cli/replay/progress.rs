//! How far a replay is: a bar on a terminal, a log line now and then elsewhere, a summary at the end.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::io::IsTerminal;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tracing::info;

use crate::kafka::Reached;
use crate::pipeline::observe::{Event, Observer, Stage};
use crate::record::{Kind, Reason, ReplayOrder, ReplayPlan, Stretch};
use crate::telemetry::Telemetry;

/// Between two lines where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// How much of a time a bar has room for.
const MINUTE: &str = "2026-03-01T06:00";

/// Hears of everything that the loops do, hands it on to the metrics, and counts.
pub(super) struct Progress {
    telemetry: Arc<Telemetry>,
    bar: ProgressBar,
    begun: Instant,
    lined: Mutex<Instant>,
    /// Offsets that there are to read, twice those where what is read is sorted first.
    offsets: u64,
    readings: Mutex<Vec<Arc<Reached>>>,
    /// Offsets that predecessors had done.
    resumed_at: OnceLock<u64>,
    counts: Mutex<Counts>,
    decisions: AtomicU64,
}

#[derive(Debug, Default)]
struct Counts {
    fold: Fold,
    read: u64,
    judged: u64,
    kinds: BTreeMap<Kind, u64>,
    refused: BTreeMap<Reason, u64>,
    late: u64,
    ahead: u64,
    /// Signed and not judged, as far as it is known: what fold has said last, and what was done since.
    backlog: u64,
}

/// What is known of fold.
#[derive(Debug, Default, PartialEq, Eq)]
enum Fold {
    /// It goes by what predecessors have judged, of which it has so many records still to read, and how much of what they have
    /// signed is not judged it has not said yet.
    Restores(u64),
    /// It judges.
    #[default]
    Judges,
}

/// A bar is for people: where there is no terminal, none is drawn.
pub(in crate::cli) fn draw_target() -> ProgressDrawTarget {
    if std::io::stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() }
}

impl Progress {
    pub(super) fn new(telemetry: Arc<Telemetry>, plan: &ReplayPlan) -> Self {
        let Stretch { ranges, order, .. } = plan.stretch();
        let offsets: u64 = ranges.iter().map(|range| u64::try_from(range.to - range.warmup).unwrap_or(0)).sum();
        let offsets = if order == ReplayOrder::Published { 2 * offsets } else { offsets };
        let bar = ProgressBar::with_draw_target(Some(offsets), draw_target());
        let style = ProgressStyle::with_template("{wide_bar} {percent:>3}% {msg}, {eta} to go");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self {
            telemetry,
            bar,
            begun: Instant::now(),
            lined: Mutex::new(Instant::now()),
            offsets,
            readings: Mutex::default(),
            resumed_at: OnceLock::new(),
            counts: Mutex::new(Counts {
                fold: if plan.run > 1 { Fold::Restores(0) } else { Fold::Judges },
                ..Counts::default()
            }),
            decisions: AtomicU64::new(0),
        }
    }

    /// Where it is to be seen how far a reading is.
    pub(super) fn follow(&self, reached: Arc<Reached>) {
        self.readings.lock().unwrap_or_else(PoisonError::into_inner).push(reached);
    }

    /// So many decisions there are in the end, those of predecessors included.
    pub(super) fn judged(&self, decisions: u64) {
        self.decisions.store(decisions, Ordering::Relaxed);
    }

    pub(super) fn decisions(&self) -> u64 {
        self.decisions.load(Ordering::Relaxed)
    }

    /// Shows how far it is, if it is time to.
    pub(super) fn show(&self) {
        let (judged, backlog) = {
            let counts = self.counts();
            if let Fold::Restores(records) = counts.fold {
                return self.show_restore(records);
            }
            (counts.judged, counts.backlog)
        };
        let readings = self.readings.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(reached) = readings.last() else { return };
        let read: u64 = readings.iter().map(|reading| reading.offsets()).sum();
        if read == 0 {
            return;
        }
        let offsets = read.saturating_sub(backlog);
        let begun_at = *self.resumed_at.get_or_init(|| {
            self.bar.set_position(offsets);
            self.bar.reset_eta();
            offsets
        });
        let seconds = self.begun.elapsed().as_secs_f64().max(1e-3);
        let rate = judged as f64 / seconds;
        // None where predecessors have read everything.
        let time = reached.time().map(|time| time.to_string());
        if !self.bar.is_hidden() {
            self.bar.set_position(offsets);
            let read_to = time.as_ref().map(|time| format!(", read to {}", time.get(..MINUTE.len()).unwrap_or(time)));
            self.bar.set_message(format!("{judged} judged, {rate:.0}/s{}", read_to.unwrap_or_default()));
            return;
        }
        if self.is_time_for_a_line() {
            let left = self.offsets.saturating_sub(offsets) as f64;
            let speed = offsets.saturating_sub(begun_at) as f64 / seconds;
            let percent = (100 * offsets / self.offsets.max(1)).to_string();
            let eta = if speed > 0.0 { format!("{:.0}", left / speed) } else { "unknown".to_owned() };
            info!(judged, rate = rate.round(), read_to = time, percent, seconds_to_go = eta, "replaying");
        }
    }

    fn show_restore(&self, records: u64) {
        if !self.bar.is_hidden() {
            self.bar.set_message(format!("reading what was judged before: {records} records to go"));
        } else if self.is_time_for_a_line() {
            info!(records_to_go = records, "reading what was judged before");
        }
    }

    fn is_time_for_a_line(&self) -> bool {
        let mut lined = self.lined.lock().unwrap_or_else(PoisonError::into_inner);
        let is_time = lined.elapsed() >= LINE_EVERY;
        if is_time {
            *lined = Instant::now();
        }
        is_time
    }

    /// Takes the bar away.
    pub(super) fn clear(&self) {
        self.bar.finish_and_clear();
    }

    /// What this run has done, for people.
    pub(super) fn summary(&self) -> String {
        let seconds = self.begun.elapsed().as_secs_f64();
        let (counts, decisions) = (self.counts(), self.decisions());
        let list = |counts: Vec<(&'static str, u64)>| {
            counts.iter().map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
        };
        let rate = counts.judged as f64 / seconds.max(1e-9);
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ =
            writeln!(text, "read          {} in {seconds:.1} s, {} judged ({rate:.0}/s)", counts.read, counts.judged);
        if !counts.kinds.is_empty() {
            let kinds = counts.kinds.iter().map(|(kind, &count)| (kind.name(), count)).collect();
            let _ = writeln!(text, "decisions     {}", list(kinds));
        }
        if counts.ahead > 0 {
            let _ = writeln!(text, "ahead         {} of them, before the range and without verdicts", counts.ahead);
        }
        if counts.late > 0 {
            let _ = writeln!(text, "late          {}", counts.late);
        }
        if !counts.refused.is_empty() {
            let refused = counts.refused.iter().map(|(reason, &count)| (reason.name(), count)).collect();
            let _ = writeln!(text, "dead letters  {}", list(refused));
        }
        if decisions > counts.judged {
            let _ = writeln!(text, "in all        {decisions} judged, those of the runs before included");
        }
        text
    }

    fn counts(&self) -> std::sync::MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Progress {
    fn observe(&self, event: Event<'_>) {
        match &event {
            Event::Worked { stage: Stage::Sign, records, .. } => {
                let mut counts = self.counts();
                counts.read += *records as u64;
                counts.backlog += *records as u64;
            }
            Event::Restoring { remaining, .. } => {
                let mut counts = self.counts();
                if let Fold::Restores(records) = &mut counts.fold {
                    *records = *remaining;
                }
            }
            // Fold says it every few seconds, and so what was counted wrong in between does not last.
            Event::Lag { stage: Stage::Fold, messages, .. } => {
                let mut counts = self.counts();
                counts.backlog = *messages;
                counts.fold = Fold::Judges;
            }
            Event::Decided { kind, late, ahead, .. } => {
                let mut counts = self.counts();
                counts.judged += 1;
                counts.backlog = counts.backlog.saturating_sub(1);
                *counts.kinds.entry(*kind).or_default() += 1;
                counts.late += u64::from(*late);
                counts.ahead += u64::from(*ahead);
            }
            Event::DeadLetter(reason) => *self.counts().refused.entry(*reason).or_default() += 1,
            _ => {}
        }
        self.telemetry.observe(event);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::port::TopicPartition;

    fn progress(run: u32) -> Progress {
        let plan = serde_json::json!({
            "schema": ReplayPlan::SCHEMA, "namespace": "march", "beside": "live", "generation": 1, "state": "running",
            "run": run, "process": "here", "source": "articles", "order": "recorded", "from": "earliest", "to": "latest", "ranges": [],
            "planned": "2026-03-01T00:00:00Z", "wirefold": "0", "signature_version": 1, "settings": {},
        });
        let plan: ReplayPlan = serde_json::from_value(plan).expect("a plan");
        Progress::new(Telemetry::new(&[Stage::Sign, Stage::Fold], Duration::from_mins(1)), &plan)
    }

    #[test]
    fn what_is_signed_and_not_judged_is_not_done() {
        let progress = progress(1);
        let decided =
            || Event::Decided { kind: Kind::Judged, relation: None, late: false, ahead: true, latency: Duration::ZERO };
        progress.observe(Event::Worked { stage: Stage::Sign, records: 10, took: Duration::ZERO });
        (0..3).for_each(|_| progress.observe(decided()));
        assert_eq!(progress.counts().backlog, 7);
        // Six of the seven were dead letters, which nobody judges.
        let partition = TopicPartition { topic: "march.signatures".into(), partition: 0 };
        let behind = Duration::ZERO;
        progress.observe(Event::Lag { stage: Stage::Fold, partition: &partition, messages: 1, behind });
        progress.observe(Event::Lag { stage: Stage::Sign, partition: &partition, messages: 40, behind });
        progress.observe(decided());
        assert_eq!(progress.counts().backlog, 0);
        assert!(progress.summary().starts_with("read          10 in "), "{}", progress.summary());
        assert!(progress.summary().contains(" 4 judged ("), "{}", progress.summary());
        assert!(progress.summary().contains("ahead         4 of them"), "{}", progress.summary());
    }

    #[test]
    fn a_resumed_replay_says_how_far_it_is_only_when_fold_has_said_what_is_left() {
        let progress = progress(2);
        assert_eq!(progress.counts().fold, Fold::Restores(0));
        progress.observe(Event::Restoring { partition: 0, remaining: 40 });
        assert_eq!(progress.counts().fold, Fold::Restores(40));
        let partition = TopicPartition { topic: "march.signatures".into(), partition: 0 };
        progress.observe(Event::Lag { stage: Stage::Fold, partition: &partition, messages: 7, behind: Duration::ZERO });
        let counts = progress.counts();
        assert_eq!((&counts.fold, counts.backlog), (&Fold::Judges, 7));
    }
}
