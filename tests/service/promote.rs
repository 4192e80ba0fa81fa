//! A replay replaces the service: what readers of the public topics see, and which namespace clusters which article.

mod crashes;
mod load;
mod range;
mod refusals;

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Output};

use wirefold::clustering::ClusteringRules;
use wirefold::record::{
    Decision, RawPosition, Revision, Signature, StoryId, StoryRecord, StoryState, VerdictRecord, Versioned,
};

use crate::kit::oracle::{Expected, Headers, decision, position};
use crate::service::instance::Process;
use crate::service::namespace::Namespace;
use crate::service::oracle::dead_letters;
use crate::service::replay::Replay;

/// The command that promotes a replay, with small batches, so that it runs several transactions.
fn promote(replay: &Replay<'_>, arguments: &[&str]) -> Command {
    let mut command = replay.source.command(&["promote", &replay.name]);
    command.args(arguments).env("WIREFOLD_SERVE__BATCH_RECORDS", "10");
    command
}

/// The exit code and standard error of a command.
fn output(mut command: Command) -> (Option<i32>, String) {
    let Output { status, stderr, .. } = command.output().expect("the program starts");
    (status.code(), String::from_utf8_lossy(&stderr).into_owned())
}

/// Promotes a replay, and returns standard error.
fn run_promotion(replay: &Replay<'_>, arguments: &[&str]) -> String {
    let (code, stderr) = output(promote(replay, arguments));
    assert_eq!(code, Some(0), "{}: {stderr}", replay.name);
    stderr
}

/// Serves a promoted namespace with the settings of the service that it has replaced.
fn serve(replay: &Replay<'_>, port: u16, arguments: &[&str]) -> Process {
    let listen = format!("http.listen=127.0.0.1:{port}");
    let namespace = format!("namespace={}", replay.name);
    let mut command = replay.source.command(&["serve", "--set", &listen, "--set", &namespace]);
    command.args(arguments);
    Process::spawn(command, &replay.source.file(&format!("serve-{port}.log")))
}

/// The promoted namespace, to read its progress.
fn promoted_namespace(replay: &Replay<'_>) -> Namespace {
    Namespace::without_topics(&replay.source.cluster, &replay.source.articles, replay.name.clone())
}

/// The public records with the highest revision of each key, as a reader of the public topics keeps them.
struct PublicReader {
    stories: BTreeMap<StoryId, StoryRecord>,
    verdicts: BTreeMap<String, VerdictRecord>,
}

impl PublicReader {
    /// Reads both topics. The revisions of a key never fall.
    fn of(namespace: &Namespace) -> Self {
        Self {
            stories: latest(namespace, "stories", |story: &StoryRecord| (story.story_id, story.revision)),
            verdicts: latest(namespace, "verdicts", |verdict: &VerdictRecord| {
                (verdict.uri.to_string(), verdict.revision)
            }),
        }
    }

    /// Asserts that each article is in one open story, and that its verdict names that story.
    fn assert_consistent(&self) {
        let mut member_of: BTreeMap<&str, StoryId> = BTreeMap::new();
        for story in self.stories.values().filter(|story| story.state == StoryState::Open) {
            for member in &story.members {
                let other = member_of.insert(&member.uri, story.story_id);
                assert_eq!(other, None, "{} is in two open stories, one is {}", member.uri, story.story_id);
                let verdict = self.verdicts.get(&*member.uri).unwrap_or_else(|| panic!("no verdict on {}", member.uri));
                let named = verdict.story_id.map(|id| self.resolve(id));
                assert_eq!(named, Some(story.story_id), "{verdict:#?} and {story:#?}");
            }
        }
    }

    /// The story that a story was merged into, or itself.
    fn resolve(&self, mut id: StoryId) -> StoryId {
        while let Some(into) = self.stories.get(&id).and_then(|story| story.merged_into) {
            id = into;
        }
        id
    }

