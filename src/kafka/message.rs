//! Conversions between the types of the library and ours.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use rdkafka::message::{BorrowedMessage, Header, Headers, Message, OwnedHeaders};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use crate::record::Millis;
use crate::stream::port::{ConsumerRecord, TopicPartition};

/// The time stamp of a record that has none: before every other time.
const NO_TIMESTAMP: i64 = -1;

/// Copies a record out of the client's buffer.
pub(super) fn consumer_record(message: &BorrowedMessage<'_>, topic: &Arc<str>) -> ConsumerRecord {
    ConsumerRecord {
        from: TopicPartition { topic: Arc::clone(topic), partition: message.partition() },
        offset: message.offset(),
        timestamp: Millis(message.timestamp().to_millis().unwrap_or(NO_TIMESTAMP)),
        key: message.key().map(<[u8]>::to_vec),
        value: message.payload().map(<[u8]>::to_vec),
        headers: headers(message),
    }
}

/// The library panics on a header whose name is not UTF-8, which any client can write: such a record is read
/// without its headers, or it would stop every instance that meets it.
fn headers(message: &BorrowedMessage<'_>) -> Vec<(String, Option<Vec<u8>>)> {
    let Some(headers) = message.headers() else { return Vec::new() };
    let read = || headers.iter().map(|header| (header.key.to_owned(), header.value.map(<[u8]>::to_vec))).collect();
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| {
        tracing::warn!(
            topic = message.topic(),
            partition = message.partition(),
            offset = message.offset(),
            "a header's name is not UTF-8: the record is read without headers"
        );
        Vec::new()
    })
}

/// Headers as the library takes them.
pub(super) fn owned_headers(headers: &[(String, Option<Vec<u8>>)]) -> OwnedHeaders {
    headers.iter().fold(OwnedHeaders::new_with_capacity(headers.len()), |all, (key, value)| {
        all.insert(Header { key, value: value.as_deref() })
    })
}

/// The bytes of a record that limits count: key, value and headers.
pub fn record_bytes(record: &ConsumerRecord) -> usize {
    let length = |bytes: &Option<Vec<u8>>| bytes.as_ref().map_or(0, Vec::len);
    let headers: usize = record.headers.iter().map(|(name, value)| name.len() + length(value)).sum();
    length(&record.key) + length(&record.value) + headers
}

/// Partitions as the library takes them.
pub(super) fn list<'a>(partitions: impl IntoIterator<Item = &'a TopicPartition>) -> TopicPartitionList {
    let mut list = TopicPartitionList::new();
    for partition in partitions {
        list.add_partition(&partition.topic, partition.partition);
    }
    list
}

/// One partition with an offset.
pub(super) fn at(partition: &TopicPartition, offset: Offset) -> TopicPartitionList {
    [(partition.topic.to_string(), partition.partition, offset)].into_iter().collect()
}

/// The library's partitions as ours.
pub(super) fn partitions(list: &TopicPartitionList) -> Vec<TopicPartition> {
    list.elements()
        .iter()
        .map(|element| TopicPartition { topic: element.topic().into(), partition: element.partition() })
        .collect()
}
