//! Properties of librdkafka: whose they are, and which of them are secret.

use std::collections::BTreeMap;
use std::fmt;

use super::typed::PROPERTY_TABLES;

/// What is printed instead of a secret.
pub(super) const MASK: &str = "********";

/// Properties that correctness owns, with the reason; aliases stand beside their names. The Kafka module sets them
/// itself where the default is not the right value.
///
/// `group.instance.id` is not among them: it may be the pod's name, and is unset by default, because two instances of
/// one name fence each other and a static member does not leave the group when it stops.
pub const OWNED_PROPERTIES: [(&str, &str); 32] = [
    ("bootstrap.servers", "set kafka.bootstrap_servers instead"),
    ("metadata.broker.list", "set kafka.bootstrap_servers instead"),
    ("group.id", "groups are named by the namespace"),
    ("transactional.id", "it is made of the namespace and serve.instance, so that a restart fences its predecessor"),
    ("transaction.timeout.ms", "it is how long an instance that died can hold up every reader"),
    ("enable.idempotence", "transactions need it"),
    ("enable.gapless.guarantee", "a gap is an aborted transaction here, which is begun again"),
    ("acks", "transactions need all replicas"),
    ("request.required.acks", "transactions need all replicas"),
    ("max.in.flight", "the order of records rests on it"),
    ("max.in.flight.requests.per.connection", "the order of records rests on it"),
    ("message.send.max.retries", "a record is tried until its transaction times out"),
    ("retries", "a record is tried until its transaction times out"),
    ("message.timeout.ms", "a record is tried until its transaction times out"),
    ("delivery.timeout.ms", "a record is tried until its transaction times out"),
    ("delivery.report.only.error", "the offsets of what was written are needed"),
    ("queuing.strategy", "the order of records rests on it"),
    ("isolation.level", "only committed records may be read"),
    ("enable.auto.commit", COMMITTED_WITH_RESULTS),
    ("auto.commit.enable", COMMITTED_WITH_RESULTS),
    ("auto.commit.interval.ms", COMMITTED_WITH_RESULTS),
    ("enable.auto.offset.store", COMMITTED_WITH_RESULTS),
    ("offset.store.method", COMMITTED_WITH_RESULTS),
    ("auto.offset.reset", "skipping records loses articles"),
    ("partition.assignment.strategy", "each stage has the one it is written for"),
    ("group.protocol", "transactions are safe with the classic protocol only"),
    ("group.protocol.type", "transactions are safe with the classic protocol only"),
    ("group.remote.assignor", "transactions are safe with the classic protocol only"),
    ("enable.partition.eof", "a restore reads to the end of the partition"),
    ("partitioner", "the key chooses as in the Java client, for every producer of these topics"),
    ("allow.auto.create.topics", "`wirefold topics create` makes topics with the settings they need"),
    ("test.mock.num.brokers", "a mock broker forgets what transactions are for"),
];

const COMMITTED_WITH_RESULTS: &str = "positions are committed in the transaction of their results";

/// Why a property may not be set, if it may not.
#[must_use]
pub fn owned_property(name: &str) -> Option<&'static str> {
    OWNED_PROPERTIES.iter().find(|(owned, _)| *owned == name).map(|(_, reason)| *reason)
}

/// Properties of librdkafka, secrets included: printing them masks those.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Properties(pub BTreeMap<String, String>);

impl fmt::Debug for Properties {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.0.iter().map(|(name, value)| (name, if is_secret(name) { MASK } else { value }));
        f.debug_map().entries(shown).finish()
    }
}

/// The value of a setting as it may be printed: a secret is masked.
#[must_use]
pub fn shown<'a>(key: &str, value: &'a str) -> &'a str {
    if is_secret_setting(key) { MASK } else { value }
}

/// Whether the value under a dotted key must not be printed.
pub(super) fn is_secret_setting(key: &str) -> bool {
    key.strip_prefix(PROPERTY_TABLES[0]).and_then(|rest| rest.strip_prefix('.')).is_some_and(is_secret)
}

/// Whether the value of a property must not be printed.
fn is_secret(property: &str) -> bool {
    ["password", "passphrase", "secret", "key.pem", "oauthbearer.config"].iter().any(|part| property.contains(part))
}
