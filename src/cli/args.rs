//! What can be typed.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::{DiffArgs, EvalArgs, ExplainArgs, PromoteArgs, ReplayArgs, SampleArgs};
use crate::config::{Argument, shown};
use crate::local;

const EXIT_CODES: &str = "\
Exit codes:
  0  done, or stopped in good order by SIGTERM or SIGINT
  1  a file, the broker or the network failed, or `check` found something wrong
  2  the command line or the settings are wrong; nothing was started
  130  a replay or a promotion was stopped by SIGTERM or SIGINT";

/// Finds syndicated copies in a stream of news articles and publishes them as story groups.
#[derive(Debug, Clone, PartialEq, Parser)]
#[command(name = "wirefold", version, propagate_version = true, after_help = EXIT_CODES, arg_required_else_help = true, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum Command {
    /// Group the articles of files, without Kafka
    #[command(after_long_help = "\
Examples:
  wirefold cluster articles.ndjson > stories.ndjson
  wirefold cluster --min-size 2 --verdicts verdicts.ndjson 2026-*.ndjson.zst
  zcat dump.gz | wirefold cluster --order input - | jq .size

Exit codes:
  0  done; lines that could not be read are counted and do not change this
  1  a file could not be read or written, or with --strict a line could not be read
  2  the command line or the settings are wrong")]
    Cluster(ClusterArgs),

    /// Run the service: raw articles in Kafka to story groups in Kafka
    #[command(after_long_help = "\
Examples:
  wirefold serve
  wirefold serve --config wirefold.toml
  wirefold serve --stages sign --set http.listen=0.0.0.0:9465
  WIREFOLD_KAFKA__BOOTSTRAP_SERVERS=kafka:9092 wirefold serve

Signals:
  SIGTERM and SIGINT finish, publish and commit what is begun within serve.drain_deadline; a second one exits at once.

Exit codes:
  0  stopped in good order
  1  the broker, a topic or the network failed for good, or the drain took too long
  2  the command line or the settings are wrong; nothing was started")]
    Serve(ServeArgs),

    /// Judge a stretch of the past again, into a namespace of its own
    Replay(ReplayArgs),

    /// Let a replay take the place of the service
    Promote(PromoteArgs),

    /// Make the topics of the service, or check them
    #[command(after_help = "\
Examples:
  wirefold topics create --input-partitions 6
  wirefold topics check")]
    Topics(TopicsArgs),

    /// Write articles from files to the input topic, with their own times
    #[command(after_long_help = "\
Examples:
  wirefold produce examples/articles.ndjson
  wirefold produce --rate 500 --topic wires archive-2012.ndjson.zst

Exit codes:
  0  every line is written and acknowledged
  1  a file could not be read, or the broker refused a record
  2  the command line or the settings are wrong")]
    Produce(ProduceArgs),

    /// Follow stories, verdicts or dead letters in a terminal
    #[command(after_long_help = "\
Examples:
  wirefold tail
  wirefold tail --from-start --json | jq 'select(.size > 4)'
  wirefold tail --topic dead-letters

Exit codes:
  0  stopped by SIGINT or SIGTERM, or the reader of the pipe is gone
  1  the broker or the network failed for good
  2  the command line or the settings are wrong")]
    Tail(TailArgs),

    /// Show why two articles are one story, or are not
    Explain(ExplainArgs),

    /// Score stories against labels or against another run
    Eval(EvalArgs),

    /// Show where two runs over the same articles differ
    Diff(DiffArgs),

    /// Draw pairs of articles for people to judge
    Sample(SampleArgs),

    /// Print the settings that hold, each with where it comes from
    #[command(after_long_help = "\
Examples:
  wirefold config
  wirefold config --config wirefold.toml > effective.toml
  WIREFOLD_WINDOW__LENGTH=48h wirefold config | grep length

What is printed can be read again with --config. Secrets are masked.

Exit codes:
  0  the settings are right
  1  standard output cannot be written
  2  the command line or the settings are wrong; each error is printed")]
    Config(ConfigArgs),
}

/// Settings of the command line.
#[derive(Debug, Clone, PartialEq, Eq, Default, Args)]
#[command(next_help_heading = "Settings")]
pub struct ConfigArgs {
    /// Read settings from this TOML file
    #[arg(long, value_name = "FILE", env = "WIREFOLD_CONFIG", hide_env_values = true)]
    pub config: Option<PathBuf>,

