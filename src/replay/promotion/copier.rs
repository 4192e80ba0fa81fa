//! Copies records in transactions, with how far it has come.

use crate::kafka::{ClientSettings, KafkaBroker, KafkaWriter};
use crate::stream::port::{Broker, OffsetStore, PortError, TopicPartition, Transaction, TransactionalWriter};

/// How often a transaction that was rolled back is repeated: a broker that restarts rolls back some.
const COPY_TRIES: usize = 10;

/// A writer and the committed offsets of what it has copied.
pub(super) struct TransactionalCopier {
    broker: KafkaBroker,
    writer: KafkaWriter,
}

impl TransactionalCopier {
    /// Opens the writer. An earlier writer of this id is fenced.
    pub(super) fn open(client: &ClientSettings, group: &str, transactional_id: &str) -> Result<Self, PortError> {
        let mut broker = KafkaBroker::new(client.clone(), group)?;
        let writer = broker.writer(transactional_id)?;
        Ok(Self { broker, writer })
    }

    /// The cluster that is read.
    pub(super) fn broker(&mut self) -> &mut KafkaBroker {
        &mut self.broker
    }

    /// How far a partition was copied.
    pub(super) fn copied(&mut self, partition: &TopicPartition) -> Result<Option<i64>, PortError> {
        let committed = self.broker.committed(std::slice::from_ref(partition))?;
        Ok(committed.into_iter().flatten().next().map(|committed| committed.next))
    }

    /// Writes the whole transaction, or fails.
    pub(super) fn write(&mut self, transaction: &Transaction) -> Result<(), PortError> {
        let mut tries = COPY_TRIES;
        loop {
            match self.writer.transact(&mut (), transaction) {
                Ok(_) => return Ok(()),
                Err(PortError::Aborted(_)) if tries > 1 => tries -= 1,
                Err(error) => return Err(error),
            }
        }
    }
}
