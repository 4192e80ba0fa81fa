//! The two loops of the service over ranges that end.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tracing::{error, info};

use super::progress::Progress;
use crate::cli::Failure;
use crate::cli::rules::{reader, signing};
use crate::cli::serve::{fold_settings, runtime};
use crate::cli::signals::{ExitAtSignal, Signals};
use crate::cli::stages::{Stages, SystemClock, exit_if_stuck};
use crate::config::Config;
use crate::fold::Unpublished;
use crate::http::Server;
use crate::journal::{Journal, JournalBroker, JournalConsumer, Journaled};
use crate::kafka::{ClientSettings, KafkaBroker, PlanTopic, Positions, Range, ReplayBroker, TopicNames};
use crate::pipeline::observe::{Observer, Stage};
use crate::pipeline::port::{Broker, GroupConsumer, PollLimits, PortError, TopicPartition};
use crate::pipeline::{FoldLoop, Input, SignLoop, SignSettings, Signing, Step};
use crate::record::{ReplayOrder, ReplayPlan, ReplayRange, ReplaySource};
use crate::replay::{gather, sequence};
use crate::telemetry::Telemetry;

/// How long a poll waits for the first record: as long as a stop may go unnoticed.
const POLL_WAIT: Duration = Duration::from_millis(100);

/// How long a batch waits to be full: nobody waits for its articles.
const LINGER: Duration = Duration::from_millis(100);

/// How many of the service's batches make one here, in records and in bytes: a transaction costs as much for many.
const BATCHES: usize = 5;

/// How often progress is shown, and the loops are looked after.
const LOOK_AFTER_EVERY: Duration = Duration::from_millis(250);

/// A stretch of a replay that has been planned.
pub(in crate::cli) struct Run {
    pub(in crate::cli) config: Config,
    pub(in crate::cli) client: ClientSettings,
    pub(in crate::cli) names: TopicNames,
    pub(in crate::cli) plan: ReplayPlan,
    /// Where its log stands, if not in topics.
    pub(in crate::cli) journal: Option<Journal>,
    /// What to do when it was stopped.
    pub(in crate::cli) exit: ExitAtSignal,
}

/// What a run has done.
pub(in crate::cli) struct Done {
    /// How many decisions there are in the end.
    pub(in crate::cli) decisions: u64,
    /// What was read and judged, for people.
    pub(in crate::cli) summary: String,
}

/// What a stage of it watches, and is watched by.
struct Watch {
    progress: Arc<Progress>,
    /// All of the range is signed; the last signature stands at this offset of the log, if this run has written one.
    signed: OnceLock<Option<i64>>,
}

impl Run {
    /// Runs both stages until all of it is judged, or a signal stops them.
    pub(in crate::cli) fn execute(self, listen: Option<SocketAddr>) -> Result<Done, Failure> {
        let runtime = runtime()?;
        let exit = self.exit.clone();
        let ended = runtime.block_on(Arc::new(self).supervise(listen));
        exit.hold(true);
        // A probe that is still being answered does not hold up the end.
        runtime.shutdown_timeout(LOOK_AFTER_EVERY);
        ended
    }

    async fn supervise(self: Arc<Self>, listen: Option<SocketAddr>) -> Result<Done, Failure> {
        let mut signals =
            Signals::listen().map_err(|error| Failure::Other(format!("cannot listen for signals: {error}")))?;
        self.exit.hold(false);
        let telemetry = Telemetry::new(&[Stage::Sign, Stage::Fold], self.config.serve.stall_after);
        if let Some(listen) = listen {
            tokio::spawn(Server::bind(listen, telemetry.clone()).await?.run(std::future::pending()));
        }
        let progress = Arc::new(Progress::new(telemetry.clone(), &self.plan));
        let watch = Arc::new(Watch { progress: progress.clone(), signed: OnceLock::new() });
        let mut stages = Stages::new();
        let (run, watched) = (self.clone(), watch.clone());
        stages.start(Stage::Sign, move |stop| run.sign(&watched, stop))?;
        let run = self.clone();
        stages.start(Stage::Fold, move |stop| run.fold(&watch, stop))?;

        let mut look_after = tokio::time::interval(LOOK_AFTER_EVERY);
        loop {
            tokio::select! {
                () = signals.next() => {
                    progress.clear();
                    let failure = stages.drain(&mut signals, self.config.serve.drain_deadline, Some(&self.exit)).await;
                    return Err(failure.unwrap_or_else(|| Failure::Interrupted(format!("stopped; {}", self.exit.remedy()))));
                }
                end = stages.next_end() => match end {
                    Some((_, Ok(()))) => {}
                    Some((stage, Err(error))) => {
                        progress.clear();
                        error!(stage = stage.name(), reason = %error, "failed");
                        stages.drain(&mut signals, self.config.serve.drain_deadline, Some(&self.exit)).await;
                        return Err(Failure::Other(format!("{error}\n{}", self.exit.remedy())));
                    }
                    None => break,
                },
                _ = look_after.tick() => {
                    exit_if_stuck(telemetry.health());
                    progress.show();
                }
            }
        }
        progress.clear();
        Ok(Done { decisions: progress.decisions(), summary: progress.summary() })
    }

    /// What is read of each partition.
    fn ranges(&self) -> Vec<Range> {
        let range = |range: &ReplayRange| Range { partition: range.into(), begin: range.warmup, end: range.to };
        self.plan.stretch().ranges.iter().map(range).collect()
    }

