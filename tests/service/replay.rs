//! Replays beside the service: what they judge, what they leave alone, and how they go on after a crash.

mod archive;
mod files;
mod range;
mod refusals;
mod resume;
mod same;

use std::collections::BTreeMap;
use std::process::{Command, Output};

use wirefold::pipeline::port::Inbound;
use wirefold::record::ReplayPlan;

use crate::harness::unique;
use crate::instance::Process;
use crate::namespace::{Namespace, port};

/// The values under each key, in order.
pub(crate) type Published = BTreeMap<Vec<u8>, Vec<String>>;

/// A replay of what a service has read.
pub(crate) struct Replay<'a> {
    pub(crate) beside: &'a Namespace,
    pub(crate) name: String,
}

impl<'a> Replay<'a> {
    pub(crate) fn beside(beside: &'a Namespace, what: &str) -> Self {
        Self { beside, name: unique(what) }
    }

    /// The command, with small batches, so that there are several.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.beside.command(&["replay", "--namespace", &self.name]);
        command.args(arguments).env("WIREFOLD_SERVE__BATCH_RECORDS", "10");
        command
    }

    pub(crate) fn output(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the program starts")
    }

    /// Runs it to its end, and returns what it said.
    pub(crate) fn run(&self, arguments: &[&str]) -> String {
        let output = self.output(arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{}: {}: {said}", self.name, output.status);
        said
    }

    /// Starts it with something in its environment.
    pub(crate) fn start(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Process {
        let mut command = self.command(arguments);
        command.envs(environment.iter().copied());
        Process::spawn(command, &self.beside.file(&format!("{}.log", self.name)))
    }

    pub(crate) fn records(&self, topic: &str) -> Vec<Inbound> {
        self.beside.records(&format!("{}.{topic}", self.name).into()).into_iter().flatten().collect()
    }

    pub(crate) fn plan(&self) -> ReplayPlan {
        let last = self.records("replay").pop().and_then(|record| record.value).expect("there is a plan");
        serde_json::from_slice(&last).expect("the plan can be read")
    }

    /// What a replay publishes, and the bytes of its log.
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

/// All that two replays of one range have in common.
#[derive(Debug, PartialEq)]
struct Written {
    signatures: Vec<Option<Vec<u8>>>,
    stories: Published,
    verdicts: Published,
    dead_letters: Vec<Option<Vec<u8>>>,
}

/// What the service has published.
pub(crate) fn published(namespace: &Namespace, topic: &str) -> Published {
    by_key(&namespace.records(&namespace.topic(topic)).into_iter().flatten().collect::<Vec<_>>())
}

pub(crate) fn by_key(records: &[Inbound]) -> Published {
    let mut keys = Published::new();
    for record in records {
        let value = String::from_utf8(record.value.clone().expect("public records have values")).expect("JSON");
        keys.entry(record.key.clone().expect("public records have keys")).or_default().push(value);
    }
    keys
}

/// The same bytes but for the generation, in which a replay and the service differ.
pub(crate) fn ungenerated(mut published: Published) -> Published {
    for value in published.values_mut().flatten() {
        for generation in ["\"generation\":1,", "\"generation\":2,"] {
            *value = value.replace(generation, "\"generation\":0,");
        }
    }
    published
}

/// A service that has read these lines to their end, and stopped.
pub(crate) fn served(what: &str, input_partitions: usize, lines: &str) -> Namespace {
    let namespace = Namespace::new(what, input_partitions);
    namespace.produce(lines);
    let service = namespace.serve(port());
    namespace.await_done();
    service.stop();
    namespace
}
