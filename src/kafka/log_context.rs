//! Log lines of clients.

use rdkafka::ClientContext;
use rdkafka::consumer::ConsumerContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};

/// The context of clients that do nothing but log their errors. An error of a connection needs no more: the client
/// restores it by itself.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct LogContext;

impl ClientContext for LogContext {
    fn error(&self, error: KafkaError, reason: &str) {
        log_error(&error, reason);
    }
}

impl ConsumerContext for LogContext {}

/// Logs an error that a client reports.
pub(super) fn log_error(error: &KafkaError, reason: &str) {
    // The end of a partition is a result for a reader, not an error.
    if error.rdkafka_error_code() != Some(RDKafkaErrorCode::PartitionEOF) {
        tracing::warn!(target: "librdkafka", "{error}: {reason}");
    }
}
