//! A real broker for the tests of this process, and what they have in common.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use wirefold::kafka::{
    Admin, ClientSettings, KafkaBroker, KafkaConsumer, KafkaReader, Partitions, Severity, TopicSpec,
};
use wirefold::pipeline::observe::Stage;
use wirefold::pipeline::port::{
    Broker, GroupConsumer, Inbound, LogReader, Outbound, PollLimits, Polled, Rebalance, TopicPartition,
};

/// How long a test waits for what must come: generous, because a busy machine is not a wrong one.
pub(crate) const WITHIN: Duration = Duration::from_mins(1);

/// The limits of most polls.
pub(crate) const LIMITS: PollLimits =
    PollLimits { records: 1_000, bytes: 1 << 20, wait: Duration::from_millis(200), linger: Duration::from_millis(20) };

/// Brokers of our own, by `broker.sh`.
pub(crate) struct Cluster {
    bootstrap_servers: String,
    directory: PathBuf,
    /// Holds the pipe that keeps the brokers up: it closes with this process, however that ends.
    held: Child,
}

impl Cluster {
    /// Starts one node or three.
    pub(crate) fn start(nodes: u16) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let scratch = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let directory = scratch.join(format!("kafka-{}-{count}", std::process::id()));
        let mut held = script("hold", &directory)
            .arg(scratch.join("kafka-jars-4.1.0"))
            .arg(free_port(2 * nodes).to_string())
            .arg(nodes.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("cannot run bash, which starts the Kafka of the tests: {error}"));
        let mut line = String::new();
        let output = held.stdout.take().expect("the output is piped");
        BufReader::new(output).read_line(&mut line).expect("the output can be read");
        assert!(
            !line.trim().is_empty(),
            "no Kafka for the tests: the reason is above. They need Java 17 or newer, and Maven for the first run \
             (Debian: apt-get install default-jre-headless maven), or KAFKA_BOOTSTRAP=host:port of a broker that runs"
        );
        Self { bootstrap_servers: line.trim().to_owned(), directory, held }
    }

    /// Ends a node at once, as a power cut would.
    pub(crate) fn kill(&self, node: u16) {
        self.run("kill", node);
    }

    /// Ends all nodes in good order.
    #[allow(dead_code, reason = "for the fault tests of the service, which share this file")]
    pub(crate) fn stop(&self) {
        let status = script("stop", &self.directory).stdin(Stdio::null()).status();
        assert!(status.expect("bash runs").success(), "broker.sh stop");
    }

    /// Starts a node again and waits until it listens.
    pub(crate) fn restart(&self, node: u16) {
        self.run("restart", node);
    }

    /// The client settings for these brokers.
    pub(crate) fn settings(&self) -> ClientSettings {
        settings_for(&self.bootstrap_servers)
    }

    fn run(&self, verb: &str, node: u16) {
        let status = script(verb, &self.directory).arg(node.to_string()).stdin(Stdio::null()).status();
        assert!(status.expect("bash runs").success(), "broker.sh {verb} {node}");
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.held.stdin.take());
        let _ = self.held.wait();
    }
}

fn script(verb: &str, directory: &Path) -> Command {
    let mut command = Command::new("bash");
    command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/kafka/broker.sh")).arg(verb).arg(directory);
    command
}

/// Where the broker is that tests share: `KAFKA_BOOTSTRAP` when it is set, else one of our own, started by the first
/// test that asks.
pub(crate) fn bootstrap_servers() -> &'static str {
    static GIVEN: OnceLock<Option<String>> = OnceLock::new();
    static SHARED: OnceLock<Cluster> = OnceLock::new();
    match GIVEN.get_or_init(|| std::env::var("KAFKA_BOOTSTRAP").ok()) {
        Some(given) => given,
        None => &SHARED.get_or_init(|| Cluster::start(1)).bootstrap_servers,
    }
}

/// The client settings for that broker.
pub(crate) fn settings() -> ClientSettings {
    settings_for(bootstrap_servers())
}

fn settings_for(bootstrap_servers: &str) -> ClientSettings {
    ClientSettings {
        bootstrap_servers: bootstrap_servers.to_owned(),
        // The shortest that brokers allow by default: a member that is gone is missed soon.
        properties: BTreeMap::from([("session.timeout.ms".to_owned(), "6000".to_owned())]),
        ..ClientSettings::default()
    }
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

/// Creates a topic of a name of its own. It keeps everything: records of tests have times long past, and a broker that has
/// been up for half a minute deletes what is older than its retention.
pub(crate) fn topic(what: &str, partitions: i32) -> Arc<str> {
    topic_with(what, partitions, &[("retention.ms", "-1")])
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

/// All committed records of a partition, once every transaction on it has ended.
pub(crate) fn committed_records(topic: &Arc<str>, number: i32) -> Vec<Inbound> {
    committed_records_on(&settings(), topic, number)
}

/// The same, of this cluster.
pub(crate) fn committed_records_on(settings: &ClientSettings, topic: &Arc<str>, number: i32) -> Vec<Inbound> {
    let mut broker = KafkaBroker::new(settings.clone(), Stage::Sign, "spectators").expect("a client can be made");
    settle_on(settings, &mut broker, &partition(topic, number));
    read_all(broker.reader(&partition(topic, number), None).expect("the partition can be read"))
}

/// Waits until the committed records end where the partition does. A commit returns when it is decided; the markers
/// that make it visible are written a moment later.
pub(crate) fn settle(log: &TopicPartition) {
    settle_on(&settings(), &mut broker("spectators"), log);
}

fn settle_on(settings: &ClientSettings, broker: &mut KafkaBroker, log: &TopicPartition) {
    let uncommitted: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", &settings.bootstrap_servers)
        .set("isolation.level", "read_uncommitted")
        .create()
        .expect("a client can be made");
    let deadline = Instant::now() + WITHIN;
    loop {
        let (_, end) = uncommitted.fetch_watermarks(&log.topic, log.partition, WITHIN).expect("the broker answers");
        let (_, committed) = broker.range(log).expect("the broker answers");
        if end == committed {
            return;
        }
        assert!(Instant::now() < deadline, "{log:?} ends at {end} and is committed to {committed}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The records of a partition that are committed now.
pub(crate) fn read_to_end(topic: &Arc<str>, number: i32) -> Vec<Inbound> {
    read_all(broker("spectators").reader(&partition(topic, number), None).expect("the partition can be read"))
}

/// What a reader brings up to its end.
pub(crate) fn read_all(mut reader: KafkaReader) -> Vec<Inbound> {
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