    fn sign(&self, watch: &Watch, stop: &AtomicBool) -> Result<(), PortError> {
        let cluster = self.cluster(Stage::Sign, &self.names.sign_group())?;
        let mut consumer = cluster.merged(&self.ranges())?;
        watch.progress.follow(consumer.reached());
        if self.plan.source == ReplaySource::Signatures {
            return self.carry(cluster, consumer, Input::Signatures, watch, stop);
        }
        let reader = reader(&self.config).map_err(|error| PortError::Fatal(error.to_string()))?;
        let stretch = self.plan.stretch();
        let signing = Box::new(Signing { reader, rules: signing(&self.config), latest: Some(stretch.latest) });
        match stretch.order {
            ReplayOrder::Recorded => self.carry(cluster, consumer, Input::Articles(signing), watch, stop),
            ReplayOrder::Published => {
                let (planned, limits) = (stretch.latest, self.limits());
                let sorted = gather(&mut consumer, &signing.reader, planned, limits, &*watch.progress, stop)?;
                drop(consumer);
                let Some(sorted) = sorted else { return Ok(()) };
                info!(articles = sorted.count(), "sorted by published time");
                let consumer = cluster.sorted(sequence(&self.names), sorted)?;
                watch.progress.follow(consumer.reached());
                self.carry(cluster, consumer, Input::Placed(signing), watch, stop)
            }
        }
    }

    /// Carries what a consumer hands out into the log, wherever that is.
    fn carry<C: GroupConsumer + Positions>(
        &self,
        cluster: KafkaBroker,
        consumer: C,
        input: Input,
        watch: &Watch,
        stop: &AtomicBool,
    ) -> Result<(), PortError> {
        let ends = self.ranges().into_iter().map(|range| (range.partition, range.end)).collect();
        match &self.journal {
            None => {
                let broker = ReplayBroker::<C>::new(cluster, self.plan_topic(), &self.plan, ends);
                self.run_sign(broker, consumer, input, watch, stop)
            }
            Some(journal) => {
                let consumer = Journaled::new(journal, Stage::Sign, consumer);
                self.run_sign(JournalBroker::new(journal, Stage::Sign, ends), consumer, input, watch, stop)
            }
        }
    }

    /// Runs the loop that writes the log, until the consumer has handed out everything.
    fn run_sign<B: Broker>(
        &self,
        broker: B,
        consumer: B::Consumer,
        input: Input,
        watch: &Watch,
        stop: &AtomicBool,
    ) -> Result<(), PortError> {
        let names = &self.names;
        let settings = SignSettings {
            signatures: names.signatures().into(),
            dead_letters: names.dead_letters.as_str().into(),
            transactional_id: format!("{}.replay", names.sign_group()),
            limits: self.limits(),
            input,
            begins: self.plan.stretch().ranges.iter().map(|range| (range.into(), range.from)).collect(),
        };
        let observer: Arc<dyn Observer> = watch.progress.clone();
        let mut stage = SignLoop::new(broker, consumer, settings, observer, Box::new(SystemClock));
        while !stop.load(Ordering::Relaxed) {
            if stage.step()? == Step::Ended {
                // Set once.
                let _ = watch.signed.set(stage.last_signature());
                info!("all of the range is signed");
                break;
            }
        }
        stage.finish()
    }

    fn fold(&self, watch: &Watch, stop: &AtomicBool) -> Result<(), PortError> {
        let log = TopicPartition { topic: self.names.signatures().into(), partition: 0 };
        match &self.journal {
            None => {
                let cluster = self.cluster(Stage::Fold, &self.names.fold_group())?;
                let consumer = cluster.sole(&log)?;
                let plan = self.plan_topic();
                self.run_fold(ReplayBroker::new(cluster, plan, &self.plan, BTreeMap::new()), consumer, watch, stop)
            }
            Some(journal) => {
                let consumer = JournalConsumer::open(journal, Stage::Fold, log)?;
                self.run_fold(JournalBroker::new(journal, Stage::Fold, BTreeMap::new()), consumer, watch, stop)
            }
        }
    }

    /// Runs the loop that follows the log, until all that is signed is judged.
    fn run_fold<B: Broker>(
        &self,
        broker: B,
        consumer: B::Consumer,
        watch: &Watch,
        stop: &AtomicBool,
    ) -> Result<(), PortError> {
        let settings =
            fold_settings(&self.config, &self.names, self.plan.generation, Unpublished::Merged, self.limits());
        let observer: Arc<dyn Observer> = watch.progress.clone();
        let mut stage = FoldLoop::new(broker, consumer, settings, observer, Box::new(SystemClock));
        while !stop.load(Ordering::Relaxed) {
            // Asked before the step: what is signed until then is there to be polled.
            let signed = watch.signed.get();
            let done = stage.step()?;
            let is_at_end = match signed {
                None => false,
                Some(Some(last)) => stage.is_beyond(*last),
                Some(None) => done == Step::Idle && stage.is_at_end()?,
            };
            if is_at_end {
                watch.progress.judged(stage.decisions());
                break;
            }
        }
        stage.finish()
    }

    /// The cluster for a stage; in the name of a group of this replay, where it may have one.
    fn cluster(&self, stage: Stage, group: &str) -> Result<KafkaBroker, PortError> {
        let group = if self.journal.is_some() { &self.client.client_id } else { group };
        KafkaBroker::new(self.client.clone(), stage, group)
    }

    fn plan_topic(&self) -> PlanTopic {
        PlanTopic::of(&self.client, &self.names)
    }

    fn limits(&self) -> PollLimits {
        PollLimits {
            records: BATCHES * self.config.serve.batch_records,
            bytes: BATCHES * self.config.serve.batch_bytes,
            wait: POLL_WAIT,
            linger: LINGER,
        }
    }
}
