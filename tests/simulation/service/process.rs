//! A process of the service, which keeps its name and is restarted when it ends.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use wirefold::article::ArticleReader;
use wirefold::clustering::{ClusteringRules, Publication};
use wirefold::evaluation::Random;
use wirefold::record::Millis;
use wirefold::signature::SignatureRules;
use wirefold::stream::port::{PollLimits, PortError};
use wirefold::stream::{Clock, RawArticles, SignatureStage, SignatureStageSettings, StoryStage, StoryStageSettings};

use crate::kit::record::rules_for_short_articles;
use crate::simulation::broker::SimBroker;
use crate::simulation::cluster::SimCluster;
use crate::simulation::consumer::SimConsumer;
use crate::simulation::faults::{FaultPlan, FaultRates};
use crate::simulation::instance::Instance;

pub(crate) const INPUT: &str = "articles";
pub(crate) const LOG: &str = "live.signatures";
pub(crate) const DEAD_LETTERS: &str = "articles.dead-letters";
pub(crate) const DECISIONS: &str = "live.decisions";
pub(crate) const BOILERPLATE: &str = "live.boilerplate";
pub(crate) const STORIES: &str = "stories";
pub(crate) const VERDICTS: &str = "verdicts";
pub(crate) const SIGNATURES_GROUP: &str = "live.signatures";
pub(crate) const STORIES_GROUP: &str = "live.stories";

/// Epoch of the namespace.
pub(crate) const EPOCH: u32 = 1;

/// How much older than its ingestion time an article may be for its published time to be credible.
pub(crate) const SIGNATURE_GRACE: Duration = Duration::from_mins(3);

/// So few records that even a short log takes several batches.
const LIMITS: PollLimits = PollLimits { records: 4, bytes: 1 << 20, wait: Duration::ZERO, linger: Duration::ZERO };

/// Clustering rules for short articles of some tens of words, and a window of some tens of articles.
pub(crate) fn clustering_rules() -> ClusteringRules {
    rules_for_short_articles(Duration::from_mins(1), Duration::from_secs(30))
}

fn signature_settings(name: &str) -> SignatureStageSettings {
    SignatureStageSettings {
        signatures: LOG.into(),
        dead_letters: DEAD_LETTERS.into(),
        transactional_id: format!("{SIGNATURES_GROUP}.{name}"),
        limits: LIMITS,
        warmup_until: BTreeMap::new(),
    }
}

fn raw_articles() -> Box<RawArticles> {
    let rules = SignatureRules { grace: SIGNATURE_GRACE, ..SignatureRules::default() };
    Box::new(RawArticles { reader: ArticleReader::default(), rules, latest: None })
}

fn story_settings() -> StoryStageSettings {
    StoryStageSettings {
        signatures: LOG.into(),
        decisions: DECISIONS.into(),
        boilerplate: BOILERPLATE.into(),
        stories: STORIES.into(),
        verdicts: VERDICTS.into(),
        dead_letters: DEAD_LETTERS.into(),
        transactional_id: STORIES_GROUP.into(),
        epoch: EPOCH,
        publication: Publication::Service,
        limits: LIMITS,
        keep: Duration::from_secs(10),
        rules: clustering_rules(),
    }
}

struct SimClock(SimCluster);

impl Clock for SimClock {
    fn now(&self) -> Millis {
        self.0.now()
    }
}

/// Both stages of a running process.
struct RunningStages {
    instance: Instance,
    signatures: SignatureStage<SimBroker, SimConsumer>,
    stories: StoryStage<SimBroker, SimConsumer>,
}

impl RunningStages {
    fn start(instance: Instance, name: &str) -> Self {
        let clock = || Box::new(SimClock(instance.cluster.clone()));
        let (input, log) = (instance.consumer(SIGNATURES_GROUP, &[INPUT]), instance.consumer(STORIES_GROUP, &[LOG]));
        Self {
            signatures: SignatureStage::new(
                instance.broker(SIGNATURES_GROUP),
                input,
                raw_articles(),
                signature_settings(name),
                Arc::new(()),
                clock(),
            ),
            stories: StoryStage::new(instance.broker(STORIES_GROUP), log, story_settings(), Arc::new(()), clock()),
            instance,
        }
    }

    fn step(&mut self) -> Result<(), PortError> {
        self.signatures.step()?;
        self.stories.step().map(drop)
    }

    fn finish(self) -> Result<(), PortError> {
        self.signatures.finish()?;
        self.stories.finish()
    }
}

/// The source of the fault plans of a process.
enum FaultPlans {
    /// This plan for the first instance, no faults for the later ones.
    Once(Option<FaultPlan>),
    /// Random faults at these rates for each instance.
    Random(Random, FaultRates),
}

/// A process of the service, which is restarted when it ends. Each start is a new instance.
pub(crate) struct ServiceProcess {
    cluster: SimCluster,
    name: String,
    plans: FaultPlans,
    stages: Option<RunningStages>,
    /// All instances that were started.
    pub(crate) instances: Vec<Instance>,
}

impl ServiceProcess {
    /// A process whose first instance has this fault plan, and whose later ones meet no faults.
    pub(crate) fn planned(cluster: &SimCluster, name: &str, first: FaultPlan) -> Self {
        Self::new(cluster, name, FaultPlans::Once(Some(first)))
    }

    /// A process that meets random faults at these rates.
    pub(crate) fn random(cluster: &SimCluster, name: &str, seed: u64, rates: FaultRates) -> Self {
        Self::new(cluster, name, FaultPlans::Random(Random::new(seed), rates))
    }

    fn new(cluster: &SimCluster, name: &str, plans: FaultPlans) -> Self {
        Self { cluster: cluster.clone(), name: name.to_owned(), plans, stages: None, instances: Vec::new() }
    }

    /// Steps both stages, after a restart where none run. A crash ends the instance without an error; an error of the stages
    /// themselves is returned.
    pub(crate) fn step(&mut self) -> Result<(), PortError> {
        let mut stages = self.stages.take().unwrap_or_else(|| self.start());
        match stages.step() {
            Ok(()) => {
                self.stages = Some(stages);
                Ok(())
            }
            Err(_) if stages.instance.has_crashed() => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn start(&mut self) -> RunningStages {
        let plan = match &mut self.plans {
            FaultPlans::Once(plan) => plan.take().unwrap_or(FaultPlan::None),
            FaultPlans::Random(seeds, rates) => FaultPlan::random(seeds.next(), *rates),
        };
        let instance = self.cluster.instance(plan);
        self.instances.push(instance.clone());
        RunningStages::start(instance, &self.name)
    }

    /// The log offset of the last signature, as the signatures stage reports it.
    pub(crate) fn last_signature(&self) -> Option<i64> {
        self.stages.as_ref()?.signatures.last_signature()
    }

    /// Whether an instance is running.
    pub(crate) fn is_running(&self) -> bool {
        self.stages.is_some()
    }

    /// Shuts the instance down cleanly.
    pub(crate) fn stop(&mut self) -> Result<(), PortError> {
        let Some(stages) = self.stages.take() else { return Ok(()) };
        let instance = stages.instance.clone();
        stages.finish().or_else(|error| if instance.has_crashed() { Ok(()) } else { Err(error) })
    }

    /// Injects no more faults.
    pub(crate) fn stop_faults(&mut self) {
        self.plans = FaultPlans::Once(None);
        if let Some(stages) = &self.stages {
            stages.instance.stop_faults();
        }
    }
}
