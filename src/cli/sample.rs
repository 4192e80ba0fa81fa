//! `wirefold sample`.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use clap::Args;

use super::app::{Failure, SettingsArgs, article_reader, clustering, clustering_rules, print_note, texts};
use crate::evaluation::{ArticleText, Clustering, Design, PairSample, sample};
use crate::files::FileError;

/// Arguments of `sample`.
#[derive(Debug, Clone, PartialEq, Args)]
#[command(after_long_help = include_str!("help/sample.txt").trim_end())]
pub(super) struct SampleArgs {
    /// Files that `wirefold cluster` wrote: stories, and verdicts for the links; `-` is standard input
    #[arg(required = true, value_name = "STORIES")]
    stories: Vec<PathBuf>,

    /// Read the texts of the pairs from these files of articles
    #[arg(long, value_name = "FILES", num_args = 1.., requires = "texts")]
    articles: Vec<PathBuf>,

    /// Write the texts of the pairs to this file, to read while labelling
    #[arg(long, value_name = "FILE", requires = "articles")]
    texts: Option<PathBuf>,

    /// Draw this many pairs
    #[arg(long, value_name = "N", default_value = "200", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    number: u32,

    /// Seed of the random numbers
    #[arg(long, value_name = "N", default_value = "1")]
    seed: u64,

    #[command(flatten)]
    settings: SettingsArgs,
}

pub(super) fn run(args: &SampleArgs) -> Result<(), Failure> {
    let (config, _) = args.settings.load()?;
    let (reader, window) = (article_reader(&config)?, clustering_rules(&config).window);
    let clustering = clustering(&args.stories)?;
    let sample = sample(&clustering, Design { number: args.number as usize, seed: args.seed, window });
    if let Some(path) = &args.texts {
        let wanted = sample.pairs.iter().flat_map(|pair| pair.articles.iter().cloned()).collect();
        let texts = texts(&args.articles, &reader, &wanted)?;
        let failed = |source| FileError::Write { what: path.display().to_string(), source };
        let mut out = BufWriter::new(File::create(path).map_err(failed)?);
        write_texts(&mut out, &sample, &clustering, &|uri| texts.get(uri))
            .and_then(|()| out.flush())
            .map_err(failed)?;
    }
    for stratum in &sample.strata {
        print_note(format_args!("{:>6} of {:>12}  {}", stratum.drawn, stratum.pairs, stratum.name));
    }
    let mut out = BufWriter::new(io::stdout().lock());
    write_pairs(&mut out, &sample).and_then(|()| out.flush()).or_else(Failure::output)
}

/// Writes the table of pairs, which `eval` reads once the labels are filled in.
fn write_pairs(out: &mut dyn Write, sample: &PairSample) -> io::Result<()> {
    writeln!(out, "article_a\tarticle_b\tlabel\tconfidence\tweight\tprobability\tstratum")?;
    for pair in &sample.pairs {
        let [a, b] = &pair.articles;
        let stratum = &sample.strata[pair.stratum];
        writeln!(out, "{a}\t{b}\t\t\t{}\t{}\t{}", stratum.weight(), stratum.probability(), stratum.name)?;
    }
    Ok(())
}

/// Writes the texts of the pairs in the order of the table. They do not show what the clustering made of the pairs, so that
/// this does not influence the labels.
fn write_texts<'t>(
    out: &mut dyn Write,
    sample: &PairSample,
    clustering: &Clustering,
    text: &dyn Fn(&str) -> Option<&'t ArticleText>,
) -> io::Result<()> {
    for (at, pair) in sample.pairs.iter().enumerate() {
        writeln!(out, "======== pair {} of {}, row {}", at + 1, sample.pairs.len(), at + 2)?;
        for uri in &pair.articles {
            let published = clustering.articles.get(uri).map(|entry| entry.event_at);
            writeln!(out, "-------- {uri}  {}", published.map_or_else(String::new, |at| at.to_string()))?;
            match text(uri) {
                Some(text) => writeln!(out, "{}\n{}\n\n{}\n", text.source, text.title, text.body)?,
                None => writeln!(out, "(no text in the files of --articles)\n")?,
            }
        }
    }
    Ok(())
}
