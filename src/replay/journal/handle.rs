//! A handle to a journal, shared by the two stages.

use std::io;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::file::JournalFile;
use crate::stream::event::Stage;
use crate::stream::port::{CommittedOffset, PortError, TopicPartition, Transaction};

/// A journal that this process alone has open.
#[derive(Debug, Clone)]
pub(in crate::replay) struct Journal(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    file: Mutex<JournalFile>,
    appended: Condvar,
}

impl Journal {
    /// Opens the journal of this path. The kind of the error is [`WouldBlock`](io::ErrorKind::WouldBlock) when another
    /// process has it open.
    pub(in crate::replay) fn open(path: &Path) -> io::Result<Self> {
        JournalFile::open(path).map(Self::of)
    }

    /// Creates an empty journal at this path; an earlier one is deleted. Fails as [`open`](Self::open) does.
    pub(in crate::replay) fn create(path: &Path) -> io::Result<Self> {
        JournalFile::create(path).map(Self::of)
    }

    /// Wakes those who wait for a record.
    pub(super) fn notify(&self) {
        self.0.appended.notify_all();
    }

    fn of(file: JournalFile) -> Self {
        Self(Arc::new(Shared { file: Mutex::new(file), appended: Condvar::new() }))
    }

    /// Commits the offsets at which a stage starts to read, and waits until they are on the disk.
    pub(in crate::replay) fn begin(&self, stage: Stage, offsets: &[(TopicPartition, i64)]) -> io::Result<()> {
        let offsets = offsets.iter().map(|(at, next)| (at.clone(), CommittedOffset::from(*next))).collect();
        let mut file = self.file();
        file.append(&stage.name().into(), &Transaction { records: Vec::new(), offsets })?;
        file.sync()
    }

    pub(super) fn file(&self) -> MutexGuard<'_, JournalFile> {
        self.0.file.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until a partition has a record of this offset, at most for `wait`.
    pub(super) fn await_record(&self, partition: &TopicPartition, offset: i64, wait: Duration) {
        let is_missing = |file: &mut JournalFile| file.range_end(partition) <= offset;
        drop(self.0.appended.wait_timeout_while(self.file(), wait, is_missing));
    }

    /// The committed offsets of a stage.
    pub(in crate::replay) fn committed(
        &self,
        stage: Stage,
        partitions: &[TopicPartition],
    ) -> Vec<Option<CommittedOffset>> {
        let (file, group) = (self.file(), stage.name().into());
        partitions.iter().map(|partition| file.committed(&group, partition)).collect()
    }
}

pub(super) fn unwritable(error: &io::Error) -> PortError {
    PortError::Fatal(format!("the journal cannot be written: {error}"))
}

pub(super) fn unreadable(error: &io::Error) -> PortError {
    PortError::Fatal(format!("the journal cannot be read: {error}"))
}
