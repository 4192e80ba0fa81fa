//! The two loops of the service over ranges that end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tracing::{error, info};

use super::progress::Progress;
use crate::cli::Failure;
use crate::cli::rules::{reader, signing};
use crate::cli::serve::{fold_settings, runtime};
use crate::cli::signals::Signals;
use crate::cli::stages::{Stages, SystemClock, exit_if_stuck, now};
use crate::config::Config;
use crate::http::Server;
use crate::kafka::{ClientSettings, KafkaBroker, KafkaConsumer, PlanTopic, Positions, Range, ReplayBroker, TopicNames};
use crate::pipeline::observe::{Observer, Stage};
use crate::pipeline::port::{GroupConsumer, PollLimits, PortError};
use crate::pipeline::{FoldLoop, Input, SignLoop, SignSettings, Signing, Step};
use crate::record::{ReplayOrder, ReplayPlan, ReplayRange, ReplaySource, ReplayState};
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

/// A replay that has been planned.
pub(super) struct Run {
    pub(super) config: Config,
    pub(super) client: ClientSettings,
    pub(super) names: TopicNames,
    pub(super) plan: ReplayPlan,
}

impl Run {
    /// Runs both stages until the range is judged, or a signal stops them.
    pub(super) fn execute(self, listen: Option<SocketAddr>) -> Result<(), Failure> {
        let runtime = runtime()?;
        let ended = runtime.block_on(Arc::new(self).supervise(listen));
        // A probe that is still being answered does not hold up the end.
        runtime.shutdown_timeout(LOOK_AFTER_EVERY);
        ended
    }

