//! `wirefold cluster`: NDJSON in, stories out, on this machine.

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Instant;

use super::lines::LocalError;
use super::progress::Progress;
use super::reading::{Batches, Order, Signed, Signing, read};
use super::stories::Stories;
use super::summary::Summary;
use crate::article::Reader;
use crate::fold::Rules;
use crate::record::{Millis, Signature, StoryRecord, VerdictRecord};
use crate::sign;

/// Where the results go. Each is written as soon as it is known.
pub struct Outputs<'a> {
    /// A JSON line a story, when it closes.
    pub stories: &'a mut dyn Write,
    /// A JSON line a verdict, in the order of the lines.
    pub verdicts: Option<&'a mut dyn Write>,
    /// A JSON line a refused line.
    pub dead_letters: Option<&'a mut dyn Write>,
    /// Smallest story that is written.
    pub min_size: u32,
}

/// Clusters the articles of `files`. `run_started` is the clock at the start: dates beyond it are not believed.
pub fn cluster(
    files: &[PathBuf],
    order: Order,
    reader: &Reader,
    signing: &sign::Rules,
    rules: &Rules,
    run_started: Millis,
    outputs: &mut Outputs<'_>,
) -> Result<Summary, LocalError> {
    let started = Instant::now();
    let mut run = Run { stories: Stories::default(), rules, outputs, summary: Summary::default(), folded: 0 };
    read(files, &Signing { reader, rules: signing, run_started, keep: &|_| false }, |batches, progress| match order {
        Order::Input => run.in_input_order(batches, progress),
        Order::Published => run.in_published_order(batches, progress),
    })?;
    let Run { stories, outputs, mut summary, .. } = run;
    summary.compared = stories.tally.candidates;
    for story in stories.finish() {
        write_story(&story, outputs, &mut summary)?;
    }
    flush(outputs)?;
    summary.took = started.elapsed();
    Ok(summary)
}

/// A run under way.
struct Run<'a, 'b> {
    stories: Stories,
    rules: &'a Rules,
    outputs: &'a mut Outputs<'b>,
    summary: Summary,
    folded: u64,
}

impl Run<'_, '_> {
    fn in_input_order(&mut self, batches: Batches, progress: &Progress) -> Result<(), LocalError> {
        for batch in batches {
            for signed in batch? {
                if let Some(signature) = self.take(signed)? {
                    let verdict = self.fold(&signature)?;
                    self.write_verdict(&verdict)?;
                }
            }
            progress.articles(self.summary.lines);
        }
        Ok(())
    }

    fn in_published_order(&mut self, batches: Batches, progress: &Progress) -> Result<(), LocalError> {
        let mut signatures: Vec<(usize, Signature)> = Vec::new();
        for batch in batches {
            for signed in batch? {
                if let Some(signature) = self.take(signed)? {
                    signatures.push((signatures.len(), signature));
                }
            }
            progress.articles(self.summary.lines);
        }
        signatures.sort_by_key(|(_, signature)| signature.event);
        let mut verdicts = vec![None; if self.outputs.verdicts.is_some() { signatures.len() } else { 0 }];
        for (line, signature) in signatures {
            let verdict = self.fold(&signature)?;
            if let Some(slot) = verdicts.get_mut(line) {
                *slot = Some(verdict);
            }
        }
        verdicts.iter().flatten().try_for_each(|verdict| self.write_verdict(verdict))
    }

    /// Counts a line; a dead letter is written and goes no further.
    fn take(&mut self, signed: Signed) -> Result<Option<Signature>, LocalError> {
        self.summary.lines += 1;
        match signed {
            Ok((signature, _)) => Ok(Some(signature)),
            Err(letter) => {
                self.summary.dead_letter(letter.reason);
                if let Some(out) = &mut self.outputs.dead_letters {
                    write_json(out, "dead letters", &letter)?;
                }
                Ok(None)
            }
        }
    }

    fn fold(&mut self, signature: &Signature) -> Result<VerdictRecord, LocalError> {
        let (verdict, closed) = self.stories.fold(signature, self.folded, self.rules);
        self.folded += 1;
        self.summary.verdict(&verdict);
        for story in closed {
            write_story(&story, self.outputs, &mut self.summary)?;
        }
        Ok(verdict)
    }

    fn write_verdict(&mut self, verdict: &VerdictRecord) -> Result<(), LocalError> {
        match &mut self.outputs.verdicts {
            Some(out) => write_json(out, "verdicts", verdict),
            None => Ok(()),
        }
    }
}

fn write_story(story: &StoryRecord, outputs: &mut Outputs<'_>, summary: &mut Summary) -> Result<(), LocalError> {
    summary.story(story);
    if story.size < outputs.min_size {
        return Ok(());
    }
    write_json(&mut *outputs.stories, "stories", story)
}

fn write_json(mut out: impl Write, what: &str, record: &impl serde::Serialize) -> Result<(), LocalError> {
    serde_json::to_writer(&mut out, record)
        .map_err(io::Error::from)
        .and_then(|()| out.write_all(b"\n"))
        .map_err(|source| LocalError::Write { what: what.into(), source })
}

fn flush(outputs: &mut Outputs<'_>) -> Result<(), LocalError> {
    let flush =
        |what: &str, out: &mut dyn Write| out.flush().map_err(|source| LocalError::Write { what: what.into(), source });
    flush("stories", outputs.stories)?;
    if let Some(out) = &mut outputs.verdicts {
        flush("verdicts", out)?;
    }
    if let Some(out) = &mut outputs.dead_letters {
        flush("dead letters", out)?;
    }
    Ok(())
}
