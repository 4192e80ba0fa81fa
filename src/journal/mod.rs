//! The log of a replay into files: one file that both loops append to, and the ports of the pipeline on it.
//!
//! It is what Kafka's topics and transactions are to the service, for one process and until the results are written. A transaction is
//! one frame with a checksum: it is there, or it is not. Where the records of each partition stand is kept in memory, some bytes a
//! frame; the records themselves are not.

mod consumer;
mod log;
mod ports;
mod results;
#[cfg(test)]
mod tests;

use std::io;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub use consumer::{JournalConsumer, Journaled};
pub use ports::{JournalBroker, JournalReader, JournalWriter};
pub use results::write_whole;

use crate::pipeline::observe::Stage;
use crate::pipeline::port::{Committed, PortError, TopicPartition, Transaction};
use log::Log;

/// A journal that this process alone has open.
#[derive(Debug, Clone)]
pub struct Journal(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    log: Mutex<Log>,
    appended: Condvar,
}

impl Journal {
    /// Opens the journal of this path, which is made where there is none. The kind of the error is
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when another process has it open.
    pub fn open(path: &Path) -> io::Result<Self> {
        Ok(Self(Arc::new(Shared { log: Mutex::new(Log::open(path)?), appended: Condvar::new() })))
    }

    /// Throws away what it holds, and notes these positions as those at which a stage begins to read.
    pub fn begin(&self, stage: Stage, positions: &[(TopicPartition, i64)]) -> Result<(), PortError> {
        let committed = |next: i64| Committed { next, note: String::new() };
        let positions = positions.iter().map(|(at, next)| (at.clone(), committed(*next))).collect();
        let mut log = self.log();
        let transaction = Transaction { records: Vec::new(), positions };
        log.clear().map_err(|error| unwritable(&error))?;
        log.append(&stage.name().into(), &transaction, |_| ()).map_err(|error| unwritable(&error))?;
        log.sync().map_err(|error| unwritable(&error))
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.0.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until a partition has a record of this offset, but not for long.
    fn await_record(&self, partition: &TopicPartition, offset: i64, wait: Duration) {
        let is_missing = |log: &mut Log| log.range_end(partition) <= offset;
        drop(self.0.appended.wait_timeout_while(self.log(), wait, is_missing));
    }

    /// Where each of these partitions stands for a stage.
    fn committed(&self, stage: Stage, partitions: &[TopicPartition]) -> Vec<Option<Committed>> {
        let (log, group) = (self.log(), stage.name().into());
        partitions.iter().map(|partition| log.committed(&group, partition)).collect()
    }
}

fn unwritable(error: &io::Error) -> PortError {
    PortError::Fatal(format!("the journal cannot be written: {error}"))
}

fn unreadable(error: &io::Error) -> PortError {
    PortError::Fatal(format!("the journal cannot be read: {error}"))
}
