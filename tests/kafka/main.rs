//! The Kafka side on a real broker.
//!
//! The broker is started by the tests: see `broker.sh` beside this file for what that needs. With `KAFKA_BOOTSTRAP` set
//! in the environment that cluster is used. No test is skipped when there is none: they fail and say what to install.

mod faults;
mod groups;
mod harness;
mod logs;
mod processes;
mod topics;
mod transactions;
