//! Kafka: the ports of the pipeline on librdkafka, and the topics they need.
//!
//! The only module that knows the client library. What the client does on its own and correctness depends on
//! (commits, isolation, idempotence, assignment) is set in [`ClientSettings`] and cannot be overridden.

mod admin;
mod broker;
mod client;
mod closing;
mod consumer;
mod delivery;
mod error;
mod merged;
mod message;
mod notebook;
mod notices;
mod produce;
mod properties;
mod reader;
mod replay;
mod sole;
mod sorted;
mod tail;
mod topics;
mod writer;

pub use admin::Admin;
pub use broker::KafkaBroker;
pub use client::{ClientSettings, RECORD_BYTES_MAX};
pub use consumer::KafkaConsumer;
pub use merged::{MergedConsumer, Range, Reached};
pub use notebook::Notebook;
pub use produce::ArticleProducer;
pub use reader::KafkaReader;
pub use replay::{PlanTopic, ReplayBroker, Standing};
pub use sole::SoleConsumer;
pub use sorted::SortedConsumer;
pub use tail::{Follower, StartAt};
pub use topics::{Partitions, Problem, Severity, TopicNames, TopicSpec};
pub use writer::{KafkaWriter, Positions};
