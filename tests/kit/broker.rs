//! A real Kafka broker for the tests of this process, and helpers to write and read records.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use wirefold::kafka::{
    Admin, ClientSettings, KafkaBroker, KafkaConsumer, KafkaReader, PartitionCount, Severity, TopicSpec,
};
use wirefold::stream::port::{
    ConsumerRecord, LogReader, LogStore, PollLimits, Polled, Rebalance, RecordSource, TopicPartition,
};

use super::record::partition;

/// How long a test waits for an expected event. Generous, because the machine may be busy.
pub(crate) const WITHIN: Duration = Duration::from_mins(1);

/// The limits of most polls.
pub(crate) const LIMITS: PollLimits =
    PollLimits { records: 1_000, bytes: 1 << 20, wait: Duration::from_millis(200), linger: Duration::from_millis(20) };

/// Brokers that `broker.sh` runs for these tests.
pub(crate) struct Cluster {
    bootstrap_servers: String,
    directory: PathBuf,
    /// `broker.sh`. It ends the brokers when its standard input closes, that is, when this process ends, however it ends.
    script: Child,
}

impl Cluster {
    /// Starts one node or three.
    pub(crate) fn start(nodes: u16) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let scratch = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let directory = scratch.join(format!("kafka-{}-{count}", std::process::id()));
        let mut child = script("hold", &directory)
            .arg(scratch.join("kafka-jars-4.1.0"))
            .arg(free_ports(2 * nodes).to_string())
            .arg(nodes.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("cannot run bash, which starts the Kafka of the tests: {error}"));
        let mut line = String::new();
        let output = child.stdout.take().expect("the output is piped");
        BufReader::new(output).read_line(&mut line).expect("the output can be read");
        assert!(
            !line.trim().is_empty(),
            "the Kafka of the tests did not start: the reason is above. The tests need Java 17 or newer, and Maven for the first run \
             (Debian: apt-get install default-jre-headless maven), or a running broker: KAFKA_BOOTSTRAP=host:port"
        );
        Self { bootstrap_servers: line.trim().to_owned(), directory, script: child }
    }

    /// Kills a node with SIGKILL.
    pub(crate) fn kill(&self, node: u16) {
        self.run("kill", node);
    }

    /// Stops all nodes in good order.
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
        drop(self.script.stdin.take());
        let _ = self.script.wait();
    }
}

fn script(verb: &str, directory: &Path) -> Command {
    let mut command = Command::new("bash");
    command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/kit/broker.sh")).arg(verb).arg(directory);
    command
}

/// The address of the broker that the tests share: `KAFKA_BOOTSTRAP` where it is set, else a broker that the first test
/// starts.
pub(crate) fn bootstrap_servers() -> &'static str {
    static GIVEN: OnceLock<Option<String>> = OnceLock::new();
    static SHARED: OnceLock<Cluster> = OnceLock::new();
    match GIVEN.get_or_init(|| std::env::var("KAFKA_BOOTSTRAP").ok()) {
        Some(given) => given,
        None => &SHARED.get_or_init(|| Cluster::start(1)).bootstrap_servers,
    }
}

/// The client settings for the shared broker.
pub(crate) fn settings() -> ClientSettings {
    settings_for(bootstrap_servers())
}

fn settings_for(bootstrap_servers: &str) -> ClientSettings {
    ClientSettings {
        bootstrap_servers: bootstrap_servers.to_owned(),
        // The shortest session that brokers allow by default: a lost member is noticed soon.
        properties: BTreeMap::from([("session.timeout.ms".to_owned(), "6000".to_owned())]),
        ..ClientSettings::default()
    }
}

/// The first of `count` adjacent free ports. They lie below the ephemeral ports: no connection may take one of them before the
/// broker listens, or while a killed broker is restarted.
fn free_ports(count: u16) -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let begin = 10_000 + (std::process::id() as u16 % 400) * 20;
    for _ in 0..100 {
        let first = begin + NEXT.fetch_add(count, Ordering::Relaxed);
        if (0..count).all(|n| TcpListener::bind(("127.0.0.1", first + n)).is_ok()) {
            return first;
        }
    }
    panic!("no {count} adjacent free ports");
}

