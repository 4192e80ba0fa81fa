//! The summary that `cluster` prints at its end.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::fmt;
use std::time::Duration;

use crate::record::{DecisionKind, Reason, StoryRecord, VerdictRecord};

/// How many of the largest stories are listed.
const LARGEST_STORIES: usize = 5;

/// Counts of a run.
#[derive(Debug, Default)]
pub struct RunSummary {
    /// Number of lines that are not blank.
    pub lines: u64,
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
    late: u64,
    largest: BinaryHeap<Reverse<(u32, String)>>,
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

    /// Counts a closed story.
    pub fn add_story(&mut self, story: &StoryRecord) {
        self.stories += 1;
        self.grouped += u64::from(story.size > 1);
        if story.size > 1 {
            let canonical = story.canonical.as_ref().map_or("", |canonical| &canonical.uri);
            self.largest.push(Reverse((story.size, format!("{} ({})", story.story_id, canonical))));
            if self.largest.len() > LARGEST_STORIES {
                self.largest.pop();
            }
        }
    }

    /// Counts a dead letter.
    pub fn add_dead_letter(&mut self, reason: Reason) {
        *self.dead_letters.entry(reason).or_default() += 1;
    }
}

impl fmt::Display for RunSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |counts: Vec<(&'static str, u64)>| {
            counts.iter().map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
        };
        let seconds = self.took.as_secs_f64();
        writeln!(f, "lines         {} in {seconds:.1} s ({:.0}/s)", self.lines, self.lines as f64 / seconds.max(1e-9))?;
        writeln!(
            f,
            "decisions     {}",
            list(self.decisions.iter().map(|(kind, &count)| (kind.name(), count)).collect())
        )?;
        writeln!(f, "relations     {}", list(self.relations.iter().map(|(&name, &count)| (name, count)).collect()))?;
        writeln!(f, "stories       {}, {} of them with two or more articles", self.stories, self.grouped)?;
        for (index, Reverse((size, story))) in self.largest.clone().into_sorted_vec().iter().enumerate() {
            writeln!(f, "{}{size} articles: {story}", if index == 0 { "largest       " } else { "              " })?;
        }
        let articles = self.decisions.values().sum::<u64>().max(1);
        writeln!(f, "candidates    {:.2} stories compared per article", self.compared as f64 / articles as f64)?;
        if self.late > 0 {
            writeln!(f, "late          {} articles", self.late)?;
        }
        if !self.dead_letters.is_empty() {
            let counts = self.dead_letters.iter().map(|(reason, &count)| (reason.name(), count)).collect();
            writeln!(f, "dead letters  {}", list(counts))?;
        }
        if self.peak_bytes > 0 {
            writeln!(f, "peak memory   {:.0} MB", self.peak_bytes as f64 / 1e6)?;
        }
        Ok(())
    }
}
