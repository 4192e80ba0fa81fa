//! A directory for files of articles, and runs of `wirefold cluster` in it.

use std::io::Write;
use std::path::PathBuf;
use std::process::Stdio;

use serde_json::{Value, json};
use tempfile::TempDir;

use wirefold::evaluation::Random;

use crate::cli::wirefold;

/// The temporary directory of a test.
pub(crate) struct Fixture(TempDir);

/// The results of a run.
pub(crate) struct RunOutput {
    /// The exit code.
    pub(crate) code: Option<i32>,
    /// Standard output.
    pub(crate) stories: Vec<u8>,
    /// The verdicts; empty if none were written.
    pub(crate) verdicts: Vec<u8>,
    /// The dead letters; empty if none were written.
    pub(crate) dead_letters: Vec<u8>,
    /// Standard error.
    pub(crate) errors: String,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a directory"))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), bytes).expect("written");
    }

    /// Runs `wirefold cluster` with these arguments; verdicts and dead letters go to files.
    pub(crate) fn cluster(&self, arguments: &[&str]) -> RunOutput {
        self.cluster_from(arguments, |_| Ok(()))
    }

    /// The same, with standard input written by `feed`.
    pub(crate) fn cluster_from(
        &self,
        arguments: &[&str],
        feed: impl FnOnce(&mut dyn Write) -> std::io::Result<()> + Send,
    ) -> RunOutput {
        let mut command = wirefold(&["cluster", "--verdicts", "verdicts", "--dead-letters", "dead-letters"]);
        command.args(arguments).current_dir(self.0.path());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let stdin = child.stdin.take().expect("piped");
        let finished = std::thread::scope(|scope| {
            scope.spawn(move || feed(&mut std::io::BufWriter::new(stdin)).expect("the program reads its input"));
            child.wait_with_output().expect("the program ends")
        });
        let read = |name| std::fs::read(self.path(name)).unwrap_or_default();
        RunOutput {
            code: finished.status.code(),
            stories: finished.stdout,
            verdicts: read("verdicts"),
            dead_letters: read("dead-letters"),
            errors: String::from_utf8(finished.stderr).expect("UTF-8"),
        }
    }

    /// Clusters the lines of one file, which must succeed.
    pub(crate) fn cluster_lines<L: AsRef<[u8]>>(&self, lines: &[L], arguments: &[&str]) -> RunOutput {
        self.write("articles", lines.iter().flat_map(|line| [line.as_ref(), b"\n"].concat()).collect::<Vec<u8>>());
        let output = self.cluster(&[&["articles"], arguments].concat());
        assert_eq!(output.code, Some(0), "{}", output.errors);
        output
    }
}

impl RunOutput {
    pub(crate) fn stories(&self) -> Vec<Value> {
        json_lines(&self.stories)
    }

    pub(crate) fn verdicts(&self) -> Vec<Value> {
        json_lines(&self.verdicts)
    }

    pub(crate) fn dead_letters(&self) -> Vec<Value> {
        json_lines(&self.dead_letters)
    }

    /// The uris of the members of each story, sorted.
    pub(crate) fn members(&self) -> Vec<Vec<String>> {
        let stories = self.stories();
        let mut all: Vec<_> = stories.iter().map(|story| strings(&story["members"], "uri")).collect();
        all.sort();
        all
    }

    /// The peak memory that the summary reports, in bytes.
    pub(crate) fn peak_memory(&self) -> u64 {
        let line = self.errors.lines().find_map(|line| line.strip_prefix("peak memory")).expect("a summary");
        line.trim().trim_end_matches(" MB").parse::<u64>().expect("a number") * 1_000_000
    }
}

pub(crate) fn json_lines(bytes: &[u8]) -> Vec<Value> {
    let lines = bytes.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| serde_json::from_slice(line).expect("a JSON line")).collect()
}

pub(crate) fn count_lines(bytes: &[u8]) -> usize {
    bytes.split(|&byte| byte == b'\n').count() - 1
}

/// One field of each record, sorted.
pub(crate) fn strings(records: &Value, field: &str) -> Vec<String> {
    let records = records.as_array().expect("a list");
    let mut all: Vec<String> = records.iter().map(|record| record[field].as_str().expect("text").to_owned()).collect();
    all.sort();
    all
}

/// The time so many hours after the start of 2 March 2026.
pub(crate) fn hour(hours: f64) -> String {
    const START: f64 = 1_772_409_600.0;
    let second = jiff::Timestamp::from_second((START + hours * 3600.0) as i64).expect("a time");
    second.to_string()
}

/// An article of the outlet `source`, in the format of a crawler.
pub(crate) fn article(id: &str, source: &str, hours: f64, text: &str) -> Value {
    json!({ "id": id, "source": source, "language": "en", "published_at": hour(hours), "text": text })
}

/// Random invented prose, the same for the same seed.
pub(crate) struct Prose(Random);

impl Prose {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Random::new(seed))
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0.below(bound as u64) as usize
    }

    /// `count` words of a vocabulary of eight thousand.
    pub(crate) fn words(&mut self, count: usize) -> String {
        const SYLLABLES: [&str; 20] = [
            "ba", "ke", "mi", "ro", "tu", "sal", "len", "dor", "vik", "ash", "no", "qua", "pel", "tir", "gon", "fa",
            "hem", "lu", "wes", "yor",
        ];
        let mut text = String::new();
        for _ in 0..count {
            for _ in 0..3 {
                text.push_str(SYLLABLES[self.below(SYLLABLES.len())]);
            }
            text.push(' ');
        }
        text
    }
}
