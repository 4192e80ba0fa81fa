//! What a run over files says of itself at its end.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::fmt;
use std::time::Duration;

use crate::record::{Kind, Reason, StoryRecord, VerdictRecord};

/// How many of the largest stories are named.
const LARGEST: usize = 5;

/// Counts of a run.
#[derive(Debug, Default)]
pub struct Summary {
    /// Lines that are not blank.
    pub lines: u64,
    /// Stories of the final state, those of one article included.
    pub stories: u64,
    /// Stories of two articles or more.
    pub grouped: u64,
    /// Stories that articles were compared with, counted once for each article.
    pub compared: u64,
    /// Refused lines by reason.
    pub dead_letters: BTreeMap<Reason, u64>,
    /// How long it took.
    pub took: Duration,
    /// The most memory held, in bytes; 0 where the system does not say.
    pub peak_bytes: u64,
    decisions: BTreeMap<Kind, u64>,
    relations: BTreeMap<&'static str, u64>,
    late: u64,
    largest: BinaryHeap<Reverse<(u32, String)>>,
}

impl Summary {
    /// Counts a verdict.
    pub fn verdict(&mut self, verdict: &VerdictRecord) {
        *self.decisions.entry(verdict.decision).or_default() += 1;
        self.late += u64::from(verdict.late);
        if let Some(relation) = verdict.relation.filter(|_| verdict.decision != Kind::Duplicate) {
            *self.relations.entry(relation.name()).or_default() += 1;
        }
    }

    /// Counts a closed story.
    pub fn story(&mut self, story: &StoryRecord) {
        self.stories += 1;
        self.grouped += u64::from(story.size > 1);
        if story.size > 1 {
            let canonical = story.canonical.as_ref().map_or("", |canonical| &canonical.uri);
            self.largest.push(Reverse((story.size, format!("{} ({})", story.story_id, canonical))));
            if self.largest.len() > LARGEST {
                self.largest.pop();
            }
        }
    }

    /// Counts a dead letter.
    pub fn dead_letter(&mut self, reason: Reason) {
        *self.dead_letters.entry(reason).or_default() += 1;
    }
}

impl fmt::Display for Summary {
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
        writeln!(f, "stories       {}, of two or more articles {}", self.stories, self.grouped)?;
        for (at, Reverse((size, story))) in self.largest.clone().into_sorted_vec().iter().enumerate() {
            writeln!(f, "{}{size} articles: {story}", if at == 0 { "largest       " } else { "              " })?;
        }
        let articles = self.decisions.values().sum::<u64>().max(1);
        writeln!(f, "compared      {:.2} stories with an article", self.compared as f64 / articles as f64)?;
        if self.late > 0 {
            writeln!(f, "late          {}", self.late)?;
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
