//! What Prometheus scrapes. `deploy/METRICS.md` lists it, and a test compares.
//!
//! Base units; `_total` on counters; labels are stages, topics, partitions and the members of closed lists, never an
//! id, a uri or a message: their number is bounded.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use prometheus::core::Collector;
use prometheus::{
    Counter, GaugeVec, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts,
    Registry, TextEncoder,
};

use super::process::Process;
use crate::pipeline::observe::{Bound, Event, Observer, Stage};
use crate::pipeline::port::TopicPartition;
use crate::record::Reason;

/// From a record's time stamp to what is published of it: 10 ms to 10 min. The floor is two transactions, some 100 ms.
const LATENCY_BUCKETS: [f64; 15] =
    [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0];
/// Work and transactions: 1 ms to the 10 s after which a transaction times out.
const DURATION_BUCKETS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
/// Restores: a moment for a young namespace, minutes for millions of live articles.
const RESTORE_BUCKETS: [f64; 8] = [0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0];
/// Records of a batch: one, when the service waits for articles, to the largest that may be set.
const BATCH_BUCKETS: [f64; 9] = [1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1_000.0, 10_000.0, 100_000.0];

/// The metrics could not be written as text.
#[derive(Debug, thiserror::Error)]
#[error("the metrics cannot be written: {0}")]
pub struct ExpositionError(#[from] prometheus::Error);

/// The metrics of one process, in a registry of its own.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    ready: IntGauge,
    last_poll: GaugeVec,
    assigned: IntGaugeVec,
    rebalances: IntCounterVec,
    lag_messages: IntGaugeVec,
    lag_seconds: GaugeVec,
    records: IntCounterVec,
    batch_records: HistogramVec,
    batch_duration: HistogramVec,
    transactions: IntCounterVec,
    transaction_duration: HistogramVec,
    decisions: IntCounterVec,
    late: IntCounter,
    latency: Histogram,
    dead_letters: IntCounterVec,
    bounds: IntCounterVec,
    live_articles: IntGaugeVec,
    live_stories: IntGaugeVec,
    sources: IntGaugeVec,
    restore_remaining: IntGaugeVec,
    restore_duration: Histogram,
    restored_decisions: IntCounter,
    resident: IntGauge,
    cpu: Counter,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// All metrics, those with a closed list of labels at zero.
    ///
    /// # Panics
    ///
    /// Never: names and labels are constants, and every test that makes metrics would show a wrong one.
    #[must_use]
    pub fn new() -> Self {
        let registry = Registry::new();
        let it = Family(&registry);
        let place = ["stage", "topic", "partition"];
        let metrics = Self {
            ready: it.gauge("wirefold_ready", "1 when /readyz says yes, else 0."),
            last_poll: it.float_gauges(
                "wirefold_last_poll_timestamp_seconds",
                "When the loop of a stage last polled, in Unix time.",
                &["stage"],
            ),
            assigned: it.gauges("wirefold_assigned_partitions", "Partitions that a stage reads.", &["stage"]),
            rebalances: it.counters(
                "wirefold_rebalances_total",
                "Partitions given to a stage (change=\"assigned\") and taken from it (change=\"revoked\").",
                &["stage", "change"],
            ),
            lag_messages: it.gauges(
                "wirefold_lag_messages",
                "Records from the position of a stage to the end of the partition.",
                &place,
            ),
            lag_seconds: it.float_gauges(
                "wirefold_lag_seconds",
                "Age of the last record that a stage worked on, by its time stamp; 0 when nothing is left to read.",
                &place,
            ),
            records: it.counters("wirefold_records_total", "Records that a stage has worked on.", &["stage"]),
            batch_records: it.histograms("wirefold_batch_records", "Records of a batch.", &["stage"], &BATCH_BUCKETS),
            batch_duration: it.histograms(
                "wirefold_batch_duration_seconds",
                "Time a stage worked on a batch, without the transaction.",
                &["stage"],
                &DURATION_BUCKETS,
            ),
            transactions: it.counters(
                "wirefold_transactions_total",
                "Transactions, by outcome: committed or aborted.",
                &["stage", "outcome"],
            ),
            transaction_duration: it.histograms(
                "wirefold_transaction_duration_seconds",
                "Time from the begin of a transaction to its commit.",
                &["stage"],
                &DURATION_BUCKETS,
            ),
            decisions: it.counters(
                "wirefold_decisions_total",
                "Decisions, by kind and by what the article is to its story (relation=\"none\": no article was judged).",
                &["kind", "relation"],
            ),
            late: it.counter("wirefold_late_articles_total", "Articles from before the window."),
            latency: it.histogram(
                "wirefold_latency_seconds",
                "Time from the time stamp of a raw record to the commit of its decision.",
                &LATENCY_BUCKETS,
            ),
            dead_letters: it.counters(
                "wirefold_dead_letters_total",
                "Raw records that could not be read, by reason.",
                &["reason"],
            ),
            bounds: it.counters(
                "wirefold_bounds_hit_total",
                "Times that something was cut, skipped or sampled to stay within a bound.",
                &["bound"],
            ),
            live_articles: it.gauges("wirefold_live_articles", "Articles inside window and grace.", &["partition"]),
            live_stories: it.gauges("wirefold_live_stories", "Stories with a live article.", &["partition"]),
            sources: it.gauges("wirefold_sources", "Sources with a history.", &["partition"]),
            restore_remaining: it.gauges(
                "wirefold_restore_remaining_offsets",
                "Offsets that a restore has still to read, 0 when it is done.",
                &["partition"],
            ),
            restore_duration: it.histogram(
                "wirefold_restore_duration_seconds",
                "Time that the restore of a partition took.",
                &RESTORE_BUCKETS,
            ),
            restored_decisions: it.counter("wirefold_restored_decisions_total", "Decisions that restores re-applied."),
            resident: it.gauge("process_resident_memory_bytes", "Resident memory size in bytes."),
            cpu: it.register(Counter::new(
                "process_cpu_seconds_total",
                "Total user and system CPU time spent in seconds.",
            )),
            registry: registry.clone(),
        };
        let revision = option_env!("WIREFOLD_REVISION").unwrap_or("unknown");
        it.gauges("wirefold_build_info", "Always 1; the labels say what runs.", &["version", "revision"])
            .with_label_values(&[env!("CARGO_PKG_VERSION"), revision])
            .set(1);
        metrics.begin_at_zero();
        metrics
    }

    /// A rate needs a first value, and an alert a series: what can be counted is there before it is.
    fn begin_at_zero(&self) {
        for stage in [Stage::Sign, Stage::Fold] {
            self.records.with_label_values(&[stage.name()]);
            for outcome in ["committed", "aborted"] {
                self.transactions.with_label_values(&[stage.name(), outcome]);
            }
        }
        for reason in Reason::ALL {
            self.dead_letters.with_label_values(&[reason.name()]);
        }
        for bound in Bound::ALL {
            self.bounds.with_label_values(&[bound.name()]);
        }
    }

    /// The text that Prometheus scrapes.
    pub fn exposition(&self, ready: bool) -> Result<String, ExpositionError> {
        self.ready.set(i64::from(ready));
        if let Some(process) = Process::read() {
            self.resident.set(process.resident_bytes as i64);
            self.cpu.inc_by((process.cpu.as_secs_f64() - self.cpu.get()).max(0.0));
        }
        Ok(TextEncoder::new().encode_to_string(&self.registry.gather())?)
    }

    /// What is said of a partition is said by its owner alone.
    fn forget(&self, stage: Stage, at: &TopicPartition) {
        let partition = at.partition.to_string();
        let place = [stage.name(), &*at.topic, &partition];
        // A label that was never set cannot be removed, which is no fault.
        let _ = self.lag_messages.remove_label_values(&place);
        let _ = self.lag_seconds.remove_label_values(&place);
        if stage == Stage::Fold {
            for gauges in [&self.live_articles, &self.live_stories, &self.sources, &self.restore_remaining] {
                let _ = gauges.remove_label_values(&[&partition]);
            }
        }
    }
}

