//! The summary that `cluster` prints at its end.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::fmt;
use std::time::Duration;

use super::intake::Intake;
use crate::article::{Field, Gaps};
use crate::record::{DeadLetter, DecisionKind, Reason, StoryRecord, VerdictRecord};

/// How many of the largest stories are listed.
const LARGEST_STORIES: usize = 5;

/// Of how many reasons the first dead letter is shown, the most frequent first.
const FIRST_LETTERS: usize = 3;

/// Counts of a run.
#[derive(Debug, Default)]
pub struct RunSummary {
    /// Number of records.
    pub records: u64,
    /// What was read of each file, and the files that could not be read to their end.
    pub intake: Intake,
    /// Number of stories, stories of one article included.
    pub stories: u64,
    /// Number of stories with two or more articles.
    pub grouped: u64,
    /// Number of comparisons between an article and a candidate story.
    pub compared: u64,
    /// Number of dead letters by reason.
    pub dead_letters: BTreeMap<Reason, u64>,
    /// The duration of the run.
    pub took: Duration,
    /// The peak memory in bytes; 0 where the system does not report it.
    pub peak_bytes: u64,
    decisions: BTreeMap<DecisionKind, u64>,
    relations: BTreeMap<&'static str, u64>,
    /// Articles without a field that they should have, and records with a value that could not be read.
    missing: BTreeMap<Field, u64>,
    unread: BTreeMap<Field, u64>,
    late: u64,
    largest: BinaryHeap<Reverse<(u32, String)>>,
    /// The first dead letter of each reason: place and detail.
    first_letters: BTreeMap<Reason, String>,
}

impl RunSummary {
    /// Counts a verdict.
    pub fn add_verdict(&mut self, verdict: &VerdictRecord) {
        *self.decisions.entry(verdict.decision).or_default() += 1;
        self.late += u64::from(verdict.late);
        if let Some(relation) = verdict.relation.filter(|_| verdict.decision != DecisionKind::Duplicate) {
            *self.relations.entry(relation.name()).or_default() += 1;
        }
    }

    /// Counts what a record lacks.
    pub fn add_gaps(&mut self, gaps: Gaps) {
        for field in gaps.missing.iter() {
            *self.missing.entry(field).or_default() += 1;
        }
        for field in gaps.unread.iter() {
            *self.unread.entry(field).or_default() += 1;
        }
    }

    /// Counts a closed story.
    pub fn add_story(&mut self, story: &StoryRecord) {
        self.stories += 1;
        self.grouped += u64::from(story.size > 1);
        if story.size > 1 {
            let uri = story.canonical.as_ref().map_or("", |canonical| &canonical.uri);
            let headline = printable(story.title.as_deref().unwrap_or(uri));
            let spread = format!("{} articles of {}", story.size, publishers(story.publishers));
            self.largest.push(Reverse((story.size, format!("{spread}: {} ({headline})", story.story_id))));
            if self.largest.len() > LARGEST_STORIES {
                self.largest.pop();
            }
        }
    }

    /// Counts a dead letter.
    pub fn add_dead_letter(&mut self, letter: &DeadLetter, place: impl fmt::Display) {
        *self.dead_letters.entry(letter.reason).or_default() += 1;
        self.first_letters.entry(letter.reason).or_insert_with(|| {
            format!("{} {place}: {}: {}", letter.raw.topic, letter.reason.name(), printable(&letter.detail))
        });
    }
}

/// A text of a record without what controls a terminal.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn publishers(count: u32) -> String {
    if count == 1 { "1 publisher".to_owned() } else { format!("{count} publishers") }
}

impl fmt::Display for RunSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |counts: Vec<(&'static str, u64)>| {
            counts.iter().map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
        };
        let seconds = self.took.as_secs_f64();
        let rate = self.records as f64 / seconds.max(1e-9);
        writeln!(f, "records       {} in {seconds:.1} s ({rate:.0}/s)", self.records)?;
        writeln!(
            f,
            "decisions     {}",
            list(self.decisions.iter().map(|(kind, &count)| (kind.name(), count)).collect())
        )?;
        writeln!(f, "relations     {}", list(self.relations.iter().map(|(&name, &count)| (name, count)).collect()))?;
        writeln!(f, "stories       {}, {} of them with two or more articles", self.stories, self.grouped)?;
        for (index, Reverse((_, story))) in self.largest.clone().into_sorted_vec().iter().enumerate() {
            writeln!(f, "{}{story}", if index == 0 { "largest       " } else { "              " })?;
        }
        let articles = self.decisions.values().sum::<u64>().max(1);
        writeln!(f, "candidates    {:.2} stories compared per article", self.compared as f64 / articles as f64)?;
        if self.late > 0 {
            writeln!(f, "late          {} articles", self.late)?;
        }
        let fields = |counts: &BTreeMap<Field, u64>| list(counts.iter().map(|(field, &n)| (field.name(), n)).collect());
        if !self.missing.is_empty() {
            writeln!(f, "lacking       {} (articles by field)", fields(&self.missing))?;
        }
        if !self.unread.is_empty() {
            writeln!(f, "unread        {} (values by field; wirefold inspect shows them)", fields(&self.unread))?;
        }
        if !self.dead_letters.is_empty() {
            let counts = self.dead_letters.iter().map(|(reason, &count)| (reason.name(), count)).collect();
            writeln!(f, "dead letters  {}", list(counts))?;
            let mut reasons: Vec<_> = self.dead_letters.iter().collect();
            reasons.sort_by_key(|&(_, &count)| Reverse(count));
            for letter in reasons.iter().take(FIRST_LETTERS).filter_map(|(reason, _)| self.first_letters.get(reason)) {
                writeln!(f, "              first: {letter}")?;
            }
        }
        if self.peak_bytes > 0 {
            writeln!(f, "peak memory   {:.0} MB", self.peak_bytes as f64 / 1e6)?;
        }
        Ok(())
    }
}
