//! `wirefold serve`: settings, checks, a thread for each stage, and an orderly end.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args;
use tracing::{error, info, warn};

use super::app::{
    Ended, Failure, LOG_PARTITIONS, LOOK_AFTER_EVERY, POLL_WAIT, RULE_SECTIONS, SettingsArgs, Signals, Stages,
    article_reader, check_topics, client, clustering_rules, exit_if_stuck, init_logging, runtime, signature_rules,
    start_thread_pool,
};
use crate::clustering::Publication;
use crate::config::{Config, TopicNames};
use crate::http::Server;
use crate::kafka::{Admin, ClientSettings, GuardTime, KafkaBroker, topic_specs};
use crate::replay::{ReplayError, ServedNamespace, check_served, writer_guard};
use crate::stream::event::{Observer, Stage};
use crate::stream::port::{PollLimits, PortError};
use crate::stream::{
    RawArticles, SignatureStage, SignatureStageSettings, StoryStage, StoryStageSettings, SystemClock, failpoint,
};
use crate::telemetry::Telemetry;

/// Arguments of `serve`.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
#[command(after_long_help = include_str!("help/serve.txt").trim_end())]
pub(super) struct ServeArgs {
    /// Stages that this process runs: signatures, stories, or both [setting: serve.stages]
    #[arg(long, value_name = "STAGES")]
    stages: Option<String>,

    #[command(flatten)]
    settings: SettingsArgs,
}

pub(super) fn run(args: &ServeArgs) -> Result<(), Failure> {
    let stages = args.stages.as_deref().map(|stages| ("serve.stages", stages, "--stages"));
    let (config, typed) = args.settings.load_with(stages.as_slice())?;
    let client = client(&config)?;
    article_reader(&config)?;
    init_logging(&config)?;
    start_thread_pool(config.serve.threads)?;
    let runtime = runtime()?;
    let ended = runtime.block_on(supervise(config, typed.under(&RULE_SECTIONS), client));
    // A probe that is still being answered does not delay the end.
    runtime.shutdown_timeout(LOOK_AFTER_EVERY);
    ended
}

/// Starts the stages, and ends them in good order: at a signal, or when one of them fails.
async fn supervise(config: Config, rules: BTreeMap<String, String>, client: ClientSettings) -> Result<(), Failure> {
    let mut signals = Signals::listen()?;
    let wanted: Vec<Stage> = [(Stage::Signatures, config.serve.signatures), (Stage::Stories, config.serve.stories)]
        .into_iter()
        .filter_map(|(stage, runs)| runs.then_some(stage))
        .collect();
    let telemetry = Telemetry::new(&wanted, config.serve.stall_after);
    let server = Server::bind(config.http.listen, telemetry.clone()).await?;
    let pages = tokio::spawn(server.run(std::future::pending()));
    let epoch = tokio::select! {
        checked = check(&client, config.names(), rules) => checked?,
        () = signals.next() => return Ok(()),
    };

    let settings = Arc::new(config);
    let mut stages = Stages::new();
    for &stage in &wanted {
        let (config, client, observer) = (settings.clone(), client.clone(), telemetry.clone());
        stages.start(stage, move |stop| match stage {
            Stage::Signatures => serve_signatures(&config, &client, observer, stop),
            Stage::Stories => serve_stories(&config, &client, epoch, observer, stop),
        })?;
    }
    let stage_names = wanted.iter().map(|stage| stage.name()).collect::<Vec<_>>().join(",");
    info!(stages = stage_names, instance = settings.serve.instance, listen = %settings.http.listen, "started");

    let failure = match stages.next_end(&mut signals, LOOK_AFTER_EVERY, || exit_if_stuck(telemetry.health())).await {
        Ended::Signal | Ended::All => None,
        Ended::Stage(stage, Ok(())) => Some(Failure::Other(format!("the stage {} ended by itself", stage.name()))),
        Ended::Stage(_, Err(failed)) => Some(failed.into()),
    };
    let while_draining = stages.drain(&mut signals, settings.serve.drain_deadline, None).await;
    pages.abort();
    if let Some(failure) = failure.or(while_draining) {
        error!(reason = %failure, "failed");
        return Err(failure);
    }
    info!("stopped");
    Ok(())
}

