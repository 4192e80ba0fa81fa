//! `wirefold man`.

use std::fs;
use std::path::PathBuf;

use clap::{Args, Command};

use super::app::Failure;
use crate::files::FileError;

/// Arguments of `man`.
#[derive(Debug, Clone, PartialEq, Args)]
#[command(after_long_help = include_str!("help/man.txt").trim_end())]
pub(super) struct ManArgs {
    /// Write the pages into this directory, which is created when it does not exist
    #[arg(value_name = "DIR")]
    directory: PathBuf,
}

pub(super) fn run(args: &ManArgs, program: Command) -> Result<(), Failure> {
    let failed = |source| FileError::Write { what: args.directory.display().to_string(), source };
    fs::create_dir_all(&args.directory).map_err(failed)?;
    clap_mangen::generate_to(program, &args.directory).map_err(failed)?;
    Ok(())
}
