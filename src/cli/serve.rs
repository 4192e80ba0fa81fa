//! `wirefold serve`: settings, checks, a thread a stage, and an orderly end.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tracing::{error, info, warn};

use super::config::client;
use super::rules::{reader, rules, signing};
use super::signals::Signals;
use super::topics::{LOG_PARTITIONS, names, refuse};
use super::{Failure, ServeArgs};
use crate::config::Config;
use crate::http::Server;
use crate::kafka::{Admin, ClientSettings, KafkaBroker, TopicNames};
use crate::pipeline::observe::{Observer, Stage};
use crate::pipeline::port::{PollLimits, PortError};
use crate::pipeline::{Clock, FoldLoop, FoldSettings, SignLoop, SignSettings};
use crate::record::Millis;
use crate::telemetry::{Telemetry, init_tracing};

/// How long a poll waits for the first record: as long as a stop may go unnoticed.
const POLL_WAIT: Duration = Duration::from_millis(100);

/// How often the loops are looked after.
const LOOK_AFTER_EVERY: Duration = Duration::from_secs(1);

/// The namespace's generation; a promoted replay will have a higher one.
const GENERATION: u32 = 0;

pub(super) fn run(args: &ServeArgs) -> Result<(), Failure> {
    let (config, _) = args.config.load(&args.arguments())?;
    let client = client(&config)?;
    reader(&config)?;
    let on_terminal = std::io::IsTerminal::is_terminal(&std::io::stderr());
    init_tracing(config.log.format.is_json(on_terminal), &config.log.level)
        .map_err(|error| Failure::Settings(format!("log.level: {error}")))?;
    sign_on(config.serve.threads)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(|error| Failure::Other(format!("cannot start the runtime: {error}")))?;
    let ended = runtime.block_on(supervise(config, client));
    // A probe that is still being answered does not hold up the end.
    runtime.shutdown_timeout(LOOK_AFTER_EVERY);
    ended
}

/// Starts the stages, and ends them in good order: at a signal, or when one of them fails.
async fn supervise(config: Config, client: ClientSettings) -> Result<(), Failure> {
    let mut signals =
        Signals::listen().map_err(|error| Failure::Other(format!("cannot listen for signals: {error}")))?;
    let stages: Vec<Stage> = [(Stage::Sign, config.serve.sign), (Stage::Fold, config.serve.fold)]
        .into_iter()
        .filter_map(|(stage, runs)| runs.then_some(stage))
        .collect();
    let telemetry = Telemetry::new(&stages, config.serve.stall_after);
    let server = Server::bind(config.http.listen, telemetry.clone()).await?;
    let pages = tokio::spawn(server.run(std::future::pending()));
    tokio::select! {
        checked = check_topics(&client, names(&config)) => checked?,
        () = signals.next() => return Ok(()),
    }

    let stop = Arc::new(AtomicBool::new(false));
    let (ended, mut ends) = unbounded_channel();
    let settings = Arc::new(config);
    for &stage in &stages {
        start(stage, settings.clone(), client.clone(), telemetry.clone(), stop.clone(), ended.clone())?;
    }
    drop(ended);
    info!(stages = ?stages, instance = settings.serve.instance, listen = %settings.http.listen, "started");

    let mut running = stages.len();
    let mut failure = None;
    let mut look_after = tokio::time::interval(LOOK_AFTER_EVERY);
    while failure.is_none() {
        tokio::select! {
            () = signals.next() => break,
            Some((stage, end)) = ends.recv() => {
                running -= 1;
                failure = Some(failed(stage, end));
            }
            _ = look_after.tick() => {
                let probe = telemetry.health().livez();
                // A call into the client library hangs: only a new process, which fences this one, gets on.
                if !probe.ok {
                    error!(reason = probe.text.trim_end(), "a stage hangs");
                    std::process::exit(1);
                }
            }
        }
    }
    info!(deadline = ?settings.serve.drain_deadline, "stopping: what is begun is finished, published and committed");
    stop.store(true, Ordering::Relaxed);
    let drained = async {
        while running > 0 {
            let Some((stage, end)) = ends.recv().await else { break };
            running -= 1;
            if let Err(error) = end {
                failure.get_or_insert(failed(stage, Err(error)));
            }
        }
        failure
    };
    let failure = tokio::select! {
        failure = drained => failure,
        () = signals.next() => {
            warn!("second signal: exiting at once");
            std::process::exit(1);
        }
        () = tokio::time::sleep(settings.serve.drain_deadline) => {
            error!("the drain took longer than serve.drain_deadline; what was not committed will be done again");
            std::process::exit(1);
        }
    };
    pages.abort();
    if let Some(failure) = failure {
        error!(reason = %failure, "failed");
        return Err(failure);
    }
    info!("stopped");
    Ok(())
}

