//! Small things the tests of the simulation share.

use std::time::Duration;

use wirefold::pipeline::port::{GroupConsumer, Inbound, Outbound, PollLimits, Rebalance, TopicPartition, Transaction};

use crate::consumer::SimConsumer;

/// Limits that a test does not reach.
pub(crate) const LIMITS: PollLimits =
    PollLimits { records: 100, bytes: 1 << 20, wait: Duration::ZERO, linger: Duration::ZERO };

pub(crate) fn partition(topic: &str, partition: i32) -> TopicPartition {
    TopicPartition { topic: topic.into(), partition }
}

/// A record without a key, for partition 0.
pub(crate) fn record(topic: &str) -> Outbound {
    let value = Some(b"value".to_vec());
    Outbound { topic: topic.into(), partition: Some(0), key: None, value, headers: Vec::new() }
}

/// A record whose key chooses the partition.
pub(crate) fn keyed(topic: &str, key: &[u8], value: Option<&[u8]>) -> Outbound {
    let value = value.map(<[u8]>::to_vec);
    Outbound { partition: None, key: Some(key.to_vec()), value, ..record(topic) }
}

/// A transaction of so many records for partition 0.
pub(crate) fn records(topic: &str, count: usize) -> Transaction {
    Transaction { records: vec![record(topic); count], positions: Vec::new() }
}

pub(crate) fn offsets(records: &[Inbound]) -> Vec<i64> {
    records.iter().map(|record| record.offset).collect()
}

/// What one poll brings.
pub(crate) fn offsets_of(consumer: &mut SimConsumer) -> Vec<i64> {
    offsets(&consumer.poll(LIMITS).expect("polls").records)
}

/// What a poll says of the assignment: `+` assigned, `-` revoked, by partition number.
pub(crate) fn changes(consumer: &mut SimConsumer) -> Vec<String> {
    let name = |sign: char, partitions: &[TopicPartition]| {
        partitions.iter().flat_map(|name| [sign.to_string(), name.partition.to_string()]).collect::<String>()
    };
    let polled = consumer.poll(LIMITS).expect("polls");
    let told = polled.rebalances.iter().map(|change| match change {
        Rebalance::Assigned(partitions) => name('+', partitions),
        Rebalance::Revoked(partitions) => name('-', partitions),
    });
    told.collect()
}
