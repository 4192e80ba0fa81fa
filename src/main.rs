//! The command line of wirefold.

use std::process::ExitCode;

use clap::Parser;
use wirefold::cli::{Cli, Command, PrintError, exit, print_config};

fn main() -> ExitCode {
    let code = match Cli::parse().command {
        Command::Config(args) => match print_config(&args) {
            Ok(()) => exit::DONE,
            Err(error) => {
                eprintln!("{error}");
                if matches!(error, PrintError::Config(_)) { exit::USAGE } else { exit::FAILED }
            }
        },
        Command::Cluster(_) | Command::Serve(_) | Command::Topics(_) | Command::Produce(_) | Command::Tail(_) => {
            eprintln!("this build has the command line of the service and not yet the service");
            exit::USAGE
        }
    };
    ExitCode::from(code)
}
