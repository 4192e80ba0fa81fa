//! The service's loops on a simulated Kafka: one thread, one seed, no clock but the test's.
//!
//! [`Cluster`](cluster::Cluster) keeps what the brokers would: partitions with their transactions and control
//! records, transactional ids with their epochs, groups with their members. An
//! [`Instance`](instance::Instance) is a process beside it; what it does passes numbered boundaries
//! ([`Effect`](faults::Effect)), and its [`Plan`](faults::Plan) says at which of them what goes wrong.
//!
//! A call that breaks the contract of `pipeline::port` (to seek in a partition that is not assigned, to use a writer after
//! it failed) panics: it is an error of the loop, not of the world.

mod cluster;
mod consumer;
mod copier;
mod faults;
mod group;
mod instance;
mod log;
mod random;
mod service;
mod support;
mod transactions;
mod writer;

mod semantics_of_faults;
mod semantics_of_groups;
mod semantics_of_transactions;