    /// Set one setting by its dotted key; wins over the environment and the file
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = key_and_value)]
    pub set: Vec<(String, String)>,

    /// Log this much: error, warn, info, debug, trace, also by module [setting: log.level]
    #[arg(long = "log", value_name = "LEVEL")]
    pub log: Option<String>,
}

impl ConfigArgs {
    /// The settings among the arguments, `--set` first.
    #[must_use]
    pub fn arguments(&self) -> Vec<Argument> {
        let set = self.set.iter().map(|(key, value)| Argument {
            key: key.clone(),
            value: value.clone(),
            // The value may be a secret.
            typed: format!("--set {key}"),
        });
        let log = self.log.iter().map(|level| argument("log.level", level, "--log"));
        set.chain(log).collect()
    }
}

/// A command of this program as it is typed in a shell, with these settings; secrets are masked.
pub(super) fn typed(words: &[&str], config: &ConfigArgs) -> String {
    let program = std::env::args().next().unwrap_or_else(|| "wirefold".to_owned());
    let mut typed: Vec<String> = [program].into_iter().chain(words.iter().map(ToString::to_string)).collect();
    let mut option = |name: &str, value: String| typed.extend([name.to_owned(), value]);
    if let Some(file) = &config.config {
        option("--config", file.display().to_string());
    }
    for (key, value) in &config.set {
        option("--set", format!("{key}={}", shown(key, value)));
    }
    if let Some(level) = &config.log {
        option("--log", level.clone());
    }
    // Arguments hold no zero byte, which is all that cannot be quoted.
    shlex::try_join(typed.iter().map(String::as_str)).unwrap_or_else(|_| typed.join(" "))
}

fn argument(key: &str, value: &str, typed: &str) -> Argument {
    Argument { key: key.to_owned(), value: value.to_owned(), typed: typed.to_owned() }
}

fn key_and_value(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("expected KEY=VALUE, such as window.length=48h")?;
    Ok((key.trim().to_owned(), value.to_owned()))
}

/// Arguments of `cluster`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct ClusterArgs {
    /// NDJSON files, plain or packed by gzip (.gz) or zstd (.zst); `-` is standard input
    #[arg(required = true, value_name = "FILES")]
    pub files: Vec<PathBuf>,

    /// Print only stories with at least this many articles
    #[arg(long, value_name = "N", default_value = "1")]
    pub min_size: NonZeroUsize,

    /// Write the verdict on each article to this file, in input order
    #[arg(long, value_name = "FILE")]
    pub verdicts: Option<PathBuf>,

    /// Write each line that cannot be read to this file, with the reason
    #[arg(long, value_name = "FILE")]
    pub dead_letters: Option<PathBuf>,

    /// Fold the articles in the order in which they were published, or as they stand in the files
    #[arg(long, value_enum, default_value_t = Order::Published)]
    pub order: Order,

    /// Threads; the result is the same for any number [default: number of cores]
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,

    /// Exit with 1 when a line cannot be read
    #[arg(long)]
    pub strict: bool,

    /// Settings.
    #[command(flatten)]
    pub config: ConfigArgs,
}

/// The order in which `cluster` folds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Order {
    /// By published time; all articles are held in memory to be sorted
    Published,
    /// As they stand; memory follows the live articles only
    Input,
}

impl From<Order> for local::Order {
    fn from(order: Order) -> Self {
        match order {
            Order::Published => Self::Published,
            Order::Input => Self::Input,
        }
    }
}

/// Arguments of `serve`.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct ServeArgs {
    /// Stages that this process runs: sign, fold, or both [setting: serve.stages]
    #[arg(long, value_name = "STAGES")]
    pub stages: Option<String>,

    /// Settings.
    #[command(flatten)]
    pub config: ConfigArgs,
}

impl ServeArgs {
    /// The settings among the arguments; those with a flag of their own win.
    #[must_use]
    pub fn arguments(&self) -> Vec<Argument> {
        let mut arguments = self.config.arguments();
        arguments.extend(self.stages.iter().map(|stages| argument("serve.stages", stages, "--stages")));
        arguments
    }
}

/// Arguments of `topics`.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
#[command(arg_required_else_help = true)]
pub struct TopicsArgs {
    /// What to do with them.
    #[command(subcommand)]
    pub command: TopicsCommand,
}

