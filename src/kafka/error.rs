//! What an error of the client library means for the caller.

use std::time::{Duration, Instant};

use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode as Code};

use super::client::ClientSettings;
use crate::stream::port::PortError;

/// How long a request to the cluster is repeated: longer than the restart of a broker, shorter than a member of a group
/// may go without polling (`max.poll.interval.ms`, five minutes).
pub(super) const PATIENCE: Duration = Duration::from_mins(1);

/// How long one request may take.
pub(super) const REQUEST_WITHIN: Duration = Duration::from_secs(10);

/// The pause before a request is repeated.
const RETRY_AFTER: Duration = Duration::from_millis(100);

/// The pause before a record is handed over again to a producer whose queue is full.
pub(super) const QUEUE_FULL_WAIT: Duration = Duration::from_millis(5);

/// Whether repeating the request cannot help: the cluster understood it and refuses.
pub(super) fn is_refusal(code: Code) -> bool {
    matches!(
        code,
        Code::TopicAuthorizationFailed
            | Code::GroupAuthorizationFailed
            | Code::ClusterAuthorizationFailed
            | Code::TransactionalIdAuthorizationFailed
            | Code::SaslAuthenticationFailed
            | Code::Authentication
            | Code::UnsupportedVersion
            | Code::UnsupportedSASLMechanism
            | Code::InvalidTopic
            | Code::MessageSizeTooLarge
            | Code::InvalidMessageSize
            | Code::InvalidRecord
            | Code::InvalidTimestamp
            | Code::PolicyViolation
    )
}

/// Whether a consumer cannot read on: it failed for good, or the offset does not exist. Other errors concern a connection,
/// which the client logs and restores by itself.
pub(super) fn ends_reading(error: &KafkaError) -> bool {
    matches!(error, KafkaError::MessageConsumptionFatal(_) | KafkaError::MessageConsumption(Code::AutoOffsetReset))
}

/// Whether another instance uses the transactional id.
pub(super) fn is_fencing(code: Code) -> bool {
    matches!(code, Code::Fenced | Code::ProducerFenced | Code::InvalidProducerEpoch)
}

/// Repeats a request until it is answered or refused, or [`PATIENCE`] is over.
pub(super) fn patiently<T>(
    settings: &ClientSettings,
    what: &str,
    mut ask: impl FnMut() -> KafkaResult<T>,
) -> Result<T, PortError> {
    let give_up = Instant::now() + PATIENCE;
    loop {
        let error = match ask() {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        if error.rdkafka_error_code().is_some_and(is_refusal) || Instant::now() >= give_up {
            return Err(fatal(settings, what, &error));
        }
        tracing::debug!("{what}: {error}; asking again");
        std::thread::sleep(RETRY_AFTER);
    }
}

/// An error that ends the process, with the cluster it is about.
pub(super) fn fatal(settings: &ClientSettings, what: &str, error: &KafkaError) -> PortError {
    PortError::Fatal(format!("{what} on {}: {error}", settings.bootstrap_servers))
}
