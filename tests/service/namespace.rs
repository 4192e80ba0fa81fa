//! A namespace for each scenario: topics, settings, processes, and their progress.

use std::fmt::Write;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::thread;

use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use wirefold::kafka::ClientSettings;
use wirefold::stream::port::ConsumerRecord;

use crate::kit::broker as harness;
use crate::service::instance::{Process, WITHIN, tail, wait_for, wirefold};

/// Records of a transaction: few, so that there are many transactions.
const BATCH_RECORDS: usize = 50;

/// Topics, groups and settings of one scenario.
pub(crate) struct Namespace {
    pub(crate) name: String,
    pub(crate) cluster: ClientSettings,
    pub(crate) articles: Arc<str>,
    directory: PathBuf,
}

impl Namespace {
    /// A namespace with its own topics and input.
    pub(crate) fn new(what: &str, input_partitions: usize) -> Self {
        let name = harness::unique(what);
        Self::on(&harness::settings(), &format!("{name}.articles"), name, input_partitions)
    }

    /// A namespace that reads the same articles as another one.
    pub(crate) fn with_articles_of(other: &Self, what: &str) -> Self {
        Self::on(&other.cluster, &other.articles, harness::unique(what), 1)
    }

    /// A namespace on this cluster that reads this topic, which is created when it does not exist.
    pub(crate) fn on(cluster: &ClientSettings, articles: &str, name: String, input_partitions: usize) -> Self {
        let namespace = Self::without_topics(cluster, articles, name);
        let created = namespace.command(&["topics", "create"]);
        namespace.succeed(created, &["--input-partitions", &input_partitions.to_string()]);
        namespace
    }

    /// A namespace without creating its topics.
    pub(crate) fn without_topics(cluster: &ClientSettings, articles: &str, name: String) -> Self {
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(&name);
        fs::create_dir_all(&directory).expect("a directory for settings and logs");
        let mut settings = format!(
            "namespace = {name:?}\n[topics]\narticles = [{articles:?}]\nstories = \"{name}.stories\"\n\
             verdicts = \"{name}.verdicts\"\ndead_letters = \"{name}.dead-letters\"\n\
             [serve]\nbatch_records = {BATCH_RECORDS}\n\
             [kafka]\nbootstrap_servers = {:?}\n[kafka.properties]\n",
            cluster.bootstrap_servers
        );
        for (property, value) in &cluster.properties {
            writeln!(settings, "{property:?} = {value:?}").expect("written to memory");
        }
        fs::write(directory.join("wirefold.toml"), settings).expect("the settings are written");
        Self { name, cluster: cluster.clone(), articles: articles.into(), directory }
    }