/// The commands of `topics`.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum TopicsCommand {
    /// Make every topic that is missing, and check the others
    #[command(after_long_help = "\
Examples:
  wirefold topics create
  wirefold topics create --input-partitions 6 --set namespace=trial

Topics that exist are never changed.

Exit codes:
  0  every topic is as the service needs it
  1  a topic is not, or the broker could not be reached; what to do is printed
  2  the command line or the settings are wrong")]
    Create {
        /// Partitions of each input topic that is missing [default: the broker's default]
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
        input_partitions: Option<u16>,

        /// Settings.
        #[command(flatten)]
        config: ConfigArgs,
    },

    /// Check partitions, cleanup, retention and time stamps of every topic; change nothing
    #[command(after_long_help = "\
Examples:
  wirefold topics check
  wirefold topics check --config wirefold.toml

Exit codes:
  0  every topic is as the service needs it
  1  a topic is not, or the broker could not be reached; what to do is printed
  2  the command line or the settings are wrong")]
    Check {
        /// Settings.
        #[command(flatten)]
        config: ConfigArgs,
    },
}

/// Arguments of `produce`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct ProduceArgs {
    /// NDJSON files, plain or packed by gzip (.gz) or zstd (.zst); `-` is standard input
    #[arg(required = true, value_name = "FILES")]
    pub files: Vec<PathBuf>,

    /// Write to this topic [default: the first of topics.articles]
    #[arg(long, value_name = "TOPIC")]
    pub topic: Option<String>,

    /// Write at most so many articles a second [default: as fast as the broker takes them]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub rate: Option<u32>,

    /// Settings.
    #[command(flatten)]
    pub config: ConfigArgs,
}

/// Arguments of `tail`.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct TailArgs {
    /// What to follow
    #[arg(long, value_enum, default_value_t = TailTopic::Stories)]
    pub topic: TailTopic,

    /// Begin with the first record that is kept, not with the next one
    #[arg(long)]
    pub from_start: bool,

    /// Print each record as it stands in the topic, one a line
    #[arg(long)]
    pub json: bool,

    /// Settings.
    #[command(flatten)]
    pub config: ConfigArgs,
}

/// What `tail` follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TailTopic {
    /// Story groups [setting: `topics.stories`]
    Stories,
    /// The judgement of each article [setting: `topics.verdicts`]
    Verdicts,
    /// What could not be read [setting: `topics.dead_letters`]
    DeadLetters,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_flag_of_its_own_wins_over_set() {
        let cli = Cli::try_parse_from(["wirefold", "serve", "--stages", "fold", "--set", "serve.stages=sign"]);
        let Ok(Cli { command: Command::Serve(serve) }) = cli else { panic!("{cli:?}") };
        let arguments = serve.arguments();
        let last = arguments.last().expect("two arguments");
        assert_eq!((last.key.as_str(), last.value.as_str()), ("serve.stages", "fold"));
    }

    #[test]
    fn a_command_is_repeated_as_a_shell_reads_it_and_without_secrets() {
        let line =
            ["wirefold", "config", "--config", "my file.toml", "--set", "topics.articles=a,it's", "--log", "debug"];
        let secret = ["--set", "kafka.properties.sasl.password=hush"];
        let cli = Cli::try_parse_from(line.iter().chain(&secret));
        let Ok(Cli { command: Command::Config(config) }) = cli else { panic!("{cli:?}") };
        let typed = typed(&["promote", "march"], &config);
        let (_, arguments) = typed.split_once(" promote ").expect("the program comes first");
        assert_eq!(
            arguments,
            "march --config 'my file.toml' --set \"topics.articles=a,it's\" \
             --set 'kafka.properties.sasl.password=********' --log debug"
        );
    }

    #[test]
    fn a_value_may_hold_an_equals_sign_and_is_not_repeated_in_messages() {
        let cli = Cli::try_parse_from(["wirefold", "config", "--set", "kafka.properties.sasl.password=a=b"]);
        let Ok(Cli { command: Command::Config(config) }) = cli else { panic!("{cli:?}") };
        let expected = Argument {
            key: "kafka.properties.sasl.password".to_owned(),
            value: "a=b".to_owned(),
            typed: "--set kafka.properties.sasl.password".to_owned(),
        };
        assert_eq!(config.arguments(), [expected]);
    }
}
