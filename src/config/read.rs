//! Parses each section, value by value.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::num::NonZeroUsize;

use tracing_subscriber::EnvFilter;

use super::effective::{EffectiveSettings, PROPERTY_TABLES, Value};
use super::names::{TOPIC_BYTES_MAX, is_namespace, namespace_bytes_max};
use super::problem::ConfigError;
use super::properties::{Properties, owned_property};
use super::reader::{SettingsReader, items, quoted_value};
use super::settings::{
    Config, DateOrderSetting, FIELDS, HttpSettings, InputSettings, KafkaSettings, LogFormat, LogSettings, MatchRule,
    MatchSettings, ServeSettings, TopicSettings, WindowSettings,
};

/// The protocol gives transactional ids a 16-bit length, so a name that fits a topic fits them with ease.
const INSTANCE_BYTES_MAX: usize = 200;
/// More threads than this are a typing error.
const THREADS_MAX: usize = 1024;
/// A transaction must end within its time-out of 10 s. With more records than this it would not.
const BATCH_RECORDS_MAX: usize = 100_000;
/// The whole batch is in memory, several times over while it is processed.
const BATCH_BYTES_MAX: usize = 256 << 20;
/// More shingles than any article has.
const SHINGLES_SETTING_MAX: usize = 65_536;

impl Config {
    /// Parses every setting, and returns all problems if there are any.
    pub(super) fn read(effective: &EffectiveSettings) -> Result<Self, ConfigError> {
        let mut reader = SettingsReader::new(effective);
        let config = Self::read_sections(&mut reader);
        reader.refuse_unknown();
        match config {
            Some(config) if reader.problems.is_empty() => Ok(config),
            _ => {
                reader.problems.sort_by(|a, b| a.origin.cmp(&b.origin));
                Err(ConfigError { problems: reader.problems })
            }
        }
    }

    /// Parses every section, also after one that has a problem.
    pub(super) fn read_sections(reader: &mut SettingsReader<'_>) -> Option<Self> {
        let namespace = namespace(reader);
        let kafka = kafka(reader);
        let topics = topics(reader, namespace.as_deref());
        let window = window(reader);
        let http = http(reader);
        let serve = serve(reader, http);
        let matching = matching(reader);
        let outlets = name_lists(reader, "sources.outlets");
        let publishers = name_lists(reader, "sources.publishers");
        let agencies = name_lists(reader, "sources.agencies");
        let releases = name_lists(reader, "sources.releases");
        let input = input(reader);
        let fields = fields(reader);
        let log = log(reader);
        Some(Self {
            namespace: namespace?,
            kafka: kafka?,
            topics: topics?,
            window: window?,
            http: http?,
            serve: serve?,
            matching,
            outlets,
            publishers,
            agencies,
            releases,
            input: input?,
            fields,
            log: log?,
        })
    }
}

fn namespace(reader: &mut SettingsReader<'_>) -> Option<String> {
    let bytes_max = namespace_bytes_max();
    let expected = format!("1 to {bytes_max} lower-case letters, digits, dots, dashes and underscores");
    reader.one("namespace", &expected, |text| is_namespace(text).then(|| text.to_owned()))
}

fn kafka(reader: &mut SettingsReader<'_>) -> Option<KafkaSettings> {
    let bootstrap_servers = reader.one("kafka.bootstrap_servers", "host:port, several separated by commas", |text| {
        let is_server = |server: &str| {
            server.rsplit_once(':').is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok())
        };
        text.split(',').map(str::trim).all(is_server).then(|| text.to_owned())
    });
    let mut properties = BTreeMap::new();
    for table in PROPERTY_TABLES {
        for (name, setting) in reader.table(table) {
            if let Some(reason) = owned_property(name) {
                reader.refuse(&setting.origin, format!("{table}.{name} cannot be set: {reason}"));
            } else if properties.contains_key(name) {
                reader.refuse(&setting.origin, format!("{table}.{name} is also set in {}", PROPERTY_TABLES[0]));
            } else {
                let Value::One(text) = &setting.value else {
                    reader.refuse(&setting.origin, format!("{table}.{name} is a list; expected one value"));
                    continue;
                };
                if table == PROPERTY_TABLES[0] {
                    properties.insert(name.to_owned(), text.clone());
                    continue;
                }
                match std::fs::read_to_string(text) {
                    Ok(secret) => {
                        properties.insert(name.to_owned(), secret.trim_end_matches(['\r', '\n']).to_owned());
                    }
                    Err(error) => reader.refuse(
                        &setting.origin,
                        format!("{table}.{name} is {text:?}, which cannot be read: {error}; expected a file"),
                    ),
                }
            }
        }
    }
    Some(KafkaSettings { bootstrap_servers: bootstrap_servers?, properties: Properties(properties) })
}

