//! The settings as the program uses them.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::time::Duration;

use super::properties::Properties;

/// All settings, checked and complete.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// The prefix of internal topics, consumer groups and transactional ids.
    pub namespace: String,
    /// The cluster and the client.
    pub kafka: KafkaSettings,
    /// The topics whose names users choose.
    pub topics: TopicSettings,
    /// The window of time in which articles can match.
    pub window: WindowSettings,
    /// The pages for operators.
    pub http: HttpSettings,
    /// How the service runs.
    pub serve: ServeSettings,
    /// How articles are matched.
    pub matching: MatchSettings,
    /// Outlet to the topics, or names of files, whose articles are of it where they name none.
    pub outlets: BTreeMap<String, Vec<String>>,
    /// Publisher to its outlets, which share one boilerplate filter and count as one where independent copies count.
    pub publishers: BTreeMap<String, Vec<String>>,
    /// News agency to the forms in which articles name it, in addition to the agencies that are built in.
    pub agencies: BTreeMap<String, Vec<String>>,
    /// Press-release wire to the forms in which articles name it, in addition to those that are built in.
    pub releases: BTreeMap<String, Vec<String>>,
    /// How raw records are read.
    pub input: InputSettings,
    /// Field of an article (one of [`FIELDS`]) to the dotted paths where it is looked for.
    pub fields: BTreeMap<String, Vec<String>>,
    /// Log lines.
    pub log: LogSettings,
}

/// `[kafka]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KafkaSettings {
    /// `host:port`, several separated by commas.
    pub bootstrap_servers: String,
    /// Properties of librdkafka, including those that are read from files.
    pub properties: Properties,
}

/// `[topics]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicSettings {
    /// Raw articles, at least one topic.
    pub articles: Vec<String>,
    /// Stories.
    pub stories: String,
    /// The latest verdict on each article.
    pub verdicts: String,
    /// Raw records that could not be parsed.
    pub dead_letters: String,
}

/// `[window]`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WindowSettings {
    /// The longest time between two articles that can match.
    pub length: Duration,
    /// How much later than its event time an article may arrive and still meet the whole window.
    pub grace: Duration,
}

/// `[http]`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HttpSettings {
    /// Address and port to listen on.
    pub listen: SocketAddr,
}

/// `[serve]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServeSettings {
    /// Whether this process runs the signatures stage.
    pub signatures: bool,
    /// Whether this process runs the stories stage.
    pub stories: bool,
    /// The name of this process in its transactional id: unique, and the same after a restart.
    pub instance: String,
    /// Threads that make signatures.
    pub threads: NonZeroUsize,
    /// The longest time that a drain may take.
    pub drain_deadline: Duration,
    /// The longest time without a poll; after it, a loop counts as stuck.
    pub stall_after: Duration,
    /// The most records of one transaction.
    pub batch_records: usize,
    /// The most bytes of the records of one transaction.
    pub batch_bytes: usize,
    /// How long a transaction waits for more records.
    pub batch_linger: Duration,
    /// How long signatures and decisions are kept.
    pub keep: Duration,
}

/// `[match]`: a setting that is absent takes its value from the clustering rules.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct MatchSettings {
    /// The scoring rule.
    pub rule: Option<MatchRule>,
    /// The match score from which on two articles match, above 0 and up to 1.
    pub threshold: Option<f64>,
    /// The least number of shared shingles that a match needs.
    pub shared_min: Option<usize>,
    /// The most shingles that are kept of a live article.
    pub sample_max: Option<usize>,
}

/// The scoring rule: it makes the match score of the features.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MatchRule {
    /// A weighted sum of all features.
    Logistic,
    /// Containment alone: the reference that the logistic rule is measured against.
    Containment,
}

/// `[input]`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InputSettings {
    /// The order of day and month in dates such as `05/01/2024`.
    pub date_order: DateOrderSetting,
    /// Whether urls are the same that differ only in scheme, fragment or parameters for tracking.
    pub normalise_urls: bool,
}

/// The order of day and month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateOrderSetting {
    /// It differs or is not known: such dates stay unread.
    Unknown,
    /// The day comes first.
    DayFirst,
    /// The month comes first.
    MonthFirst,
}

/// `[log]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogSettings {
    /// The form of a line.
    pub format: LogFormat,
    /// Directives of `tracing_subscriber::EnvFilter`, checked.
    pub level: String,
}

/// The form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Text on a terminal, else JSON.
    Auto,
    /// Text, for people.
    Text,
    /// JSON, for log collectors.
    Json,
}

impl LogFormat {
    /// Whether lines are JSON, by whether they go to a terminal.
    pub fn is_json(self, on_terminal: bool) -> bool {
        match self {
            Self::Auto => !on_terminal,
            Self::Text => false,
            Self::Json => true,
        }
    }
}

/// The fields of an article that `[fields]` can map.
pub const FIELDS: [&str; 12] = [
    "uri",
    "url",
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
