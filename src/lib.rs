//! wirefold finds syndicated copies in a stream of news articles.
//!
//! The way of the data is the order of the modules; `ARCHITECTURE.md` draws it.

// `eprintln!` panics where standard error cannot be written, as on a full disk: `cli::print_note` does not.
#![deny(clippy::print_stderr)]

pub mod article;
pub mod cli;
pub mod clustering;
pub mod config;
pub mod evaluation;
pub mod explain;
pub mod files;
pub mod http;
pub mod inspection;
pub mod kafka;
pub mod record;
pub mod replay;
pub mod signature;
pub mod stream;
pub mod telemetry;
