//! Arguments that several commands have.

use std::path::PathBuf;

use clap::Args;

use crate::config::{Argument, Config, ConfigError, EffectiveSettings, Layers, is_namespace, shown};

/// Settings on the command line.
#[derive(Debug, Clone, PartialEq, Eq, Default, Args)]
#[command(next_help_heading = "Settings")]
pub(in crate::cli) struct SettingsArgs {
    /// Read settings from this TOML file
    #[arg(long, value_name = "FILE", env = "WIREFOLD_CONFIG", hide_env_values = true)]
    pub(in crate::cli) config: Option<PathBuf>,

    /// Set one setting by its dotted key; overrides the environment and the file
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = key_and_value)]
    pub(in crate::cli) set: Vec<(String, String)>,

    /// Log this much: error, warn, info, debug, trace, also by module [setting: log.level]
    #[arg(long = "log", value_name = "LEVEL")]
    pub(in crate::cli) log: Option<String>,
}

impl SettingsArgs {
    /// The settings among the arguments, `--set` first.
    pub(in crate::cli) fn arguments(&self) -> Vec<Argument> {
        let set = self.set.iter().map(|(key, value)| Argument {
            key: key.clone(),
            value: value.clone(),
            // The value may be a secret.
            typed: format!("--set {key}"),
        });
        let log = self.log.iter().map(|level| argument("log.level", level, "--log"));
        set.chain(log).collect()
    }

    /// Loads the settings.
    pub(in crate::cli) fn load(&self) -> Result<(Config, EffectiveSettings), ConfigError> {
        self.load_with(&[])
    }

    /// Loads the settings, with flags of the command that override settings: key, value and flag of each.
    pub(in crate::cli) fn load_with(
        &self,
        flags: &[(&str, &str, &str)],
    ) -> Result<(Config, EffectiveSettings), ConfigError> {
        let mut arguments = self.arguments();
        arguments.extend(flags.iter().map(|(key, value, flag)| argument(key, value, flag)));
        let environment = std::env::vars_os().collect();
        Config::load(Layers { file: self.config.as_deref(), environment, arguments: &arguments })
    }
}

/// A command of this program with these settings, quoted for a shell; secrets are masked.
pub(in crate::cli) fn retyped(words: &[&str], settings: &SettingsArgs) -> String {
    let program = std::env::args().next().unwrap_or_else(|| "wirefold".to_owned());
    let mut typed: Vec<String> = [program].into_iter().chain(words.iter().map(ToString::to_string)).collect();
    let mut option = |name: &str, value: String| typed.extend([name.to_owned(), value]);
    if let Some(file) = &settings.config {
        option("--config", file.display().to_string());
    }
    for (key, value) in &settings.set {
        option("--set", format!("{key}={}", shown(key, value)));
    }
    if let Some(level) = &settings.log {
        option("--log", level.clone());
    }
    // Only a zero byte cannot be quoted, and arguments hold none.
    shlex::try_join(typed.iter().map(String::as_str)).unwrap_or_else(|_| typed.join(" "))
}

fn argument(key: &str, value: &str, typed: &str) -> Argument {
    Argument { key: key.to_owned(), value: value.to_owned(), typed: typed.to_owned() }
}

fn key_and_value(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("expected KEY=VALUE, such as window.length=48h")?;
    Ok((key.trim().to_owned(), value.to_owned()))
}

/// Parses the name of a namespace.
pub(in crate::cli) fn namespace_name(text: &str) -> Result<String, String> {
    is_namespace(text).then(|| text.to_owned()).ok_or_else(|| {
        "expected the name of a namespace: lower case letters, digits, dots, dashes and underscores".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use clap::{Args, FromArgMatches};

    use super::*;

    fn parsed(line: &[&str]) -> SettingsArgs {
        let command = SettingsArgs::augment_args(clap::Command::new("wirefold"));
        let matches = command.try_get_matches_from(line).expect("the arguments are right");
        SettingsArgs::from_arg_matches(&matches).expect("settings")
    }

    #[test]
    fn a_command_is_retyped_as_a_shell_reads_it_and_without_secrets() {
        let line = ["wirefold", "--config", "my file.toml", "--set", "topics.articles=a,it's", "--log", "debug"];
        let secret = ["--set", "kafka.properties.sasl.password=hush"];
        let typed = retyped(&["promote", "march"], &parsed(&[&line[..], &secret].concat()));
        let (_, arguments) = typed.split_once(" promote ").expect("the program comes first");
        assert_eq!(
            arguments,
            "march --config 'my file.toml' --set \"topics.articles=a,it's\" \
             --set 'kafka.properties.sasl.password=********' --log debug"
        );
    }

    #[test]
    fn a_value_may_contain_an_equals_character_and_is_not_repeated_in_messages() {
        let settings = parsed(&["wirefold", "--set", "kafka.properties.sasl.password=a=b"]);
        let expected = Argument {
            key: "kafka.properties.sasl.password".to_owned(),
            value: "a=b".to_owned(),
            typed: "--set kafka.properties.sasl.password".to_owned(),
        };
        assert_eq!(settings.arguments(), [expected]);
    }

    #[test]
    fn a_flag_of_the_command_overrides_set() {
        let settings = parsed(&["wirefold", "--set", "serve.stages=signatures"]);
        let (config, _) = settings.load_with(&[("serve.stages", "stories", "--stages")]).expect("right settings");
        assert!(config.serve.stories && !config.serve.signatures);
    }
}
