//! Runs the two stages of the service over ranges that end.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tracing::info;

use super::input::{ExistingSignatures, SpilledArticles};
use super::journal::{Journal, JournalBroker, JournalSource};
use super::merged_source::MergedSource;
use super::plan::{ReplayOrder, ReplayPlan, ReplayRange, ReplaySource};
use super::plan_topic::PlanTopic;
use super::progress::ReplayProgress;
use super::published_order::sort_by_published_time;
use super::sorted_source::SortedSource;
use super::target::sorted_partition;
use crate::article::ArticleReader;
use crate::clustering::{ClusteringRules, Publication};
use crate::config::TopicNames;
use crate::kafka::{ClientSettings, CommitsOffsets, GuardTime, KafkaBroker, OffsetRange};
use crate::signature::SignatureRules;
use crate::stream::event::{Observer, Stage};
use crate::stream::port::{Broker, PollLimits, PortError, RecordSource, TopicPartition, TransactionalWriter};
use crate::stream::{
    RawArticles, SignatureInput, SignatureStage, SignatureStageSettings, Step, StoryStage, StoryStageSettings,
    SystemClock, failpoint,
};

/// How long a poll waits for the first record: a stop is noticed after this time at the latest.
const REPLAY_POLL_WAIT: Duration = Duration::from_millis(100);

/// How long a batch waits to be full. Nobody waits for its articles.
const REPLAY_LINGER: Duration = Duration::from_millis(100);

/// How many batches of the service make one here, in records and in bytes: a transaction costs the same for many records.
const SERVICE_BATCHES: usize = 5;

/// The settings of a run.
#[derive(Debug, Clone)]
pub struct RunSettings {
    /// Parses raw articles.
    pub reader: ArticleReader,
    /// The rules of signatures.
    pub signature_rules: SignatureRules,
    /// The rules of clustering.
    pub clustering_rules: ClusteringRules,
    /// Records of one transaction of the service.
    pub batch_records: usize,
    /// Bytes of one transaction of the service.
    pub batch_bytes: usize,
    /// How long log and decisions are kept beyond what a restore needs.
    pub keep: Duration,
}

/// The run of a replay that was planned: [`ReplayRun::signatures`] and [`ReplayRun::stories`] run at the same time, each on
/// a thread of its own, until the whole range is clustered or they are told to stop.
pub struct ReplayRun {
    client: ClientSettings,
    names: TopicNames,
    plan: ReplayPlan,
    /// The journal that holds the log, where that is not a topic.
    journal: Option<Journal>,
    settings: RunSettings,
    progress: Arc<ReplayProgress>,
    /// Set when the signatures stage has ended: the log offset of the last signature that this run has written.
    signatures_end: OnceLock<Option<i64>>,
}

impl ReplayRun {
    pub(super) fn new(
        client: ClientSettings,
        names: TopicNames,
        plan: ReplayPlan,
        journal: Option<Journal>,
        settings: RunSettings,
        observer: Arc<dyn Observer>,
    ) -> Self {
        let progress = Arc::new(ReplayProgress::new(observer, &plan));
        Self { client, names, plan, journal, settings, progress, signatures_end: OnceLock::new() }
    }

    /// The progress of both stages.
    pub fn progress(&self) -> &ReplayProgress {
        &self.progress
    }

    /// The number of decisions, once both stages have ended.
    pub fn decisions(&self) -> u64 {
        self.progress.decisions()
    }

    /// Runs the signatures stage until its source has ended.
    pub fn signatures(&self, stop: &AtomicBool) -> Result<(), PortError> {
        failpoint::enter(Stage::Signatures.name());
        let segment = self.plan.segment();
        let range = |range: &ReplayRange| OffsetRange {
            partition: range.into(),
            begin: range.warmup_from,
            end: Some(range.to),
        };
        let ranges = segment.ranges.iter().map(range).collect();
        let mut source = MergedSource::new(&self.client, &self.group(self.names.signatures_group()), ranges);
        self.progress.follow(source.progress());
        if self.plan.source == ReplaySource::Signatures {
            return self.write_log(source, Box::new(ExistingSignatures), stop);
        }
        let (reader, rules) = (self.settings.reader.clone(), self.settings.signature_rules.clone());
        let articles = RawArticles { reader, rules, latest: Some(segment.latest) };
        match segment.order {
            ReplayOrder::Recorded => self.write_log(source, Box::new(articles), stop),
            ReplayOrder::Published => {
                let (planned, limits, progress) = (segment.latest, self.limits(), &*self.progress);
                let sorted = sort_by_published_time(&mut source, &articles.reader, planned, limits, progress, stop)?;
                drop(source);
                let Some(sorted) = sorted else { return Ok(()) };
                info!(articles = sorted.count(), "sorted by published time");
                let source = SortedSource::new(sorted_partition(&self.names), sorted);
                self.progress.follow(source.progress());
                self.write_log(source, Box::new(SpilledArticles(articles)), stop)
            }
        }
    }