fn failed(stage: Stage, end: Result<(), PortError>) -> Failure {
    match end {
        Ok(()) => Failure::Other(format!("the stage {} ended by itself", stage.name())),
        Err(error) => error.into(),
    }
}

/// The service does not start on topics that would make it lose or forget something.
async fn check_topics(client: &ClientSettings, names: TopicNames) -> Result<(), Failure> {
    let (client, specs) = (client.clone(), names.specs(LOG_PARTITIONS, 1));
    let checked = tokio::task::spawn_blocking(move || Admin::connect(&client)?.check(&specs)).await;
    let problems = checked.map_err(|error| Failure::Other(error.to_string()))??;
    for problem in &problems {
        warn!("{problem}");
    }
    refuse(&problems)
}

/// Runs a stage on a thread of its own until it is told to stop.
fn start(
    stage: Stage,
    config: Arc<Config>,
    client: ClientSettings,
    observer: Arc<dyn Observer>,
    stop: Arc<AtomicBool>,
    ended: UnboundedSender<(Stage, Result<(), PortError>)>,
) -> Result<(), Failure> {
    let run = move || {
        let end = match stage {
            Stage::Sign => sign(&config, client, observer, &stop),
            Stage::Fold => fold(&config, client, observer, &stop),
        };
        // Nobody listens any more when the process is on its way out.
        let _ = ended.send((stage, end));
    };
    let thread = thread::Builder::new().name(stage.name().to_owned()).spawn(run);
    thread.map(drop).map_err(|error| Failure::Other(format!("cannot start a thread: {error}")))
}

fn sign(
    config: &Config,
    client: ClientSettings,
    observer: Arc<dyn Observer>,
    stop: &AtomicBool,
) -> Result<(), PortError> {
    let names = names(config);
    let group = format!("{}.sign", config.namespace);
    let broker = KafkaBroker::new(client, Stage::Sign, &group)?;
    let topics: Vec<Arc<str>> = names.articles.iter().map(|topic| topic.as_str().into()).collect();
    let consumer = broker.consumer(&topics)?;
    let settings = SignSettings {
        signatures: names.signatures().into(),
        dead_letters: names.dead_letters.as_str().into(),
        transactional_id: format!("{group}.{}", config.serve.instance),
        limits: limits(config),
        rules: signing(config),
    };
    let reader = reader(config).map_err(|error| PortError::Fatal(error.to_string()))?;
    let mut stage = SignLoop::new(broker, consumer, reader, settings, observer, Box::new(SystemClock));
    while !stop.load(Ordering::Relaxed) {
        stage.step()?;
    }
    stage.finish()
}

fn fold(
    config: &Config,
    client: ClientSettings,
    observer: Arc<dyn Observer>,
    stop: &AtomicBool,
) -> Result<(), PortError> {
    let names = names(config);
    let group = format!("{}.fold", config.namespace);
    let broker = KafkaBroker::new(client, Stage::Fold, &group)?;
    let signatures: Arc<str> = names.signatures().into();
    let consumer = broker.consumer(std::slice::from_ref(&signatures))?;
    let settings = FoldSettings {
        signatures,
        decisions: names.decisions().into(),
        sources: names.sources().into(),
        stories: names.stories.as_str().into(),
        verdicts: names.verdicts.as_str().into(),
        group,
        generation: GENERATION,
        limits: limits(config),
        keep: config.serve.keep,
        rules: rules(config),
    };
    let mut stage = FoldLoop::new(broker, consumer, settings, observer, Box::new(SystemClock));
    while !stop.load(Ordering::Relaxed) {
        stage.step()?;
    }
    stage.finish()
}

fn limits(config: &Config) -> PollLimits {
    PollLimits {
        records: config.serve.batch_records,
        bytes: config.serve.batch_bytes,
        wait: POLL_WAIT,
        linger: config.serve.batch_linger,
    }
}

/// The system's clock.
struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Millis {
        now()
    }
}

/// Now, by the system's clock.
pub(super) fn now() -> Millis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// How many threads sign.
pub(super) fn sign_on(threads: NonZeroUsize) -> Result<(), Failure> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads.get())
        .thread_name(|number| format!("sign-{number}"))
        .build_global()
        .map_err(|error| Failure::Other(format!("cannot start the threads that sign: {error}")))
}
