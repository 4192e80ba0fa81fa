//! A namespace of its own for each scenario: topics, settings, processes, and how far they are.

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
use wirefold::pipeline::port::Inbound;

use crate::harness;
use crate::instance::{Process, WITHIN, await_some, tail, wirefold};

/// Records of a transaction: few, so that there are many transactions to fall between.
const BATCH_RECORDS: usize = 50;

/// Topics, groups and settings of one scenario.
pub(crate) struct Namespace {
    pub(crate) name: String,
    pub(crate) cluster: ClientSettings,
    pub(crate) articles: Arc<str>,
    directory: PathBuf,
}

impl Namespace {
    /// A namespace with topics of its own.
    pub(crate) fn new(what: &str, input_partitions: usize) -> Self {
        let name = harness::unique(what);
        Self::on(&harness::settings(), &format!("{name}.articles"), name, input_partitions)
    }

    /// A namespace that reads the same articles as another.
    pub(crate) fn beside(other: &Self, what: &str) -> Self {
        Self::on(&other.cluster, &other.articles, harness::unique(what), 1)
    }

    /// A namespace on this cluster that reads this topic, which is created when it does not exist.
    pub(crate) fn on(cluster: &ClientSettings, articles: &str, name: String, input_partitions: usize) -> Self {
        let namespace = Self::without_topics(cluster, articles, name);
        let created = namespace.command(&["topics", "create"]);
        namespace.succeed(created, &["--input-partitions", &input_partitions.to_string()]);
        namespace
    }

    /// A namespace whose topics are still to be created.
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

    /// A file of the scenario.
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

    /// The same, with something in its environment.
    pub(crate) fn serve_with(&self, port: u16, environment: &[(&str, &str)]) -> Process {
        let mut command = self.command(&["serve", "--set", &format!("http.listen=127.0.0.1:{port}")]);
        command.envs(environment.iter().copied());
        Process::spawn(command, &self.file(&format!("serve-{port}.log")))
    }

    /// Writes these lines to the input and waits until they stand there.
    pub(crate) fn produce(&self, lines: &str) {
        fs::write(self.file("articles.ndjson"), lines).expect("the articles are written");
        self.succeed(self.command(&["produce"]), &[&self.file("articles.ndjson").to_string_lossy()]);
    }

    /// Begins to write these lines to the input, so many a second.
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
    pub(crate) fn records(&self, topic: &Arc<str>) -> Vec<Vec<Inbound>> {
        let partitions = self.partitions(topic);
        (0..partitions).map(|number| harness::committed_records_on(&self.cluster, topic, number)).collect()
    }

    fn partitions(&self, topic: &str) -> i32 {
        let metadata = self.spectator("sign").fetch_metadata(Some(topic), WITHIN).expect("the broker answers");
        metadata.topics()[0].partitions().len() as i32
    }

    /// A client that can be asked for the positions of a stage's group, and joins nothing.
    fn spectator(&self, stage: &str) -> BaseConsumer {
        ClientConfig::new()
            .set("bootstrap.servers", &self.cluster.bootstrap_servers)
            .set("group.id", format!("{}.{stage}", self.name))
            .create()
            .expect("a client can be made")
    }

    /// The committed positions of a stage's group; none where there is none.
    pub(crate) fn positions(&self, stage: &str, topic: &Arc<str>) -> Vec<Option<i64>> {
        let partitions = self.partitions(topic);
        let asked: TopicPartitionList =
            (0..partitions).map(|number| (topic.to_string(), number, Offset::Invalid)).collect();
        let spectator = self.spectator(stage);
        let found = await_some("the positions of a group", || {
            spectator.committed_offsets(asked.clone(), WITHIN).map_err(|error| error.to_string())
        });
        let position = |number| match found.find_partition(topic, number)?.offset() {
            Offset::Offset(next) => Some(next),
            _ => None,
        };
        (0..partitions).map(position).collect()
    }

    /// Where the partitions of the input end.
    pub(crate) fn input_ends(&self) -> Vec<i64> {
        let spectator = self.spectator("sign");
        let end = |number| spectator.fetch_watermarks(&self.articles, number, WITHIN).expect("the broker answers").1;
        (0..self.partitions(&self.articles)).map(end).collect()
    }

    /// Raw records that the service is done with: signed, or dead letters.
    pub(crate) fn signed(&self) -> i64 {
        self.positions("sign", &self.articles).into_iter().flatten().sum()
    }

    /// How far fold is in the log.
    pub(crate) fn folded(&self) -> i64 {
        self.positions("fold", &self.topic("signatures"))[0].unwrap_or(0)
    }

    /// Waits until the service has signed so many records.
    pub(crate) fn await_signed(&self, records: i64) {
        await_some(&format!("{records} records signed in {}", self.name), || {
            let signed = self.signed();
            if signed >= records { Ok(()) } else { Err(format!("signed: {signed}")) }
        });
    }

    /// Waits until the service has folded the log up to this offset.
    pub(crate) fn await_folded(&self, next: i64) {
        await_some(&format!("{} folded to {next}", self.name), || {
            let folded = self.folded();
            if folded >= next { Ok(()) } else { Err(format!("folded to {folded}")) }
        });
    }

    /// Waits until everything that stands in the input is signed and folded.
    pub(crate) fn await_done(&self) {
        self.await_signed(self.input_ends().iter().sum());
        let log = &self.records(&self.topic("signatures"))[0];
        self.await_folded(log.last().map_or(0, |last| last.offset + 1));
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

/// A port that no other process of the tests has. Below those that the system gives to connections: it must still be
/// free when a killed process is started again.
pub(crate) fn port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    loop {
        let port = 20_000 + (std::process::id() as u16 % 500) * 20 + NEXT.fetch_add(1, Ordering::Relaxed);
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