impl Observer for Metrics {
    fn observe(&self, event: Event<'_>) {
        match event {
            Event::Polled(stage) => self.last_poll.with_label_values(&[stage.name()]).set(unix_seconds()),
            Event::Assigned(stage, _) => {
                self.assigned.with_label_values(&[stage.name()]).inc();
                self.rebalances.with_label_values(&[stage.name(), "assigned"]).inc();
            }
            Event::Revoked(stage, at) => {
                self.assigned.with_label_values(&[stage.name()]).dec();
                self.rebalances.with_label_values(&[stage.name(), "revoked"]).inc();
                self.forget(stage, at);
            }
            Event::Worked { stage, records, took } => {
                self.records.with_label_values(&[stage.name()]).inc_by(records as u64);
                self.batch_records.with_label_values(&[stage.name()]).observe(records as f64);
                self.batch_duration.with_label_values(&[stage.name()]).observe(took.as_secs_f64());
            }
            Event::Committed { stage, took } => {
                self.transactions.with_label_values(&[stage.name(), "committed"]).inc();
                self.transaction_duration.with_label_values(&[stage.name()]).observe(took.as_secs_f64());
            }
            Event::Aborted { stage, reason: _ } => {
                self.transactions.with_label_values(&[stage.name(), "aborted"]).inc();
            }
            Event::Lag { stage, partition: at, messages, behind } => {
                let place = [stage.name(), &*at.topic, &at.partition.to_string()];
                let behind = if messages == 0 { Duration::ZERO } else { behind };
                self.lag_messages.with_label_values(&place).set(messages as i64);
                self.lag_seconds.with_label_values(&place).set(behind.as_secs_f64());
            }
            Event::DeadLetter(reason) => self.dead_letters.with_label_values(&[reason.name()]).inc(),
            Event::Bound(bound, times) => self.bounds.with_label_values(&[bound.name()]).inc_by(times),
            Event::Decided { kind, relation, late, latency, .. } => {
                let relation = relation.map_or("none", |relation| relation.name());
                self.decisions.with_label_values(&[kind.name(), relation]).inc();
                self.late.inc_by(u64::from(late));
                self.latency.observe(latency.as_secs_f64());
            }
            Event::State { partition, articles, stories, sources } => {
                let partition = [partition.to_string()];
                self.live_articles.with_label_values(&partition).set(articles as i64);
                self.live_stories.with_label_values(&partition).set(stories as i64);
                self.sources.with_label_values(&partition).set(sources as i64);
            }
            Event::Restoring { partition, remaining } => {
                self.restore_remaining.with_label_values(&[partition.to_string()]).set(remaining as i64);
            }
            // The failure is seldom, and of no consequence before it happens for days: a log line says it.
            Event::Ended(_) | Event::TrimFailed { .. } => {}
            Event::Restored { partition, decisions, took } => {
                self.restore_remaining.with_label_values(&[partition.to_string()]).set(0);
                self.restored_decisions.inc_by(decisions);
                self.restore_duration.observe(took.as_secs_f64());
            }
        }
    }
}

