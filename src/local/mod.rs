//! Files and standard input: the same core without Kafka.

mod cluster;
mod explain;
mod lines;
mod progress;
mod reading;
mod stamp;
mod stories;
mod summary;

pub use cluster::{Outputs, cluster};
pub use explain::explain;
pub use lines::{Line, Lines, LocalError};
pub use progress::Progress;
pub use reading::Order;
pub use stamp::Stamper;
pub use summary::Summary;
