//! A replay into files.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::journal::{Journal, write_whole};
use super::plan::ReplayPlan;
use super::refusal::{Refusal, ReplayError};
use super::target::{ReplayTarget, initial_offsets};
use crate::config::TopicNames;
use crate::stream::event::Stage;
use crate::stream::port::{PortError, TopicPartition};

const PLAN_FILE: &str = "replay.json";
const JOURNAL_FILE: &str = "journal";
const STORIES_FILE: &str = "stories.ndjson";
const VERDICTS_FILE: &str = "verdicts.ndjson";
const DEAD_LETTERS_FILE: &str = "dead-letters.ndjson";

/// The directory of a replay: its plan, its results, and the log until it is finished.
pub(super) struct FileTarget {
    path: PathBuf,
    names: TopicNames,
    journal: Option<Journal>,
}

impl FileTarget {
    /// The directory of this path, which need not exist. `articles` are the topics that are read.
    pub(super) fn new(path: &Path, articles: Vec<String>) -> Self {
        // Names within the journal only.
        let names = TopicNames {
            namespace: "replay".to_owned(),
            articles,
            stories: "stories".to_owned(),
            verdicts: "verdicts".to_owned(),
            dead_letters: "dead-letters".to_owned(),
        };
        Self { path: path.to_owned(), names, journal: None }
    }

    /// The files that hold the results, in the order of the public topics.
    fn result_files(&self) -> [PathBuf; 3] {
        [STORIES_FILE, VERDICTS_FILE, DEAD_LETTERS_FILE].map(|name| self.path.join(name))
    }

    fn open_journal(&self, open: impl Fn(&Path) -> io::Result<Journal>) -> Result<Journal, ReplayError> {
        open(&self.path.join(JOURNAL_FILE)).map_err(|error| match error.kind() {
            io::ErrorKind::WouldBlock => Refusal::TakenOver(format!("another process runs the replay {self}")).into(),
            _ => self.failed("opening its journal", &error),
        })
    }

    fn write_plan(&self, plan: &ReplayPlan) -> Result<(), ReplayError> {
        write_whole(&self.path.join(PLAN_FILE), |out| {
            serde_json::to_writer_pretty(&mut *out, plan)?;
            out.write_all(b"\n")
        })
        .map_err(|error| self.failed("writing its plan", &error))
    }

    fn write_results(&self, journal: &Journal) -> io::Result<()> {
        let [stories, verdicts, dead_letters] = self.result_files();
        journal.write_last(&self.names.stories, &stories)?;
        journal.write_last(&self.names.verdicts, &verdicts)?;
        journal.write_dead_letters(&self.names.dead_letters, &dead_letters)
    }

    fn failed(&self, what: &str, error: &io::Error) -> ReplayError {
        PortError::Fatal(format!("the replay {self}: {what}: {error}")).into()
    }
}

impl fmt::Display for FileTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.path.display().fmt(f)
    }
}

impl ReplayTarget for FileTarget {
    fn names(&self) -> &TopicNames {
        &self.names
    }

    fn journal(&self) -> Option<&Journal> {
        self.journal.as_ref()
    }

    fn results(&self) -> Vec<String> {
        self.result_files().map(|path| path.display().to_string()).to_vec()
    }

    fn plan(&self) -> Result<Option<ReplayPlan>, ReplayError> {
        match fs::read(self.path.join(PLAN_FILE)) {
            Ok(plan) => serde_json::from_slice(&plan)
                .map(Some)
                .map_err(|error| self.failed("reading its plan", &io::Error::other(error))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failed("reading its plan", &error)),
        }
    }

    /// Files of these names without a plan belong to somebody else. A journal does not: a replay that crashed before it wrote
    /// its plan has left it.
    fn check_unused(&self) -> Result<(), ReplayError> {
        match self.result_files().into_iter().find(|path| path.exists()) {
            Some(path) => Err(Refusal::Occupied(format!(
                "{} exists, and there is no {PLAN_FILE} of a replay next to it: choose another --output",
                path.display()
            ))
            .into()),
            None => Ok(()),
        }
    }

    fn create(&mut self, plan: &ReplayPlan, overwrite: bool) -> Result<(), ReplayError> {
        fs::create_dir_all(&self.path).map_err(|error| self.failed("creating its directory", &error))?;
        let journal = self.open_journal(Journal::create)?;
        if overwrite {
            // The plan last, or the remaining results would be taken for somebody else's.
            for path in self.result_files().into_iter().chain([self.path.join(PLAN_FILE)]) {
                remove_file(&path).map_err(|error| self.failed("removing earlier results", &error))?;
            }
        }
        let begun = journal.begin(Stage::Signatures, &initial_offsets(plan, &self.names));
        begun.map_err(|error| self.failed("starting its journal", &error))?;
        self.journal = Some(journal);
        self.write_plan(plan)
    }

    fn resume(&mut self, plan: &ReplayPlan) -> Result<(), ReplayError> {
        let journal = self.open_journal(Journal::open)?;
        let read: Vec<TopicPartition> =
            initial_offsets(plan, &self.names).into_iter().map(|(partition, _)| partition).collect();
        if journal.committed(Stage::Signatures, &read).contains(&None) {
            return Err(Refusal::OffsetsMissing(self.to_string()).into());
        }
        self.journal = Some(journal);
        self.write_plan(plan)
    }

    /// The results are written before the plan is finished, and the journal is removed after that: a crash at any point can
    /// be resumed.
    fn finish(&mut self, plan: &ReplayPlan) -> Result<(), ReplayError> {
        if let Some(journal) = &self.journal {
            self.write_results(journal).map_err(|error| self.failed("writing its results", &error))?;
            self.write_plan(plan)?;
        }
        remove_file(&self.path.join(JOURNAL_FILE)).map_err(|error| self.failed("removing its journal", &error))
    }
}

/// Removes a file that may not exist.
fn remove_file(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
