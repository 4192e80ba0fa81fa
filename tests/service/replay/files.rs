//! Replays into files: the same records as in topics, and nothing on the broker.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::thread;

use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use wirefold::evaluation::Random;
use wirefold::kafka::ClientSettings;
use wirefold::replay::{ReplayPlan, ReplayState};
use wirefold::stream::{dead_letter, failpoint};

use super::{Replay, served};
use crate::kit::broker::{Cluster, WITHIN, unique};
use crate::service::articles;
use crate::service::instance::{Process, wirefold};
use crate::service::namespace::{Namespace, port};

const RESULTS: [&str; 3] = ["stories.ndjson", "verdicts.ndjson", "dead-letters.ndjson"];

/// A replay into a directory of the scenario.
struct Files<'a> {
    source: &'a Namespace,
    directory: PathBuf,
}

impl<'a> Files<'a> {
    fn of(source: &'a Namespace, what: &str) -> Self {
        Self { source, directory: source.file(&format!("{what}/files")) }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.source.command(&["replay"]);
        command.arg("--output").arg(&self.directory).args(arguments).env("WIREFOLD_SERVE__BATCH_RECORDS", "10");
        command
    }

    fn run(&self, arguments: &[&str]) {
        let output = self.command(arguments).output().expect("the program starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    fn start(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Process {
        let mut command = self.command(arguments);
        command.envs(environment.iter().copied());
        Process::spawn(command, &self.source.file(&format!("{}.log", unique("files"))))
    }

    /// The content of the result files.
    fn written(&self) -> [String; 3] {
        RESULTS.map(|name| fs::read_to_string(self.directory.join(name)).expect("a result file"))
    }

    fn plan(&self) -> ReplayPlan {
        let plan = fs::read(self.directory.join("replay.json")).expect("a plan");
        serde_json::from_slice(&plan).expect("the plan can be read")
    }

    fn names(&self) -> Vec<String> {
        names(&self.directory)
    }
}

fn names(directory: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(directory) else { return Vec::new() };
    let name = |entry: std::io::Result<fs::DirEntry>| entry.expect("an entry").file_name().into_string().expect("text");
    let mut names: Vec<String> = entries.map(name).collect();
    names.sort();
    names
}

/// The last record of each key of a topic of a replay, in the order of the topic.
fn compacted(replay: &Replay<'_>, topic: &str) -> String {
    let records = replay.records(topic);
    let last: BTreeMap<_, _> = records.iter().map(|record| (record.key.clone(), record.offset)).collect();
    let mut lines = String::new();
    for record in records.iter().filter(|record| last[&record.key] == record.offset) {
        lines += std::str::from_utf8(record.value.as_deref().expect("a value")).expect("text");
        lines += "\n";
    }
    lines
}

#[test]
fn files_contain_the_same_bytes_as_topics() {
    let namespace = served("files", 3, &articles::lines(41, 900));
    for arguments in [&[][..], &["--source", "signatures"], &["--order", "published"]] {
        let (topics, files) = (Replay::of(&namespace, "topics"), Files::of(&namespace, &unique("as")));
        topics.run(arguments);
        files.run(arguments);
        let letters = topics.records("dead-letters").iter().fold(String::new(), |lines, record| {
            let letter = dead_letter(record).expect("a dead letter");
            lines + &serde_json::to_string(&letter).expect("JSON") + "\n"
        });
        let expected = [compacted(&topics, "stories"), compacted(&topics, "verdicts"), letters];
        assert!(expected[0].lines().count() > 30 && expected[1].lines().count() > 500);
        assert_eq!(expected[2].is_empty(), arguments.contains(&"signatures"));
        for (name, (found, expected)) in RESULTS.iter().zip(files.written().into_iter().zip(expected)) {
            assert!(found == expected, "{name} of {arguments:?} differs");
        }
        assert_eq!(files.names(), ["dead-letters.ndjson", "replay.json", "stories.ndjson", "verdicts.ndjson"]);
        let plan = files.plan();
        assert_eq!(plan.state, ReplayState::Finished);
        let elsewhere = ReplayPlan {
            namespace: plan.namespace.clone(),
            planned: plan.planned,
            process: plan.process.clone(),
            ..topics.plan()
        };
        assert_eq!(plan, elsewhere);
    }
    let files = Files::of(&namespace, "scored");
    files.run(&[]);
    let stories = files.directory.join("stories.ndjson");
    let scored = wirefold().arg("eval").arg(&stories).arg("--clusters").arg(&stories).output().expect("it starts");
    assert!(scored.status.success(), "{}", String::from_utf8_lossy(&scored.stderr));
}

/// Everything on a broker: first and end offset of each partition of each topic, the internal topics included, and the groups.
#[derive(Debug, PartialEq)]
struct BrokerContent {
    ends: BTreeMap<(String, i32), (i64, i64)>,
    groups: Vec<String>,
}

fn broker_content(cluster: &ClientSettings) -> BrokerContent {
    let client: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", &cluster.bootstrap_servers)
        .set("isolation.level", "read_uncommitted")
        .create()
        .expect("a client can be made");
    let metadata = client.fetch_metadata(None, WITHIN).expect("the broker answers");
    let mut ends = BTreeMap::new();
    for topic in metadata.topics() {
        for partition in topic.partitions() {
            let range = client.fetch_watermarks(topic.name(), partition.id(), WITHIN).expect("the broker answers");
            ends.insert((topic.name().to_owned(), partition.id()), range);
        }
    }
    let groups = client.fetch_group_list(None, WITHIN).expect("the broker answers");
    let mut groups: Vec<String> = groups.groups().iter().map(|group| group.name().to_owned()).collect();
    groups.sort();
    BrokerContent { ends, groups }
}

#[test]
fn a_replay_into_files_writes_nothing_to_the_broker() {
    let cluster = Cluster::start(1);
    let name = unique("untouched");
    let namespace = Namespace::on(&cluster.settings(), &format!("{name}.articles"), name, 2);
    namespace.produce(&articles::lines(42, 300));
    let service = namespace.serve(port());
    namespace.await_done();
    service.stop();
    let before = broker_content(&namespace.cluster);
    assert!(before.ends.keys().any(|(topic, _)| topic == "__consumer_offsets"), "committed offsets are not compared");
    for (what, arguments) in [
        ("articles", &[][..]),
        ("signatures", &["--source", "signatures"]),
        ("published", &["--order", "published"]),
        ("range", &["--from", "2024-03-03"]),
    ] {
        let files = Files::of(&namespace, what);
        let mut crashing = files.start(arguments, &[("FAILPOINT", "stories.after_commit:2")]);
        assert_eq!(crashing.wait().signal(), Some(6), "{}", crashing.logged());
        files.run(&["--resume"]);
        assert!(!files.written()[1].is_empty());
    }
    assert_eq!(broker_content(&namespace.cluster), before);
}

#[test]
fn a_replay_resumed_after_a_crash_at_any_fail_point_gives_the_same_files() {
    let namespace = served("torn", 2, &articles::lines(43, 500));
    let undisturbed = Files::of(&namespace, "undisturbed");
    undisturbed.run(&[]);
    let expected = undisturbed.written();
    thread::scope(|scope| {
        for name in failpoint::STAGES {
            let (namespace, expected) = (&namespace, &expected);
            scope.spawn(move || {
                let files = Files::of(namespace, name);
                for (arguments, count) in [(&[][..], 1), (&["--resume"], 4)] {
                    let mut crashing = files.start(arguments, &[("FAILPOINT", &format!("{name}:{count}"))]);
                    assert_eq!(crashing.wait().signal(), Some(6), "{name}: {}", crashing.logged());
                    assert_eq!(files.names(), ["journal", "replay.json"]);
                }
                files.run(&["--resume"]);
                assert!(&files.written() == expected, "after crashes at {name}");
                assert_eq!(files.plan().run, 3);
            });
        }
    });
}

#[test]
fn a_replay_killed_at_random_and_stopped_gives_the_same_files() {
    let seed = u64::from(std::process::id());
    eprintln!("seed: {seed}");
    let mut random = Random::new(seed);
    let namespace = served("interrupted", 2, &articles::lines(44, 2_000));
    let undisturbed = Files::of(&namespace, "undisturbed");
    undisturbed.run(&["--source", "signatures"]);
    let killed = Files::of(&namespace, "killed");
    let small = [("WIREFOLD_SERVE__BATCH_RECORDS", "1")];
    let mut replay = killed.start(&["--source", "signatures"], &small);
    for _ in 0..3 {
        replay.await_logged("\"restored\"");
        thread::sleep(std::time::Duration::from_millis(random.below(50)));
        replay.kill();
        replay = killed.start(&["--resume"], &small);
    }
    replay.await_logged("\"restored\"");
    replay.signal("INT");
    assert_eq!(replay.wait().code(), Some(130), "{}", replay.logged());
    assert!(replay.logged().contains(&format!("replay --output {} --resume", killed.directory.display())));
    killed.run(&["--resume"]);
    assert!(killed.written() == undisturbed.written());
}

/// Asserts that a replay fails with this exit code and text, and creates or removes no file.
fn assert_refused(files: &Files<'_>, arguments: &[&str], code: i32, text: &str) {
    let before = files.names();
    let Output { status, stderr, .. } = files.command(arguments).output().expect("the program starts");
    let stderr = String::from_utf8_lossy(&stderr);
    assert_eq!(status.code(), Some(code), "{arguments:?}: {stderr}");
    assert!(stderr.contains(text), "{arguments:?}: {text:?} is not in:\n{stderr}");
    assert_eq!(files.names(), before, "{arguments:?}");
}

#[test]
fn an_existing_directory_is_resumed_or_overwritten_only_when_asked() {
    let namespace = served("directory", 1, &articles::lines(45, 300));
    let files = Files::of(&namespace, "directory");
    assert_refused(&files, &["--resume"], 3, "there is no replay");
    assert_refused(&files, &["--namespace", "both"], 2, "cannot be used with");
    assert_refused(&files, &["--from", "2020-01-01", "--to", "2020-01-02"], 3, "the range holds no record");
    assert!(!files.directory.exists(), "the directory was created before everything was checked");

    let mut crashing = files.start(&["--to", "200"], &[("FAILPOINT", "stories.after_commit:2")]);
    assert_eq!(crashing.wait().signal(), Some(6), "{}", crashing.logged());
    assert_refused(&files, &[], 3, "--resume continues it, --force deletes it and begins again");
    assert_refused(&files, &["--resume", "--to", "201"], 3, "--to was 200 and is 201");
    let journal = fs::File::open(files.directory.join("journal")).expect("a journal");
    journal.try_lock().expect("no process has it open");
    assert_refused(&files, &["--resume"], 3, "another process runs the replay");
    assert_refused(&files, &["--force"], 3, "another process runs the replay");
    drop(journal);
    files.run(&["--resume"]);
    let first = files.written();
    assert_refused(&files, &[], 3, "is finished: --force");
    fs::write(files.directory.join("journal"), "left by a crash").expect("written");
    files.run(&["--resume"]);
    assert!(files.written() == first && !files.names().contains(&"journal".to_owned()), "{:?}", files.names());
    assert_refused(&files, &["--resume", "--to", "201"], 3, "--to was 200 and is 201");
    fs::write(files.directory.join("mine.txt"), "kept").expect("written");
    files.run(&["--force"]);
    assert!(
        first[1].lines().count() < files.written()[1].lines().count(),
        "the second replay has no more than 200 articles"
    );
    assert!(files.directory.join("mine.txt").exists());

    fs::write(files.directory.join("journal"), "").expect("written");
    let finished = fs::read_to_string(files.directory.join("replay.json")).expect("a plan");
    let running = finished.replace("\"finished\"", "\"running\"");
    fs::write(files.directory.join("replay.json"), running).expect("written");
    assert_refused(&files, &["--resume"], 3, "does not contain how far it has read");
    fs::remove_file(files.directory.join("replay.json")).expect("removed");
    assert_refused(&files, &[], 3, "stories.ndjson exists");
    let neither = namespace.command(&["replay"]).output().expect("the program starts");
    assert_eq!(neither.status.code(), Some(2));
}
