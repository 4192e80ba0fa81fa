//! Faults of the running service: the real binary on a real broker, killed, frozen, crowded and fed with poison.
//!
//! After every scenario the oracle reads everything back and asks that each raw position has exactly one decision or one
//! dead letter, that the decisions are those of the pure fold over this run's own log, and that stories and verdicts
//! are what these decisions say.
//!
//! The broker is started by the tests, see `../kafka/broker.sh`; with `KAFKA_BOOTSTRAP` set that cluster is used, except
//! by the tests that stop a broker.

mod articles;
mod diff;
mod groups;
#[path = "../kafka/harness.rs"]
#[expect(dead_code, reason = "shared with the tests of the Kafka side, which use more of it")]
mod harness;
mod instance;
mod kills;
mod namespace;
mod oracle;
mod outages;
mod pages;
mod poison;
mod promote;
mod real_data;
mod refusals;
mod replay;
