//! wirefold finds syndicated copies in a stream of news articles.
//!
//! The way of the data is the order of the modules; `ARCHITECTURE.md` draws it.

pub mod article;
pub mod kafka;
pub mod pipeline;
pub mod record;
