//! Files and standard input: the same core without Kafka.

mod cluster;
mod lines;
mod progress;
mod stamp;
mod stories;
mod summary;

pub use cluster::{Order, Outputs, cluster};
pub use lines::{Line, Lines, LocalError};
pub use progress::Progress;
pub use stamp::Stamper;
pub use summary::Summary;
