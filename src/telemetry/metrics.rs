//! The metrics that Prometheus scrapes. `deploy/METRICS.md` lists them, and a test compares the two.
//!
//! Metrics have base units, and the names of counters end in `_total`. Labels are stages, topics, partitions and members
//! of closed lists, never an id, a uri or a message, so that their number is bounded.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use prometheus::core::Collector;
use prometheus::{
    Counter, GaugeVec, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts,
    Registry, TextEncoder,
};
use strum::VariantArray;

use super::process::Process;
use crate::record::Reason;
use crate::stream::event::{Bound, EXPECTED_FIELDS, Event, Field, Observer, Stage};
use crate::stream::port::TopicPartition;

/// Time from a record's time stamp to the commit of its decision: 10 ms to 10 min. It takes at least two transactions,
/// some 100 ms.
const LATENCY_BUCKETS: [f64; 15] =
    [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0];
/// Time for a batch or a transaction: 1 ms to 10 s, after which a transaction times out.
const DURATION_BUCKETS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
/// Time for a restore: under a second in a new namespace, minutes with millions of live articles.
const RESTORE_BUCKETS: [f64; 8] = [0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0];
/// Records of a batch: from one, when the service waits for articles, to the most that can be configured.
const BATCH_BUCKETS: [f64; 9] = [1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1_000.0, 10_000.0, 100_000.0];

