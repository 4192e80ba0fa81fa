//! A cluster and the processes of the service, run step by step.

use std::cell::RefCell;
use std::rc::Rc;

use wirefold::record::{Decision, Versioned};
use wirefold::stream::port::{ConsumerRecord, PortError, TopicPartition};

use super::articles::ArticleGenerator;
use super::oracle;
use super::process::{
    BOILERPLATE, DEAD_LETTERS, DECISIONS, INPUT, LOG, SIGNATURES_GROUP, STORIES, STORIES_GROUP, ServiceProcess,
    VERDICTS,
};
use super::recorded_run::RecordedRun;
use crate::simulation::cluster::SimCluster;
use crate::simulation::log::SimPartition;
use crate::simulation::support::partition;

/// Topics that brokers compact.
const COMPACTED: [&str; 3] = [BOILERPLATE, STORIES, VERDICTS];

/// A run that has not finished its work after this many rounds never will.
const ROUNDS_MAX: usize = 400;

/// The steps of each other process while one is paused: enough to take over a partition, restore it and continue.
const STEPS_DURING_PAUSE: usize = 16;

/// A simulated cluster with processes of the service.
pub(crate) struct Simulation {
    pub(crate) cluster: SimCluster,
    pub(crate) recorded: RecordedRun,
    articles: ArticleGenerator,
    processes: Vec<Rc<RefCell<ServiceProcess>>>,
}

impl Simulation {
    /// A cluster with the topics of the service and no process yet.
    pub(crate) fn new(seed: u64, partitions: i32) -> Self {
        let cluster = SimCluster::new();
        cluster.create_topic(INPUT, partitions);
        for topic in [LOG, DEAD_LETTERS, DECISIONS, BOILERPLATE] {
            cluster.create_topic(topic, 1);
        }
        for topic in [STORIES, VERDICTS] {
            cluster.create_topic(topic, 2);
        }
        let articles = ArticleGenerator::new(seed, partitions.unsigned_abs().into());
        Self { cluster, recorded: RecordedRun::default(), articles, processes: Vec::new() }
    }

    /// Adds a process. While one is paused in the middle of a step, the others go on.
    pub(crate) fn add(&mut self, process: ServiceProcess) -> Rc<RefCell<ServiceProcess>> {
        let process = Rc::new(RefCell::new(process));
        self.processes.push(Rc::clone(&process));
        let processes = self.processes.clone();
        self.cluster.while_paused(move |_| {
            // The paused process is already borrowed: it is skipped.
            for mut process in processes.iter().filter_map(|process| process.try_borrow_mut().ok()) {
                for _ in 0..STEPS_DURING_PAUSE {
                    if process.is_running() {
                        process.step().unwrap_or_else(|error| panic!("{error}"));
                    }
                }
            }
        });
        process
    }

    /// Writes this many raw records, with this many milliseconds between them.
    pub(crate) fn write(&mut self, count: usize, milliseconds: i64) {
        for _ in 0..count {
            self.cluster.advance(milliseconds);
            let record = self.articles.next(self.cluster.now());
            self.cluster.produce(&record);
        }
    }

    /// Advances the time.
    pub(crate) fn advance(&mut self, milliseconds: i64) {
        self.recorded.record_new(&self.cluster);
        self.cluster.advance(milliseconds);
    }

    /// Deletes the committed offsets of the stories stage, as brokers do after a week without members.
    pub(crate) fn expire_offsets(&mut self) {
        self.cluster.expire_offsets(STORIES_GROUP);
        self.recorded.offsets_expired = true;
    }

    /// Compacts the topics that brokers compact.
    pub(crate) fn compact(&mut self) {
        self.recorded.record_new(&self.cluster);
        for topic in COMPACTED {
            self.cluster.compact(topic);
        }
    }

    /// The last decision of the run.
    pub(crate) fn last_decision(&mut self) -> Option<Decision> {
        self.recorded.record_new(&self.cluster);
        let last = self.recorded.records(DECISIONS).last()?;
        Some(Decision::from_bytes(last.value.as_deref()?).expect("a decision"))
    }

    /// Deletes all records before the restore point of the last decision: the most that may be deleted.
    pub(crate) fn trim(&mut self) {
        let Some(restore_point) = self.last_decision().map(|decision| decision.restore_point) else { return };
        let decision =
            self.recorded.records(DECISIONS).nth(restore_point.seq as usize).map_or(0, |record| record.offset);
        self.cluster.delete_below(&partition(LOG, 0), restore_point.log_offset);
        self.cluster.delete_below(&partition(DECISIONS, 0), decision);
    }

    /// Steps each process until all raw records are decided on; fails when a stage does.
    pub(crate) fn run_until_done(&mut self) -> Result<(), PortError> {
        for _ in 0..ROUNDS_MAX {
            self.run_rounds(1)?;
            if self.is_done() {
                // A few rounds more, in which a stage could still do something wrong.
                return self.run_rounds(3);
            }
        }
        panic!("the run does not finish its work");
    }

    /// Steps each process this many times, a second apart.
    pub(crate) fn run_rounds(&mut self, count: usize) -> Result<(), PortError> {
        for _ in 0..count {
            for process in &self.processes {
                process.borrow_mut().step()?;
            }
            self.advance(1_000);
        }
        Ok(())
    }

    /// Whether each raw record is read and each signature decided on, and no transaction of a crashed instance holds back
    /// records that were committed after it.
    fn is_done(&mut self) -> bool {
        self.recorded.record_new(&self.cluster);
        let is_stable = self.cluster.state().partitions.values().all(SimPartition::is_stable);
        let is_read = |(name, records): (&TopicPartition, &Vec<ConsumerRecord>)| {
            let next = self.cluster.committed_offset(SIGNATURES_GROUP, name).map_or(0, |committed| committed.next);
            records.last().is_none_or(|last| last.offset < next)
        };
        is_stable
            && self.recorded.partitions(INPUT).all(is_read)
            && self.recorded.records(LOG).count() <= self.recorded.records(DECISIONS).count()
    }

    /// Lets the service finish its work, and checks the run with the oracle.
    pub(crate) fn finish(mut self) -> RecordedRun {
        self.run_until_done().unwrap_or_else(|error| panic!("{error}"));
        self.cluster.while_paused(|_| {});
        self.recorded.record_end(&self.cluster, &COMPACTED);
        oracle::check(&self.recorded).unwrap_or_else(|error| panic!("{error}"));
        self.recorded
    }
}
