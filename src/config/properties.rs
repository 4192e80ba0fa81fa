//! Properties of librdkafka: which of them wirefold reserves, and which of them are secret.

use std::collections::BTreeMap;
use std::fmt;

use super::effective::PROPERTY_TABLES;

/// The text that is printed instead of a secret.
pub(super) const MASK: &str = "********";

/// Properties that users cannot set because correctness depends on them, each with the reason. Aliases are listed too.
/// The Kafka module sets a property itself where the default of librdkafka is not the right value.
///
/// `group.instance.id` is not among them: it may be the name of a pod. It is unset by default, because two instances
/// with one name fence each other, and a static member does not leave the group when it stops.
pub const OWNED_PROPERTIES: [(&str, &str); 32] = [
    ("bootstrap.servers", "set kafka.bootstrap_servers instead"),
    ("metadata.broker.list", "set kafka.bootstrap_servers instead"),
    ("group.id", "the namespace names the groups"),
    (
        "transactional.id",
        "it consists of the namespace and serve.instance, so that a restarted process fences the one before it",
    ),
    ("transaction.timeout.ms", "a dead instance can hold up every reader for this long"),
    ("enable.idempotence", "transactions need it"),
    ("enable.gapless.guarantee", "a gap aborts the transaction, which is then repeated"),
    ("acks", "transactions need acknowledgements of all replicas"),
    ("request.required.acks", "transactions need acknowledgements of all replicas"),
    ("max.in.flight", "the order of records depends on it"),
    ("max.in.flight.requests.per.connection", "the order of records depends on it"),
    ("message.send.max.retries", "a record is retried until its transaction times out"),
    ("retries", "a record is retried until its transaction times out"),
    ("message.timeout.ms", "a record is retried until its transaction times out"),
    ("delivery.timeout.ms", "a record is retried until its transaction times out"),
    ("delivery.report.only.error", "wirefold needs the offset of each record that it writes"),
    ("queuing.strategy", "the order of records depends on it"),
    ("isolation.level", "wirefold reads committed records only"),
    ("enable.auto.commit", COMMITTED_WITH_RESULTS),
    ("auto.commit.enable", COMMITTED_WITH_RESULTS),
    ("auto.commit.interval.ms", COMMITTED_WITH_RESULTS),
    ("enable.auto.offset.store", COMMITTED_WITH_RESULTS),
    ("offset.store.method", COMMITTED_WITH_RESULTS),
    ("auto.offset.reset", "skipped records are lost articles"),
    ("partition.assignment.strategy", "each stage depends on its own strategy"),
    ("group.protocol", "transactions are safe with the classic protocol only"),
    ("group.protocol.type", "transactions are safe with the classic protocol only"),
    ("group.remote.assignor", "transactions are safe with the classic protocol only"),
    ("enable.partition.eof", "a restore needs to know the end of a partition"),
    ("partitioner", "the key must select the same partition as in the Java client, for every producer of these topics"),
    ("allow.auto.create.topics", "`wirefold topics create` creates topics with the settings that they need"),
    ("test.mock.num.brokers", "a mock broker does not keep what transactions protect"),
];

const COMMITTED_WITH_RESULTS: &str = "offsets are committed in the same transaction as the results";

/// The reason why users cannot set a property; none for a property that they can set.
pub fn owned_property(name: &str) -> Option<&'static str> {
    OWNED_PROPERTIES.iter().find(|(owned, _)| *owned == name).map(|(_, reason)| *reason)
}

/// Properties of librdkafka by name, secrets included. `Debug` masks the secrets.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Properties(pub BTreeMap<String, String>);

impl fmt::Debug for Properties {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.0.iter().map(|(name, value)| (name, if is_secret(name) { MASK } else { value }));
        f.debug_map().entries(shown).finish()
    }
}

/// The value of a setting as it may be printed: a secret is masked.
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
