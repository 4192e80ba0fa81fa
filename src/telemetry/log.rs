//! Log lines.

use std::io::{self, IsTerminal};

use tracing::{debug, info, warn};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;

use crate::stream::event::{Event, Observer};

/// Sends log lines to standard error, as JSON or as text, filtered by the directives of `level`. Only the first call in
/// a process has an effect.
pub fn init_tracing(json: bool, level: &str) -> Result<(), ParseError> {
    let filter = EnvFilter::builder().parse(level)?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(io::stderr().is_terminal())
        .with_writer(io::stderr)
        // A line that cannot be written, as on a full disk, would be reported on standard error, with a panic.
        .log_internal_errors(false);
    let _already_set = if json { lines.json().try_init() } else { lines.try_init() };
    Ok(())
}

/// Logs rare events. Events of every batch show in the metrics only.
#[derive(Debug)]
pub struct LogLines;

impl Observer for LogLines {
    fn observe(&self, event: Event<'_>) {
        match event {
            Event::Assigned(stage, at) => {
                info!(stage = stage.name(), topic = &*at.topic, partition = at.partition, "partition assigned");
            }
            Event::Revoked(stage, at) => {
                info!(stage = stage.name(), topic = &*at.topic, partition = at.partition, "partition revoked");
            }
            Event::Aborted { stage, reason } => warn!(stage = stage.name(), reason, "transaction aborted"),
            Event::TrimFailed { partition: at, reason } => {
                warn!(topic = &*at.topic, partition = at.partition, reason, "old records could not be deleted");
            }
            Event::Restoring { partition, remaining } => debug!(partition, remaining, "restoring"),
            Event::Restored { partition, decisions, took } => {
                info!(partition, decisions, seconds = took.as_secs_f64(), "restored");
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::stream::event::Stage;

    #[derive(Clone, Default)]
    struct LogBuffer(Arc<Mutex<Vec<u8>>>);

    impl io::Write for LogBuffer {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("no panic").write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn an_aborted_transaction_is_logged_as_a_warning_with_the_reason() {
        let lines = LogBuffer::default();
        let writer = lines.clone();
        let subscriber = tracing_subscriber::fmt().json().with_writer(move || writer.clone()).finish();
        tracing::subscriber::with_default(subscriber, || {
            LogLines.observe(Event::Polled(Stage::Stories));
            LogLines.observe(Event::Aborted { stage: Stage::Stories, reason: "the broker went away" });
        });
        let bytes = lines.0.lock().expect("no panic").clone();
        let line: serde_json::Value = serde_json::from_slice(&bytes).expect("one line of JSON");
        assert_eq!(line["level"], "WARN");
        assert_eq!(line["fields"]["stage"], "stories");
        assert_eq!(line["fields"]["reason"], "the broker went away");
    }

    #[test]
    fn an_unknown_level_is_refused() {
        assert!(init_tracing(true, "wirefold=loud").is_err());
    }
}
