//! The layers of settings, from the defaults to the command line.

use std::ffi::OsString;
use std::path::Path;

use super::effective::{Argument, EffectiveSettings};
use super::problem::{ConfigError, ValueOrigin};
use super::settings::Config;

/// The lowest layer, and the reference of all settings.
pub(super) const DEFAULTS: &str = include_str!("../../deploy/wirefold.toml");

/// The layers above the defaults; a later field wins over an earlier one.
#[derive(Debug, Clone, Default)]
pub struct Layers<'a> {
    /// A TOML file.
    pub file: Option<&'a Path>,
    /// The environment.
    pub environment: Vec<(OsString, OsString)>,
    /// Arguments of the command line.
    pub arguments: &'a [Argument],
}

impl Config {
    /// Reads all layers, and the files that hold secrets. Also returns the effective settings, including the values that
    /// were found at start.
    pub fn load(layers: Layers<'_>) -> Result<(Self, EffectiveSettings), ConfigError> {
        let mut effective = EffectiveSettings::default();
        effective.add_toml(DEFAULTS, &|_| ValueOrigin::Default);
        if let Some(path) = layers.file {
            effective.add_file(path);
        }
        effective.add_environment(layers.environment);
        effective.add_arguments(layers.arguments);
        let config = Self::read(&effective)?;
        effective.set_found("serve.instance", &config.serve.instance, "host name and port of http.listen");
        effective.set_found("serve.threads", &config.serve.threads.to_string(), "number of cores");
        Ok((config, effective))
    }
}