    fn open(&self) -> impl Iterator<Item = &StoryRecord> {
        self.stories.values().filter(|story| story.state == StoryState::Open)
    }
}

/// The last record of each key.
fn latest<T: serde::de::DeserializeOwned, K: Ord + std::fmt::Debug>(
    namespace: &Namespace,
    topic: &str,
    key: impl Fn(&T) -> (K, Revision),
) -> BTreeMap<K, T> {
    let mut latest = BTreeMap::new();
    for record in namespace.records(&namespace.topic(topic)).into_iter().flatten() {
        let value: T = serde_json::from_slice(record.value.as_deref().unwrap_or_default()).expect("a public record");
        let (of, revision) = key(&value);
        let before = latest.get(&of).map(|before| key(before).1);
        // A merge may publish two verdicts of one revision on an article.
        assert!(
            before.is_none_or(|before| before <= revision),
            "the revision of {of:?} falls from {before:?} to {revision:?}"
        );
        latest.insert(of, value);
    }
    latest
}

/// Checks a promoted namespace that has processed everything: each raw record has one signature or one dead letter, and the
/// decisions are those of the engine over its log. Returns the public records.
fn check(replay: &Replay<'_>, rules: &ClusteringRules, epoch: u32) -> PublicReader {
    let namespace = replay.source;
    let log = replay.records("signatures");
    let mut in_log = BTreeSet::new();
    for record in &log {
        let at = Signature::from_bytes(record.value.as_deref().unwrap_or_default()).expect("a signature").raw;
        assert!(in_log.insert(at.clone()), "{at} has two signatures");
    }
    let letters = dead_letters(namespace);
    let begins: BTreeMap<(&str, i32), i64> =
        in_log.iter().rev().map(|at| ((&*at.topic, at.partition), at.offset)).collect();
    let raw: Vec<RawPosition> = namespace.records(&namespace.articles).iter().flatten().map(position).collect();
    for at in raw.iter().filter(|at| begins.get(&(&*at.topic, at.partition)).is_some_and(|begin| at.offset >= *begin)) {
        assert!(
            in_log.contains(at) != letters.contains_key(at),
            "{at} has neither a signature nor a dead letter, or both"
        );
    }
    assert!(in_log.iter().all(|at| raw.contains(at)), "the log has a signature without a raw record");

    let expected = Expected::of(&log, rules, epoch).expect("a log");
    let decisions: Vec<Decision> =
        replay.records("decisions").iter().map(|record| decision(record).expect("a decision")).collect();
    assert!(decisions == expected.decisions, "the decisions differ from those of the engine over the log");
    let reader = PublicReader::of(namespace);
    reader.assert_consistent();
    reader
}

/// Asserts that the public topics end with the stories and verdicts that the engine publishes over the promoted log.
fn assert_matches_log(replay: &Replay<'_>, reader: &PublicReader, rules: &ClusteringRules, epoch: u32) {
    let expected = Expected::of(&replay.records("signatures"), rules, epoch).expect("a log");
    let last = |values: &Vec<(Option<Vec<u8>>, Headers)>| {
        values.last().and_then(|(value, _)| value.clone()).unwrap_or_default()
    };
    for values in expected.stories.values() {
        let story: StoryRecord = serde_json::from_slice(&last(values)).expect("a story");
        assert_eq!(reader.stories.get(&story.story_id), Some(&story));
    }
    for values in expected.verdicts.values() {
        let verdict: VerdictRecord = serde_json::from_slice(&last(values)).expect("a verdict");
        assert_eq!(reader.verdicts.get(&*verdict.uri), Some(&verdict));
    }
    assert_eq!(
        reader.verdicts.len(),
        expected.verdicts.len(),
        "an article has no verdict, or a verdict has no article"
    );
    for story in reader.open() {
        assert_eq!(story.revision.epoch, epoch, "an open story of an earlier epoch: {story:#?}");
    }
}