fn topics(reader: &mut SettingsReader<'_>, namespace: Option<&str>) -> Option<TopicSettings> {
    let expected = format!("a topic name of 1 to {TOPIC_BYTES_MAX} letters, digits, dots, dashes and underscores");
    let articles =
        reader.list("topics.articles", &format!("a list that is not empty, each item {expected}"), topic_name);
    let stories = reader.one("topics.stories", &expected, topic_name);
    let verdicts = reader.one("topics.verdicts", &expected, topic_name);
    let dead_letters = reader.one("topics.dead_letters", &expected, topic_name);
    let topics =
        TopicSettings { articles: articles?, stories: stories?, verdicts: verdicts?, dead_letters: dead_letters? };
    refuse_shared_topics(reader, &topics, namespace?);
    Some(topics)
}

/// Refuses a topic with two purposes: one that is read and written would feed the service with its own output, and one
/// with two kinds of output would mix them up.
fn refuse_shared_topics(reader: &mut SettingsReader<'_>, topics: &TopicSettings, namespace: &str) {
    let names = topics.names(namespace);
    let mut taken: BTreeMap<String, &str> =
        names.internal().map(|topic| (topic, "an internal topic of the namespace")).into();
    let articles = names.articles.into_iter().map(|topic| ("topics.articles", topic));
    let outputs = [
        ("topics.stories", names.stories),
        ("topics.verdicts", names.verdicts),
        ("topics.dead_letters", names.dead_letters),
    ];
    for (key, topic) in articles.chain(outputs) {
        if let Some(other) = taken.insert(topic.clone(), key) {
            let origin = reader.origin(key);
            reader.refuse(&origin, format!("{key} is {topic:?}, which is also {other}; expected a topic of its own"));
        }
    }
}

fn topic_name(text: &str) -> Option<String> {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let fits = (1..=TOPIC_BYTES_MAX).contains(&text.len()) && text.bytes().all(legal);
    (fits && text != "." && text != "..").then(|| text.to_owned())
}

fn window(reader: &mut SettingsReader<'_>) -> Option<WindowSettings> {
    let length = reader.positive_duration("window.length");
    let grace = reader.duration("window.grace");
    Some(WindowSettings { length: length?, grace: grace? })
}

fn http(reader: &mut SettingsReader<'_>) -> Option<HttpSettings> {
    let listen = reader
        .one("http.listen", "an IP address and a port, such as 127.0.0.1:9464", |text| text.parse::<SocketAddr>().ok());
    Some(HttpSettings { listen: listen? })
}

fn serve(reader: &mut SettingsReader<'_>, http: Option<HttpSettings>) -> Option<ServeSettings> {
    let stages = reader.list("serve.stages", "\"signatures\", \"stories\" or both", |text| {
        ["signatures", "stories"].into_iter().find(|stage| *stage == text)
    });
    let expected = format!("1 to {INSTANCE_BYTES_MAX} letters, digits, dots, dashes and underscores");
    let instance = reader
        .optional("serve.instance", &expected, |text| topic_name(text).filter(|name| name.len() <= INSTANCE_BYTES_MAX));
    let threads = reader.optional_count("serve.threads", THREADS_MAX);
    let drain_deadline = reader.positive_duration("serve.drain_deadline");
    let stall_after = reader.positive_duration("serve.stall_after");
    let batch_records = reader.count("serve.batch_records", BATCH_RECORDS_MAX);
    let batch_bytes = reader.count("serve.batch_bytes", BATCH_BYTES_MAX);
    let batch_linger = reader.duration("serve.batch_linger");
    let keep = reader.duration("serve.keep");
    let stages = stages?;
    Some(ServeSettings {
        signatures: stages.contains(&"signatures"),
        stories: stages.contains(&"stories"),
        instance: instance.unwrap_or(default_instance(http?)),
        threads: threads.and_then(NonZeroUsize::new).unwrap_or_else(cores),
        drain_deadline: drain_deadline?,
        stall_after: stall_after?,
        batch_records: batch_records?,
        batch_bytes: batch_bytes?,
        batch_linger: batch_linger?,
        keep: keep?,
    })
}

