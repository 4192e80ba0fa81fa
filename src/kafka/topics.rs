//! The topics and what each must be like.

use std::fmt;

use crate::config::TopicNames;

/// For ever.
const FOREVER: &str = "-1";

/// How long a record that nobody replaces stays in the public topics: 90 days. A live story writes a record at least
/// once in window and grace (four days by default), so nothing live is lost by far; a consumer that starts from the
/// beginning finds three times what a replay of the kept signatures reaches (30 days); and closed stories do go away,
/// or compaction would keep a record of each for ever.
const PUBLIC_RETENTION_MS: &str = "7776000000";

/// How long dead letters are kept for somebody to look at them: 90 days.
const DEAD_LETTER_RETENTION_MS: &str = "7776000000";

/// Any time stamp up to now: archives carry the stamps of their articles.
const ANY_AGE_MS: &str = "9223372036854775807";

/// One hour ahead of the broker's clock, the most that an article may be ahead of its arrival.
const AHEAD_MS: &str = "3600000";

/// The largest record of the log and of the public topics. A signature of 4,096 shingles takes about 50 kB and a story
/// lists a bounded number of members; eight megabytes are room for both to grow.
const INTERNAL_RECORD_BYTES: &str = "8388608";

/// The largest record of the input and of its dead letters, which carry the input's records.
const INPUT_RECORD_BYTES: &str = "8388608";

/// A topic as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicSpec {
    /// Its name.
    pub name: String,
    /// How many partitions it is created with.
    pub partitions: i32,
    /// Whether another number is wrong: partitions of the log, its decisions and its boilerplate filters belong together.
    pub partitions_fixed: PartitionCount,
    /// How much a wrong setting matters.
    pub severity: Severity,
    /// Its settings, by their Kafka names.
    pub settings: Vec<(&'static str, &'static str)>,
}

/// Whether the number of partitions is part of what a topic must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartitionCount {
    /// Exactly as many.
    Exactly,
    /// As many as its owner likes.
    Any,
}

/// How much a problem matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The service must not run on it.
    Error,
    /// It can do harm.
    Warning,
}

/// Something about a topic that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicProblem {
    /// How much it matters.
    pub severity: Severity,
    /// The topic.
    pub topic: String,
    /// What is wrong: a setting's name, or `topic` or `partitions`.
    pub what: String,
    /// What was found.
    pub found: String,
    /// What should be there.
    pub wanted: String,
    /// What to do about it: a command where there is one.
    pub remedy: String,
}

impl fmt::Display for TopicProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { topic, what, found, wanted, remedy, .. } = self;
        write!(f, "topic {topic}: {what} is {found}, should be {wanted}; {remedy}")
    }
}

/// The topics of a namespace as they should be, except for the topic of the plan: internal topics with `log_partitions`,
/// the input and the public topics with `input_partitions` if they are created.
pub fn topic_specs(names: &TopicNames, log_partitions: i32, input_partitions: i32) -> Vec<TopicSpec> {
    let internal = |name, settings| TopicSpec {
        name,
        partitions: log_partitions,
        partitions_fixed: PartitionCount::Exactly,
        severity: Severity::Error,
        settings,
    };
    let public = |name: &str, settings| TopicSpec {
        name: name.to_owned(),
        partitions: input_partitions,
        partitions_fixed: PartitionCount::Any,
        severity: Severity::Error,
        settings,
    };
    // wirefold trims the log itself, by stream time: an outage of the input stops that, but not the broker's clock.
    let kept = || {
        vec![
            ("cleanup.policy", "delete"),
            ("retention.ms", FOREVER),
            ("retention.bytes", FOREVER),
            ("message.timestamp.type", "LogAppendTime"),
            ("max.message.bytes", INTERNAL_RECORD_BYTES),
        ]
    };
    let published = || {
        vec![
            ("cleanup.policy", "compact,delete"),
            ("retention.ms", PUBLIC_RETENTION_MS),
            ("retention.bytes", FOREVER),
            ("max.message.bytes", INTERNAL_RECORD_BYTES),
        ]
    };
    let mut specs = vec![
        internal(names.signatures(), kept()),
        internal(names.decisions(), kept()),
        internal(
            names.boilerplate(),
            vec![("cleanup.policy", "compact"), ("max.message.bytes", INTERNAL_RECORD_BYTES)],
        ),
        public(&names.stories, published()),
        public(&names.verdicts, published()),
        public(
            &names.dead_letters,
            vec![
                ("cleanup.policy", "delete"),
                ("retention.ms", DEAD_LETTER_RETENTION_MS),
                ("max.message.bytes", INPUT_RECORD_BYTES),
            ],
        ),
    ];
    // The input belongs to its producers: a problem with it is reported and does not stop the service.
    specs.extend(names.articles.iter().map(|name| TopicSpec {
        severity: Severity::Warning,
        ..public(
            name,
            vec![
                ("cleanup.policy", "delete"),
                ("retention.ms", FOREVER),
                ("retention.bytes", FOREVER),
                ("message.timestamp.type", "CreateTime"),
                ("message.timestamp.before.max.ms", ANY_AGE_MS),
                ("message.timestamp.after.max.ms", AHEAD_MS),
                ("max.message.bytes", INPUT_RECORD_BYTES),
            ],
        )
    }));
    specs
}

impl TopicSpec {
    /// Whether a setting that was found does for the one wanted. Room for larger records than asked is no fault, and
    /// the order of cleanup policies says nothing.
    pub fn accepts(&self, setting: &str, wanted: &str, found: &str) -> bool {
        match setting {
            "max.message.bytes" | "message.timestamp.after.max.ms" => {
                matches!((wanted.parse::<i64>(), found.parse::<i64>()), (Ok(wanted), Ok(found)) if found >= wanted)
            }
            "cleanup.policy" => sorted(wanted) == sorted(found),
            _ => wanted == found,
        }
    }
}

fn sorted(list: &str) -> Vec<&str> {
    let mut parts: Vec<&str> = list.split(',').map(str::trim).collect();
    parts.sort_unstable();
    parts
}
