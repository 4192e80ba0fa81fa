//! Telemetry for operators: [`Metrics`], [`Health`] and log lines. It observes the stages as their
//! [`Observer`](crate::stream::event::Observer) and changes nothing.

mod combined;
mod health;
mod log;
mod metrics;
mod process;

pub use combined::Telemetry;
pub use health::{Health, Probe};
pub use log::{LogLines, init_tracing};
pub use metrics::{ExpositionError, Metrics};
pub use process::Process;
