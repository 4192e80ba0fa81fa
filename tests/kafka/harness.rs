//! A real broker for the tests of this process, and what they have in common.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use wirefold::kafka::{Admin, ClientSettings, KafkaBroker, KafkaConsumer, Partitions, Severity, TopicSpec};
use wirefold::pipeline::observe::Stage;
use wirefold::pipeline::port::{
    Broker, GroupConsumer, Inbound, LogReader, Outbound, PollLimits, Polled, Rebalance, TopicPartition,
};

/// How long a test waits for what must come: generous, because a busy machine is not a wrong one.
pub(crate) const WITHIN: Duration = Duration::from_secs(60);

/// The limits of most polls.
pub(crate) const LIMITS: PollLimits =
    PollLimits { records: 1_000, bytes: 1 << 20, wait: Duration::from_millis(200), linger: Duration::from_millis(20) };

/// The broker that this process has started.
struct Running {
    bootstrap_servers: String,
    /// Holds the pipe that keeps the broker up: it closes with this process, however that ends.
    _held: Option<Child>,
}

/// Where the broker is: `KAFKA_BOOTSTRAP` when it is set, else one of our own, started by the first test that asks.
pub(crate) fn bootstrap_servers() -> &'static str {
    static RUNNING: OnceLock<Running> = OnceLock::new();
    &RUNNING
        .get_or_init(|| match std::env::var("KAFKA_BOOTSTRAP") {
            Ok(bootstrap_servers) => Running { bootstrap_servers, _held: None },
            Err(_) => start(),
        })
        .bootstrap_servers
}

/// The client settings for that broker.
pub(crate) fn settings() -> ClientSettings {
    ClientSettings {
        bootstrap_servers: bootstrap_servers().to_owned(),
        // The shortest that brokers allow by default: a member that is gone is missed soon.
        properties: BTreeMap::from([("session.timeout.ms".to_owned(), "6000".to_owned())]),
        ..ClientSettings::default()
    }
}

fn start() -> Running {
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/kafka/broker.sh");
    let mut child = Command::new("bash")
        .arg(script)
        .arg("hold")
        .arg(scratch.join(format!("kafka-{}", std::process::id())))
        .arg(scratch.join("kafka-jars-4.1.0"))
        .arg(free_port(2).to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("cannot run bash, which starts the Kafka of the tests: {error}"));
    let mut line = String::new();
    let output = child.stdout.take().expect("the output is piped");
    BufReader::new(output).read_line(&mut line).expect("the output can be read");
    assert!(
        !line.trim().is_empty(),
        "no Kafka for the tests: the reason is above. They need a JDK 17 or newer, and Maven for the first run \
         (Debian: apt-get install default-jre-headless maven), or KAFKA_BOOTSTRAP=host:port of a broker that is there"
    );
    Running { bootstrap_servers: line.trim().to_owned(), _held: Some(child) }
}

/// The first of `count` ports in a row that nobody listens on.
fn free_port(count: u16) -> u16 {
    for _ in 0..100 {
        let first = TcpListener::bind(("127.0.0.1", 0)).and_then(|socket| socket.local_addr());
        let first = first.expect("the loopback interface has a free port").port();
        let free = |port: u16| TcpListener::bind(("127.0.0.1", port)).is_ok();
        if (0..count).all(|n| first.checked_add(n).is_some_and(free)) {
            return first;
        }
    }
    panic!("no {count} free ports in a row");
}

/// A name that no other test has, of this run or another.
pub(crate) fn unique(what: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let since = std::time::UNIX_EPOCH.elapsed().expect("the clock is past 1970").as_millis();
    format!("{what}-{since}-{}", COUNT.fetch_add(1, Ordering::Relaxed))
}

/// A topic as tests want it.
pub(crate) fn spec(name: &str, partitions: i32, settings: &[(&'static str, &'static str)]) -> TopicSpec {
    TopicSpec {
        name: name.to_owned(),
        partitions,
        partitions_fixed: Partitions::Exactly,
        severity: Severity::Error,
        settings: settings.to_vec(),
    }
}

/// Creates a topic of a name of its own.
pub(crate) fn topic(what: &str, partitions: i32) -> Arc<str> {
    topic_with(what, partitions, &[])
}

/// The same, with settings.
pub(crate) fn topic_with(what: &str, partitions: i32, settings: &[(&'static str, &'static str)]) -> Arc<str> {
    let name = unique(what);
    admin().create(&[spec(&name, partitions, settings)]).expect("the topic can be created");
    name.into()
}

/// A client for topics.
pub(crate) fn admin() -> Admin {
    Admin::connect(&settings()).expect("the broker answers")
}

/// The cluster as a stage of this group sees it.
pub(crate) fn broker(group: &str) -> KafkaBroker {
    KafkaBroker::new(settings(), Stage::Sign, group).expect("a client can be made")
}

/// A partition.
pub(crate) fn partition(topic: &Arc<str>, partition: i32) -> TopicPartition {
    TopicPartition { topic: Arc::clone(topic), partition }
}

/// A record without key and headers.
pub(crate) fn record(topic: &Arc<str>, partition: i32, value: &str) -> Outbound {
    Outbound {
        topic: Arc::clone(topic),
        partition: Some(partition),
        key: None,
        value: Some(value.as_bytes().to_vec()),
        headers: Vec::new(),
    }
}

/// All committed records of a partition, and what the reader says is left in the end.
pub(crate) fn committed_records(topic: &Arc<str>, number: i32) -> Vec<Inbound> {
    let mut reader = broker("spectators").reader(&partition(topic, number), None).expect("the partition can be read");
    let mut all = Vec::new();
    loop {
        let batch = reader.next_batch().expect("the partition can be read");
        if batch.is_empty() {
            assert_eq!(reader.remaining(), 0, "an empty batch is the end");
            return all;
        }
        all.extend(batch);
    }
}

/// The values of records as text.
pub(crate) fn values(records: &[Inbound]) -> Vec<&str> {
    records
        .iter()
        .map(|record| std::str::from_utf8(record.value.as_deref().unwrap_or_default()).expect("tests write text"))
        .collect()
}

/// Polls until `enough` of what came, and gives back all of it.
pub(crate) fn poll_until(consumer: &mut KafkaConsumer, enough: impl Fn(&Polled) -> bool) -> Polled {
    let deadline = Instant::now() + WITHIN;
    let mut all = Polled::default();
    while !enough(&all) {
        assert!(Instant::now() < deadline, "after {WITHIN:?} only this came: {all:?}");
        let polled = consumer.poll(LIMITS).expect("the consumer polls");
        all.rebalances.extend(polled.rebalances);
        all.records.extend(polled.records);
    }
    all
}

/// How many partitions a member holds after these changes.
pub(crate) fn held(changes: &[Rebalance]) -> usize {
    changes.iter().fold(0, |held, change| match change {
        Rebalance::Assigned(partitions) => held + partitions.len(),
        Rebalance::Revoked(partitions) => held - partitions.len(),
    })
}
