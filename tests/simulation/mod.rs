//! The stages of the service on a simulated Kafka: one thread, one seed, and the clock of the test.
//!
//! [`SimCluster`](cluster::SimCluster) holds what brokers hold: partitions with their transactions and control records,
//! transactional ids with their epochs, groups with their members. An [`Instance`](instance::Instance) is a process that
//! is a client of the cluster. Before each effect it passes a numbered boundary ([`Effect`](faults::Effect)), and its
//! [`FaultPlan`](faults::FaultPlan) sets which faults occur at which boundaries.
//!
//! A call that breaks the contract of `stream::port` (such as to seek in a partition that is not assigned, or to use a
//! writer after it failed) panics: it is an error of the caller, not a fault of the cluster.

mod broker;
mod cluster;
mod consumer;
mod copier;
mod faults;
mod group;
mod instance;
mod log;
mod service;
mod support;
mod transactions;
mod writer;

mod semantics_of_faults;
mod semantics_of_groups;
mod semantics_of_transactions;
