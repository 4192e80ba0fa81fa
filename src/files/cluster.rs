//! `wirefold cluster`: reads articles from files and writes stories.

use std::fmt;
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Instant;

use super::input::FileError;
use super::progress::FileProgress;
use super::read::{Batches, Order, ReadOptions, ReadRecord, RecordResult, read};
use super::story_tracker::StoryTracker;
use super::summary::RunSummary;
use crate::article::ArticleReader;
use crate::clustering::ClusteringRules;
use crate::record::{DeadLetter, Millis, Signature, StoryRecord, VerdictRecord};
use crate::signature;

/// The outputs of a run. Each record is written as soon as it is known.
pub struct Outputs<'a> {
    /// Stories, one JSON line each, written when they close.
    pub stories: &'a mut dyn Write,
    /// Verdicts, one JSON line each, in the order of the input.
    pub verdicts: Option<&'a mut dyn Write>,
    /// Dead letters, one JSON line for each record that could not be parsed.
    pub dead_letters: Option<&'a mut dyn Write>,
    /// The number of articles from which a story is written.
    pub min_size: u32,
}

/// Clusters the articles of `files`. `run_started` is the clock at the start of the run: published times more
/// than an hour later are not credible.
///
/// A file that cannot be read to its end gives what comes before the error, and the intake of the summary has the error.
/// Only an output that cannot be written ends the run.
pub fn cluster(
    files: &[PathBuf],
    order: Order,
    reader: &ArticleReader,
    signature_rules: &signature::SignatureRules,
    rules: &ClusteringRules,
    run_started: Millis,
    outputs: &mut Outputs<'_>,
) -> Result<RunSummary, FileError> {
    let started = Instant::now();
    let mut run = ClusterRun { tracker: StoryTracker::new(rules.clone()), outputs, summary: RunSummary::default() };
    let options = ReadOptions { reader, rules: signature_rules, run_started, keep: &|_| false };
    let ((), intake) = read(files, &options, |batches, progress| match order {
        Order::Input => run.in_input_order(batches, progress),
        Order::Published => run.in_published_order(batches, progress),
    })?;
    let ClusterRun { mut tracker, outputs, mut summary } = run;
    summary.compared = tracker.candidates_compared();
    for story in tracker.finish() {
        write_story(&story, outputs, &mut summary)?;
    }
    flush(outputs)?;
    summary.intake = intake;
    summary.took = started.elapsed();
    Ok(summary)
}

/// A run in progress.
struct ClusterRun<'a, 'b> {
    tracker: StoryTracker,
    outputs: &'a mut Outputs<'b>,
    summary: RunSummary,
}

impl ClusterRun<'_, '_> {
    fn in_input_order(&mut self, batches: Batches, progress: &FileProgress) -> Result<(), FileError> {
        for batch in batches {
            for result in batch {
                if let Some(signature) = self.count(result)?
                    && let Some(verdict) = self.process(&signature)?
                {
                    self.write_verdict(&verdict)?;
                }
            }
            progress.show(self.summary.records);
        }
        Ok(())
    }

    fn in_published_order(&mut self, batches: Batches, progress: &FileProgress) -> Result<(), FileError> {
        let mut signatures: Vec<(usize, Signature)> = Vec::new();
        for batch in batches {
            for result in batch {
                if let Some(signature) = self.count(result)? {
                    signatures.push((signatures.len(), signature));
                }
            }
            progress.show(self.summary.records);
        }
        signatures.sort_by_key(|(_, signature)| signature.event);
        let mut verdicts = vec![None; if self.outputs.verdicts.is_some() { signatures.len() } else { 0 }];
        for (at, signature) in signatures {
            let verdict = self.process(&signature)?;
            if let Some(slot) = verdicts.get_mut(at) {
                *slot = verdict;
            }
        }
        verdicts.iter().flatten().try_for_each(|verdict| self.write_verdict(verdict))
    }

    /// Counts a record and returns its signature. A dead letter is written, and none is returned.
    fn count(&mut self, result: RecordResult) -> Result<Option<Signature>, FileError> {
        self.summary.records += 1;
        match result {
            Ok(ReadRecord { signature, gaps, .. }) => {
                self.summary.add_gaps(gaps);
                Ok(Some(signature))
            }
            Err(refused) => {
                self.refuse(&refused.letter, refused.place)?;
                Ok(None)
            }
        }
    }

    fn process(&mut self, signature: &Signature) -> Result<Option<VerdictRecord>, FileError> {
        let (decided, closed) = self.tracker.process(signature);
        let verdict = match decided {
            Ok(verdict) => {
                self.summary.add_verdict(&verdict);
                Some(verdict)
            }
            Err(rejection) => {
                self.refuse(
                    &DeadLetter::of_signature(signature, rejection),
                    format_args!("record {}", signature.raw.offset + 1),
                )?;
                None
            }
        };
        for story in closed {
            write_story(&story, self.outputs, &mut self.summary)?;
        }
        Ok(verdict)
    }

    fn refuse(&mut self, letter: &DeadLetter, place: impl fmt::Display) -> Result<(), FileError> {
        self.summary.add_dead_letter(letter, place);
        match &mut self.outputs.dead_letters {
            Some(out) => write_json(out, "dead letters", letter),
            None => Ok(()),
        }
    }

    fn write_verdict(&mut self, verdict: &VerdictRecord) -> Result<(), FileError> {
        match &mut self.outputs.verdicts {
            Some(out) => write_json(out, "verdicts", verdict),
            None => Ok(()),
        }
    }
}

fn write_story(story: &StoryRecord, outputs: &mut Outputs<'_>, summary: &mut RunSummary) -> Result<(), FileError> {
    summary.add_story(story);
    if story.size < outputs.min_size {
        return Ok(());
    }
    write_json(&mut *outputs.stories, "stories", story)
}

fn write_json(mut out: impl Write, what: &str, record: &impl serde::Serialize) -> Result<(), FileError> {
    serde_json::to_writer(&mut out, record)
        .map_err(io::Error::from)
        .and_then(|()| out.write_all(b"\n"))
        .map_err(|source| FileError::Write { what: what.into(), source })
}

fn flush(outputs: &mut Outputs<'_>) -> Result<(), FileError> {
    let flush =
        |what: &str, out: &mut dyn Write| out.flush().map_err(|source| FileError::Write { what: what.into(), source });
    flush("stories", outputs.stories)?;
    if let Some(out) = &mut outputs.verdicts {
        flush("verdicts", out)?;
    }
    if let Some(out) = &mut outputs.dead_letters {
        flush("dead letters", out)?;
    }
    Ok(())
}
