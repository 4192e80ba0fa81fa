//! Each section, value by value.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::num::NonZeroUsize;

use tracing_subscriber::EnvFilter;

use super::properties::{Properties, owned_property};
use super::reader::{Reader, items, shown};
use super::typed::{PROPERTY_TABLES, Typed, Value};
use super::{
    Config, ConfigError, FIELDS, Http, Kafka, Log, LogFormat, MatchRule, MatchSettings, Serve, Topics, Window,
};

/// Kafka's bound on the name of a topic.
const TOPIC_BYTES_MAX: usize = 249;
/// The longest of the names that a namespace begins.
const LONGEST_INTERNAL: &str = ".dead-letters";
/// Transactional ids are texts of the protocol with a 16-bit length; a name that fits a topic fits them with ease.
const INSTANCE_BYTES_MAX: usize = 200;
/// More threads than this are a slip of the hand.
const THREADS_MAX: usize = 1024;
/// A transaction must end within its time-out of 10 s: more records than this would not.
const BATCH_RECORDS_MAX: usize = 100_000;
/// The whole batch is in memory, several times over while it is worked on.
const BATCH_BYTES_MAX: usize = 256 << 20;
/// A shingle count that no article reaches.
const SHINGLES_MAX: usize = 65_536;

impl Config {
    /// Reads every setting and reports all that is wrong.
    pub(super) fn read(typed: &Typed) -> Result<Self, ConfigError> {
        let mut reader = Reader::new(typed);
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

    /// Reads every section, also after one that is wrong.
    pub(super) fn read_sections(reader: &mut Reader<'_>) -> Option<Self> {
        let namespace = namespace(reader);
        let kafka = kafka(reader);
        let topics = topics(reader, namespace.as_deref());
        let window = window(reader);
        let http = http(reader);
        let serve = serve(reader, http);
        let matching = matching(reader);
        let sisters = name_lists(reader, "sources.sisters");
        let agencies = name_lists(reader, "sources.agencies");
        let releases = name_lists(reader, "sources.releases");
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
            sisters,
            agencies,
            releases,
            fields,
            log: log?,
        })
    }
}

fn namespace(reader: &mut Reader<'_>) -> Option<String> {
    let bytes_max = TOPIC_BYTES_MAX - LONGEST_INTERNAL.len();
    let expected = format!("1 to {bytes_max} lower case letters, digits, dots, dashes and underscores");
    reader.one("namespace", &expected, |text| is_namespace(text).then(|| text.to_owned()))
}

/// Whether a text can name a namespace.
#[must_use]
pub fn is_namespace(text: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte);
    (1..=TOPIC_BYTES_MAX - LONGEST_INTERNAL.len()).contains(&text.len()) && text.bytes().all(legal)
}

fn kafka(reader: &mut Reader<'_>) -> Option<Kafka> {
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
                reader.refuse(&setting.origin, format!("{table}.{name} is wirefold's own: {reason}"));
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
    Some(Kafka { bootstrap_servers: bootstrap_servers?, properties: Properties(properties) })
}

fn topics(reader: &mut Reader<'_>, namespace: Option<&str>) -> Option<Topics> {
    let expected = "a topic name: 1 to 249 letters, digits, dots, dashes and underscores";
    let articles = reader.list("topics.articles", &format!("a list of at least one of {expected}"), topic_name);
    let stories = reader.one("topics.stories", expected, topic_name);
    let verdicts = reader.one("topics.verdicts", expected, topic_name);
    let dead_letters = reader.one("topics.dead_letters", expected, topic_name);
    let topics = Topics { articles: articles?, stories: stories?, verdicts: verdicts?, dead_letters: dead_letters? };
    refuse_shared_topics(reader, &topics, namespace?);
    Some(topics)
}

/// A topic that is written and read, or written by two, would feed the service with its own output.
fn refuse_shared_topics(reader: &mut Reader<'_>, topics: &Topics, namespace: &str) {
    let mut taken: BTreeMap<String, &str> = ["signatures", "decisions", "sources"]
        .map(|name| (format!("{namespace}.{name}"), "an internal topic of the namespace"))
        .into();
    let articles = topics.articles.iter().map(|topic| ("topics.articles", topic));
    let outputs = [
        ("topics.stories", &topics.stories),
        ("topics.verdicts", &topics.verdicts),
        ("topics.dead_letters", &topics.dead_letters),
    ];
    for (key, topic) in articles.chain(outputs) {
        if let Some(owner) = taken.insert(topic.clone(), key) {
            let origin = reader.origin(key);
            reader
                .refuse(&origin, format!("{key} names {topic:?}, which is also {owner}; expected topics of their own"));
        }
    }
}

