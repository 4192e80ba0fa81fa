//! A transactional writer.

use std::sync::Arc;

use wirefold::stream::port::{PortError, Transaction, TransactionalWriter};

use crate::simulation::consumer::SimConsumer;
use crate::simulation::faults::{Effect, Fault};
use crate::simulation::instance::Instance;

/// A writer of one epoch of a transactional id.
pub(crate) struct SimWriter {
    instance: Instance,
    id: Arc<str>,
    epoch: u32,
    failed: bool,
}

impl SimWriter {
    pub(crate) fn open(instance: Instance, transactional_id: &str) -> Self {
        let id = transactional_id.into();
        let epoch = instance.cluster.state().open_producer(&id, instance.id);
        Self { instance, id, epoch, failed: false }
    }

    fn pass(&self, effect: Effect) -> Result<(), PortError> {
        match self.instance.pass(effect)? {
            Some(Fault::Abort) => Err(PortError::Aborted(format!("before {effect:?}"))),
            Some(Fault::FailWriter) => Err(PortError::WriterFailed(format!("before {effect:?}"))),
            _ => Ok(()),
        }
    }

    fn attempt(&self, consumer: &SimConsumer, transaction: &Transaction) -> Result<Vec<i64>, PortError> {
        let cluster = &self.instance.cluster;
        self.pass(Effect::Begin)?;
        cluster.state().begin(&self.id, self.epoch)?;
        let mut offsets = Vec::with_capacity(transaction.records.len());
        for record in &transaction.records {
            self.pass(Effect::Append)?;
            offsets.push(cluster.state().append(&self.id, self.epoch, record)?);
        }
        if !transaction.offsets.is_empty() {
            self.pass(Effect::AddOffsets)?;
            let member = consumer.membership();
            cluster.state().add_offsets(&self.id, self.epoch, member, &transaction.offsets)?;
        }
        self.pass(Effect::Commit)?;
        cluster.state().commit(&self.id, self.epoch)?;
        self.pass(Effect::Acknowledge)?;
        Ok(offsets)
    }
}

impl TransactionalWriter<SimConsumer> for SimWriter {
    fn transact(&mut self, consumer: &mut SimConsumer, transaction: &Transaction) -> Result<Vec<i64>, PortError> {
        assert!(!self.failed, "the writer of {} failed before and is used again", self.id);
        let result = self.attempt(consumer, transaction);
        match &result {
            Err(PortError::Aborted(_)) => self.instance.cluster.state().abort(&self.id, self.epoch)?,
            Err(_) if !self.instance.has_crashed() => self.failed = true,
            _ => {}
        }
        result
    }
}
