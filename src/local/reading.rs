//! Files to signatures: lines are read, signed on all cores, and handed over in their order.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use rayon::prelude::*;

use super::lines::{Line, Lines, LocalError};
use super::progress::Progress;
use super::stamp::Stamper;
use crate::article::{Article, Incoming, RECORD_BYTES_MAX, Reader, Request};
use crate::record::{DeadLetter, Millis, Reason, Rejection, Signature};
use crate::sign::{self, sign};

/// Lines signed together: enough to keep all cores busy, few enough that memory stays small.
const BATCH_LINES: usize = 1_024;

/// Bytes of lines signed together.
const BATCH_BYTES: usize = 16 << 20;

/// In which order articles are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// By event time, equal ones in the order of the lines. Holds all signatures in memory.
    Published,
    /// As the lines come. Memory follows the live articles, not the length of the file.
    Input,
}

/// What reading and signing go by.
pub(super) struct Signing<'a> {
    pub(super) reader: &'a Reader,
    pub(super) rules: &'a sign::Rules,
    /// The clock at the start: dates beyond it are not believed.
    pub(super) run_started: Millis,
    /// Articles, by uri, that are handed over with their texts.
    pub(super) keep: &'a (dyn Fn(&str) -> bool + Sync),
}

/// What became of a line that is not blank: its signature, with the article where it is kept.
pub(super) type Signed = Result<(Signature, Option<Box<Article>>), Box<DeadLetter>>;

/// Batches in the order of the lines; an error is the last one.
pub(super) type Batches = Receiver<Result<Vec<Signed>, LocalError>>;

/// Reads and signs the lines of `files` while `fold` takes them: one batch is read while one is signed and one is folded.
pub(super) fn read<T>(
    files: &[PathBuf],
    signing: &Signing<'_>,
    fold: impl FnOnce(Batches, &Progress) -> Result<T, LocalError>,
) -> Result<T, LocalError> {
    let lines = Lines::new(files.to_vec());
    let progress = Progress::new(files, lines.bytes_read());
    let folded = thread::scope(|scope| {
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
            let mut stamper = Stamper::new(signing.run_started);
            for batch in lines_out {
                let batch: Result<Vec<Line>, LocalError> = batch.into_iter().collect();
                if signed_in.send(batch.map(|lines| sign_batch(&lines, signing, &mut stamper))).is_err() {
                    return;
                }
            }
        });
        fold(signed_out, &progress)
    })?;
    progress.finish();
    Ok(folded)
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
fn sign_batch(lines: &[Line], signing: &Signing<'_>, stamper: &mut Stamper) -> Vec<Signed> {
    let read: Vec<Result<Incoming, Rejection>> = lines
        .par_iter()
        .map(|line| {
            if line.length > RECORD_BYTES_MAX as u64 {
                let detail = format!("{} bytes; at most {RECORD_BYTES_MAX} are read", line.length);
                return Err(Rejection { reason: Reason::TooLarge, detail });
            }
            signing.reader.read(None, Some(&line.bytes))
        })
        .collect();
    let published: Vec<_> = read.iter().map(|read| read.as_ref().ok().and_then(Incoming::published)).collect();
    let stamps = stamper.stamp(&published);
    lines
        .par_iter()
        .zip(read)
        .zip(stamps)
        .map(|((line, read), ingested)| match read {
            Ok(incoming) => {
                let kept = match &incoming.request {
                    Request::Judge(article) if (signing.keep)(&incoming.uri) => Some(article.clone()),
                    _ => None,
                };
                Ok((sign(incoming, line.raw.clone(), ingested, signing.rules), kept))
            }
            Err(rejection) => Err(Box::new(dead_letter(line, rejection))),
        })
        .collect()
}

fn dead_letter(line: &Line, rejection: Rejection) -> DeadLetter {
    let shown = &line.bytes[..line.bytes.len().min(DeadLetter::VALUE_BYTES_MAX)];
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
