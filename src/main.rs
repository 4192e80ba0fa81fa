//! The program: parses the command line, runs the command, answers with an exit code.

use std::process::ExitCode;

use clap::Parser;
use mimalloc::MiMalloc;
use wirefold::cli::{Cli, run};

/// Signatures are made on many threads and live and die on others, for months: the system's allocator is slower at that
/// and gives less back.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            failure.exit_code()
        }
    }
}
