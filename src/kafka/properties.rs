//! Which of the library's properties are a deployment's to set.

use rdkafka::config::ClientConfig;
use rdkafka::error::KafkaError;

/// Properties that correctness owns: setting one is refused by name. Aliases stand beside their property.
///
/// `group.instance.id` is not among them: it may be the pod's name, and is unset by default, because two instances of
/// one name fence each other and a static member does not leave the group when it stops.
pub const OWNED_PROPERTIES: [&str; 31] = [
    "acks",
    "allow.auto.create.topics",
    "auto.commit.enable",
    "auto.offset.reset",
    "bootstrap.servers",
    "delivery.report.only.error",
    "delivery.timeout.ms",
    "enable.auto.commit",
    "enable.auto.offset.store",
    "enable.gapless.guarantee",
    "enable.idempotence",
    "enable.partition.eof",
    "group.id",
    "group.protocol",
    "group.protocol.type",
    "group.remote.assignor",
    "isolation.level",
    "max.in.flight",
    "max.in.flight.requests.per.connection",
    "message.send.max.retries",
    "message.timeout.ms",
    "metadata.broker.list",
    "offset.store.method",
    "partition.assignment.strategy",
    "partitioner",
    "queuing.strategy",
    "request.required.acks",
    "retries",
    "test.mock.num.brokers",
    "transaction.timeout.ms",
    "transactional.id",
];

/// Second names of properties that have a preferred value. The library applies properties in no order, so a preferred
/// value steps back when its property is set by either name.
const ALIASES: [(&str, &str); 2] = [("compression.type", "compression.codec"), ("linger.ms", "queue.buffering.max.ms")];

/// The name under which a property has a preferred value, when `name` is its other one.
pub(super) fn other_name(name: &str) -> Option<&'static str> {
    ALIASES.iter().find(|(_, alias)| *alias == name).map(|(preferred, _)| *preferred)
}

/// What is wrong with a property that a deployment sets.
pub(super) fn problem(name: &str, value: &str) -> Option<String> {
    if OWNED_PROPERTIES.contains(&name) {
        return Some(match name {
            "bootstrap.servers" | "metadata.broker.list" => {
                format!("kafka.properties.{name}: the servers have a setting of their own, kafka.bootstrap_servers")
            }
            _ => format!("kafka.properties.{name}: wirefold sets this itself, its delivery guarantee depends on it"),
        });
    }
    match ClientConfig::new().set(name, value).create_native_config() {
        Ok(_) => None,
        Err(KafkaError::ClientConfig(_, what, _, _)) => Some(format!("kafka.properties.{name}: {what}")),
        Err(error) => Some(format!("kafka.properties.{name}: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_owned_property_is_one_of_the_library() {
        for name in OWNED_PROPERTIES {
            if let Err(error) = ClientConfig::new().set(name, "1").create_native_config() {
                assert!(!error.to_string().contains("No such configuration property"), "{name}: {error}");
            }
        }
    }
}
