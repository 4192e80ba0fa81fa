//! The one observer that the service needs.

use std::sync::Arc;
use std::time::Duration;

use super::health::Health;
use super::log::LogLines;
use super::metrics::{ExpositionError, Metrics};
use crate::stream::event::{Event, Observer, Stage};

/// [`Metrics`], [`Health`] and [`LogLines`] as one observer.
#[derive(Debug)]
pub struct Telemetry {
    metrics: Metrics,
    health: Health,
}

impl Telemetry {
    /// The telemetry of a process that runs these stages. A loop is stuck when it has not polled for `stall_after`.
    pub fn new(stages: &[Stage], stall_after: Duration) -> Arc<Self> {
        Arc::new(Self { metrics: Metrics::new(), health: Health::new(stages, stall_after) })
    }

    /// The metrics in the text format of Prometheus.
    pub fn exposition(&self) -> Result<String, ExpositionError> {
        self.metrics.exposition(self.health.readyz().ok)
    }

    /// Liveness and readiness of the stages.
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
