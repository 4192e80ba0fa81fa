//! `wirefold serve`: settings, checks, a thread a stage, and an orderly end.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tracing::{error, info, warn};

use super::config::client;
use super::replay::RULES;
use super::rules::{reader, rules, signing};
use super::signals::Signals;
use super::stages::{Stages, SystemClock, exit_if_stuck, sign_on};
use super::topics::{LOG_PARTITIONS, names, refuse};
use super::{Failure, ServeArgs};
use crate::config::Config;
use crate::fold::Unpublished;
use crate::http::Server;
use crate::kafka::{Admin, ClientSettings, KafkaBroker, TopicNames};
use crate::pipeline::observe::{Observer, Stage};
use crate::pipeline::port::{PollLimits, PortError};
use crate::pipeline::{FoldLoop, FoldSettings, Input, SignLoop, SignSettings, Signing};
use crate::replay::{Served, ServedBroker, served};
use crate::telemetry::{Telemetry, init_tracing};

/// How long a poll waits for the first record: as long as a stop may go unnoticed.
const POLL_WAIT: Duration = Duration::from_millis(100);

/// How often the loops are looked after.
const LOOK_AFTER_EVERY: Duration = Duration::from_secs(1);

pub(super) fn run(args: &ServeArgs) -> Result<(), Failure> {
    let (config, typed) = args.config.load(&args.arguments())?;
    let client = client(&config)?;
    reader(&config)?;
    let on_terminal = std::io::IsTerminal::is_terminal(&std::io::stderr());
    init_tracing(config.log.format.is_json(on_terminal), &config.log.level)
        .map_err(|error| Failure::Settings(format!("log.level: {error}")))?;
    sign_on(config.serve.threads)?;
    let runtime = runtime()?;
    let ended = runtime.block_on(supervise(config, typed.under(&RULES), client));
    // A probe that is still being answered does not hold up the end.
    runtime.shutdown_timeout(LOOK_AFTER_EVERY);
    ended
}

/// What signals and the pages for operators run on; the stages have threads of their own.
pub(super) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(|error| Failure::Other(format!("cannot start the runtime: {error}")))
}

/// Starts the stages, and ends them in good order: at a signal, or when one of them fails.
async fn supervise(config: Config, rules: BTreeMap<String, String>, client: ClientSettings) -> Result<(), Failure> {
    let mut signals =
        Signals::listen().map_err(|error| Failure::Other(format!("cannot listen for signals: {error}")))?;
    let wanted: Vec<Stage> = [(Stage::Sign, config.serve.sign), (Stage::Fold, config.serve.fold)]
        .into_iter()
        .filter_map(|(stage, runs)| runs.then_some(stage))
        .collect();
    let telemetry = Telemetry::new(&wanted, config.serve.stall_after);
    let server = Server::bind(config.http.listen, telemetry.clone()).await?;
    let pages = tokio::spawn(server.run(std::future::pending()));
    let generation = tokio::select! {
        checked = check(&client, names(&config), rules) => checked?,
        () = signals.next() => return Ok(()),
    };

    let settings = Arc::new(config);
    let mut stages = Stages::new();
    for &stage in &wanted {
        let (config, client, observer) = (settings.clone(), client.clone(), telemetry.clone());
        stages.start(stage, move |stop| match stage {
            Stage::Sign => sign(&config, &client, observer, stop),
            Stage::Fold => fold(&config, &client, generation, observer, stop),
        })?;
    }
    info!(stages = ?wanted, instance = settings.serve.instance, listen = %settings.http.listen, "started");

    let mut failure = None;
    let mut look_after = tokio::time::interval(LOOK_AFTER_EVERY);
    while failure.is_none() {
        tokio::select! {
            () = signals.next() => break,
            Some((stage, end)) = stages.next_end() => {
                failure = Some(match end {
                    Ok(()) => Failure::Other(format!("the stage {} ended by itself", stage.name())),
                    Err(error) => error.into(),
                });
            }
            _ = look_after.tick() => exit_if_stuck(telemetry.health()),
        }
    }
    let while_draining = stages.drain(&mut signals, settings.serve.drain_deadline, None).await;
    pages.abort();
    if let Some(failure) = failure.or(while_draining) {
        error!(reason = %failure, "failed");
        return Err(failure);
    }
    info!("stopped");
    Ok(())
}

