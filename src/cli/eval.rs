//! `wirefold eval`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::files::{folding, name, refuse_two_readers_of_standard_input, texts};
use super::print::{print, print_json};
use super::rules::reader;
use super::{ConfigArgs, Failure};
use crate::eval::{Bootstrap, ClusterSet, FoldingReader, Half, PairSet, Truth, evaluate, mistakes};
use crate::local::Lines;

const HELP: &str = "\
A label file of pairs is a table with tabs and a heading line: article_a, article_b, label (copy, rewrite, partial, \
same_event, different), and if you like confidence (1 to 3) and weight. `wirefold sample` draws pairs to judge. A label \
file of clusters has the columns article and cluster, and if you like story: pairs of one story and different clusters \
are left out.

Each label file is a set of its own, scored against all STORIES together; the score that counts is the mean over the \
sets of the unweighted F1. A weight counts for at most 5 % of the weight of its set's positive pairs. An article that no \
story holds counts as apart from all others, and a note says how many there are.

With --half, articles that hang together by copy, rewrite or partial (or by story, in a label file of clusters) lie in \
one half, picked by a hash of their smallest id.

Examples:
  wirefold cluster articles.ndjson.zst > stories.ndjson
  wirefold eval stories.ndjson --pairs judged.tsv
  wirefold eval stories.ndjson --pairs judged.tsv --errors --articles articles.ndjson.zst
  wirefold eval new.ndjson --pairs a.tsv b.tsv --against old.ndjson --json
  wirefold eval delayed.ndjson --clusters in-order.ndjson

Exit codes:
  0  done, whatever the scores
  1  a file could not be read; a line that cannot be used is named by file and line
  2  the command line or the settings are wrong";

/// Arguments of `eval`.
#[derive(Debug, Clone, PartialEq, Args)]
#[command(after_long_help = HELP)]
pub struct EvalArgs {
    /// Stories that `wirefold cluster` wrote, or the records of both public topics; `-` is standard input
    #[arg(required = true, value_name = "STORIES")]
    pub stories: Vec<PathBuf>,

    /// Score against these pairs, judged by people
    #[arg(long, value_name = "LABELS", num_args = 1.., required_unless_present = "clusters")]
    pub pairs: Vec<PathBuf>,

    /// Score against these groupings: tables, or stories of other runs
    #[arg(long, value_name = "LABELS", num_args = 1..)]
    pub clusters: Vec<PathBuf>,

    /// Score these stories too, and the difference by paired bootstrap
    #[arg(long, value_name = "STORIES", num_args = 1..)]
    pub against: Vec<PathBuf>,

    /// Score only one half of the labels, split by story: fit on `a`, report `b`
    #[arg(long, value_enum)]
    pub half: Option<HalfArg>,

    /// List the pairs that are wrong, the surest labels first
    #[arg(long, requires = "pairs")]
    pub errors: bool,

    /// Show the openings of articles that are named, from these files
    #[arg(long, value_name = "FILES", num_args = 1..)]
    pub articles: Vec<PathBuf>,

    /// List this many of the largest stories of each file
    #[arg(long, value_name = "N", default_value = "5")]
    pub largest: usize,

    /// Draw this many times for the intervals
    #[arg(long, value_name = "N", default_value = "2000", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub resamples: u32,

    /// Begin the drawing with this number
    #[arg(long, value_name = "N", default_value = "1")]
    pub seed: u64,

    /// Print one JSON object
    #[arg(long)]
    pub json: bool,

    /// Settings.
    #[command(flatten)]
    pub config: ConfigArgs,
}

/// A half of the labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum HalfArg {
    /// To fit on
    A,
    /// To report
    B,
}

impl From<HalfArg> for Half {
    fn from(half: HalfArg) -> Self {
        match half {
            HalfArg::A => Self::A,
            HalfArg::B => Self::B,
        }
    }
}

pub(super) fn run(args: &EvalArgs) -> Result<(), Failure> {
    let (config, _) = args.config.load(&args.config.arguments())?;
    let reader = reader(&config)?;
    let files = [&args.stories, &args.pairs, &args.clusters, &args.against, &args.articles];
    refuse_two_readers_of_standard_input(files.into_iter().flatten().map(PathBuf::as_path))?;
    let truth = truth(args)?;
    let own = folding(&args.stories)?;
    let other = if args.against.is_empty() { None } else { Some(folding(&args.against)?) };
    let bootstrap = Bootstrap { resamples: args.resamples as usize, seed: args.seed };
    let mut evaluation = evaluate(&truth, &own, other.as_ref(), bootstrap, args.largest);
    if args.errors {
        evaluation.mistakes = Some(mistakes(&truth.pairs, &own));
    }
    let texts = texts(&args.articles, &reader, &evaluation.named())?;
    evaluation.openings = texts.into_iter().map(|(uri, text)| (uri, text.opening())).collect();
    if args.json { print_json(&evaluation) } else { print(&evaluation) }
}

fn truth(args: &EvalArgs) -> Result<Truth, Failure> {
    let mut truth = Truth::default();
    for path in &args.pairs {
        let mut set = PairSet::read(&path.to_string_lossy(), Lines::numbered(path)?)?;
        set.name = name(path);
        truth.pairs.push(match args.half {
            Some(half) => set.half(half.into()),
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
            let mut reader = FoldingReader::default();
            lines.iter().try_for_each(|(number, line)| reader.line(&file, *number, line))?;
            ClusterSet::of_folding(&reader.finish())
        };
        set.name = name(path);
        truth.clusters.push(match args.half {
            Some(half) => set.half(half.into()),
            None => set,
        });
    }
    Ok(truth)
}