fn topic_name(text: &str) -> Option<String> {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let fits = (1..=TOPIC_BYTES_MAX).contains(&text.len()) && text.bytes().all(legal);
    (fits && text != "." && text != "..").then(|| text.to_owned())
}

fn window(reader: &mut Reader<'_>) -> Option<Window> {
    let length = reader.positive_duration("window.length");
    let grace = reader.duration("window.grace");
    Some(Window { length: length?, grace: grace? })
}

fn http(reader: &mut Reader<'_>) -> Option<Http> {
    let listen = reader
        .one("http.listen", "an IP address and a port, such as 127.0.0.1:9464", |text| text.parse::<SocketAddr>().ok());
    Some(Http { listen: listen? })
}

fn serve(reader: &mut Reader<'_>, http: Option<Http>) -> Option<Serve> {
    let stages = reader.list("serve.stages", "\"sign\", \"fold\" or both", |text| {
        ["sign", "fold"].into_iter().find(|stage| *stage == text)
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
    Some(Serve {
        sign: stages.contains(&"sign"),
        fold: stages.contains(&"fold"),
        instance: instance.unwrap_or(instance_found(http?)),
        threads: threads.and_then(NonZeroUsize::new).unwrap_or_else(cores),
        drain_deadline: drain_deadline?,
        stall_after: stall_after?,
        batch_records: batch_records?,
        batch_bytes: batch_bytes?,
        batch_linger: batch_linger?,
        keep: keep?,
    })
}

/// Stable across restarts, and no two processes of one host can listen on one port.
fn instance_found(http: Http) -> String {
    let legal = |letter: char| if letter.is_ascii_alphanumeric() || letter == '.' { letter } else { '-' };
    let host: String = gethostname::gethostname().to_string_lossy().chars().map(legal).collect();
    format!("{host}-{}", http.listen.port())
}

/// Cores of this machine, one where that is not known.
#[must_use]
pub fn cores() -> NonZeroUsize {
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

fn matching(reader: &mut Reader<'_>) -> MatchSettings {
    MatchSettings {
        rule: reader.optional("match.rule", "\"score\" or \"containment\"", |text| match text {
            "score" => Some(MatchRule::Score),
            "containment" => Some(MatchRule::Containment),
            _ => None,
        }),
        threshold: reader.optional("match.threshold", "a number above 0 and up to 1", |text| {
            text.parse().ok().filter(|share| *share > 0.0 && *share <= 1.0)
        }),
        evidence_min: reader.optional_count("match.evidence_min", SHINGLES_MAX),
        sample_max: reader.optional_count("match.sample_max", SHINGLES_MAX),
    }
}

fn name_lists(reader: &mut Reader<'_>, table: &'static str) -> BTreeMap<String, Vec<String>> {
    let mut lists = BTreeMap::new();
    for (name, setting) in reader.table(table) {
        let list: Vec<String> = items(&setting.value).into_iter().map(str::to_owned).collect();
        if list.is_empty() || list.iter().any(String::is_empty) {
            let value = shown(&setting.value);
            reader.refuse(&setting.origin, format!("{table}.{name} is {value}; expected a list of names"));
        }
        lists.insert(name.to_owned(), list);
    }
    lists
}

fn fields(reader: &mut Reader<'_>) -> BTreeMap<String, Vec<String>> {
    let fields = name_lists(reader, "fields");
    for name in fields.keys().filter(|name| !FIELDS.contains(&name.as_str())) {
        let origin = reader.origin(&format!("fields.{name}"));
        reader.refuse(&origin, format!("{name} is not a field of an article; expected one of {}", FIELDS.join(", ")));
    }
    fields
}

fn log(reader: &mut Reader<'_>) -> Option<Log> {
    let format = reader.one("log.format", "\"auto\", \"text\" or \"json\"", |text| match text {
        "auto" => Some(LogFormat::Auto),
        "text" => Some(LogFormat::Text),
        "json" => Some(LogFormat::Json),
        _ => None,
    });
    let expected = "error, warn, info, debug or trace, also by module: \"info,wirefold::kafka=debug\"";
    let level =
        reader.one("log.level", expected, |text| EnvFilter::builder().parse(text).is_ok().then(|| text.to_owned()));
    Some(Log { format: format?, level: level? })
}
