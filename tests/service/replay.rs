//! Replays: their results, that they do not affect the service, and how they are resumed after a crash.

mod archive;
mod files;
mod plan;
mod range;
mod refusals;
mod resume;
mod same;

use std::collections::BTreeMap;
use std::process::{Command, Output};

use wirefold::replay::ReplayPlan;
use wirefold::stream::port::ConsumerRecord;

use crate::kit::broker::unique;
use crate::service::instance::Process;
use crate::service::namespace::{Namespace, port};

/// The values under each key, in order.
pub(crate) type Published = BTreeMap<Vec<u8>, Vec<String>>;

/// A replay of what a service has read.
pub(crate) struct Replay<'a> {
    pub(crate) source: &'a Namespace,
    pub(crate) name: String,
}

impl<'a> Replay<'a> {
    pub(crate) fn of(source: &'a Namespace, what: &str) -> Self {
        Self { source, name: unique(what) }
    }

    /// The command that runs it, with small batches, so that it runs several transactions.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.source.command(&["replay", "--namespace", &self.name]);
        command.args(arguments).env("WIREFOLD_SERVE__BATCH_RECORDS", "10");
        command
    }

    pub(crate) fn output(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the program starts")
    }

    /// Runs it to its end, and returns standard error.
    pub(crate) fn run(&self, arguments: &[&str]) -> String {
        let output = self.output(arguments);
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{}: {}: {stderr}", self.name, output.status);
        stderr
    }

    /// Starts it with these environment variables.
    pub(crate) fn start(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Process {
        let mut command = self.command(arguments);
        command.envs(environment.iter().copied());
        Process::spawn(command, &self.source.file(&format!("{}.log", self.name)))
    }

    pub(crate) fn records(&self, topic: &str) -> Vec<ConsumerRecord> {
        self.source.records(&format!("{}.{topic}", self.name).into()).into_iter().flatten().collect()
    }

    pub(crate) fn plan(&self) -> ReplayPlan {
        let last = self.records("replay").pop().and_then(|record| record.value).expect("there is a plan");
        serde_json::from_slice(&last).expect("the plan can be read")
    }

    /// Its published records, and the bytes of its log.
    fn written(&self) -> Written {
        let values = |topic| self.records(topic).into_iter().map(|record| record.value).collect();
        Written {
            signatures: values("signatures"),
            stories: by_key(&self.records("stories")),
            verdicts: by_key(&self.records("verdicts")),
            dead_letters: values("dead-letters"),
        }
    }
}

/// Everything that two replays of one range have in common.
#[derive(Debug, PartialEq)]
struct Written {
    signatures: Vec<Option<Vec<u8>>>,
    stories: Published,
    verdicts: Published,
    dead_letters: Vec<Option<Vec<u8>>>,
}

/// The records that the service has published.
pub(crate) fn published(namespace: &Namespace, topic: &str) -> Published {
    by_key(&namespace.records(&namespace.topic(topic)).into_iter().flatten().collect::<Vec<_>>())
}

pub(crate) fn by_key(records: &[ConsumerRecord]) -> Published {
    let mut keys = Published::new();
    for record in records {
        let value = String::from_utf8(record.value.clone().expect("public records have values")).expect("JSON");
        keys.entry(record.key.clone().expect("public records have keys")).or_default().push(value);
    }
    keys
}

/// The records with epoch 0: a replay and the service differ in the epoch.
pub(crate) fn without_epoch(mut published: Published) -> Published {
    for value in published.values_mut().flatten() {
        for epoch in ["\"epoch\":1,", "\"epoch\":2,"] {
            *value = value.replace(epoch, "\"epoch\":0,");
        }
    }
    published
}

/// A namespace whose service has processed these lines, and stopped.
pub(crate) fn served(what: &str, input_partitions: usize, lines: &str) -> Namespace {
    let namespace = Namespace::new(what, input_partitions);
    namespace.produce(lines);
    let service = namespace.serve(port());
    namespace.await_done();
    service.stop();
    namespace
}
