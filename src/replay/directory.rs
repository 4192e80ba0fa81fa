//! A replay into files.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::begin::refused;
use super::home::{Home, positions};
use crate::journal::{Journal, write_whole};
use crate::kafka::TopicNames;
use crate::pipeline::observe::Stage;
use crate::pipeline::port::PortError;
use crate::record::ReplayPlan;

const PLAN: &str = "replay.json";
const JOURNAL: &str = "journal";
const STORIES: &str = "stories.ndjson";
const VERDICTS: &str = "verdicts.ndjson";
const DEAD_LETTERS: &str = "dead-letters.ndjson";

/// The directory of a replay: its plan, its results, and until it is at its end its log.
pub struct Directory {
    path: PathBuf,
    names: TopicNames,
    journal: Option<Journal>,
}

impl Directory {
    /// That of this path, which need not exist. `articles` are the topics that are read.
    #[must_use]
    pub fn new(path: &Path, articles: Vec<String>) -> Self {
        // They stand in the journal and nowhere else.
        let names = TopicNames {
            namespace: "replay".to_owned(),
            articles,
            stories: "stories".to_owned(),
            verdicts: "verdicts".to_owned(),
            dead_letters: "dead-letters".to_owned(),
        };
        Self { path: path.to_owned(), names, journal: None }
    }

    /// The names of the topics in its journal.
    #[must_use]
    pub fn names(&self) -> &TopicNames {
        &self.names
    }

    /// Its journal; none before a plan was written or taken over.
    #[must_use]
    pub fn journal(&self) -> Option<&Journal> {
        self.journal.as_ref()
    }

    /// The files that hold its results, in the order of the public topics.
    #[must_use]
    pub fn results(&self) -> [PathBuf; 3] {
        [STORIES, VERDICTS, DEAD_LETTERS].map(|name| self.path.join(name))
    }

    fn journal_by(&self, open: impl Fn(&Path) -> io::Result<Journal>) -> Result<Journal, PortError> {
        open(&self.path.join(JOURNAL)).map_err(|error| match error.kind() {
            io::ErrorKind::WouldBlock => refused(format!("another process is at work on the replay {self}")),
            _ => self.failed("opening its journal", &error),
        })
    }

    fn write_plan(&self, plan: &ReplayPlan) -> Result<(), PortError> {
        write_whole(&self.path.join(PLAN), |out| {
            serde_json::to_writer_pretty(&mut *out, plan)?;
            out.write_all(b"\n")
        })
        .map_err(|error| self.failed("writing its plan", &error))
    }

    fn write_results(&self, journal: &Journal) -> io::Result<()> {
        let [stories, verdicts, dead_letters] = self.results();
        journal.write_last(&self.names.stories, &stories)?;
        journal.write_last(&self.names.verdicts, &verdicts)?;
        journal.write_dead_letters(&self.names.dead_letters, &dead_letters)
    }

    fn failed(&self, what: &str, error: &io::Error) -> PortError {
        PortError::Fatal(format!("the replay {self}: {what}: {error}"))
    }
}

impl fmt::Display for Directory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.path.display().fmt(f)
    }
}

impl Home for Directory {
    fn plan(&self) -> Result<Option<ReplayPlan>, PortError> {
        match fs::read(self.path.join(PLAN)) {
            Ok(plan) => serde_json::from_slice(&plan)
                .map(Some)
                .map_err(|error| self.failed("reading its plan", &io::Error::other(error))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failed("reading its plan", &error)),
        }
    }

    /// Files of these names without a plan are somebody's. A journal is not: a replay that died before its plan stood there has
    /// left it.
    fn refuse_strangers(&self) -> Result<(), PortError> {
        match self.results().into_iter().find(|path| path.exists()) {
            Some(path) => Err(refused(format!(
                "{} exists and there is no {PLAN} that says that it is a replay's: choose another --output",
                path.display()
            ))),
            None => Ok(()),
        }
    }

    fn found(&mut self, plan: &ReplayPlan, over: bool) -> Result<(), PortError> {
        fs::create_dir_all(&self.path).map_err(|error| self.failed("making its directory", &error))?;
        let journal = self.journal_by(Journal::create)?;
        if over {
            // The plan last, or what is left of the results would be taken for somebody's.
            for path in self.results().into_iter().chain([self.path.join(PLAN)]) {
                remove(&path).map_err(|error| self.failed("removing what was there", &error))?;
            }
        }
        let begun = journal.begin(Stage::Sign, &positions(plan, &self.names));
        begun.map_err(|error| self.failed("beginning its journal", &error))?;
        self.journal = Some(journal);
        self.write_plan(plan)
    }

    fn take_over(&mut self, plan: &ReplayPlan) -> Result<(), PortError> {
        self.journal = Some(self.journal_by(Journal::open)?);
        self.write_plan(plan)
    }

    /// The results are written before the plan says so, and the journal goes after that: a crash anywhere is gone on from.
    fn finish(&mut self, plan: &ReplayPlan) -> Result<(), PortError> {
        if let Some(journal) = &self.journal {
            self.write_results(journal).map_err(|error| self.failed("writing its results", &error))?;
            self.write_plan(plan)?;
        }
        remove(&self.path.join(JOURNAL)).map_err(|error| self.failed("removing its journal", &error))
    }
}

/// Removes a file that may be there.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
