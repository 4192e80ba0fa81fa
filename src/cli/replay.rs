//! `wirefold replay`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::app::{
    ExitAtSignal, Failure, RULE_SECTIONS, SettingsArgs, article_reader, client, execute, init_logging_with_bar,
    namespace_name, now, print_note, retyped, run_settings, start_thread_pool,
};
use crate::config::{TopicNames, parse_duration};
use crate::kafka::Admin;
use crate::replay::{
    BeginMode, RangeBound, RangeBoundError, Replay, ReplayOrder, ReplayRequest, ReplaySource, TargetChoice, check_names,
};

/// Arguments of `replay`.
#[derive(Debug, Clone, PartialEq, Args)]
#[command(after_long_help = include_str!("help/replay.txt").trim_end())]
pub(super) struct ReplayArgs {
    /// The namespace to write: its topics and groups begin with this name
    #[arg(long, value_name = "NAME", value_parser = namespace_name, required_unless_present = "output")]
    namespace: Option<String>,

    /// Write files into this directory instead, and nothing at all to the broker
    #[arg(long, value_name = "DIR", conflicts_with = "namespace")]
    output: Option<PathBuf>,

    /// Read raw articles, or cluster the signatures of the service again [default: articles]
    #[arg(long, value_enum)]
    source: Option<ReplaySource>,

    /// Begin with the first record, an offset, or a time [default: earliest]
    #[arg(long, value_name = "earliest|OFFSET|TIME", value_parser = from)]
    from: Option<String>,

    /// End before an offset or a time, or where the topics end now [default: latest]
    #[arg(long, value_name = "latest|OFFSET|TIME", value_parser = to)]
    to: Option<String>,

    /// Cluster articles as they arrived, or by published time: for archives whose record times say nothing [default: recorded]
    #[arg(long, value_enum)]
    order: Option<ReplayOrder>,

    /// How much before --from is read without being published; not with --order published [default: window.length]
    #[arg(long, value_name = "DURATION", value_parser = duration, conflicts_with = "resume")]
    warmup: Option<Duration>,

    /// Continue a replay that was stopped
    #[arg(long)]
    resume: bool,

    /// Delete what a replay has written here before, and begin again
    #[arg(long, conflicts_with = "resume")]
    force: bool,

    /// Serve /metrics, /livez and /readyz here [default: they are not served]
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,

    #[command(flatten)]
    settings: SettingsArgs,
}

fn from(text: &str) -> Result<String, RangeBoundError> {
    RangeBound::from(text).map(|_| text.trim().to_owned())
}

fn to(text: &str) -> Result<String, RangeBoundError> {
    RangeBound::to(text).map(|_| text.trim().to_owned())
}

fn duration(text: &str) -> Result<Duration, String> {
    parse_duration(text).ok_or_else(|| "expected a duration such as 72h, 30d or 0s".to_owned())
}

pub(super) fn run(args: &ReplayArgs) -> Result<(), Failure> {
    let (config, typed) = args.settings.load()?;
    let client = client(&config)?;
    article_reader(&config)?;
    if args.order == Some(ReplayOrder::Published) && args.warmup.is_some() {
        let reason =
            "--warmup is for --order recorded: what was published before the range may be anywhere in an archive";
        return Err(Failure::Settings(reason.to_owned()));
    }
    let source_namespace = config.names();
    let (target, option) = match (&args.output, &args.namespace) {
        (Some(directory), _) => {
            (TargetChoice::Directory(directory.clone()), ["--output".to_owned(), directory.display().to_string()])
        }
        (None, Some(namespace)) => {
            let names = TopicNames::of_replay(namespace, config.topics.articles.clone());
            check_names(&names, &source_namespace).map_err(|refusal| Failure::Settings(refusal.to_string()))?;
            (TargetChoice::Topics(names), ["--namespace".to_owned(), namespace.clone()])
        }
        (None, None) => unreachable!("one of them is required"),
    };
    let request = ReplayRequest {
        target,
        source_namespace,
        source: args.source,
        order: args.order,
        from: args.from.clone(),
        to: args.to.clone(),
        warmup: args.warmup.unwrap_or(config.window.length),
        settings: typed.under(&RULE_SECTIONS),
        now: now(),
    };
    let mode = match (args.resume, args.force) {
        (true, _) => BeginMode::Resume,
        (_, true) => BeginMode::Force,
        _ => BeginMode::New,
    };
    init_logging_with_bar(&config, &args.settings)?;
    start_thread_pool(config.serve.threads)?;
    let exit = ExitAtSignal::listen(&retyped(&["replay", &option[0], &option[1], "--resume"], &args.settings))?;

    let admin = Admin::connect(&client)?;
    let replay = match Replay::begin(&client, &admin, &request, mode)? {
        Ok(replay) => replay,
        Err(results) => {
            print_note("the replay is finished already: --force begins it again");
            print_results(&results);
            return Ok(());
        }
    };
    let settings = run_settings(&config)?;
    let run = execute(&config, args.listen, &exit, |observer| replay.run(client.clone(), settings, observer))?;
    let results = replay.results();
    replay.finish(&run).map_err(|error| Failure::from(error).with_remedy(&exit.remedy()))?;
    print_note(run.progress().summary().trim_end());
    print_results(&results);
    Ok(())
}

fn print_results(results: &[String]) {
    print_note(format_args!("results       {}", results.join(", ")));
}