    /// Writes the records of a source to the log, wherever that is.
    fn write_log<S: RecordSource + CommitsOffsets>(
        &self,
        source: S,
        input: Box<dyn SignatureInput>,
        stop: &AtomicBool,
    ) -> Result<(), PortError> {
        match &self.journal {
            None => self.run_signatures(self.broker(&self.names.signatures_group())?, source, input, stop),
            Some(journal) => self.run_signatures(JournalBroker::new(journal, Stage::Signatures), source, input, stop),
        }
    }

    fn run_signatures<B: Broker, S: RecordSource>(
        &self,
        broker: B,
        source: S,
        input: Box<dyn SignatureInput>,
        stop: &AtomicBool,
    ) -> Result<(), PortError>
    where
        B::Writer: TransactionalWriter<S>,
    {
        let (names, ranges) = (&self.names, self.plan.segment().ranges);
        let settings = SignatureStageSettings {
            signatures: names.signatures().into(),
            dead_letters: names.dead_letters.as_str().into(),
            transactional_id: names.replay_writer(),
            limits: self.limits(),
            warmup_until: ranges.iter().map(|range| (range.into(), range.from)).collect(),
        };
        let observer: Arc<dyn Observer> = self.progress.clone();
        let mut stage = SignatureStage::new(broker, source, input, settings, observer, Box::new(SystemClock));
        while !stop.load(Ordering::Relaxed) {
            if stage.step()? == Step::Ended {
                // Set once.
                let _ = self.signatures_end.set(stage.last_signature());
                info!("all signatures of the range are written");
                break;
            }
        }
        stage.finish()
    }

    /// Runs the stories stage until it has processed every signature of the range.
    pub fn stories(&self, stop: &AtomicBool) -> Result<(), PortError> {
        failpoint::enter(Stage::Stories.name());
        let log = TopicPartition { topic: self.names.signatures().into(), partition: 0 };
        match &self.journal {
            None => {
                let group = self.names.stories_group();
                let log = OffsetRange { partition: log, begin: 0, end: None };
                self.run_stories(self.broker(&group)?, MergedSource::new(&self.client, &group, vec![log]), stop)
            }
            Some(journal) => {
                let source = JournalSource::open(journal, log)?;
                self.run_stories(JournalBroker::new(journal, Stage::Stories), source, stop)
            }
        }
    }

    fn run_stories<B: Broker, S: RecordSource>(&self, broker: B, source: S, stop: &AtomicBool) -> Result<(), PortError>
    where
        B::Writer: TransactionalWriter<S>,
    {
        let names = &self.names;
        let settings = StoryStageSettings {
            signatures: names.signatures().into(),
            decisions: names.decisions().into(),
            boilerplate: names.boilerplate().into(),
            stories: names.stories.as_str().into(),
            verdicts: names.verdicts.as_str().into(),
            dead_letters: names.dead_letters.as_str().into(),
            transactional_id: names.stories_writer(),
            epoch: self.plan.epoch,
            publication: Publication::Replay,
            limits: self.limits(),
            keep: self.settings.keep,
            rules: self.settings.clustering_rules.clone(),
        };
        let observer: Arc<dyn Observer> = self.progress.clone();
        let mut stage = StoryStage::new(broker, source, settings, observer, Box::new(SystemClock));
        while !stop.load(Ordering::Relaxed) {
            // Read before the step: the signatures written until then can be polled in it.
            let signatures_end = self.signatures_end.get();
            let done = stage.step()?;
            let is_at_end = match signatures_end {
                None => false,
                Some(Some(last)) => stage.is_beyond(*last),
                Some(None) => done == Step::Idle && stage.is_at_end()?,
            };
            if is_at_end {
                self.progress.finished(stage.decisions());
                break;
            }
        }
        stage.finish()
    }

    /// The cluster for a group of this replay. A writer is opened only as long as no other process runs the replay: two that
    /// fence each other in turn would not get on.
    fn broker(&self, group: &str) -> Result<KafkaBroker, PortError> {
        let (plan, process) = (PlanTopic::of(&self.client, &self.names), self.plan.process.clone());
        let broker = KafkaBroker::new(self.client.clone(), group)?;
        Ok(broker.guarded(GuardTime::BeforeOpening, move || plan.check_process(&process)))
    }

    /// The name under which the source reads: a replay into files uses none of its groups.
    fn group(&self, group: String) -> String {
        if self.journal.is_some() { self.client.client_id.clone() } else { group }
    }

    fn limits(&self) -> PollLimits {
        PollLimits {
            records: SERVICE_BATCHES * self.settings.batch_records,
            bytes: SERVICE_BATCHES * self.settings.batch_bytes,
            wait: REPLAY_POLL_WAIT,
            linger: REPLAY_LINGER,
        }
    }
}
