//! What an error of the client means to the caller.

use std::time::{Duration, Instant};

use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode as Code};

use super::client::ClientSettings;
use crate::pipeline::port::PortError;

/// How long a question to the cluster is asked again: longer than the restart of a broker, shorter than the patience
/// of a consumer group (`max.poll.interval.ms`, five minutes).
pub(super) const PATIENCE: Duration = Duration::from_mins(1);

/// How long one such question may take.
pub(super) const REQUEST_WITHIN: Duration = Duration::from_secs(10);

/// Between two tries.
const RETRY_AFTER: Duration = Duration::from_millis(100);

/// Whether trying again cannot help: the cluster has understood and refuses.
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

/// Whether a consumer reads no further: it has failed for good, or the position is not there. Any other error is that of a
/// connection, which the client logs and tries again.
pub(super) fn ends_reading(error: &KafkaError) -> bool {
    matches!(error, KafkaError::MessageConsumptionFatal(_) | KafkaError::MessageConsumption(Code::AutoOffsetReset))
}

/// Whether another instance has taken the transactional id.
pub(super) fn is_fencing(code: Code) -> bool {
    matches!(code, Code::Fenced | Code::ProducerFenced | Code::InvalidProducerEpoch)
}

/// Asks until there is an answer, a refusal, or [`PATIENCE`] is over.
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
