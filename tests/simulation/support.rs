//! Helpers that the tests of the simulation share.

use std::time::Duration;

use wirefold::stream::port::{
    ConsumerRecord, PollLimits, ProducerRecord, Rebalance, RecordSource, TopicPartition, Transaction,
};

use crate::kit;
use crate::simulation::consumer::SimConsumer;

/// Limits that no test reaches.
pub(crate) const LIMITS: PollLimits =
    PollLimits { records: 100, bytes: 1 << 20, wait: Duration::ZERO, linger: Duration::ZERO };

pub(crate) use crate::kit::record::partition;

/// A record without a key, for partition 0.
pub(crate) fn record(topic: &str) -> ProducerRecord {
    kit::record::record(topic, 0, "value")
}

/// A record whose key chooses the partition.
pub(crate) fn keyed(topic: &str, key: &[u8], value: Option<&[u8]>) -> ProducerRecord {
    let value = value.map(<[u8]>::to_vec);
    ProducerRecord { partition: None, key: Some(key.to_vec()), value, ..record(topic) }
}

/// A transaction of this many records for partition 0.
pub(crate) fn transaction_of(topic: &str, count: usize) -> Transaction {
    Transaction { records: vec![record(topic); count], offsets: Vec::new() }
}

pub(crate) fn offsets(records: &[ConsumerRecord]) -> Vec<i64> {
    records.iter().map(|record| record.offset).collect()
}

/// The offsets of the records of one poll.
pub(crate) fn poll_offsets(consumer: &mut SimConsumer) -> Vec<i64> {
    offsets(&consumer.poll(LIMITS).expect("polls").records)
}

/// The rebalances of one poll: `+` for assigned, `-` for revoked, before each partition number.
pub(crate) fn poll_rebalances(consumer: &mut SimConsumer) -> Vec<String> {
    let name = |prefix: char, partitions: &[TopicPartition]| {
        partitions.iter().flat_map(|name| [prefix.to_string(), name.partition.to_string()]).collect::<String>()
    };
    let polled = consumer.poll(LIMITS).expect("polls");
    let reported = polled.rebalances.iter().map(|change| match change {
        Rebalance::Assigned(partitions) => name('+', partitions),
        Rebalance::Revoked(partitions) => name('-', partitions),
    });
    reported.collect()
}