/// A name that no other test uses, in this run or another.
pub(crate) fn unique(what: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let since = std::time::UNIX_EPOCH.elapsed().expect("the clock is past 1970").as_millis();
    format!("{what}-{since}-{}", COUNT.fetch_add(1, Ordering::Relaxed))
}

/// The specification of a topic for tests.
pub(crate) fn spec(name: &str, partitions: i32, settings: &[(&'static str, &'static str)]) -> TopicSpec {
    TopicSpec {
        name: name.to_owned(),
        partitions,
        partitions_fixed: PartitionCount::Exactly,
        severity: Severity::Error,
        settings: settings.to_vec(),
    }
}

/// Creates a topic with a unique name and unlimited retention: records of tests have old time stamps, and a broker deletes
/// records that are older than the retention half a minute after its start.
pub(crate) fn topic(what: &str, partitions: i32) -> Arc<str> {
    topic_with(what, partitions, &[("retention.ms", "-1")])
}

/// Creates a topic with a unique name and these settings.
pub(crate) fn topic_with(what: &str, partitions: i32, settings: &[(&'static str, &'static str)]) -> Arc<str> {
    let name = unique(what);
    admin().create(&[spec(&name, partitions, settings)]).expect("the topic can be created");
    name.into()
}

/// An admin client of the shared broker.
pub(crate) fn admin() -> Admin {
    Admin::connect(&settings()).expect("the broker answers")
}

/// The shared broker, for this group.
pub(crate) fn broker(group: &str) -> KafkaBroker {
    KafkaBroker::new(settings(), group).expect("a client can be made")
}

/// All committed records of a partition. Waits until every transaction on it has ended.
pub(crate) fn committed_records(topic: &Arc<str>, number: i32) -> Vec<ConsumerRecord> {
    committed_records_on(&settings(), topic, number)
}

/// [`committed_records`] of a given cluster.
pub(crate) fn committed_records_on(settings: &ClientSettings, topic: &Arc<str>, number: i32) -> Vec<ConsumerRecord> {
    let mut broker = KafkaBroker::new(settings.clone(), "readers").expect("a client can be made");
    settle_on(settings, &mut broker, &partition(topic, number));
    read_all(broker.reader(&partition(topic, number), None).expect("the partition can be read"))
}

/// Waits until the committed records reach the end of the partition. A commit returns when it is decided; the markers that
/// make it visible are written a moment later.
pub(crate) fn settle(log: &TopicPartition) {
    settle_on(&settings(), &mut broker("readers"), log);
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

/// The records of a partition that are committed now; open transactions are not waited for.
pub(crate) fn read_to_end(topic: &Arc<str>, number: i32) -> Vec<ConsumerRecord> {
    read_all(broker("readers").reader(&partition(topic, number), None).expect("the partition can be read"))
}

/// All records of a reader.
pub(crate) fn read_all(mut reader: KafkaReader) -> Vec<ConsumerRecord> {
    let mut all = Vec::new();
    loop {
        let batch = reader.next_batch().expect("the partition can be read");
        if batch.is_empty() {
            assert_eq!(reader.remaining(), 0, "an empty batch before the end");
            return all;
        }
        all.extend(batch);
    }
}

/// The values of records as text.
pub(crate) fn values(records: &[ConsumerRecord]) -> Vec<&str> {
    records
        .iter()
        .map(|record| std::str::from_utf8(record.value.as_deref().unwrap_or_default()).expect("a text value"))
        .collect()
}

/// Polls until `enough` accepts everything that was polled, and returns it.
pub(crate) fn poll_until(consumer: &mut KafkaConsumer, enough: impl Fn(&Polled) -> bool) -> Polled {
    let deadline = Instant::now() + WITHIN;
    let mut all = Polled::default();
    while !enough(&all) {
        assert!(Instant::now() < deadline, "only this was polled within {WITHIN:?}: {all:?}");
        let polled = consumer.poll(LIMITS).expect("the consumer polls");
        all.rebalances.extend(polled.rebalances);
        all.records.extend(polled.records);
    }
    all
}

/// The number of partitions that a member is assigned after these changes.
pub(crate) fn assigned_count(changes: &[Rebalance]) -> usize {
    changes.iter().fold(0, |count, change| match change {
        Rebalance::Assigned(partitions) => count + partitions.len(),
        Rebalance::Revoked(partitions) => count - partitions.len(),
    })
}
