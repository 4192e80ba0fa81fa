//! All integration tests, in one crate: they share one kit, and are linked once.
//!
//! `tests/run SUITE` runs one of the modules below.

mod architecture;
mod cli;
mod clustering;
mod kafka;
mod kit;
mod laws;
mod records;
#[cfg(feature = "failpoints")]
mod service;
mod simulation;
