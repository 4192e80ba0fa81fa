//! `wirefold sample`.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use clap::Args;

use super::files::{folding, texts};
use super::rules::{reader, rules};
use super::{ConfigArgs, Failure};
use crate::eval::{Design, Folding, Sample, Text, sample};
use crate::local::LocalError;

const HELP: &str = "\
Half of the pairs are joined ones, by relation and similarity; a quarter are linked by a verdict as sharing passages, \
an eighth are neighbours of those, and the rest any two articles of one language within window.length. Links stand in \
verdicts only: without a file of verdicts among STORIES there are only joined pairs and any others.

How to use it:
  wirefold cluster --verdicts verdicts.ndjson news.ndjson > stories.ndjson
  wirefold sample stories.ndjson verdicts.ndjson --articles news.ndjson --texts texts.txt > pairs.tsv
  ... read texts.txt, and fill in the label of each row of pairs.tsv ...
  wirefold eval stories.ndjson --pairs pairs.tsv

Labels: copy (verbatim, lightly edited or cut), rewrite (the same source text, reworded or mixed), partial (shared \
passages, otherwise their own), same_event (independent texts), different. Confidence, if you like, is 1 to 3. Rows \
without a label are left out of scores, and the weight of a row is how many pairs it stands for.

Exit codes:
  0  done; what was drawn from what is said on standard error
  1  a file could not be read or written
  2  the command line or the settings are wrong";

/// Arguments of `sample`.
#[derive(Debug, Clone, PartialEq, Args)]
#[command(after_long_help = HELP)]
pub struct SampleArgs {
    /// What `wirefold cluster` wrote: stories, and verdicts for the links; `-` is standard input
    #[arg(required = true, value_name = "STORIES")]
    pub stories: Vec<PathBuf>,

    /// The articles, for their texts
    #[arg(long, value_name = "FILES", num_args = 1.., requires = "texts")]
    pub articles: Vec<PathBuf>,

    /// Write the texts of the pairs to this file, to judge by
    #[arg(long, value_name = "FILE", requires = "articles")]
    pub texts: Option<PathBuf>,

    /// Draw this many pairs
    #[arg(long, value_name = "N", default_value = "200", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub number: u32,

    /// Begin the drawing with this number
    #[arg(long, value_name = "N", default_value = "1")]
    pub seed: u64,

    /// Settings.
    #[command(flatten)]
    pub config: ConfigArgs,
}

pub(super) fn run(args: &SampleArgs) -> Result<(), Failure> {
    let (config, _) = args.config.load(&args.config.arguments())?;
    let (reader, window) = (reader(&config)?, rules(&config).window);
    let folding = folding(&args.stories)?;
    let sample = sample(&folding, Design { number: args.number as usize, seed: args.seed, window });
    if let Some(path) = &args.texts {
        let wanted = sample.pairs.iter().flat_map(|pair| pair.articles.iter().cloned()).collect();
        let texts = texts(&args.articles, &reader, &wanted)?;
        let failed = |source| LocalError::Write { what: path.display().to_string(), source };
        let mut out = BufWriter::new(File::create(path).map_err(failed)?);
        write_texts(&mut out, &sample, &folding, &|uri| texts.get(uri)).and_then(|()| out.flush()).map_err(failed)?;
    }
    for stratum in &sample.strata {
        eprintln!("{:>6} of {:>12}  {}", stratum.drawn, stratum.pairs, stratum.name);
    }
    let mut out = BufWriter::new(io::stdout().lock());
    write_pairs(&mut out, &sample).and_then(|()| out.flush()).or_else(Failure::output)
}

/// The table that `eval` reads once it has labels.
fn write_pairs(out: &mut dyn Write, sample: &Sample) -> io::Result<()> {
    writeln!(out, "article_a\tarticle_b\tlabel\tconfidence\tweight\tprobability\tstratum")?;
    for pair in &sample.pairs {
        let [a, b] = &pair.articles;
        let stratum = &sample.strata[pair.stratum];
        writeln!(out, "{a}\t{b}\t\t\t{}\t{}\t{}", stratum.weight(), stratum.probability(), stratum.name)?;
    }
    Ok(())
}

/// What a person reads: the pairs in the order of the table, without what the folding made of them.
fn write_texts<'t>(
    out: &mut dyn Write,
    sample: &Sample,
    folding: &Folding,
    text: &dyn Fn(&str) -> Option<&'t Text>,
) -> io::Result<()> {
    for (at, pair) in sample.pairs.iter().enumerate() {
        writeln!(out, "======== pair {} of {}, row {}", at + 1, sample.pairs.len(), at + 2)?;
        for uri in &pair.articles {
            let published = folding.articles.get(uri).map(|place| place.published_at);
            writeln!(out, "-------- {uri}  {}", published.map_or_else(String::new, |at| at.to_string()))?;
            match text(uri) {
                Some(text) => writeln!(out, "{}\n{}\n\n{}\n", text.source, text.title, text.body)?,
                None => writeln!(out, "(no text in the files of --articles)\n")?,
            }
        }
    }
    Ok(())
}
