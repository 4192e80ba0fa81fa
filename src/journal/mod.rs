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
    /// Opens the journal of this path. The kind of the error is [`WouldBlock`](io::ErrorKind::WouldBlock) when another
    /// process has it open.
    pub fn open(path: &Path) -> io::Result<Self> {
        Log::open(path).map(Self::of)
    }

    /// Begins the journal of this path anew: what it held is thrown away. Fails as [`open`](Self::open) does.
    pub fn create(path: &Path) -> io::Result<Self> {
        Log::create(path).map(Self::of)
    }

    fn of(log: Log) -> Self {
        Self(Arc::new(Shared { log: Mutex::new(log), appended: Condvar::new() }))
    }

    /// Notes the positions at which a stage begins to read, and waits until they stand on the disk.
    pub fn begin(&self, stage: Stage, positions: &[(TopicPartition, i64)]) -> io::Result<()> {
        let committed = |next: i64| Committed { next, note: String::new() };
        let positions = positions.iter().map(|(at, next)| (at.clone(), committed(*next))).collect();
        let mut log = self.log();
        log.append(&stage.name().into(), &Transaction { records: Vec::new(), positions }, |_| ())?;
        log.sync()
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
