//! Properties of librdkafka: whose they are, and which of them are secret.

use std::collections::BTreeMap;
use std::fmt;

/// What is printed instead of a secret.
pub(super) const MASK: &str = "********";

/// Properties that correctness owns, with the reason. Aliases stand beside their names.
const OWNED: [(&str, &str); 21] = [
    ("bootstrap.servers", "set kafka.bootstrap_servers instead"),
    ("metadata.broker.list", "set kafka.bootstrap_servers instead"),
    ("group.id", "groups are named by the namespace"),
    ("transactional.id", "it is made of the namespace and serve.instance, so that a restart fences its predecessor"),
    ("enable.idempotence", "transactions need it"),
    ("enable.gapless.guarantee", "a gap is an aborted transaction here, which is begun again"),
    ("acks", "transactions need all replicas"),
    ("request.required.acks", "transactions need all replicas"),
    ("isolation.level", "only committed records may be read"),
    ("enable.auto.commit", "positions are committed in the transaction of their results"),
    ("auto.commit.enable", "positions are committed in the transaction of their results"),
    ("auto.commit.interval.ms", "positions are committed in the transaction of their results"),
    ("enable.auto.offset.store", "positions are committed in the transaction of their results"),
    ("offset.store.method", "positions are committed in the transaction of their results"),
    ("auto.offset.reset", "skipping records loses articles"),
    ("partition.assignment.strategy", "each stage has the one it is written for"),
    ("group.protocol", "transactions are safe with the classic protocol only"),
    ("group.remote.assignor", "transactions are safe with the classic protocol only"),
    ("enable.partition.eof", "a restore reads to the end of the partition"),
    ("partitioner", "the key chooses as in the Java client, for every producer of these topics"),
    ("allow.auto.create.topics", "`wirefold topics create` makes topics with the settings they need"),
];

/// Why a property may not be set, if it may not. The Kafka module sets these itself.
#[must_use]
pub fn owned_property(name: &str) -> Option<&'static str> {
    OWNED.iter().find(|(owned, _)| *owned == name).map(|(_, reason)| *reason)
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

/// Whether the value of a property must not be printed.
pub(super) fn is_secret(property: &str) -> bool {
    ["password", "passphrase", "secret", "key.pem", "oauthbearer.config"].iter().any(|part| property.contains(part))
}
