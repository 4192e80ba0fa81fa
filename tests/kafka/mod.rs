//! The Kafka client code on a real broker.
//!
//! The tests start the broker; `../kit/broker.sh` states what that needs. Where `KAFKA_BOOTSTRAP` is set in the environment,
//! that cluster is used. No test is skipped without a broker: the tests fail and name what to install.

mod faults;
mod groups;
mod logs;
mod processes;
mod topics;
mod transactions;
