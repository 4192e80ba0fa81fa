//! `wirefold cluster`.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::Args;

use super::app::{
    Failure, SettingsArgs, article_reader, check_articles, clustering_rules, now, print_note, signature_rules,
    start_thread_pool,
};
use crate::config::cores;
use crate::files::{self, FileError, Order, Outputs};
use crate::telemetry::Process;

/// Arguments of `cluster`.
#[derive(Debug, Clone, PartialEq, Args)]
#[command(after_long_help = include_str!("help/cluster.txt").trim_end())]
pub(super) struct ClusterArgs {
    /// Files of articles: NDJSON, JSON or XML, plain or compressed with gzip or zstd; `-` is standard input
    #[arg(required = true, value_name = "FILES")]
    files: Vec<PathBuf>,

    /// Print only stories with at least this many articles
    #[arg(long, value_name = "N", default_value = "1")]
    min_size: NonZeroUsize,

    /// Write the verdict on each article to this file, in input order
    #[arg(long, value_name = "FILE")]
    verdicts: Option<PathBuf>,

    /// Write each record that cannot be read to this file, with the reason
    #[arg(long, value_name = "FILE")]
    dead_letters: Option<PathBuf>,

    /// Cluster the articles in the order in which they were published, or in the order of the files
    #[arg(long, value_enum, default_value_t = Order::Published)]
    order: Order,

    /// Threads; the result is the same for any number [default: number of cores]
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,

    /// Exit with 1 when a record cannot be read
    #[arg(long)]
    strict: bool,

    #[command(flatten)]
    settings: SettingsArgs,
}

pub(super) fn run(args: &ClusterArgs) -> Result<(), Failure> {
    let (config, _) = args.settings.load()?;
    let reader = article_reader(&config)?;
    let outputs: Vec<&Path> =
        [&args.verdicts, &args.dead_letters].into_iter().flatten().map(PathBuf::as_path).collect();
    refuse_overwriting(&args.files, &outputs)?;
    check_articles(&args.files)?;
    start_thread_pool(args.threads.unwrap_or_else(cores))?;
    let mut stories = BufWriter::new(io::stdout().lock());
    let mut verdicts = args.verdicts.as_deref().map(create).transpose()?;
    let mut dead_letters = args.dead_letters.as_deref().map(create).transpose()?;
    let mut outputs = Outputs {
        stories: &mut stories,
        verdicts: verdicts.as_mut().map(|file| file as &mut dyn Write),
        dead_letters: dead_letters.as_mut().map(|file| file as &mut dyn Write),
        min_size: u32::try_from(args.min_size.get()).unwrap_or(u32::MAX),
    };
    let mut summary = match files::cluster(
        &args.files,
        args.order,
        &reader,
        &signature_rules(&config),
        &clustering_rules(&config),
        now(),
        &mut outputs,
    ) {
        Ok(summary) => summary,
        Err(FileError::Write { what, source }) if what == "stories" => return Failure::output(source),
        Err(error) => return Err(error.into()),
    };
    summary.peak_bytes = Process::read().map_or(0, |process| process.resident_peak_bytes);
    print_note(summary.to_string().trim_end());
    for note in summary.intake.notes() {
        print_note(note);
    }
    let refused = summary.intake.refused();
    match summary.intake.failure() {
        Some(failure) => Err(Failure::Other(failure)),
        None if args.strict && refused > 0 => {
            Err(Failure::Other(format!("{refused} records could not be read, and --strict asks that all can")))
        }
        None => Ok(()),
    }
}

fn create(path: &Path) -> Result<BufWriter<File>, FileError> {
    match File::create(path) {
        Ok(file) => Ok(BufWriter::new(file)),
        Err(source) => Err(FileError::Write { what: path.display().to_string(), source }),
    }
}

/// An output must be none of the inputs, which creating it would empty, and no other output.
fn refuse_overwriting(inputs: &[PathBuf], outputs: &[&Path]) -> Result<(), Failure> {
    let canonical = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    for (at, output) in outputs.iter().enumerate() {
        if *output == Path::new("-") {
            return Err(Failure::Settings("the stories go to standard output; name a file instead of -".to_owned()));
        }
        let mut others = inputs.iter().map(PathBuf::as_path).chain(outputs[..at].iter().copied());
        if others.any(|other| canonical(other) == canonical(output)) {
            return Err(Failure::Settings(format!(
                "{} is read or written already; name another file for this output",
                output.display()
            )));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_output_is_no_input_and_no_other_output() {
        let (a, b) = (PathBuf::from("a"), Path::new("b"));
        assert!(refuse_overwriting(std::slice::from_ref(&a), &[b, Path::new("c")]).is_ok());
        assert!(refuse_overwriting(std::slice::from_ref(&a), &[Path::new("a")]).is_err());
        assert!(refuse_overwriting(&[a], &[b, b]).is_err());
        let manifest = PathBuf::from("Cargo.toml");
        assert!(refuse_overwriting(&[manifest], &[Path::new("./src/../Cargo.toml")]).is_err());
    }
}
