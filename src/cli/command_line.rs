//! The program and its commands.

use clap::{CommandFactory, Parser, Subcommand};

use super::app::Failure;
use super::{
    cluster, completions, config, diff, eval, explain, inspect, man, produce, promote, replay, sample, serve, tail,
    topics,
};

/// Finds syndicated copies in a stream of news articles and publishes them as stories.
#[derive(Debug, Clone, PartialEq, Parser)]
#[command(
    name = "wirefold",
    version,
    propagate_version = true,
    after_help = include_str!("help/wirefold.txt").trim_end(),
    arg_required_else_help = true,
    max_term_width = 100
)]
pub struct Cli {
    #[command(subcommand)]
    command: CliCommand,
}

#[derive(Debug, Clone, PartialEq, Subcommand)]
enum CliCommand {
    /// Show how each record of a new feed is read, and what is decided on it
    Inspect(inspect::InspectArgs),
    /// Cluster the articles of files, without Kafka
    Cluster(cluster::ClusterArgs),
    /// Run the service: raw articles in Kafka to stories in Kafka
    Serve(serve::ServeArgs),
    /// Cluster a range of the past again, into a namespace or a directory of its own
    Replay(replay::ReplayArgs),
    /// Let a finished replay replace the service
    Promote(promote::PromoteArgs),
    /// Create the topics of the service, or check them
    Topics(topics::TopicsArgs),
    /// Write articles from files to the input topic, with their own times
    Produce(produce::ProduceArgs),
    /// Follow stories, verdicts or dead letters in a terminal
    Tail(tail::TailArgs),
    /// Show why two articles are in one story, or are not
    Explain(explain::ExplainArgs),
    /// Score stories against labels or against another run
    Eval(eval::EvalArgs),
    /// Show where two runs over the same articles differ
    Diff(diff::DiffArgs),
    /// Draw pairs of articles for people to label
    Sample(sample::SampleArgs),
    /// Print the effective settings, each with where it comes from
    Config(config::ConfigArgs),
    /// Print a completion script for a shell
    Completions(completions::CompletionsArgs),
    /// Write the manual pages into a directory
    Man(man::ManArgs),
}

impl Cli {
    /// Whether the command prints its results on standard output.
    pub fn prints_results(&self) -> bool {
        use CliCommand::{Man, Produce, Promote, Replay, Serve, Topics};
        !matches!(self.command, Serve(_) | Replay(_) | Promote(_) | Topics(_) | Produce(_) | Man(_))
    }
}

/// Runs a command to its end.
pub fn run(cli: Cli) -> Result<(), Failure> {
    match cli.command {
        CliCommand::Inspect(args) => inspect::run(&args),
        CliCommand::Cluster(args) => cluster::run(&args),
        CliCommand::Serve(args) => serve::run(&args),
        CliCommand::Replay(args) => replay::run(&args),
        CliCommand::Promote(args) => promote::run(&args),
        CliCommand::Topics(args) => topics::run(&args),
        CliCommand::Produce(args) => produce::run(&args),
        CliCommand::Tail(args) => tail::run(&args),
        CliCommand::Explain(args) => explain::run(&args),
        CliCommand::Eval(args) => eval::run(&args),
        CliCommand::Diff(args) => diff::run(&args),
        CliCommand::Sample(args) => sample::run(&args),
        CliCommand::Config(args) => config::run(&args),
        CliCommand::Completions(args) => completions::run(&args, &mut Cli::command()),
        CliCommand::Man(args) => man::run(&args, Cli::command()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
