//! The log of a replay into files: one file to which both stages append, and their ports on it.
//!
//! It is what topics and transactions of Kafka are to the service, for one process and until the results are written. A
//! transaction is one frame with a checksum: it is complete, or it does not exist. The positions of the frames are held in
//! memory, some bytes a frame; the records are not.

mod broker;
mod file;
mod handle;
mod results;
mod source;
#[cfg(test)]
mod tests;

pub(super) use broker::JournalBroker;
pub(super) use handle::Journal;
pub(super) use results::write_whole;
pub(super) use source::JournalSource;
