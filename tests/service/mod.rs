//! Faults of the running service: the real binary on a real broker, killed, frozen, in several instances, and with unreadable
//! records.
//!
//! After every scenario the oracle reads everything back. It checks that each raw position has exactly one decision or one
//! dead letter, that the decisions are those of the engine over the log of this run, and that stories and verdicts follow
//! from these decisions.
//!
//! The tests start the broker, see `../kit/broker.sh`. Where `KAFKA_BOOTSTRAP` is set that cluster is used, except by the tests
//! that stop a broker.

mod articles;
mod diff;
mod groups;
mod inspect;
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
