//! Which of the library's properties are a deployment's to set.

use rdkafka::config::ClientConfig;
use rdkafka::error::KafkaError;

use crate::config::owned_property;

/// Second names of properties that have a preferred value. The library applies properties in no order, so a preferred
/// value steps back when its property is set by either name.
const ALIASES: [(&str, &str); 2] = [("compression.type", "compression.codec"), ("linger.ms", "queue.buffering.max.ms")];

/// The name under which a property has a preferred value, when `name` is its other one.
pub(super) fn other_name(name: &str) -> Option<&'static str> {
    ALIASES.iter().find(|(_, alias)| *alias == name).map(|(preferred, _)| *preferred)
}

/// What is wrong with a property that a deployment sets.
pub(super) fn problem(name: &str, value: &str) -> Option<String> {
    if let Some(reason) = owned_property(name) {
        return Some(format!("kafka.properties.{name} cannot be set: {reason}"));
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
    use crate::config::OWNED_PROPERTIES;

    #[test]
    fn every_owned_property_is_one_of_the_library() {
        for (name, _) in OWNED_PROPERTIES {
            if let Err(error) = ClientConfig::new().set(name, "1").create_native_config() {
                assert!(!error.to_string().contains("No such configuration property"), "{name}: {error}");
            }
        }
    }
}
