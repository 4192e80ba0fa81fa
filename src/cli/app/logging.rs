//! Log lines of a command.

use std::io::IsTerminal;

use super::arguments::SettingsArgs;
use super::failure::Failure;
use crate::config::Config;
use crate::telemetry::init_tracing;

/// Starts logging by the settings.
pub(in crate::cli) fn init_logging(config: &Config) -> Result<(), Failure> {
    init(config, &config.log.level)
}

/// Starts logging for a command with a progress bar: on a terminal the bar shows everything, and lines would break it.
pub(in crate::cli) fn init_logging_with_bar(config: &Config, args: &SettingsArgs) -> Result<(), Failure> {
    let is_quiet = std::io::stderr().is_terminal() && args.log.is_none();
    init(config, if is_quiet { "warn" } else { &config.log.level })
}

fn init(config: &Config, level: &str) -> Result<(), Failure> {
    init_tracing(config.log.format.is_json(std::io::stderr().is_terminal()), level)
        .map_err(|error| Failure::Settings(format!("log.level: {error}")))
}
