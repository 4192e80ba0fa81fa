//! A record in a file of this machine: itself, with where it stands and when it is taken to have come in.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::port::{Inbound, PortError, TopicPartition};
use crate::record::Millis;

/// What a file holds of a record; no other build reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placed {
    topic: Arc<str>,
    partition: i32,
    offset: i64,
    timestamp: i64,
    key: Option<Vec<u8>>,
    value: Option<Vec<u8>>,
    headers: Vec<(String, Option<Vec<u8>>)>,
}

impl From<Inbound> for Placed {
    fn from(record: Inbound) -> Self {
        let Inbound { from: TopicPartition { topic, partition }, offset, timestamp, key, value, headers } = record;
        Self { topic, partition, offset, timestamp: timestamp.0, key, value, headers }
    }
}

impl From<Placed> for Inbound {
    fn from(placed: Placed) -> Self {
        let Placed { topic, partition, offset, timestamp, key, value, headers } = placed;
        let from = TopicPartition { topic, partition };
        Self { from, offset, timestamp: Millis(timestamp), key, value, headers }
    }
}

/// The record as bytes, with another time stamp.
#[must_use]
pub fn place(record: Inbound, timestamp: Millis) -> Vec<u8> {
    let placed = Placed::from(Inbound { timestamp, ..record });
    postcard::to_stdvec(&placed).unwrap_or_else(|error| unreachable!("a record has no unserialisable part: {error}"))
}

/// The record of these bytes.
pub(super) fn take(bytes: &[u8]) -> Result<Inbound, PortError> {
    postcard::from_bytes::<Placed>(bytes)
        .map(Inbound::from)
        .map_err(|error| PortError::Fatal(format!("a temporary file was damaged: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_comes_back_with_its_new_time_and_damage_is_said() {
        let record = Inbound {
            from: TopicPartition { topic: "articles".into(), partition: 3 },
            offset: 12,
            timestamp: Millis(1),
            key: Some(b"urn:a".to_vec()),
            value: None,
            headers: vec![("a".to_owned(), None), ("b".to_owned(), Some(vec![0, 255]))],
        };
        let bytes = place(record.clone(), Millis(-7));
        assert_eq!(take(&bytes).ok(), Some(Inbound { timestamp: Millis(-7), ..record }));
        assert!(take(&bytes[..5]).is_err());
    }
}