    /// The path of a file of the scenario.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// The program with these arguments and the settings of this namespace.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = wirefold();
        command.args(arguments).arg("--config").arg(self.file("wirefold.toml"));
        command
    }

    fn succeed(&self, mut command: Command, arguments: &[&str]) {
        let output = command.args(arguments).output().expect("the program starts");
        assert!(output.status.success(), "{}: {}", self.name, String::from_utf8_lossy(&output.stderr));
    }

    /// Starts the service. Processes on different ports are different instances.
    pub(crate) fn serve(&self, port: u16) -> Process {
        self.serve_with(port, &[])
    }

    /// Starts the service with these environment variables.
    pub(crate) fn serve_with(&self, port: u16, environment: &[(&str, &str)]) -> Process {
        let mut command = self.command(&["serve", "--set", &format!("http.listen=127.0.0.1:{port}")]);
        command.envs(environment.iter().copied());
        Process::spawn(command, &self.file(&format!("serve-{port}.log")))
    }

    /// Writes these lines to the input and waits until they are stored.
    pub(crate) fn produce(&self, lines: &str) {
        fs::write(self.file("articles.ndjson"), lines).expect("the articles are written");
        self.succeed(self.command(&["produce"]), &[&self.file("articles.ndjson").to_string_lossy()]);
    }

    /// Starts to write these lines to the input, `rate` of them a second.
    pub(crate) fn begin_to_produce(&self, lines: &str, rate: u32) -> Process {
        fs::write(self.file("articles.ndjson"), lines).expect("the articles are written");
        let mut command = self.command(&["produce", "--rate", &rate.to_string()]);
        command.arg(self.file("articles.ndjson"));
        Process::spawn(command, &self.file("produce.log"))
    }

    /// The internal topic of this name.
    pub(crate) fn topic(&self, name: &str) -> Arc<str> {
        format!("{}.{name}", self.name).into()
    }

    /// All committed records of a topic, by partition.
    pub(crate) fn records(&self, topic: &Arc<str>) -> Vec<Vec<ConsumerRecord>> {
        let partitions = self.partitions(topic);
        (0..partitions).map(|number| harness::committed_records_on(&self.cluster, topic, number)).collect()
    }

    fn partitions(&self, topic: &str) -> i32 {
        let metadata =
            self.offset_client("signatures").fetch_metadata(Some(topic), WITHIN).expect("the broker answers");
        metadata.topics()[0].partitions().len() as i32
    }

    /// A client that reads the committed offsets of the group of a stage without joining it.
    fn offset_client(&self, stage: &str) -> BaseConsumer {
        ClientConfig::new()
            .set("bootstrap.servers", &self.cluster.bootstrap_servers)
            .set("group.id", format!("{}.{stage}", self.name))
            .create()
            .expect("a client can be made")
    }

    /// The committed offset of the group of a stage in each partition; none where nothing was committed.
    pub(crate) fn committed(&self, stage: &str, topic: &Arc<str>) -> Vec<Option<i64>> {
        let partitions = self.partitions(topic);
        let asked: TopicPartitionList =
            (0..partitions).map(|number| (topic.to_string(), number, Offset::Invalid)).collect();
        let client = self.offset_client(stage);
        let found = wait_for("the committed offsets of a group", || {
            client.committed_offsets(asked.clone(), WITHIN).map_err(|error| error.to_string())
        });
        let offset = |number| match found.find_partition(topic, number)?.offset() {
            Offset::Offset(next) => Some(next),
            _ => None,
        };
        (0..partitions).map(offset).collect()
    }

    /// The end offsets of the input.
    pub(crate) fn input_ends(&self) -> Vec<i64> {
        let client = self.offset_client("signatures");
        // A broker that has just restarted may not be the leader of its partitions yet.
        let end = |number| {
            let range = || client.fetch_watermarks(&self.articles, number, WITHIN).map_err(|error| error.to_string());
            wait_for("the end of a partition", range).1
        };
        (0..self.partitions(&self.articles)).map(end).collect()
    }

    /// The number of raw records that the signatures stage has processed: signatures and dead letters.
    pub(crate) fn processed(&self) -> i64 {
        self.committed("signatures", &self.articles).into_iter().flatten().sum()
    }

    /// The log offset that the stories stage has committed.
    pub(crate) fn clustered(&self) -> i64 {
        self.committed("stories", &self.topic("signatures"))[0].unwrap_or(0)
    }

    /// Waits until the signatures stage has processed this number of records.
    pub(crate) fn await_processed(&self, records: i64) {
        wait_for(&format!("{records} records processed in {}", self.name), || {
            let processed = self.processed();
            if processed >= records { Ok(()) } else { Err(format!("processed: {processed}")) }
        });
    }

    /// Waits until the stories stage has committed this log offset.
    pub(crate) fn await_clustered(&self, next: i64) {
        wait_for(&format!("{} to cluster the log up to {next}", self.name), || {
            let clustered = self.clustered();
            if clustered >= next { Ok(()) } else { Err(format!("clustered up to {clustered}")) }
        });
    }

    /// Waits until both stages have processed the whole input.
    pub(crate) fn await_done(&self) {
        self.await_processed(self.input_ends().iter().sum());
        let log = &self.records(&self.topic("signatures"))[0];
        self.await_clustered(log.last().map_or(0, |last| last.offset + 1));
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        if !thread::panicking() {
            let _ = fs::remove_dir_all(&self.directory);
            return;
        }
        for entry in fs::read_dir(&self.directory).into_iter().flatten().flatten() {
            if entry.path().extension().is_some_and(|extension| extension == "log") {
                eprintln!("--- the end of {}:\n{}", entry.path().display(), tail(&entry.path()));
            }
        }
    }
}

/// A port that no other process of the tests uses. It lies below the ephemeral ports: it must still be free when a killed
/// process is started again.
pub(crate) fn port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    loop {
        let port = 20_000 + (std::process::id() as u16 % 500) * 20 + NEXT.fetch_add(1, Ordering::Relaxed);
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
