//! Records in temporary files of this machine.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::record::Millis;
use crate::stream::port::{ConsumerRecord, Headers, PortError, TopicPartition};

/// A record with its position; no other build reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SpilledRecord {
    topic: Arc<str>,
    partition: i32,
    offset: i64,
    timestamp: i64,
    key: Option<Vec<u8>>,
    value: Option<Vec<u8>>,
    headers: Headers,
}

impl From<ConsumerRecord> for SpilledRecord {
    fn from(record: ConsumerRecord) -> Self {
        let ConsumerRecord { from: TopicPartition { topic, partition }, offset, timestamp, key, value, headers } =
            record;
        Self { topic, partition, offset, timestamp: timestamp.0, key, value, headers }
    }
}

impl From<SpilledRecord> for ConsumerRecord {
    fn from(spilled: SpilledRecord) -> Self {
        let SpilledRecord { topic, partition, offset, timestamp, key, value, headers } = spilled;
        let from = TopicPartition { topic, partition };
        Self { from, offset, timestamp: Millis(timestamp), key, value, headers }
    }
}

/// Encodes a record with another time stamp.
pub(super) fn encode(record: ConsumerRecord, timestamp: Millis) -> Vec<u8> {
    let spilled = SpilledRecord::from(ConsumerRecord { timestamp, ..record });
    postcard::to_stdvec(&spilled).unwrap_or_else(|error| unreachable!("a record has no unserialisable part: {error}"))
}

/// Decodes a record.
pub(super) fn decode(bytes: &[u8]) -> Result<ConsumerRecord, PortError> {
    postcard::from_bytes::<SpilledRecord>(bytes)
        .map(ConsumerRecord::from)
        .map_err(|error| PortError::Fatal(format!("a temporary file is damaged: {error}")))
}
