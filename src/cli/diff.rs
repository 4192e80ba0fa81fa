//! `wirefold diff`.

use std::path::PathBuf;
use std::slice::from_ref;

use clap::Args;

use super::config::client;
use super::files::{folding, refuse_two_readers_of_standard_input, texts};
use super::print::{print, print_json};
use super::replay::names_of;
use super::rules::reader;
use super::topics::names;
use super::{ConfigArgs, Failure};
use crate::config::Config;
use crate::eval::{Folding, FoldingReader, diff};
use crate::kafka::{Admin, KafkaBroker};
use crate::pipeline::observe::Stage;
use crate::pipeline::port::{Broker, LogReader, PortError, TopicPartition};

/// What a replay into files leaves in its directory.
const RESULTS: [&str; 2] = ["stories.ndjson", "verdicts.ndjson"];

/// How names of files end, and no namespace: a file that is missing is not looked for in Kafka.
const FILE_ENDS: [&str; 5] = [".ndjson", ".jsonl", ".json", ".gz", ".zst"];

const HELP: &str = "\
A and B are files of what `wirefold cluster` wrote or of the records of both public topics (plain, .gz, .zst, or `-` for \
one of them), directories of `wirefold replay --output`, or namespaces in Kafka: that of the settings (`live` by default) \
is what the topics of the settings hold, any other NAME the topics NAME.stories and NAME.verdicts. Of several records of one story or article the highest revision counts.

Only articles in both say anything about stories. A story of A is split when its articles stand in several stories of B, \
a story of B is joined when its articles come from several stories of A. To say which articles moved, each \
story is paired with one of the other side at most: those that share most articles first, of equal ones those that share \
the earliest. Articles in both stories of a pair stayed, all others moved.

Stories of one article count too. Where one side does not tell them (`cluster --min-size 2`, or stories without \
verdicts), they are articles only of the other side.

To see why two articles are together or apart, give their uris to `wirefold explain`.

Examples:
  wirefold cluster news.ndjson > old.ndjson
  wirefold cluster --set window.length=24h news.ndjson > new.ndjson
  wirefold diff old.ndjson new.ndjson --articles news.ndjson
  wirefold diff live march-strict --limit 100
  wirefold diff old.ndjson new.ndjson --json | jq .adjusted_rand

Exit codes:
  0  done, whether they differ or not
  1  a file could not be read, or the broker failed; a record that cannot be used is named with its place
  2  the command line or the settings are wrong";

/// Arguments of `diff`.
#[derive(Debug, Clone, PartialEq, Args)]
#[command(after_long_help = HELP)]
pub struct DiffArgs {
    /// The first run: a file, `-`, a directory of a replay, or a namespace in Kafka
    #[arg(value_name = "A")]
    pub a: String,

    /// The second run
    #[arg(value_name = "B")]
    pub b: String,

    /// List at most this many changed stories, the largest changes first
    #[arg(long, value_name = "N", default_value = "20")]
    pub limit: usize,

    /// Show the openings of articles that are named, from these files
    #[arg(long, value_name = "FILES", num_args = 1..)]
    pub articles: Vec<PathBuf>,

    /// Print one JSON object
    #[arg(long)]
    pub json: bool,

    /// Settings.
    #[command(flatten)]
    pub config: ConfigArgs,
}

pub(super) fn run(args: &DiffArgs) -> Result<(), Failure> {
    let (config, _) = args.config.load(&args.config.arguments())?;
    let reader = reader(&config)?;
    let files = args.articles.iter().map(PathBuf::as_path).chain([args.a.as_ref(), args.b.as_ref()]);
    refuse_two_readers_of_standard_input(files)?;
    let (a, b) = (read(&args.a, &config)?, read(&args.b, &config)?);
    let mut diff = diff((&args.a, &a), (&args.b, &b), args.limit);
    let texts = texts(&args.articles, &reader, &diff.named())?;
    diff.openings = texts.into_iter().map(|(uri, text)| (uri, text.opening())).collect();
    if args.json { print_json(&diff) } else { print(&diff) }
}

/// The folding that a file, a directory or a namespace holds.
fn read(name: &str, config: &Config) -> Result<Folding, Failure> {
    let path = PathBuf::from(name);
    if path.is_dir() {
        return folding(&RESULTS.map(|file| path.join(file)));
    }
    let cannot_be_namespace = name.contains('/') || FILE_ENDS.iter().any(|end| name.ends_with(end));
    if name == "-" || cannot_be_namespace || path.exists() {
        return folding(from_ref(&path));
    }
    let names = if name == config.namespace { names(config) } else { names_of(config, name) };
    namespace(&[names.stories, names.verdicts], config).map_err(|failure| match failure {
        Failure::Kafka(PortError::Fatal(reason)) => {
            Failure::Other(format!("{name} is no file, and as a namespace it cannot be read: {reason}"))
        }
        other => other,
    })
}

/// The folding that topics of stories and verdicts hold now.
fn namespace(topics: &[String], config: &Config) -> Result<Folding, Failure> {
    let settings = client(config)?;
    let admin = Admin::connect(&settings)?;
    // A spectator: the stage and the group name nothing here, as nothing is written and no group is joined.
    let mut broker = KafkaBroker::new(settings.clone(), Stage::Fold, &settings.client_id)?;
    let mut reader = FoldingReader::default();
    for topic in topics {
        let partitions = admin
            .partitions(topic)?
            .ok_or_else(|| PortError::Fatal(format!("there is no topic {topic} at {}", settings.bootstrap_servers)))?;
        for partition in 0..partitions {
            let partition = TopicPartition { topic: topic.as_str().into(), partition };
            let mut records = broker.reader(&partition, None)?;
            loop {
                let batch = records.next_batch()?;
                if batch.is_empty() {
                    break;
                }
                // Tombstones are passed over, as they are in a file.
                for (offset, value) in batch.into_iter().filter_map(|record| Some((record.offset, record.value?))) {
                    reader.line(&partition.to_string(), offset as u64, &value)?;
                }
            }
        }
    }
    Ok(reader.finish())
}