/// The service does not start on topics that would make it lose or forget something, nor on a namespace that is not to be
/// served. Returns the generation of the one that is.
async fn check(client: &ClientSettings, names: TopicNames, rules: BTreeMap<String, String>) -> Result<u32, Failure> {
    let client = client.clone();
    let checked = tokio::task::spawn_blocking(move || {
        let admin = Admin::connect(&client)?;
        let served = served(&client, &admin, &names, &rules)?;
        Ok::<_, PortError>((served, admin.check(&names.specs(LOG_PARTITIONS, 1))?))
    })
    .await;
    let (Served { generation, differences }, problems) =
        checked.map_err(|error| Failure::Other(error.to_string()))??;
    if !differences.is_empty() {
        let differences = differences.join("; ");
        warn!(
            "the replay that was promoted was judged by other settings, and what comes is judged by these: {differences}"
        );
    }
    for problem in &problems {
        warn!("{problem}");
    }
    refuse(&problems)?;
    Ok(generation)
}

fn sign(
    config: &Config,
    client: &ClientSettings,
    observer: Arc<dyn Observer>,
    stop: &AtomicBool,
) -> Result<(), PortError> {
    let names = names(config);
    let group = names.sign_group();
    let cluster = KafkaBroker::new(client.clone(), Stage::Sign, &group)?;
    let topics: Vec<Arc<str>> = names.articles.iter().map(|topic| topic.as_str().into()).collect();
    let consumer = cluster.consumer(&topics)?;
    let broker = ServedBroker::new(cluster, client, &names)?;
    let reader = reader(config).map_err(|error| PortError::Fatal(error.to_string()))?;
    let settings = SignSettings {
        signatures: names.signatures().into(),
        dead_letters: names.dead_letters.as_str().into(),
        transactional_id: format!("{group}.{}", config.serve.instance),
        limits: limits(config),
        input: Input::Articles(Box::new(Signing { reader, rules: signing(config), latest: None })),
        begins: BTreeMap::new(),
    };
    let mut stage = SignLoop::new(broker, consumer, settings, observer, Box::new(SystemClock));
    while !stop.load(Ordering::Relaxed) {
        stage.step()?;
    }
    stage.finish()
}

fn fold(
    config: &Config,
    client: &ClientSettings,
    generation: u32,
    observer: Arc<dyn Observer>,
    stop: &AtomicBool,
) -> Result<(), PortError> {
    let names = names(config);
    let cluster = KafkaBroker::new(client.clone(), Stage::Fold, &names.fold_group())?;
    let consumer = cluster.consumer(&[names.signatures().into()])?;
    let broker = ServedBroker::new(cluster, client, &names)?;
    let settings = fold_settings(config, &names, generation, Unpublished::Closed, limits(config));
    let mut stage = FoldLoop::new(broker, consumer, settings, observer, Box::new(SystemClock));
    while !stop.load(Ordering::Relaxed) {
        stage.step()?;
    }
    stage.finish()
}

/// What the fold of a namespace goes by.
pub(super) fn fold_settings(
    config: &Config,
    names: &TopicNames,
    generation: u32,
    unpublished: Unpublished,
    limits: PollLimits,
) -> FoldSettings {
    FoldSettings {
        signatures: names.signatures().into(),
        decisions: names.decisions().into(),
        sources: names.sources().into(),
        stories: names.stories.as_str().into(),
        verdicts: names.verdicts.as_str().into(),
        group: names.fold_group(),
        generation,
        unpublished,
        limits,
        keep: config.serve.keep,
        rules: rules(config),
    }
}

fn limits(config: &Config) -> PollLimits {
    PollLimits {
        records: config.serve.batch_records,
        bytes: config.serve.batch_bytes,
        wait: POLL_WAIT,
        linger: config.serve.batch_linger,
    }
}
