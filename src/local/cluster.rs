//! `wirefold cluster`: NDJSON in, stories out, on this machine.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;
use std::time::Instant;

use rayon::prelude::*;

use super::lines::{Line, Lines, LocalError};
use super::progress::Progress;
use super::stamp::Stamper;
use super::stories::Stories;
use super::summary::Summary;
use crate::article::{Incoming, RECORD_BYTES_MAX, Reader};
use crate::fold::Rules;
use crate::record::{DeadLetter, Millis, Reason, Rejection, Signature, StoryRecord, VerdictRecord};
use crate::sign::{self, sign};

/// Lines signed together: enough to keep all cores busy, few enough that memory stays small.
const BATCH_LINES: usize = 1_024;

/// Bytes of lines signed together.
const BATCH_BYTES: usize = 16 << 20;

/// How much of a refused line its dead letter shows.
const DEAD_LETTER_VALUE_BYTES: usize = 64 * 1024;

/// In which order articles are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// By event time, equal ones in the order of the lines. Holds all signatures in memory.
    Published,
    /// As the lines come. Memory follows the live articles, not the length of the file.
    Input,
}

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

/// A line on its way: its number among the lines that are not blank, and what became of it.
type Signed = Result<Signature, Box<DeadLetter>>;

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
    let lines = Lines::new(files.to_vec());
    let progress = Progress::new(files, lines.bytes_read());
    let mut run = Run { stories: Stories::default(), rules, outputs, summary: Summary::default(), folded: 0 };
    thread::scope(|scope| {
        // One batch is read while one is signed and one is folded.
        let (lines_in, lines_out) = sync_channel::<Vec<Result<Line, LocalError>>>(1);
        let (signed_in, signed_out) = sync_channel::<Result<Vec<Signed>, LocalError>>(1);
        scope.spawn(move || {
            for batch in batches(lines) {
                if lines_in.send(batch).is_err() {
                    return;
                }
            }
        });
        scope.spawn(move || {
            let mut stamper = Stamper::new(run_started);
            for batch in lines_out {
                let batch: Result<Vec<Line>, LocalError> = batch.into_iter().collect();
                if signed_in.send(batch.map(|lines| sign_batch(&lines, reader, signing, &mut stamper))).is_err() {
                    return;
                }
            }
        });
        match order {
            Order::Input => run.in_input_order(signed_out, &progress),
            Order::Published => run.in_published_order(signed_out, &progress),
        }
    })?;
    progress.finish();
    let Run { stories, outputs, mut summary, .. } = run;
    for story in stories.finish() {
        write_story(&story, outputs, &mut summary)?;
    }
    flush(outputs)?;
    summary.took = started.elapsed();
    Ok(summary)
}

/// Groups lines; an error ends its batch.
fn batches(mut lines: Lines) -> impl Iterator<Item = Vec<Result<Line, LocalError>>> {
    std::iter::from_fn(move || {
        let mut batch = Vec::new();
        let mut bytes = 0;
        while batch.len() < BATCH_LINES && bytes < BATCH_BYTES {
            let Some(line) = lines.next() else { break };
            bytes += line.as_ref().map_or(0, |line| line.bytes.len());
            let failed = line.is_err();
            batch.push(line);
            if failed {
                break;
            }
        }
        (!batch.is_empty()).then_some(batch)
    })
}

/// Reads and signs lines on all cores, in their order.
fn sign_batch(lines: &[Line], reader: &Reader, signing: &sign::Rules, stamper: &mut Stamper) -> Vec<Signed> {
    let read: Vec<Result<Incoming, Rejection>> = lines
        .par_iter()
        .map(|line| {
            if line.length > RECORD_BYTES_MAX as u64 {
                let detail = format!("{} bytes; at most {RECORD_BYTES_MAX} are read", line.length);
                return Err(Rejection { reason: Reason::TooLarge, detail });
            }
            reader.read(None, Some(&line.bytes))
        })
        .collect();
    let published: Vec<_> = read.iter().map(|read| read.as_ref().ok().and_then(Incoming::published)).collect();
    let stamps = stamper.stamp(&published);
    lines
        .par_iter()
        .zip(read)
        .zip(stamps)
        .map(|((line, read), ingested)| match read {
            Ok(incoming) => Ok(sign(incoming, line.raw.clone(), ingested, signing)),
            Err(rejection) => Err(Box::new(dead_letter(line, rejection))),
        })
        .collect()
}

fn dead_letter(line: &Line, rejection: Rejection) -> DeadLetter {
    let shown = &line.bytes[..line.bytes.len().min(DEAD_LETTER_VALUE_BYTES)];
    DeadLetter {
        schema: DeadLetter::SCHEMA.into(),
        raw: line.raw.clone(),
        reason: rejection.reason,
        detail: rejection.detail,
        value: String::from_utf8_lossy(shown).into_owned(),
        bytes: line.length,
        xxh3: format!("{:016x}", line.xxh3),
    }
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
    fn in_input_order(
        &mut self,
        batches: Receiver<Result<Vec<Signed>, LocalError>>,
        progress: &Progress,
    ) -> Result<(), LocalError> {
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

    fn in_published_order(
        &mut self,
        batches: Receiver<Result<Vec<Signed>, LocalError>>,
        progress: &Progress,
    ) -> Result<(), LocalError> {
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
            Ok(signature) => Ok(Some(signature)),
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
