//! Settings: defaults, then a file, then the environment, then the command line.
//!
//! Two forms. [`Typed`] is what was typed: every layer flattened to dotted keys and laid over one another, each value
//! with the place it comes from. [`Config`] is what the program needs: parsed, checked, complete. Between the two
//! stands one pass that notes everything that is wrong and stops before anything is connected.
//!
//! The defaults are a file of their own, `deploy/wirefold.toml`, which is also the reference of all settings.

mod print;
mod problem;
mod properties;
mod read;
mod reader;
#[cfg(test)]
mod tests;
mod typed;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::Path;
use std::time::Duration;

pub use problem::{ConfigError, Origin, Problem};
pub use properties::{OWNED_PROPERTIES, Properties, owned_property, shown};
pub use read::{cores, is_namespace};
pub use reader::duration as parse_duration;
pub use typed::{Argument, Typed};

/// The lowest layer, and the reference of all settings.
const DEFAULTS: &str = include_str!("../../deploy/wirefold.toml");

/// What the program needs of its settings.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Begins the names of internal topics, groups and transactional ids.
    pub namespace: String,
    /// The cluster and the client.
    pub kafka: Kafka,
    /// The topics that are the user's to name.
    pub topics: Topics,
    /// Which articles can match.
    pub window: Window,
    /// The pages for operators.
    pub http: Http,
    /// How the service runs.
    pub serve: Serve,
    /// The rules of matching.
    pub matching: MatchSettings,
    /// Owner to its outlets, which share one history.
    pub sisters: BTreeMap<String, Vec<String>>,
    /// Agency to the forms in which articles name it, beside those that are built in.
    pub agencies: BTreeMap<String, Vec<String>>,
    /// The same for wires of press releases.
    pub releases: BTreeMap<String, Vec<String>>,
    /// Field of an article to the dotted paths where it is looked for; only [`FIELDS`] are keys.
    pub fields: BTreeMap<String, Vec<String>>,
    /// Log lines.
    pub log: Log,
}

/// `[kafka]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kafka {
    /// `host:port`, separated by commas.
    pub bootstrap_servers: String,
    /// Properties of librdkafka, those read from files included.
    pub properties: Properties,
}

/// `[topics]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topics {
    /// Raw articles, at least one topic.
    pub articles: Vec<String>,
    /// Story groups.
    pub stories: String,
    /// The latest judgement of each article.
    pub verdicts: String,
    /// What could not be read.
    pub dead_letters: String,
}

/// `[window]`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// How far apart two articles may be.
    pub length: Duration,
    /// How late an article may arrive.
    pub grace: Duration,
}

/// `[http]`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Http {
    /// Address and port to listen on.
    pub listen: SocketAddr,
}

/// `[serve]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Serve {
    /// Whether this process signs.
    pub sign: bool,
    /// Whether this process folds.
    pub fold: bool,
    /// The name of this process in its transactional id: its own, and the same after a restart.
    pub instance: String,
    /// Threads that sign.
    pub threads: NonZeroUsize,
    /// How long a drain may take.
    pub drain_deadline: Duration,
    /// After how long without a poll a loop is stuck.
    pub stall_after: Duration,
    /// Records of one transaction.
    pub batch_records: usize,
    /// Bytes of the records of one transaction.
    pub batch_bytes: usize,
    /// How long a transaction waits for more records.
    pub batch_linger: Duration,
    /// How long signatures and decisions are kept.
    pub keep: Duration,
}

/// `[match]`: what is absent is left to the rules.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct MatchSettings {
    /// How evidence is weighed.
    pub rule: Option<MatchRule>,
    /// How far an article must agree with a story, 0 to 1.
    pub threshold: Option<f64>,
    /// How many shared shingles a match needs.
    pub evidence_min: Option<usize>,
    /// How many shingles of a live article are kept.
    pub sample_max: Option<usize>,
}

/// How evidence is weighed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MatchRule {
    /// Several kinds of evidence, weighted.
    Score,
    /// Containment alone: the reference.
    Containment,
}

/// `[log]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// The form of a line.
    pub format: LogFormat,
    /// Directives of `tracing_subscriber::EnvFilter`, known to be valid.
    pub level: String,
}

/// The form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Text on a terminal, else JSON.
    Auto,
    /// For people.
    Text,
    /// For collectors.
    Json,
}

impl LogFormat {
    /// Whether lines are JSON, where they go to a terminal or not.
    #[must_use]
    pub fn is_json(self, on_terminal: bool) -> bool {
        match self {
            Self::Auto => !on_terminal,
            Self::Text => false,
            Self::Json => true,
        }
    }
}

/// The fields of an article that `[fields]` can map.
pub const FIELDS: [&str; 11] = [
    "uri",
    "version",
    "title",
    "body",
    "language",
    "source",
    "published",
    "status",
    "info_source",
    "copyright_holder",
    "byline",
];

/// Where settings come from, beside the defaults; later fields win.
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
    /// Reads all layers, and the files that hold secrets. Also returns what was typed, with what was found at start:
    /// [`Typed`] prints as the effective configuration.
    pub fn load(layers: Layers<'_>) -> Result<(Self, Typed), ConfigError> {
        let mut typed = Typed::default();
        typed.lay_toml(DEFAULTS, &|_| Origin::Default);
        if let Some(path) = layers.file {
            typed.lay_file(path);
        }
        typed.lay_environment(layers.environment);
        typed.lay_arguments(layers.arguments);
        let config = Self::read(&typed)?;
        typed.find("serve.instance", &config.serve.instance, "host name and port of http.listen");
        typed.find("serve.threads", &config.serve.threads.to_string(), "number of cores");
        Ok((config, typed))
    }
}
