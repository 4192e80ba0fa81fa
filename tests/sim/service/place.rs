//! A place where an instance of the service runs, under one name, and is started again when it ends.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use wirefold::article::Reader;
use wirefold::fold::{Rules, Unpublished};
use wirefold::pipeline::port::{PollLimits, PortError};
use wirefold::pipeline::{Clock, FoldLoop, FoldSettings, Input, SignLoop, SignSettings, Signing};
use wirefold::record::Millis;
use wirefold::sign;

use crate::cluster::Cluster;
use crate::faults::{Odds, Plan};
use crate::instance::Instance;
use crate::random::Random;

pub(crate) const INPUT: &str = "articles";
pub(crate) const LOG: &str = "live.signatures";
pub(crate) const DEAD_LETTERS: &str = "articles.dead-letters";
pub(crate) const DECISIONS: &str = "live.decisions";
pub(crate) const SOURCES: &str = "live.sources";
pub(crate) const STORIES: &str = "stories";
pub(crate) const VERDICTS: &str = "verdicts";
pub(crate) const SIGN: &str = "live.sign";
pub(crate) const FOLD: &str = "live.fold";

/// Generation of the namespace.
pub(crate) const GENERATION: u32 = 1;

/// How much older than its ingestion a published time is believed to be.
pub(crate) const SIGN_GRACE: Duration = Duration::from_mins(3);

/// So few records that a short log takes several batches.
const LIMITS: PollLimits = PollLimits { records: 4, bytes: 1 << 20, wait: Duration::ZERO, linger: Duration::ZERO };

/// Rules of a small world: some tens of words an article, a window of some tens of articles.
pub(crate) fn rules() -> Rules {
    Rules {
        window: Duration::from_mins(1),
        grace: Duration::from_secs(30),
        shared_min: 3,
        postings_min: 1,
        sample_max: 16,
        compared_max: 3,
        candidates_max: 4,
        sources_max: 3,
        ..Rules::default()
    }
}

fn sign_settings(name: &str) -> SignSettings {
    SignSettings {
        signatures: LOG.into(),
        dead_letters: DEAD_LETTERS.into(),
        transactional_id: format!("{SIGN}.{name}"),
        limits: LIMITS,
        input: Input::Articles(Box::new(Signing {
            reader: Reader::default(),
            rules: sign::Rules { grace: SIGN_GRACE, ..Default::default() },
            latest: None,
        })),
        begins: BTreeMap::new(),
    }
}

fn fold_settings() -> FoldSettings {
    FoldSettings {
        signatures: LOG.into(),
        decisions: DECISIONS.into(),
        sources: SOURCES.into(),
        stories: STORIES.into(),
        verdicts: VERDICTS.into(),
        group: FOLD.into(),
        generation: GENERATION,
        unpublished: Unpublished::Closed,
        limits: LIMITS,
        keep: Duration::from_secs(10),
        rules: rules(),
    }
}

struct SimClock(Cluster);

impl Clock for SimClock {
    fn now(&self) -> Millis {
        self.0.now()
    }
}

/// A process of the service: both stages, stepped in turn.
struct Process {
    instance: Instance,
    sign: SignLoop<Instance>,
    fold: FoldLoop<Instance>,
}

impl Process {
    fn start(instance: Instance, name: &str) -> Self {
        let clock = || Box::new(SimClock(instance.cluster.clone()));
        let (input, log) = (instance.consumer(SIGN, &[INPUT]), instance.consumer(FOLD, &[LOG]));
        Self {
            sign: SignLoop::new(instance.clone(), input, sign_settings(name), Arc::new(()), clock()),
            fold: FoldLoop::new(instance.clone(), log, fold_settings(), Arc::new(()), clock()),
            instance,
        }
    }

    fn step(&mut self) -> Result<(), PortError> {
        self.sign.step()?;
        self.fold.step().map(drop)
    }

    fn finish(self) -> Result<(), PortError> {
        self.sign.finish()?;
        self.fold.finish()
    }
}

/// Where the plan of the next instance comes from.
enum Plans {
    /// This one first, then nothing goes wrong.
    Once(Option<Plan>),
    /// Anything, now and then.
    Random(Random, Odds),
}

/// A place.
pub(crate) struct Place {
    cluster: Cluster,
    name: String,
    plans: Plans,
    process: Option<Process>,
    /// The instances that ran here.
    pub(crate) instances: Vec<Instance>,
}

impl Place {
    /// A place whose first instance has this plan, and whose later ones have nothing to fear.
    pub(crate) fn planned(cluster: &Cluster, name: &str, first: Plan) -> Self {
        Self::new(cluster, name, Plans::Once(Some(first)))
    }

    /// A place where anything goes wrong, now and then.
    pub(crate) fn random(cluster: &Cluster, name: &str, seed: u64, odds: Odds) -> Self {
        Self::new(cluster, name, Plans::Random(Random::new(seed), odds))
    }

    fn new(cluster: &Cluster, name: &str, plans: Plans) -> Self {
        Self { cluster: cluster.clone(), name: name.to_owned(), plans, process: None, instances: Vec::new() }
    }

    /// Steps the instance, and starts one first where none runs. A crash ends it; any other end is the loops' own word,
    /// and is returned.
    pub(crate) fn step(&mut self) -> Result<(), PortError> {
        let mut process = self.process.take().unwrap_or_else(|| self.start());
        match process.step() {
            Ok(()) => {
                self.process = Some(process);
                Ok(())
            }
            Err(_) if process.instance.crashed() => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn start(&mut self) -> Process {
        let plan = match &mut self.plans {
            Plans::Once(plan) => plan.take().unwrap_or(Plan::None),
            Plans::Random(seeds, odds) => Plan::random(seeds.next(), *odds),
        };
        let instance = self.cluster.instance(plan);
        self.instances.push(instance.clone());
        Process::start(instance, &self.name)
    }

    /// What the signing stage that runs here says of its last signature.
    pub(crate) fn last_signature(&self) -> Option<i64> {
        self.process.as_ref()?.sign.last_signature()
    }

    /// Whether an instance runs here.
    pub(crate) fn is_running(&self) -> bool {
        self.process.is_some()
    }

    /// Stops the instance in good order.
    pub(crate) fn stop(&mut self) -> Result<(), PortError> {
        let Some(process) = self.process.take() else { return Ok(()) };
        let instance = process.instance.clone();
        process.finish().or_else(|error| if instance.crashed() { Ok(()) } else { Err(error) })
    }

    /// Nothing goes wrong here from now on.
    pub(crate) fn heal(&mut self) {
        self.plans = Plans::Once(None);
        if let Some(process) = &self.process {
            process.instance.heal();
        }
    }
}
