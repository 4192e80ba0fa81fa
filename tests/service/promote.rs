//! A replay takes the place of the service: what readers of the public topics see, and what is judged by whom.

mod crashes;
mod load;
mod range;
mod refusals;

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Output};

use wirefold::fold::Rules;
use wirefold::pipeline::port::Inbound;
use wirefold::record::{
    Decision, RawPosition, Revision, Signature, StoryId, StoryRecord, StoryState, VerdictRecord, Versioned,
};

use crate::instance::Process;
use crate::namespace::Namespace;
use crate::oracle::{Folded, dead_letters, position};
use crate::replay::Replay;

/// The command that promotes a replay, with small batches, so that there are several.
fn promote(replay: &Replay<'_>, arguments: &[&str]) -> Command {
    let mut command = replay.beside.command(&["promote", &replay.name]);
    command.args(arguments).env("WIREFOLD_SERVE__BATCH_RECORDS", "10");
    command
}

fn output(mut command: Command) -> (Option<i32>, String) {
    let Output { status, stderr, .. } = command.output().expect("the program starts");
    (status.code(), String::from_utf8_lossy(&stderr).into_owned())
}

/// Promotes it, and returns what was said.
fn promoted(replay: &Replay<'_>, arguments: &[&str]) -> String {
    let (code, said) = output(promote(replay, arguments));
    assert_eq!(code, Some(0), "{}: {said}", replay.name);
    said
}

/// Serves a namespace with the settings of the service before it.
fn serve(replay: &Replay<'_>, port: u16, arguments: &[&str]) -> Process {
    let listen = format!("http.listen=127.0.0.1:{port}");
    let namespace = format!("namespace={}", replay.name);
    let mut command = replay.beside.command(&["serve", "--set", &listen, "--set", &namespace]);
    command.args(arguments);
    Process::spawn(command, &replay.beside.file(&format!("serve-{port}.log")))
}

/// The promoted namespace, to ask how far it is.
fn seen(replay: &Replay<'_>) -> Namespace {
    Namespace::without_topics(&replay.beside.cluster, &replay.beside.articles, replay.name.clone())
}

/// What a reader of the public topics knows who keeps the highest revision of each key.
struct Reader {
    stories: BTreeMap<StoryId, StoryRecord>,
    verdicts: BTreeMap<String, VerdictRecord>,
}

impl Reader {
    /// Reads all of it; revisions of a key only rise, and none comes twice.
    fn of(namespace: &Namespace) -> Self {
        Self {
            stories: latest(namespace, "stories", |story: &StoryRecord| (story.story_id, story.revision)),
            verdicts: latest(namespace, "verdicts", |verdict: &VerdictRecord| {
                (verdict.uri.to_string(), verdict.revision)
            }),
        }
    }

    /// That each article is in one story, and that its verdict and its story say the same.
    fn assert_consistent(&self) {
        let mut member_of: BTreeMap<&str, StoryId> = BTreeMap::new();
        for story in self.stories.values().filter(|story| story.state == StoryState::Open) {
            for member in &story.members {
                let other = member_of.insert(&member.uri, story.story_id);
                assert_eq!(other, None, "{} is in two open stories, one is {}", member.uri, story.story_id);
                let verdict = self.verdicts.get(&*member.uri).unwrap_or_else(|| panic!("no verdict on {}", member.uri));
                let said = verdict.story_id.map(|id| self.resolve(id));
                assert_eq!(said, Some(story.story_id), "{verdict:#?} and {story:#?}");
            }
        }
    }

    /// Where a story goes on.
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
        // A decision that merges may say twice in a row what it does to one article.
        assert!(before.is_none_or(|before| before <= revision), "{of:?} goes from {before:?} to {revision:?}");
        latest.insert(of, value);
    }
    latest
}

/// What stands in a namespace that was promoted and served to the end: each raw record once, and the public topics say of all that
/// it has judged what the pure fold of its log says.
fn check(replay: &Replay<'_>, rules: &Rules, generation: u32) -> Reader {
    let namespace = replay.beside;
    let log = replay.records("signatures");
    let mut signed = BTreeSet::new();
    for record in &log {
        let at = Signature::from_bytes(record.value.as_deref().unwrap_or_default()).expect("a signature").raw;
        assert!(signed.insert(at.clone()), "{at} has two signatures");
    }
    let letters = dead_letters(namespace);
    let begins: BTreeMap<(&str, i32), i64> =
        signed.iter().rev().map(|at| ((&*at.topic, at.partition), at.offset)).collect();
    let raw: Vec<RawPosition> = namespace.records(&namespace.articles).iter().flatten().map(position).collect();
    for at in raw.iter().filter(|at| begins.get(&(&*at.topic, at.partition)).is_some_and(|begin| at.offset >= *begin)) {
        assert!(signed.contains(at) != letters.contains_key(at), "{at} is lost, or both judged and refused");
    }
    assert!(signed.iter().all(|at| raw.contains(at)), "what was signed exists");

    let folded = Folded::of(&log, rules, generation);
    let decisions: Vec<Decision> = replay.records("decisions").iter().map(decision).collect();
    assert!(decisions == folded.decisions, "the decisions are those of the pure fold");
    let reader = Reader::of(namespace);
    reader.assert_consistent();
    reader
}

/// That the public topics say of every story and article what the pure fold of the promoted log says last.
fn assert_folded(replay: &Replay<'_>, reader: &Reader, rules: &Rules, generation: u32) {
    let folded = Folded::of(&replay.records("signatures"), rules, generation);
    let last = |values: &Vec<Option<Vec<u8>>>| values.last().cloned().flatten().unwrap_or_default();
    for values in folded.stories.values() {
        let story: StoryRecord = serde_json::from_slice(&last(values)).expect("a story");
        assert_eq!(reader.stories.get(&story.story_id), Some(&story));
    }
    for values in folded.verdicts.values() {
        let verdict: VerdictRecord = serde_json::from_slice(&last(values)).expect("a verdict");
        assert_eq!(reader.verdicts.get(&*verdict.uri), Some(&verdict));
    }
    assert_eq!(reader.verdicts.len(), folded.verdicts.len(), "every article has a verdict, and no other");
    for story in reader.open() {
        assert_eq!(story.revision.generation, generation, "an open story of before: {story:#?}");
    }
}

fn decision(record: &Inbound) -> Decision {
    Decision::from_bytes(record.value.as_deref().unwrap_or_default()).expect("a decision can be read")
}
