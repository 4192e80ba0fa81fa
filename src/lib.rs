//! wirefold finds syndicated copies in a stream of news articles.
//!
//! The way of the data is the order of the modules; `ARCHITECTURE.md` draws it.

pub mod article;
pub mod cli;
pub mod config;
pub mod eval;
pub mod explain;
pub mod fold;
pub mod http;
pub mod journal;
pub mod kafka;
pub mod local;
pub mod pipeline;
pub mod promote;
pub mod record;
pub mod replay;
pub mod sign;
pub mod telemetry;
