//! Writes what belongs together.

use crate::kafka::{ClientSettings, KafkaBroker, KafkaWriter, Notebook};
use crate::pipeline::observe::Stage;
use crate::pipeline::port::{Broker, PortError, TopicPartition, Transaction, Writer};

/// How often a transaction that was rolled back is tried: a broker that restarts rolls back some.
const TRIES: usize = 10;

/// A writer, and the positions that go with what it writes.
pub(super) struct Pen {
    writer: KafkaWriter,
    notebook: Notebook,
}

impl Pen {
    /// Opens both. Who has opened them before is fenced.
    pub(super) fn open(client: &ClientSettings, group: &str, transactional_id: &str) -> Result<Self, PortError> {
        let notebook = Notebook::open(client, group)?;
        let mut cluster = KafkaBroker::new(client.clone(), Stage::Sign, group)?;
        Ok(Self { writer: cluster.writer(transactional_id)?, notebook })
    }

    /// What is noted of a partition.
    pub(super) fn noted(&self, partition: &TopicPartition) -> Result<Option<i64>, PortError> {
        let noted = self.notebook.committed(std::slice::from_ref(partition))?;
        Ok(noted.into_iter().flatten().next().map(|committed| committed.next))
    }

    /// Writes all of it, or nothing.
    pub(super) fn write(&mut self, transaction: &Transaction) -> Result<(), PortError> {
        let mut left = TRIES;
        loop {
            match self.writer.transact(&mut self.notebook, transaction) {
                Ok(_) => return Ok(()),
                Err(PortError::Aborted(_)) if left > 1 => left -= 1,
                Err(error) => return Err(error),
            }
        }
    }
}
