//! `wirefold diff`.

use std::path::PathBuf;
use std::slice::from_ref;

use clap::Args;

use super::app::{
    Failure, SettingsArgs, article_reader, check_one_stdin, client, clustering, print, print_json, texts,
};
use crate::config::{Config, TopicNames};
use crate::evaluation::{Clustering, ClusteringReader, diff};
use crate::kafka::{Admin, KafkaBroker};
use crate::stream::port::{LogReader, LogStore, PortError, TopicPartition};

/// The files in the directory of a replay that are compared.
const RESULTS: [&str; 2] = ["stories.ndjson", "verdicts.ndjson"];

/// Endings of file names. A name with one of them is never a namespace: if the file is missing, it is not looked up in Kafka.
const FILE_ENDS: [&str; 5] = [".ndjson", ".jsonl", ".json", ".gz", ".zst"];

/// Arguments of `diff`.
#[derive(Debug, Clone, PartialEq, Args)]
#[command(after_long_help = include_str!("help/diff.txt").trim_end())]
pub(super) struct DiffArgs {
    /// The first run: a file, `-`, a directory of a replay, or a namespace in Kafka
    #[arg(value_name = "A")]
    a: String,

    /// The second run
    #[arg(value_name = "B")]
    b: String,

    /// List at most this many changed stories, the largest changes first
    #[arg(long, value_name = "N", default_value = "20")]
    limit: usize,

    /// Show the first words of the articles listed, from these files
    #[arg(long, value_name = "FILES", num_args = 1..)]
    articles: Vec<PathBuf>,

    /// Print one JSON object
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    settings: SettingsArgs,
}

pub(super) fn run(args: &DiffArgs) -> Result<(), Failure> {
    let (config, _) = args.settings.load()?;
    let reader = article_reader(&config)?;
    let files = args.articles.iter().map(PathBuf::as_path).chain([args.a.as_ref(), args.b.as_ref()]);
    check_one_stdin(files)?;
    let (a, b) = (read(&args.a, &config)?, read(&args.b, &config)?);
    let mut diff = diff((&args.a, &a), (&args.b, &b), args.limit);
    let texts = texts(&args.articles, &reader, &diff.named())?;
    diff.excerpts = texts.into_iter().map(|(uri, text)| (uri, text.excerpt())).collect();
    if args.json { print_json(&diff) } else { print(&diff) }
}

/// Reads the clustering in a file, a directory or a namespace.
fn read(name: &str, config: &Config) -> Result<Clustering, Failure> {
    let path = PathBuf::from(name);
    if path.is_dir() {
        return clustering(&RESULTS.map(|file| path.join(file)));
    }
    let cannot_be_namespace = name.contains('/') || FILE_ENDS.iter().any(|end| name.ends_with(end));
    if name == "-" || cannot_be_namespace || path.exists() {
        return clustering(from_ref(&path));
    }
    let names = if name == config.namespace { config.names() } else { TopicNames::of_replay(name, Vec::new()) };
    namespace(&[names.stories, names.verdicts], config).map_err(|failure| match failure {
        Failure::Kafka(PortError::Fatal(reason)) => {
            Failure::Other(format!("{name} is not a file and cannot be read as a namespace: {reason}"))
        }
        other => other,
    })
}

/// Reads the clustering that is in topics of stories and verdicts now.
fn namespace(topics: &[String], config: &Config) -> Result<Clustering, Failure> {
    let settings = client(config)?;
    let admin = Admin::connect(&settings)?;
    // Nothing is committed, so the name of the group does not matter.
    let mut broker = KafkaBroker::new(settings.clone(), &settings.client_id)?;
    let mut reader = ClusteringReader::default();
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
                // Tombstones are skipped, as in a file.
                for (offset, value) in batch.into_iter().filter_map(|record| Some((record.offset, record.value?))) {
                    reader.line(&partition.to_string(), offset as u64, &value)?;
                }
            }
        }
    }
    Ok(reader.finish())
}
