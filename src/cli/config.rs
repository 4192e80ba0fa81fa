//! `wirefold config`.

use std::io::{self, Write};

use clap::Args;

use super::app::{Failure, SettingsArgs, article_reader, client};

/// Arguments of `config`.
#[derive(Debug, Clone, PartialEq, Args)]
#[command(after_long_help = include_str!("help/config.txt").trim_end())]
pub(super) struct ConfigArgs {
    #[command(flatten)]
    settings: SettingsArgs,
}

pub(super) fn run(args: &ConfigArgs) -> Result<(), Failure> {
    let (config, typed) = args.settings.load()?;
    article_reader(&config)?;
    client(&config)?;
    write!(io::stdout().lock(), "{typed}").or_else(Failure::output)
}
