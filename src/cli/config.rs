//! `wirefold config`, and the settings of every other command.

use std::io::{self, Write};

use super::{ConfigArgs, Failure};
use crate::config::{Argument, Config, ConfigError, Layers, Typed};
use crate::kafka::ClientSettings;

impl ConfigArgs {
    /// Loads the settings of a command, with the arguments that it takes for settings.
    pub fn load(&self, arguments: &[Argument]) -> Result<(Config, Typed), ConfigError> {
        Config::load(Layers { file: self.config.as_deref(), environment: std::env::vars_os().collect(), arguments })
    }
}

/// How to reach the cluster; properties that the client library does not know are found here, before anything is connected.
pub(super) fn client(config: &Config) -> Result<ClientSettings, Failure> {
    let settings = ClientSettings {
        bootstrap_servers: config.kafka.bootstrap_servers.clone(),
        properties: config.kafka.properties.0.clone(),
        client_id: "wirefold".to_owned(),
    };
    let problems = settings.problems();
    if problems.is_empty() { Ok(settings) } else { Err(Failure::Settings(problems.join("\n"))) }
}

/// Prints the effective configuration.
pub(super) fn run(args: &ConfigArgs) -> Result<(), Failure> {
    let (config, typed) = args.load(&args.arguments())?;
    super::rules::reader(&config)?;
    client(&config)?;
    write!(io::stdout().lock(), "{typed}").or_else(Failure::output)
}
