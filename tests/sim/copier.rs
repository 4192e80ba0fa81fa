//! The smallest loop that is exactly once: it copies `in` to `out`. What the simulation does to it is what it will do
//! to the service's loops.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use wirefold::pipeline::port::{
    Broker, Committed, GroupConsumer, Outbound, PortError, TopicPartition, Transaction, Writer,
};

use crate::cluster::Cluster;
use crate::consumer::SimConsumer;
use crate::faults::{Odds, Plan};
use crate::instance::Instance;
use crate::random::Random;
use crate::support::{LIMITS, record};
use crate::writer::SimWriter;

/// A copying instance.
pub(crate) struct Copier {
    pub(crate) instance: Instance,
    id: String,
    consumer: SimConsumer,
    writer: SimWriter,
    /// Copied up to here, where anything was. It outlives an assignment: whoever went on since committed a later
    /// position.
    next: BTreeMap<TopicPartition, i64>,
}

impl Copier {
    pub(crate) fn start(mut instance: Instance, id: &str) -> Result<Self, PortError> {
        let consumer = instance.consumer("g", &["in"]);
        let writer = instance.writer(id)?;
        Ok(Self { instance, id: id.to_owned(), consumer, writer, next: BTreeMap::new() })
    }

    /// Polls once and copies what came.
    pub(crate) fn step(&mut self) -> Result<(), PortError> {
        let polled = self.consumer.poll(LIMITS)?;
        let mut batch = Transaction::default();
        let mut moved = BTreeMap::new();
        for read in polled.records {
            let next = self.next.entry(read.from.clone()).or_insert(read.offset);
            if read.offset >= *next {
                *next = read.offset + 1;
                moved.insert(read.from.clone(), *next);
                let value = Some(format!("{}@{}", read.from.partition, read.offset).into_bytes());
                batch.records.push(Outbound { value, ..record("out") });
            }
        }
        if moved.is_empty() {
            return Ok(());
        }
        let committed = |next| Committed { next, note: String::new() };
        batch.positions.extend(moved.iter().map(|(name, next)| (name.clone(), committed(*next))));
        match self.writer.transact(&mut self.consumer, &batch) {
            Err(PortError::Aborted(_)) => {}
            Err(PortError::WriterFailed(_)) => self.writer = self.instance.writer(&self.id)?,
            other => return other.map(drop),
        }
        let names: Vec<_> = moved.into_keys().collect();
        for (name, position) in names.iter().zip(self.consumer.committed(&names)?) {
            let next = position.map_or(0, |position| position.next);
            self.consumer.seek(name, next)?;
            self.next.insert(name.clone(), next);
        }
        Ok(())
    }

    /// Takes so many steps and leaves.
    pub(crate) fn finish(&mut self, steps: usize) -> Result<(), PortError> {
        for _ in 0..steps {
            self.step()?;
        }
        self.consumer.leave()
    }
}

/// A place where a copier runs and is started again when it ends.
pub(crate) struct Place {
    cluster: Cluster,
    id: String,
    seeds: Random,
    odds: Odds,
    copier: Option<Copier>,
    /// The instances that ran here.
    pub(crate) instances: Vec<Instance>,
}

impl Place {
    pub(crate) fn new(cluster: &Cluster, id: String, seed: u64, odds: Odds) -> Rc<RefCell<Self>> {
        let (cluster, seeds) = (cluster.clone(), Random::new(seed));
        Rc::new(RefCell::new(Self { cluster, id, seeds, odds, copier: None, instances: Vec::new() }))
    }

    pub(crate) fn step(&mut self) {
        if self.copier.is_none() {
            let instance = self.cluster.instance(Plan::random(self.seeds.next(), self.odds));
            self.instances.push(instance.clone());
            self.copier = Copier::start(instance, &self.id).ok();
        }
        if self.copier.as_mut().is_some_and(|copier| copier.step().is_err()) {
            self.copier = None;
        }
    }

    /// Nothing goes wrong here from now on.
    pub(crate) fn heal(&mut self) {
        self.odds = Odds::default();
        if let Some(copier) = &self.copier {
            copier.instance.heal();
        }
    }
}