/// The metrics cannot be written as text.
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
    missing_fields: IntCounterVec,
    unread_fields: IntCounterVec,
    bounds: IntCounterVec,
    live_articles: IntGaugeVec,
    live_stories: IntGaugeVec,
    boilerplate_filters: IntGaugeVec,
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
    /// All metrics. Those with a closed list of labels are at zero.
    ///
    /// # Panics
    ///
    /// Never: names and labels are constants, and a wrong one would fail every test that makes metrics.
    #[expect(clippy::too_many_lines, reason = "one list of all metrics")]
    pub fn new() -> Self {
        let registry = Registry::new();
        let make = MetricFactory(&registry);
        let place = ["stage", "topic", "partition"];
        let metrics = Self {
            ready: make.gauge("wirefold_ready", "1 if /readyz answers 200, else 0."),
            last_poll: make.float_gauges(
                "wirefold_last_poll_timestamp_seconds",
                "Unix time at which the loop of a stage last polled.",
                &["stage"],
            ),
            assigned: make.gauges("wirefold_assigned_partitions", "Partitions assigned to a stage.", &["stage"]),
            rebalances: make.counters(
                "wirefold_rebalances_total",
                "Partitions that were assigned to a stage or revoked from it, by change: assigned or revoked.",
                &["stage", "change"],
            ),
            lag_messages: make.gauges(
                "wirefold_lag_messages",
                "Records between the position of a stage and the end of the partition.",
                &place,
            ),
            lag_seconds: make.float_gauges(
                "wirefold_lag_seconds",
                "Age of the last record that a stage has processed, by its time stamp; 0 if nothing is left to read.",
                &place,
            ),
            records: make.counters("wirefold_records_total", "Records that a stage has processed.", &["stage"]),
            batch_records: make.histograms("wirefold_batch_records", "Records per batch.", &["stage"], &BATCH_BUCKETS),
            batch_duration: make.histograms(
                "wirefold_batch_duration_seconds",
                "Time that a stage took to process a batch, without the transaction.",
                &["stage"],
                &DURATION_BUCKETS,
            ),
            transactions: make.counters(
                "wirefold_transactions_total",
                "Transactions, by outcome: committed or aborted.",
                &["stage", "outcome"],
            ),
            transaction_duration: make.histograms(
                "wirefold_transaction_duration_seconds",
                "Time from the beginning of a transaction to its commit.",
                &["stage"],
                &DURATION_BUCKETS,
            ),
            decisions: make.counters(
                "wirefold_decisions_total",
                "Decisions, by kind and by the relation of the article to its story (none if it assigns no article).",
                &["kind", "relation"],
            ),
            late: make.counter("wirefold_late_articles_total", "Late articles: older than window and grace."),
            latency: make.histogram(
                "wirefold_latency_seconds",
                "Time from the time stamp of a raw record to the commit of its decision.",
                &LATENCY_BUCKETS,
            ),
            dead_letters: make.counters(
                "wirefold_dead_letters_total",
                "Raw records that could not be parsed, by reason.",
                &["reason"],
            ),
            missing_fields: make.counters(
                "wirefold_missing_fields_total",
                "Articles that lack a published time, an outlet (source) or a language, by field.",
                &["field"],
            ),
            unread_fields: make.counters(
                "wirefold_unread_fields_total",
                "Raw records that have a value which could not be read, by field; see wirefold inspect.",
                &["field"],
            ),
            bounds: make.counters(
                "wirefold_bounds_hit_total",
                "Times that something was cut, skipped, sampled or dropped to stay within a bound, by bound.",
                &["bound"],
            ),
            live_articles: make.gauges("wirefold_live_articles", "Articles that a new one can match.", &["partition"]),
            live_stories: make.gauges("wirefold_live_stories", "Stories with a live article.", &["partition"]),
            boilerplate_filters: make.gauges(
                "wirefold_boilerplate_filters",
                "Boilerplate filters: one for each publisher, and for each outlet without one.",
                &["partition"],
            ),
            restore_remaining: make.gauges(
                "wirefold_restore_remaining_offsets",
                "Offsets that a restore has still to read; 0 when it has finished.",
                &["partition"],
            ),
            restore_duration: make.histogram(
                "wirefold_restore_duration_seconds",
                "Time that a restore of a partition took.",
                &RESTORE_BUCKETS,
            ),
            restored_decisions: make
                .counter("wirefold_restored_decisions_total", "Decisions that restores have applied again."),
            resident: make.gauge("process_resident_memory_bytes", "Resident memory size in bytes."),
            cpu: make.register(Counter::new(
                "process_cpu_seconds_total",
                "Total user and system CPU time spent in seconds.",
            )),
            registry: registry.clone(),
        };
        let revision = option_env!("WIREFOLD_REVISION").unwrap_or("unknown");
        let help = "Always 1; the labels give the version and the revision of the program.";
        make.gauges("wirefold_build_info", help, &["version", "revision"])
            .with_label_values(&[env!("CARGO_PKG_VERSION"), revision])
            .set(1);
        metrics.begin_at_zero();
        metrics
    }

    /// Creates all counters with known labels. A rate needs a first value and an alert needs a series, so counters must
    /// exist before the first event.
    fn begin_at_zero(&self) {
        for stage in [Stage::Signatures, Stage::Stories] {
            self.records.with_label_values(&[stage.name()]);
            for outcome in ["committed", "aborted"] {
                self.transactions.with_label_values(&[stage.name(), outcome]);
            }
        }
        for reason in Reason::VARIANTS {
            self.dead_letters.with_label_values(&[reason.name()]);
        }
        for field in EXPECTED_FIELDS {
            self.missing_fields.with_label_values(&[field.name()]);
        }
        for field in Field::VARIANTS {
            self.unread_fields.with_label_values(&[field.name()]);
        }
        for bound in Bound::VARIANTS {
            self.bounds.with_label_values(&[bound.name()]);
        }
    }

    /// The metrics in the text format of Prometheus.
    pub fn exposition(&self, ready: bool) -> Result<String, ExpositionError> {
        self.ready.set(i64::from(ready));
        if let Some(process) = Process::read() {
            self.resident.set(process.resident_bytes as i64);
            self.cpu.inc_by((process.cpu.as_secs_f64() - self.cpu.get()).max(0.0));
        }
        Ok(TextEncoder::new().encode_to_string(&self.registry.gather())?)
    }

    /// Removes the metrics of a partition that was revoked: only the process that has the partition reports on it.
    fn remove_partition(&self, stage: Stage, at: &TopicPartition) {
        let partition = at.partition.to_string();
        let place = [stage.name(), &*at.topic, &partition];
        // The removal of a label that was never set fails, which is harmless.
        let _ = self.lag_messages.remove_label_values(&place);
        let _ = self.lag_seconds.remove_label_values(&place);
        if stage == Stage::Stories {
            for gauges in [&self.live_articles, &self.live_stories, &self.boilerplate_filters, &self.restore_remaining]
            {
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
                self.remove_partition(stage, at);
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
            Event::FieldMissing(field) => self.missing_fields.with_label_values(&[field.name()]).inc(),
            Event::FieldUnread(field) => self.unread_fields.with_label_values(&[field.name()]).inc(),
            Event::Bound(bound, times) => self.bounds.with_label_values(&[bound.name()]).inc_by(times),
            Event::Decided { kind, relation, late, latency, .. } => {
                let relation = relation.map_or("none", |relation| relation.name());
                self.decisions.with_label_values(&[kind.name(), relation]).inc();
                self.late.inc_by(u64::from(late));
                self.latency.observe(latency.as_secs_f64());
            }
            Event::State { partition, articles, stories, filters } => {
                let partition = [partition.to_string()];
                self.live_articles.with_label_values(&partition).set(articles as i64);
                self.live_stories.with_label_values(&partition).set(stories as i64);
                self.boilerplate_filters.with_label_values(&partition).set(filters as i64);
            }
            Event::Restoring { partition, remaining } => {
                self.restore_remaining.with_label_values(&[partition.to_string()]).set(remaining as i64);
            }
            // A failed trim is rare and has no effect unless it fails for days. A log line reports it.
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

/// Makes metrics and registers them.
struct MetricFactory<'a>(&'a Registry);

impl MetricFactory<'_> {
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
