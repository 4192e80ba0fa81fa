//! `wirefold topics`.

use super::config::client;
use super::{Failure, TopicsCommand};
use crate::config::Config;
use crate::kafka::{Admin, Problem, Severity, TopicNames};

/// Partitions of the log. One state machine follows thousands of times the world's news, and a namespace never
/// changes their number.
pub(super) const LOG_PARTITIONS: i32 = 1;

/// What the cluster takes for its own default.
const CLUSTERS_DEFAULT: i32 = -1;

pub(super) fn run(command: &TopicsCommand) -> Result<(), Failure> {
    let (TopicsCommand::Create { config, .. } | TopicsCommand::Check { config }) = command;
    let (config, _) = config.load(&config.arguments())?;
    let admin = Admin::connect(&client(&config)?)?;
    let names = names(&config);
    let mut partitions = CLUSTERS_DEFAULT;
    if let TopicsCommand::Create { input_partitions, .. } = command {
        partitions = input_partitions.map_or(CLUSTERS_DEFAULT, i32::from);
        for topic in admin.create(&names.specs(LOG_PARTITIONS, partitions))? {
            eprintln!("created {topic}");
        }
    }
    let problems = admin.check(&names.specs(LOG_PARTITIONS, partitions))?;
    for problem in &problems {
        eprintln!("{}: {problem}", label(problem));
    }
    refuse(&problems)?;
    eprintln!("every topic is as the service needs it");
    Ok(())
}

/// The names of all topics of these settings.
pub(super) fn names(config: &Config) -> TopicNames {
    TopicNames {
        namespace: config.namespace.clone(),
        articles: config.topics.articles.clone(),
        stories: config.topics.stories.clone(),
        verdicts: config.topics.verdicts.clone(),
        dead_letters: config.topics.dead_letters.clone(),
    }
}

/// Fails when one of the problems is more than a warning.
pub(super) fn refuse(problems: &[Problem]) -> Result<(), Failure> {
    let errors = problems.iter().filter(|problem| problem.severity == Severity::Error).count();
    match errors {
        0 => Ok(()),
        1 => Err(Failure::Other("a topic is not as the service needs it".to_owned())),
        more => Err(Failure::Other(format!("{more} things about the topics are not as the service needs them"))),
    }
}

fn label(problem: &Problem) -> &'static str {
    match problem.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}
