//! Kafka: the ports of the stages on librdkafka, and the topics that they need.
//!
//! The only module that knows the client library. What the client does on its own, and what correctness depends on
//! (commits, isolation, idempotence, assignment), is set in [`ClientSettings`] and cannot be overridden.

mod admin;
mod broker;
mod client;
mod close;
mod consumer;
mod delivery;
mod error;
mod follower;
mod log_context;
mod message;
mod native;
mod offsets;
mod producer;
mod properties;
mod range_fetcher;
mod reader;
mod topics;
mod writer;

pub use admin::Admin;
pub use broker::{GuardTime, KafkaBroker};
pub use client::{ClientSettings, PRODUCER_RECORD_BYTES_MAX};
pub use consumer::KafkaConsumer;
pub use follower::{Follower, StartAt};
pub use message::record_bytes;
pub use offsets::StandaloneOffsets;
pub use producer::RecordProducer;
pub use range_fetcher::{Fetched, OffsetRange, RangeFetcher};
pub use reader::KafkaReader;
pub use topics::{PartitionCount, Severity, TopicProblem, TopicSpec, topic_specs};
pub use writer::{CommitAs, CommitsOffsets, KafkaWriter};
