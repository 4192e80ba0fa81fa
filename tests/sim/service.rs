//! The service itself, both stages of it, on the simulated Kafka.
//!
//! A [`World`](world::World) is a cluster with instances of the service at a few [`Place`](place::Place)s. Whatever
//! happens to them, the [`oracle`] says in the end whether the run was a right one.

mod articles;
mod oracle;
mod place;
mod run;
mod world;

mod boundaries;
mod oracle_fails;
mod refusals;
mod seeds;
mod upkeep;
