//! What operators see of the loops: [`Metrics`], [`Health`] and log lines. It hears of the loops as their
//! [`Observer`] and changes nothing.

mod health;
mod log;
mod metrics;
mod process;

use std::sync::Arc;
use std::time::Duration;

pub use health::{Health, Probe};
pub use log::{LogLines, init_tracing};
pub use metrics::{ExpositionError, Metrics};
pub use process::Process;

use crate::pipeline::observe::{Event, Observer, Stage};

/// All three together: the one observer that the service needs.
#[derive(Debug)]
pub struct Telemetry {
    metrics: Metrics,
    health: Health,
}

impl Telemetry {
    /// Telemetry of a process that runs these stages; one that has not polled for `stall_after` is stuck.
    #[must_use]
    pub fn new(stages: &[Stage], stall_after: Duration) -> Arc<Self> {
        Arc::new(Self { metrics: Metrics::new(), health: Health::new(stages, stall_after) })
    }

    /// The metrics in the text format of Prometheus.
    pub fn exposition(&self) -> Result<String, ExpositionError> {
        self.metrics.exposition(self.health.readyz().ok)
    }

    /// Whether the loops run, and whether the process does its work.
    #[must_use]
    pub fn health(&self) -> &Health {
        &self.health
    }
}

impl Observer for Telemetry {
    fn observe(&self, event: Event<'_>) {
        LogLines.observe(event.clone());
        self.health.observe(event.clone());
        self.metrics.observe(event);
    }
}
