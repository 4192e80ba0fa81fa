//! `cluster` and `explain` over files and standard input: the same core as the service, without Kafka.

mod cluster;
mod explain;
mod ingestion_clock;
mod lines;
mod progress;
mod read;
mod story_tracker;
mod summary;

pub use cluster::{Outputs, cluster};
pub use explain::explain;
pub use ingestion_clock::IngestionClock;
pub use lines::{FileError, Line, Lines};
pub use progress::FileProgress;
pub use read::Order;
pub use summary::RunSummary;