fn unix_seconds() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

/// Makes metrics of a registry.
struct Family<'a>(&'a Registry);

impl Family<'_> {
    fn register<C: Collector + Clone + 'static>(&self, made: prometheus::Result<C>) -> C {
        let metric = made.expect("names and labels are valid constants");
        self.0.register(Box::new(metric.clone())).expect("each name is registered once");
        metric
    }

    fn gauge(&self, name: &str, help: &str) -> IntGauge {
        self.register(IntGauge::new(name, help))
    }

    fn gauges(&self, name: &str, help: &str, labels: &[&str]) -> IntGaugeVec {
        self.register(IntGaugeVec::new(Opts::new(name, help), labels))
    }

    fn float_gauges(&self, name: &str, help: &str, labels: &[&str]) -> GaugeVec {
        self.register(GaugeVec::new(Opts::new(name, help), labels))
    }

    fn counter(&self, name: &str, help: &str) -> IntCounter {
        self.register(IntCounter::new(name, help))
    }

    fn counters(&self, name: &str, help: &str, labels: &[&str]) -> IntCounterVec {
        self.register(IntCounterVec::new(Opts::new(name, help), labels))
    }

    fn histogram(&self, name: &str, help: &str, buckets: &[f64]) -> Histogram {
        self.register(Histogram::with_opts(HistogramOpts::new(name, help).buckets(buckets.to_vec())))
    }

    fn histograms(&self, name: &str, help: &str, labels: &[&str], buckets: &[f64]) -> HistogramVec {
        self.register(HistogramVec::new(HistogramOpts::new(name, help).buckets(buckets.to_vec()), labels))
    }
}

#[cfg(test)]
mod tests;
