//! The smallest exactly-once loop: it copies `in` to `out`. The simulation treats it as it treats the stages of the
//! service.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use wirefold::evaluation::Random;
use wirefold::stream::port::{
    Broker, CommittedOffset, GroupMembership, OffsetStore, PortError, ProducerRecord, RecordSource, TopicPartition,
    Transaction, TransactionalWriter,
};

use crate::simulation::broker::SimBroker;
use crate::simulation::cluster::SimCluster;
use crate::simulation::consumer::SimConsumer;
use crate::simulation::faults::{FaultPlan, FaultRates};
use crate::simulation::instance::Instance;
use crate::simulation::support::{LIMITS, record};
use crate::simulation::writer::SimWriter;

/// A copying instance.
pub(crate) struct Copier {
    pub(crate) instance: Instance,
    id: String,
    broker: SimBroker,
    consumer: SimConsumer,
    writer: SimWriter,
    /// The next offset to copy of each partition, where anything was copied. It is kept when a partition is revoked: a
    /// member that has continued since has committed a later offset.
    next: BTreeMap<TopicPartition, i64>,
}

impl Copier {
    pub(crate) fn start(instance: Instance, id: &str) -> Result<Self, PortError> {
        let consumer = instance.consumer("g", &["in"]);
        let mut broker = instance.broker("g");
        let writer = broker.writer(id)?;
        Ok(Self { instance, id: id.to_owned(), broker, consumer, writer, next: BTreeMap::new() })
    }

    /// Polls once and copies the records.
    pub(crate) fn step(&mut self) -> Result<(), PortError> {
        let polled = self.consumer.poll(LIMITS)?;
        let mut batch = Transaction::default();
        let mut copied = BTreeMap::new();
        for read in polled.records {
            let next = self.next.entry(read.from.clone()).or_insert(read.offset);
            if read.offset >= *next {
                *next = read.offset + 1;
                copied.insert(read.from.clone(), *next);
                let value = Some(format!("{}@{}", read.from.partition, read.offset).into_bytes());
                batch.records.push(ProducerRecord { value, ..record("out") });
            }
        }
        if copied.is_empty() {
            return Ok(());
        }
        batch.offsets.extend(copied.iter().map(|(name, next)| (name.clone(), CommittedOffset::from(*next))));
        match self.writer.transact(&mut self.consumer, &batch) {
            Err(PortError::Aborted(_)) => {}
            Err(PortError::WriterFailed(_)) => self.writer = self.broker.writer(&self.id)?,
            other => return other.map(drop),
        }
        let names: Vec<_> = copied.into_keys().collect();
        for (name, committed) in names.iter().zip(self.broker.committed(&names)?) {
            let next = committed.map_or(0, |committed| committed.next);
            self.consumer.seek(name, next)?;
            self.next.insert(name.clone(), next);
        }
        Ok(())
    }

    /// Takes this many steps and leaves the group.
    pub(crate) fn finish(&mut self, steps: usize) -> Result<(), PortError> {
        for _ in 0..steps {
            self.step()?;
        }
        self.consumer.leave()
    }
}

/// A process that runs a copier and is restarted when it ends.
pub(crate) struct CopierProcess {
    cluster: SimCluster,
    id: String,
    seeds: Random,
    rates: FaultRates,
    copier: Option<Copier>,
    /// All instances that were started.
    pub(crate) instances: Vec<Instance>,
}

impl CopierProcess {
    pub(crate) fn new(cluster: &SimCluster, id: String, seed: u64, rates: FaultRates) -> Rc<RefCell<Self>> {
        let (cluster, seeds) = (cluster.clone(), Random::new(seed));
        Rc::new(RefCell::new(Self { cluster, id, seeds, rates, copier: None, instances: Vec::new() }))
    }

    pub(crate) fn step(&mut self) {
        if self.copier.is_none() {
            let instance = self.cluster.instance(FaultPlan::random(self.seeds.next(), self.rates));
            self.instances.push(instance.clone());
            self.copier = Copier::start(instance, &self.id).ok();
        }
        if self.copier.as_mut().is_some_and(|copier| copier.step().is_err()) {
            self.copier = None;
        }
    }

    /// Injects no more faults.
    pub(crate) fn stop_faults(&mut self) {
        self.rates = FaultRates::default();
        if let Some(copier) = &self.copier {
            copier.instance.stop_faults();
        }
    }
}