/// Refuses topics with which the service would lose something, and a namespace that must not be served. Returns the epoch of
/// the namespace.
async fn check(client: &ClientSettings, names: TopicNames, rules: BTreeMap<String, String>) -> Result<u32, Failure> {
    let client = client.clone();
    let checked = tokio::task::spawn_blocking(move || {
        let admin = Admin::connect(&client)?;
        let served = check_served(&client, &admin, &names, &rules)?;
        Ok::<_, ReplayError>((served, admin.check(&topic_specs(&names, LOG_PARTITIONS, 1))?))
    })
    .await;
    let (ServedNamespace { epoch, differences }, problems) =
        checked.map_err(|error| Failure::Other(error.to_string()))??;
    if !differences.is_empty() {
        let differences = differences.join("; ");
        warn!(
            "the replay that was promoted was clustered with other settings, and new articles are clustered with these: \
             {differences}"
        );
    }
    for problem in &problems {
        warn!("{problem}");
    }
    check_topics(&problems)?;
    Ok(epoch)
}

fn serve_signatures(
    config: &Config,
    client: &ClientSettings,
    observer: Arc<dyn Observer>,
    stop: &AtomicBool,
) -> Result<(), PortError> {
    failpoint::enter(Stage::Signatures.name());
    let names = config.names();
    let group = names.signatures_group();
    let broker = KafkaBroker::new(client.clone(), &group)?;
    let topics: Vec<Arc<str>> = names.articles.iter().map(|topic| topic.as_str().into()).collect();
    let consumer = broker.consumer(&topics)?;
    let broker = broker.guarded(GuardTime::AfterOpening, writer_guard(client, &names)?);
    let reader = article_reader(config).map_err(|error| PortError::Fatal(error.to_string()))?;
    let articles = RawArticles { reader, rules: signature_rules(config), latest: None };
    let settings = SignatureStageSettings {
        signatures: names.signatures().into(),
        dead_letters: names.dead_letters.as_str().into(),
        transactional_id: names.signatures_writer(&config.serve.instance),
        limits: poll_limits(config),
        warmup_until: BTreeMap::new(),
    };
    let mut stage =
        SignatureStage::new(broker, consumer, Box::new(articles), settings, observer, Box::new(SystemClock));
    while !stop.load(Ordering::Relaxed) {
        stage.step()?;
    }
    stage.finish()
}

fn serve_stories(
    config: &Config,
    client: &ClientSettings,
    epoch: u32,
    observer: Arc<dyn Observer>,
    stop: &AtomicBool,
) -> Result<(), PortError> {
    failpoint::enter(Stage::Stories.name());
    let names = config.names();
    let group = names.stories_group();
    let broker = KafkaBroker::new(client.clone(), &group)?;
    let consumer = broker.consumer(&[names.signatures().into()])?;
    let broker = broker.guarded(GuardTime::AfterOpening, writer_guard(client, &names)?);
    let settings = StoryStageSettings {
        signatures: names.signatures().into(),
        decisions: names.decisions().into(),
        boilerplate: names.boilerplate().into(),
        stories: names.stories.as_str().into(),
        verdicts: names.verdicts.as_str().into(),
        dead_letters: names.dead_letters.as_str().into(),
        transactional_id: names.stories_writer(),
        epoch,
        publication: Publication::Service,
        limits: poll_limits(config),
        keep: config.serve.keep,
        rules: clustering_rules(config),
    };
    let mut stage = StoryStage::new(broker, consumer, settings, observer, Box::new(SystemClock));
    while !stop.load(Ordering::Relaxed) {
        stage.step()?;
    }
    stage.finish()
}

fn poll_limits(config: &Config) -> PollLimits {
    PollLimits {
        records: config.serve.batch_records,
        bytes: config.serve.batch_bytes,
        wait: POLL_WAIT,
        linger: config.serve.batch_linger,
    }
}