/// The instance name where none is set: the same after a restart, and unique, because no two processes of a host can
/// listen on one port.
fn default_instance(http: HttpSettings) -> String {
    let legal = |letter: char| if letter.is_ascii_alphanumeric() || letter == '.' { letter } else { '-' };
    let host: String = gethostname::gethostname().to_string_lossy().chars().map(legal).collect();
    format!("{host}-{}", http.listen.port())
}

/// The number of cores of this machine; one if it is not known.
pub fn cores() -> NonZeroUsize {
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

fn matching(reader: &mut SettingsReader<'_>) -> MatchSettings {
    MatchSettings {
        rule: reader.optional("match.rule", "\"logistic\" or \"containment\"", |text| match text {
            "logistic" => Some(MatchRule::Logistic),
            "containment" => Some(MatchRule::Containment),
            _ => None,
        }),
        threshold: reader.optional("match.threshold", "a number above 0 and up to 1", |text| {
            text.parse().ok().filter(|score| *score > 0.0 && *score <= 1.0)
        }),
        shared_min: reader.optional_count("match.shared_min", SHINGLES_SETTING_MAX),
        sample_max: reader.optional_count("match.sample_max", SHINGLES_SETTING_MAX),
    }
}

fn input(reader: &mut SettingsReader<'_>) -> Option<InputSettings> {
    let expected = "\"unknown\", \"day-first\" or \"month-first\"";
    let date_order = reader.one("input.date_order", expected, |text| match text {
        "unknown" => Some(DateOrderSetting::Unknown),
        "day-first" => Some(DateOrderSetting::DayFirst),
        "month-first" => Some(DateOrderSetting::MonthFirst),
        _ => None,
    });
    let normalise_urls = reader.one("input.normalise_urls", "true or false", |text| text.parse().ok());
    Some(InputSettings { date_order: date_order?, normalise_urls: normalise_urls? })
}

fn name_lists(reader: &mut SettingsReader<'_>, table: &'static str) -> BTreeMap<String, Vec<String>> {
    let mut lists = BTreeMap::new();
    for (name, setting) in reader.table(table) {
        let list: Vec<String> = items(&setting.value).into_iter().map(str::to_owned).collect();
        if list.is_empty() || list.iter().any(String::is_empty) {
            let value = quoted_value(&setting.value);
            reader.refuse(&setting.origin, format!("{table}.{name} is {value}; expected a list of names"));
        }
        lists.insert(name.to_owned(), list);
    }
    lists
}

fn fields(reader: &mut SettingsReader<'_>) -> BTreeMap<String, Vec<String>> {
    let fields = name_lists(reader, "fields");
    for name in fields.keys().filter(|name| !FIELDS.contains(&name.as_str())) {
        let origin = reader.origin(&format!("fields.{name}"));
        reader.refuse(&origin, format!("{name} is not a field of an article; expected one of {}", FIELDS.join(", ")));
    }
    fields
}

fn log(reader: &mut SettingsReader<'_>) -> Option<LogSettings> {
    let format = reader.one("log.format", "\"auto\", \"text\" or \"json\"", |text| match text {
        "auto" => Some(LogFormat::Auto),
        "text" => Some(LogFormat::Text),
        "json" => Some(LogFormat::Json),
        _ => None,
    });
    let expected = "error, warn, info, debug or trace, which can also be set by module: \"info,wirefold::kafka=debug\"";
    let level =
        reader.one("log.level", expected, |text| EnvFilter::builder().parse(text).is_ok().then(|| text.to_owned()));
    Some(LogSettings { format: format?, level: level? })
}
