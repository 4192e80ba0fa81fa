//! `cluster`, `explain` and `inspect` over files and standard input: the same core as the service, without Kafka.
//! `input` reads the raw records.

mod cluster;
mod explain;
mod ingestion_clock;
mod input;
mod inspect;
mod intake;
mod progress;
mod read;
mod story_tracker;
mod summary;

pub use cluster::{Outputs, cluster};
pub use explain::explain;
pub use ingestion_clock::IngestionClock;
pub use input::{
    FileDamage, FileError, FilePlace, Lines, OpenedFile, RawRecord, RecordUnit, Records, check_files, hint,
};
pub use inspect::{InspectOptions, inspect};
pub use intake::{Intake, Refusals};
pub use progress::FileProgress;
pub use read::Order;
pub use summary::RunSummary;
