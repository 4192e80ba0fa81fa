//! `wirefold completions`.

use std::io;

use clap::{Args, Command};
use clap_complete::Shell;

use super::app::Failure;

/// Arguments of `completions`.
#[derive(Debug, Clone, PartialEq, Args)]
#[command(after_long_help = include_str!("help/completions.txt").trim_end())]
pub(super) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

pub(super) fn run(args: &CompletionsArgs, program: &mut Command) -> Result<(), Failure> {
    let name = program.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(args.shell, program, name, &mut script);
    io::Write::write_all(&mut io::stdout().lock(), &script).or_else(Failure::output)
}
