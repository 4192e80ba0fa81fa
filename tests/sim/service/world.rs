//! A cluster, the service on it, and the hand that moves both.

use std::cell::RefCell;
use std::rc::Rc;

use wirefold::pipeline::port::{Inbound, PortError, TopicPartition};
use wirefold::record::{Decision, Versioned};

use super::articles::Articles;
use super::oracle;
use super::place::{DEAD_LETTERS, DECISIONS, FOLD, INPUT, LOG, Place, SIGN, SOURCES, STORIES, VERDICTS};
use super::run::Run;
use crate::cluster::Cluster;
use crate::support::partition;

/// Topics that brokers compact.
const COMPACTED: [&str; 3] = [SOURCES, STORIES, VERDICTS];

/// Turns after which a run that does not come to rest never will.
const TURNS_MAX: usize = 400;

/// What another instance gets done while one is paused: enough to take over a partition, restore it and go on.
const STEPS_IN_A_PAUSE: usize = 16;

/// A simulated cluster with instances of the service.
pub(crate) struct World {
    pub(crate) cluster: Cluster,
    pub(crate) run: Run,
    articles: Articles,
    places: Vec<Rc<RefCell<Place>>>,
}

impl World {
    /// A cluster with the topics of the service and no instance yet.
    pub(crate) fn new(seed: u64, partitions: i32) -> Self {
        let cluster = Cluster::new();
        cluster.create_topic(INPUT, partitions);
        for topic in [LOG, DEAD_LETTERS, DECISIONS, SOURCES] {
            cluster.create_topic(topic, 1);
        }
        for topic in [STORIES, VERDICTS] {
            cluster.create_topic(topic, 2);
        }
        let articles = Articles::new(seed, partitions.unsigned_abs().into());
        Self { cluster, run: Run::default(), articles, places: Vec::new() }
    }

    /// Adds a place; while an instance is paused in the middle of a step, those at the other places go on.
    pub(crate) fn add(&mut self, place: Place) -> Rc<RefCell<Place>> {
        let place = Rc::new(RefCell::new(place));
        self.places.push(Rc::clone(&place));
        let places = self.places.clone();
        self.cluster.while_paused(move |_| {
            // The one that is paused is in use.
            for mut place in places.iter().filter_map(|place| place.try_borrow_mut().ok()) {
                for _ in 0..STEPS_IN_A_PAUSE {
                    if place.is_running() {
                        place.step().unwrap_or_else(|error| panic!("{error}"));
                    }
                }
            }
        });
        place
    }

    /// Writes so many raw records, with so many milliseconds between them.
    pub(crate) fn write(&mut self, count: usize, milliseconds: i64) {
        for _ in 0..count {
            self.cluster.advance(milliseconds);
            let record = self.articles.next(self.cluster.now());
            self.cluster.produce(&record);
        }
    }

    /// Lets time pass.
    pub(crate) fn advance(&mut self, milliseconds: i64) {
        self.run.keep_up(&self.cluster);
        self.cluster.advance(milliseconds);
    }

    /// Forgets the positions of the fold group.
    pub(crate) fn forget_positions(&mut self) {
        self.cluster.forget_positions(FOLD);
        self.run.positions_forgotten = true;
    }

    /// Cleans the compacted topics.
    pub(crate) fn compact(&mut self) {
        self.run.keep_up(&self.cluster);
        for topic in COMPACTED {
            self.cluster.compact(topic);
        }
    }

    /// The last decision of the run.
    pub(crate) fn last_decision(&mut self) -> Option<Decision> {
        self.run.keep_up(&self.cluster);
        let last = self.run.records(DECISIONS).last()?;
        Some(Decision::from_bytes(last.value.as_deref()?).expect("a decision"))
    }

    /// Deletes all that the last decision says is not needed any more, as eagerly as may be.
    pub(crate) fn trim(&mut self) {
        let Some(low) = self.last_decision().map(|decision| decision.low) else { return };
        let decision = self.run.records(DECISIONS).nth(low.seq as usize).map_or(0, |record| record.offset);
        self.cluster.delete_below(&partition(LOG, 0), low.log_offset);
        self.cluster.delete_below(&partition(DECISIONS, 0), decision);
    }

    /// Steps each place until all raw records are decided on, or an instance ends by its own word.
    pub(crate) fn settle(&mut self) -> Result<(), PortError> {
        for _ in 0..TURNS_MAX {
            self.turns(1)?;
            if self.is_settled() {
                // Once more: whoever has something left to do wrong may do it.
                return self.turns(3);
            }
        }
        panic!("it does not come to rest");
    }

    /// Steps each place so many times, a second apart.
    pub(crate) fn turns(&mut self, count: usize) -> Result<(), PortError> {
        for _ in 0..count {
            for place in &self.places {
                place.borrow_mut().step()?;
            }
            self.advance(1_000);
        }
        Ok(())
    }

    /// Whether each raw record is read and each signature decided on.
    fn is_settled(&self) -> bool {
        let is_read = |(name, records): (&TopicPartition, &Vec<Inbound>)| {
            let position = self.cluster.group_position(SIGN, name).map_or(0, |committed| committed.next);
            records.last().is_none_or(|last| last.offset < position)
        };
        self.run.partitions(INPUT).all(is_read) && self.run.records(LOG).count() <= self.run.records(DECISIONS).count()
    }

    /// Lets the service finish its work, and asks the oracle.
    pub(crate) fn finish(mut self) -> Run {
        self.settle().unwrap_or_else(|error| panic!("{error}"));
        self.cluster.while_paused(|_| {});
        self.run.close(&self.cluster, &COMPACTED);
        oracle::check(&self.run).unwrap_or_else(|complaint| panic!("{complaint}"));
        self.run
    }
}
