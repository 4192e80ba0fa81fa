//! `wirefold topics`.

use clap::{Args, Subcommand};

use super::app::{Failure, LOG_PARTITIONS, SettingsArgs, check_topics, client, print_note};
use crate::kafka::{Admin, Severity, TopicProblem, TopicSpec, topic_specs};
use crate::record::TopicId;

/// Lets the broker choose the number of partitions.
const BROKER_DEFAULT: i32 = -1;

/// Arguments of `topics`.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
#[command(
    arg_required_else_help = true,
    after_help = include_str!("help/topics.txt").trim_end()
)]
pub(super) struct TopicsArgs {
    #[command(subcommand)]
    command: TopicsCommand,
}

#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
enum TopicsCommand {
    /// Create every topic that is missing, and check the others
    #[command(after_long_help = include_str!("help/topics-create.txt").trim_end())]
    Create {
        /// Partitions of each missing topic of articles, stories, verdicts and dead letters [default: the broker's default]
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
        input_partitions: Option<u16>,

        #[command(flatten)]
        settings: SettingsArgs,
    },

    /// Check partitions, cleanup, retention and time stamps of every topic; change nothing
    #[command(after_long_help = include_str!("help/topics-check.txt").trim_end())]
    Check {
        #[command(flatten)]
        settings: SettingsArgs,
    },
}

pub(super) fn run(args: &TopicsArgs) -> Result<(), Failure> {
    let (TopicsCommand::Create { settings, .. } | TopicsCommand::Check { settings }) = &args.command;
    let (config, _) = settings.load()?;
    let admin = Admin::connect(&client(&config)?)?;
    let names = config.names();
    let mut partitions = BROKER_DEFAULT;
    if let TopicsCommand::Create { input_partitions, .. } = &args.command {
        partitions = input_partitions.map_or(BROKER_DEFAULT, i32::from);
        for topic in admin.create(&topic_specs(&names, LOG_PARTITIONS, partitions))? {
            print_note(format_args!("created {topic}"));
        }
    }
    let specs = topic_specs(&names, LOG_PARTITIONS, partitions);
    if matches!(args.command, TopicsCommand::Check { .. }) {
        print_ids(&admin, &specs)?;
    }
    let problems = admin.check(&specs)?;
    for problem in &problems {
        print_note(format_args!("{}: {problem}", severity(problem)));
    }
    check_topics(&problems)?;
    print_note("every topic is as the service needs it");
    Ok(())
}

/// Prints the id of each topic, by which a topic that was created again can be told from the one before.
fn print_ids(admin: &Admin, specs: &[TopicSpec]) -> Result<(), Failure> {
    let topics: Vec<&str> = specs.iter().map(|spec| spec.name.as_str()).collect();
    for (topic, id) in topics.iter().zip(admin.topic_ids(&topics)?) {
        match id {
            Some(TopicId::NONE) => print_note(format_args!("{topic} has no id: the brokers give none")),
            Some(id) => print_note(format_args!("{topic} has the id {id}")),
            // The check names it.
            None => {}
        }
    }
    Ok(())
}

fn severity(problem: &TopicProblem) -> &'static str {
    match problem.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}
