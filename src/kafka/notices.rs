//! What clients say of themselves.

use rdkafka::ClientContext;
use rdkafka::consumer::ConsumerContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};

/// Takes the client's notices to the log. A transport error is no more than that: the client connects again by itself.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Notices;

impl ClientContext for Notices {
    fn error(&self, error: KafkaError, reason: &str) {
        notice(&error, reason);
    }
}

impl ConsumerContext for Notices {}

/// Logs what a client says of itself.
pub(super) fn notice(error: &KafkaError, reason: &str) {
    // The end of a partition is an answer to a reader, not an error.
    if error.rdkafka_error_code() != Some(RDKafkaErrorCode::PartitionEOF) {
        tracing::warn!(target: "librdkafka", "{error}: {reason}");
    }
}
