//! `wirefold replay`.

mod progress;
mod run;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::config::client;
use super::rules::reader;
use super::signals::ExitAtSignal;
use super::stages::{now, sign_on};
use super::topics::{names, refuse};
use super::{ConfigArgs, Failure, args};
use crate::config::{Config, Typed, is_namespace, parse_duration};
use crate::journal::Journal;
use crate::kafka::{Admin, ClientSettings, KafkaBroker, TopicNames};
use crate::pipeline::observe::Stage;
use crate::record::{ReplayOrder, ReplayPlan, ReplaySource, ReplayState};
use crate::replay::{Begin, Bound, Directory, Home, Request, Topics, begin, refuse_names_in_use};
use crate::telemetry::init_tracing;
pub(super) use progress::draw_target;
pub(super) use run::Run;

/// The sections of the settings that signing and judging go by.
pub(super) const RULES: [&str; 4] = ["fields", "match", "sources", "window"];

/// Arguments of `replay`.
#[derive(Debug, Clone, PartialEq, Args)]
#[command(after_long_help = "\
Examples:
  wirefold replay --namespace march --from 2026-03-01 --to 2026-04-01
  wirefold replay --namespace strict --source signatures --set match.threshold=0.5
  wirefold replay --namespace march --resume
  wirefold replay --output march/ --from 2026-03-01 --to 2026-04-01

A time is one of the records: when an article came in, for signatures when it was signed. It stands for the first record of
a partition that is not older: where record times do not ascend, name offsets. A day begins at midnight UTC.
The ends are fixed when the replay begins. It writes NAME.stories, NAME.verdicts and NAME.dead-letters, and keeps its log in
topics of its own; or DIR/stories.ndjson, verdicts.ndjson and dead-letters.ndjson, each with the last record of every key, and
its log in DIR/journal until they are written. It commits to no group of the service and writes none of its topics.

Exit codes:
  0    all of the range is judged
  1    the broker, a topic or the network failed for good, or the replay was refused; what to do is said
  2    the command line or the settings are wrong; nothing was started
  130  stopped by SIGINT or SIGTERM; --resume goes on")]
pub struct ReplayArgs {
    /// The namespace to write: its topics and groups begin with this name
    #[arg(long, value_name = "NAME", value_parser = namespace, required_unless_present = "output")]
    pub namespace: Option<String>,

    /// Write files into this directory instead, and nothing at all to the broker
    #[arg(long, value_name = "DIR", conflicts_with = "namespace")]
    pub output: Option<PathBuf>,

    /// Read raw articles, or judge the signatures of the service again [default: articles]
    #[arg(long, value_enum)]
    pub source: Option<Source>,

    /// Begin with the first record, an offset, or a time [default: earliest]
    #[arg(long, value_name = "earliest|OFFSET|TIME", value_parser = from)]
    pub from: Option<String>,

    /// End before an offset or a time, or where the topics end now [default: latest]
    #[arg(long, value_name = "latest|OFFSET|TIME", value_parser = to)]
    pub to: Option<String>,

    /// Fold articles as they came in, or by published time: for archives whose record times say nothing [default: recorded]
    #[arg(long, value_enum)]
    pub order: Option<Sequence>,

    /// How much before --from is read without being published; nothing of an archive [default: window.length]
    #[arg(long, value_name = "DURATION", value_parser = duration, conflicts_with = "resume")]
    pub warmup: Option<Duration>,

    /// Go on with a replay that was stopped
    #[arg(long)]
    pub resume: bool,

    /// Throw away what a replay has written here before, and begin again
    #[arg(long, conflicts_with = "resume")]
    pub force: bool,

    /// Serve /metrics, /livez and /readyz here [default: they are not served]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<SocketAddr>,

    /// Settings.
    #[command(flatten)]
    pub config: ConfigArgs,
}

/// What is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Source {
    /// The topics of `topics.articles`
    Articles,
    /// The log of the service: no text is read again
    Signatures,
}

/// In which order it is folded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Sequence {
    /// By the time of the record, then partition, then offset
    Recorded,
    /// By the published time of the article, as `cluster` does
    Published,
}

pub(super) fn namespace(text: &str) -> Result<String, String> {
    is_namespace(text).then(|| text.to_owned()).ok_or_else(|| "expected the name of a namespace".to_owned())
}

fn from(text: &str) -> Result<String, crate::replay::BoundError> {
    Bound::from(text).map(|_| text.trim().to_owned())
}

fn to(text: &str) -> Result<String, crate::replay::BoundError> {
    Bound::to(text).map(|_| text.trim().to_owned())
}

fn duration(text: &str) -> Result<Duration, String> {
    parse_duration(text).ok_or_else(|| "expected a duration such as 72h, 30d or 0s".to_owned())
}

pub(super) fn run(args: &ReplayArgs) -> Result<(), Failure> {
    let (config, typed) = args.config.load(&args.config.arguments())?;
    let client = client(&config)?;
    reader(&config)?;
    if args.order == Some(Sequence::Published) && args.warmup.is_some() {
        let reason =
            "--warmup is for --order recorded: what was published before the range may stand anywhere in an archive";
        return Err(Failure::Settings(reason.to_owned()));
    }
    if let Some(namespace) = &args.namespace {
        let refused = refuse_names_in_use(&names_of(&config, namespace), &names(&config));
        refused.map_err(|error| Failure::Settings(error.to_string()))?;
    }
    log_beside_a_bar(&config, &args.config)?;
    sign_on(config.serve.threads)?;
    let admin = Admin::connect(&client)?;
    let replay = Replay { args, config: &config, typed: &typed, client: &client, admin: &admin };
    match (&args.output, &args.namespace) {
        (Some(directory), _) => replay.into_files(directory),
        (None, Some(namespace)) => replay.into_topics(namespace),
        (None, None) => unreachable!("one of them is required"),
    }
}

