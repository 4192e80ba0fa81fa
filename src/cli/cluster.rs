//! `wirefold cluster`.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::rules::{reader, rules, signing};
use super::{ClusterArgs, Failure, stages};
use crate::config::cores;
use crate::local::{self, LocalError, Outputs};
use crate::telemetry::Process;

pub(super) fn run(args: &ClusterArgs) -> Result<(), Failure> {
    let (config, _) = args.config.load(&args.config.arguments())?;
    let (reader, rules) = (reader(&config)?, rules(&config));
    let outputs: Vec<&Path> =
        [&args.verdicts, &args.dead_letters].into_iter().flatten().map(PathBuf::as_path).collect();
    refuse_overwriting(&args.files, &outputs)?;
    stages::sign_on(args.threads.unwrap_or_else(cores))?;
    let mut stories = BufWriter::new(io::stdout().lock());
    let mut verdicts = args.verdicts.as_deref().map(create).transpose()?;
    let mut dead_letters = args.dead_letters.as_deref().map(create).transpose()?;
    let mut outputs = Outputs {
        stories: &mut stories,
        verdicts: verdicts.as_mut().map(|file| file as &mut dyn Write),
        dead_letters: dead_letters.as_mut().map(|file| file as &mut dyn Write),
        min_size: u32::try_from(args.min_size.get()).unwrap_or(u32::MAX),
    };
    let mut summary = match local::cluster(
        &args.files,
        args.order.into(),
        &reader,
        &signing(&config),
        &rules,
        stages::now(),
        &mut outputs,
    ) {
        Ok(summary) => summary,
        Err(LocalError::Write { what, source }) if what == "stories" => return Failure::output(source),
        Err(error) => return Err(error.into()),
    };
    summary.peak_bytes = Process::read().map_or(0, |process| process.resident_peak_bytes);
    eprint!("{summary}");
    let refused: u64 = summary.dead_letters.values().sum();
    if args.strict && refused > 0 {
        return Err(Failure::Other(format!("{refused} lines could not be read, and --strict asks that all can")));
    }
    Ok(())
}

fn create(path: &Path) -> Result<BufWriter<File>, LocalError> {
    match File::create(path) {
        Ok(file) => Ok(BufWriter::new(file)),
        Err(source) => Err(LocalError::Write { what: path.display().to_string(), source }),
    }
}

/// An output must be none of the inputs, which creating it would empty, and no other output.
fn refuse_overwriting(inputs: &[PathBuf], outputs: &[&Path]) -> Result<(), Failure> {
    let place = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    for (at, output) in outputs.iter().enumerate() {
        if *output == Path::new("-") {
            return Err(Failure::Settings("standard output carries the stories; name a file instead of -".to_owned()));
        }
        let mut others = inputs.iter().map(PathBuf::as_path).chain(outputs[..at].iter().copied());
        if others.any(|other| place(other) == place(output)) {
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
