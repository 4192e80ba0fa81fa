//! The program: parses the command line, runs the command, answers with an exit code.

use std::process::ExitCode;

use clap::Parser;
use wirefold::cli::{Cli, run};

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            failure.exit_code()
        }
    }
}