/// A replay as it was asked for.
struct Replay<'a> {
    args: &'a ReplayArgs,
    config: &'a Config,
    typed: &'a Typed,
    client: &'a ClientSettings,
    admin: &'a Admin,
}

impl Replay<'_> {
    fn into_topics(self, namespace: &str) -> Result<(), Failure> {
        let (names, beside) = (names_of(self.config, namespace), names(self.config));
        let mut home = Topics::new(self.client, self.admin, &names, &beside, now())?;
        let results = format!("{}, {}, {}", names.stories, names.verdicts, names.dead_letters);
        let exit = self.listen(&["--namespace", namespace])?;
        let Some(plan) = self.begin(&mut home, &names.sign_group(), &results)? else { return Ok(()) };
        refuse(&self.admin.check(&TopicNames { articles: Vec::new(), ..names.clone() }.specs(1, 1))?)?;
        self.carry_out(home, names, plan, None, &exit, &results)
    }

    fn into_files(self, directory: &Path) -> Result<(), Failure> {
        let mut home = Directory::new(directory, self.config.topics.articles.clone());
        let results = home.results().map(|path| path.display().to_string()).join(", ");
        let exit = self.listen(&["--output", &home.to_string()])?;
        // The group of its readers, who commit nothing, is that of no service.
        let Some(plan) = self.begin(&mut home, &self.client.client_id, &results)? else { return Ok(()) };
        let (names, journal) = (home.names().clone(), home.journal().cloned());
        self.carry_out(home, names, plan, journal, &exit, &results)
    }

    /// Says at a signal which command goes on with it.
    fn listen(&self, home: &[&str]) -> Result<ExitAtSignal, Failure> {
        ExitAtSignal::listen(&args::typed(&[&["replay"], home, &["--resume"]].concat(), &self.args.config))
    }

    /// The plan to carry out; none when that was done, which is said.
    fn begin(&self, home: &mut impl Home, group: &str, results: &str) -> Result<Option<ReplayPlan>, Failure> {
        let how = match (self.args.resume, self.args.force) {
            (true, _) => Begin::Resume,
            (_, true) => Begin::Force,
            _ => Begin::Anew,
        };
        let mut lookup = KafkaBroker::new(self.client.clone(), Stage::Sign, group)?;
        let request = request(self.args, self.config, self.typed, home.to_string());
        let plan = begin(self.client, self.admin, &mut lookup, home, &request, how)?;
        if plan.is_none() {
            eprintln!("the replay {home} is finished already: --force begins it again\nresults       {results}");
        }
        Ok(plan)
    }

    fn carry_out(
        &self,
        mut home: impl Home,
        names: TopicNames,
        plan: ReplayPlan,
        journal: Option<Journal>,
        exit: &ExitAtSignal,
        results: &str,
    ) -> Result<(), Failure> {
        let (config, client) = (self.config.clone(), self.client.clone());
        let run = Run { config, client, names, plan: plan.clone(), journal, exit: exit.clone() };
        let done = run.execute(self.args.listen)?;
        home.finish(&ReplayPlan { state: ReplayState::Finished, decisions: Some(done.decisions), ..plan })
            .map_err(|error| Failure::Other(format!("{error}\n{}", exit.remedy())))?;
        eprint!("{}", done.summary);
        eprintln!("results       {results}");
        Ok(())
    }
}

/// Log lines where there is no terminal. A bar says it all, and lines would tear it.
pub(super) fn log_beside_a_bar(config: &Config, args: &ConfigArgs) -> Result<(), Failure> {
    let on_terminal = std::io::IsTerminal::is_terminal(&std::io::stderr());
    let level = if on_terminal && args.log.is_none() { "warn" } else { &config.log.level };
    init_tracing(config.log.format.is_json(on_terminal), level)
        .map_err(|error| Failure::Settings(format!("log.level: {error}")))
}

/// The names of the replay, which writes no topic that the settings name.
pub(super) fn names_of(config: &Config, namespace: &str) -> TopicNames {
    TopicNames {
        namespace: namespace.to_owned(),
        stories: format!("{namespace}.stories"),
        verdicts: format!("{namespace}.verdicts"),
        dead_letters: format!("{namespace}.dead-letters"),
        ..names(config)
    }
}

fn request(args: &ReplayArgs, config: &Config, typed: &Typed, namespace: String) -> Request {
    Request {
        namespace,
        beside: names(config),
        source: args.source.map(|source| match source {
            Source::Articles => ReplaySource::Articles,
            Source::Signatures => ReplaySource::Signatures,
        }),
        order: args.order.map(|order| match order {
            Sequence::Recorded => ReplayOrder::Recorded,
            Sequence::Published => ReplayOrder::Published,
        }),
        from: args.from.clone(),
        to: args.to.clone(),
        warmup: args.warmup.unwrap_or(config.window.length),
        settings: typed.under(&RULES),
        now: now(),
    }
}
