//! `wirefold config`, and the settings of every other command.

use std::io::Write;
use std::{env, io};

use super::ConfigArgs;
use crate::config::{Argument, Config, ConfigError, Layers, Typed};

/// Exit codes of every command.
pub mod exit {
    /// Done.
    pub const DONE: u8 = 0;
    /// A file, the broker or the network failed.
    pub const FAILED: u8 = 1;
    /// The command line or the settings are wrong.
    pub const USAGE: u8 = 2;
}

impl ConfigArgs {
    /// Loads the settings of a command, with the arguments that it takes for settings.
    pub fn load(&self, arguments: &[Argument]) -> Result<(Config, Typed), ConfigError> {
        Config::load(Layers { file: self.config.as_deref(), environment: env::vars_os().collect(), arguments })
    }
}

/// Prints the effective configuration.
pub fn print_config(args: &ConfigArgs) -> Result<(), PrintError> {
    let (_, typed) = args.load(&args.arguments())?;
    match write!(io::stdout().lock(), "{typed}") {
        // The reader has seen enough: `wirefold config | head`.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

/// The configuration was not printed.
#[derive(Debug, thiserror::Error)]
pub enum PrintError {
    /// It is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Standard output cannot be written.
    #[error("cannot write to standard output: {0}")]
    Output(#[from] io::Error),
}