    async fn supervise(self: Arc<Self>, listen: Option<SocketAddr>) -> Result<(), Failure> {
        let mut signals =
            Signals::listen().map_err(|error| Failure::Other(format!("cannot listen for signals: {error}")))?;
        let telemetry = Telemetry::new(&[Stage::Sign, Stage::Fold], self.config.serve.stall_after);
        if let Some(listen) = listen {
            tokio::spawn(Server::bind(listen, telemetry.clone()).await?.run(std::future::pending()));
        }
        let progress = Arc::new(Progress::new(telemetry.clone(), &self.plan));
        let signed = Arc::new(AtomicBool::new(false));
        let mut stages = Stages::new();
        let (run, observer, flag) = (self.clone(), progress.clone(), signed.clone());
        stages.start(Stage::Sign, move |stop| run.sign(&observer, stop, &flag))?;
        let (run, observer) = (self.clone(), progress.clone());
        stages.start(Stage::Fold, move |stop| run.fold(&observer, stop, &signed))?;

        let mut look_after = tokio::time::interval(LOOK_AFTER_EVERY);
        loop {
            tokio::select! {
                () = signals.next() => {
                    progress.clear();
                    let failure = stages.drain(&mut signals, self.config.serve.drain_deadline).await;
                    return Err(failure.unwrap_or_else(|| Failure::Interrupted(format!("stopped; {}", self.remedy()))));
                }
                end = stages.next_end() => match end {
                    Some((_, Ok(()))) => {}
                    Some((stage, Err(error))) => {
                        progress.clear();
                        error!(stage = stage.name(), reason = %error, "failed");
                        stages.drain(&mut signals, self.config.serve.drain_deadline).await;
                        return Err(Failure::Other(format!("{error}\n{}", self.remedy())));
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
        let finished = tokio::task::spawn_blocking(move || self.finish(&progress)).await;
        finished.map_err(|error| Failure::Other(error.to_string()))?
    }

    fn remedy(&self) -> String {
        format!("go on with: wirefold replay --namespace {} --resume", self.names.namespace)
    }

    /// What is read of each partition.
    fn ranges(&self) -> Vec<Range> {
        let range = |range: &ReplayRange| Range { partition: range.into(), begin: range.warmup, end: range.to };
        self.plan.ranges.iter().map(range).collect()
    }

    fn sign(&self, progress: &Arc<Progress>, stop: &AtomicBool, signed: &AtomicBool) -> Result<(), PortError> {
        let cluster = KafkaBroker::new(self.client.clone(), Stage::Sign, &self.names.sign_group())?;
        let mut consumer = cluster.merged(&self.ranges())?;
        progress.follow(consumer.reached());
        if self.plan.source == ReplaySource::Signatures {
            return self.carry(cluster, consumer, Input::Signatures, progress, stop, signed);
        }
        let reader = reader(&self.config).map_err(|error| PortError::Fatal(error.to_string()))?;
        let signing = Box::new(Signing { reader, rules: signing(&self.config), latest: Some(self.plan.planned) });
        match self.plan.order {
            ReplayOrder::Recorded => self.carry(cluster, consumer, Input::Articles(signing), progress, stop, signed),
            ReplayOrder::Published => {
                let (planned, limits) = (self.plan.planned, self.limits());
                let sorted = gather(&mut consumer, &signing.reader, planned, limits, &**progress, stop)?;
                drop(consumer);
                let Some(sorted) = sorted else { return Ok(()) };
                info!(articles = sorted.count(), "sorted by published time");
                let consumer = cluster.sorted(sequence(&self.names), sorted)?;
                progress.follow(consumer.reached());
                self.carry(cluster, consumer, Input::Placed(signing), progress, stop, signed)
            }
        }
    }

    /// Runs the loop that writes the log, until the consumer has handed out everything.
    fn carry<C: GroupConsumer + Positions>(
        &self,
        cluster: KafkaBroker,
        consumer: C,
        input: Input,
        progress: &Arc<Progress>,
        stop: &AtomicBool,
        signed: &AtomicBool,
    ) -> Result<(), PortError> {
        let names = &self.names;
        let settings = SignSettings {
            signatures: names.signatures().into(),
            dead_letters: names.dead_letters.as_str().into(),
            transactional_id: format!("{}.replay", names.sign_group()),
            limits: self.limits(),
            input,
            begins: self.plan.ranges.iter().map(|range| (range.into(), range.from)).collect(),
        };
        let broker = ReplayBroker::<C>::new(cluster, self.plan_topic(), &self.plan, &self.ranges());
        let observer: Arc<dyn Observer> = progress.clone();
        let mut stage = SignLoop::new(broker, consumer, settings, observer, Box::new(SystemClock));
        while !stop.load(Ordering::Relaxed) {
            if stage.step()? == Step::Ended {
                signed.store(true, Ordering::Release);
                info!("all of the range is signed");
                break;
            }
        }
        stage.finish()
    }

    fn fold(&self, progress: &Arc<Progress>, stop: &AtomicBool, signed: &AtomicBool) -> Result<(), PortError> {
        let cluster = KafkaBroker::new(self.client.clone(), Stage::Fold, &self.names.fold_group())?;
        let consumer = cluster.consumer(&[self.names.signatures().into()])?;
        let settings = fold_settings(&self.config, &self.names, self.plan.generation, self.limits());
        let broker = ReplayBroker::<KafkaConsumer>::new(cluster, self.plan_topic(), &self.plan, &[]);
        let observer: Arc<dyn Observer> = progress.clone();
        let mut stage = FoldLoop::new(broker, consumer, settings, observer, Box::new(SystemClock));
        while !stop.load(Ordering::Relaxed) {
            // Asked before the step: what is signed until then is there to be polled.
            let all_is_signed = signed.load(Ordering::Acquire);
            if stage.step()? == Step::Idle && all_is_signed && stage.is_at_end()? {
                progress.judged(stage.decisions());
                break;
            }
        }
        stage.finish()
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

    fn finish(&self, progress: &Progress) -> Result<(), Failure> {
        let decisions = Some(progress.decisions());
        let plan = ReplayPlan { state: ReplayState::Finished, decisions, ..self.plan.clone() };
        self.plan_topic().write(&plan, now())?;
        eprint!("{}", progress.summary());
        eprintln!("results       {}, {}, {}", self.names.stories, self.names.verdicts, self.names.dead_letters);
        Ok(())
    }
}
