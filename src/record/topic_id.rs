//! The id that Kafka gives a topic when it is created (KIP-516).

use std::fmt;

use data_encoding::BASE64URL_NOPAD;

/// The id of a topic: a topic that is created again under the name of a deleted one has another id.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct TopicId([u8; 16]);

impl TopicId {
    /// No id: of topics on brokers that give none (Kafka before 2.8).
    pub const NONE: Self = Self([0; 16]);

    /// The id of these bytes, the most significant one first.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Whether there is no id.
    pub fn is_none(&self) -> bool {
        *self == Self::NONE
    }
}

impl fmt::Display for TopicId {
    /// The 22 characters that Kafka's own tools print.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64URL_NOPAD.encode(&self.0))
    }
}

impl fmt::Debug for TopicId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_printed_as_kafka_prints_it() {
        // The id of __cluster_metadata: the UUID 00000000-0000-0000-0000-000000000001.
        let id = TopicId::from_bytes(1_u128.to_be_bytes());
        assert_eq!(id.to_string(), "AAAAAAAAAAAAAAAAAAAAAQ");
        assert!(!id.is_none() && TopicId::from_bytes([0; 16]).is_none());
    }
}
