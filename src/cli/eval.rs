//! `wirefold eval`.

use std::path::PathBuf;

use clap::Args;

use super::app::{
    Failure, SettingsArgs, article_reader, check_one_stdin, clustering, print, print_json, set_name, texts,
};
use crate::evaluation::{Bootstrap, ClusterSet, ClusteringReader, Half, PairSet, Truth, evaluate, mistakes};
use crate::files::Lines;

/// Arguments of `eval`.
#[derive(Debug, Clone, PartialEq, Args)]
#[command(after_long_help = include_str!("help/eval.txt").trim_end())]
pub(super) struct EvalArgs {
    /// Stories that `wirefold cluster` wrote, or records of both public topics; `-` is standard input
    #[arg(required = true, value_name = "STORIES")]
    stories: Vec<PathBuf>,

    /// Score against these pairs, labelled by people
    #[arg(long, value_name = "LABELS", num_args = 1.., required_unless_present = "clusters")]
    pairs: Vec<PathBuf>,

    /// Score against these groupings: tables, or stories of other runs
    #[arg(long, value_name = "LABELS", num_args = 1..)]
    clusters: Vec<PathBuf>,

    /// Also score these stories, and estimate the difference by paired bootstrap
    #[arg(long, value_name = "STORIES", num_args = 1..)]
    against: Vec<PathBuf>,

    /// Use only one half of the labels, split by story: fit weights on `a`, report scores on `b`
    #[arg(long, value_enum)]
    half: Option<Half>,

    /// List the pairs that are wrongly joined or wrongly apart, the surest labels first
    #[arg(long, requires = "pairs")]
    errors: bool,

    /// Show the first words of the articles listed, from these files
    #[arg(long, value_name = "FILES", num_args = 1..)]
    articles: Vec<PathBuf>,

    /// List this many of the largest stories of each file
    #[arg(long, value_name = "N", default_value = "5")]
    largest: usize,

    /// Use this many bootstrap resamples for the intervals
    #[arg(long, value_name = "N", default_value = "2000", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    resamples: u32,

    /// Seed of the random numbers
    #[arg(long, value_name = "N", default_value = "1")]
    seed: u64,

    /// Print one JSON object
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    settings: SettingsArgs,
}

pub(super) fn run(args: &EvalArgs) -> Result<(), Failure> {
    let (config, _) = args.settings.load()?;
    let reader = article_reader(&config)?;
    let files = [&args.stories, &args.pairs, &args.clusters, &args.against, &args.articles];
    check_one_stdin(files.into_iter().flatten().map(PathBuf::as_path))?;
    let truth = truth(args)?;
    let own = clustering(&args.stories)?;
    let other = if args.against.is_empty() { None } else { Some(clustering(&args.against)?) };
    let bootstrap = Bootstrap { resamples: args.resamples as usize, seed: args.seed };
    let mut evaluation = evaluate(&truth, &own, other.as_ref(), bootstrap, args.largest);
    if args.errors {
        evaluation.mistakes = Some(mistakes(&truth.pairs, &own));
    }
    let texts = texts(&args.articles, &reader, &evaluation.named())?;
    evaluation.excerpts = texts.into_iter().map(|(uri, text)| (uri, text.excerpt())).collect();
    if args.json { print_json(&evaluation) } else { print(&evaluation) }
}

fn truth(args: &EvalArgs) -> Result<Truth, Failure> {
    let mut truth = Truth::default();
    for path in &args.pairs {
        let mut set = PairSet::read(&path.to_string_lossy(), Lines::numbered(path)?)?;
        set.name = set_name(path);
        truth.pairs.push(match args.half {
            Some(half) => set.half(half),
            None => set,
        });
    }
    for path in &args.clusters {
        let lines = Lines::numbered(path)?;
        let is_table = lines.first().is_none_or(|(_, first)| !first.trim_ascii_start().starts_with(b"{"));
        let file = path.to_string_lossy();
        let mut set = if is_table {
            ClusterSet::read(&file, lines)?
        } else {
            let mut reader = ClusteringReader::default();
            lines.iter().try_for_each(|(number, line)| reader.line(&file, *number, line))?;
            ClusterSet::from_clustering(&reader.finish())
        };
        set.name = set_name(path);
        truth.clusters.push(match args.half {
            Some(half) => set.half(half),
            None => set,
        });
    }
    Ok(truth)
}
