//! From files to signatures: lines are read, made into signatures on all cores, and handed over in their order.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use clap::ValueEnum;
use rayon::prelude::*;

use super::ingestion_clock::IngestionClock;
use super::lines::{FileError, Line, Lines};
use super::progress::FileProgress;
use crate::article::{Article, ArticleReader, ParsedContent, ParsedRecord, RAW_RECORD_BYTES_MAX};
use crate::record::{DeadLetter, Millis, Reason, Rejection, Signature};
use crate::signature;

/// Lines of a batch: enough to keep all cores busy, few enough that memory stays small.
const FILE_BATCH_LINES: usize = 1_024;

/// Bytes of lines after which a batch ends.
const FILE_BATCH_BYTES: usize = 16 << 20;

/// The order in which articles are clustered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Order {
    /// By event time, and by line where event times are equal. Holds all signatures in memory.
    Published,
    /// In the order of the lines. Memory depends on the live articles, not on the length of the file.
    Input,
}

/// Options of [`read`].
pub(super) struct ReadOptions<'a> {
    pub(super) reader: &'a ArticleReader,
    pub(super) rules: &'a signature::SignatureRules,
    /// The clock at the start of the run: published times more than an hour later are not credible.
    pub(super) run_started: Millis,
    /// Selects, by uri, the articles that are handed over with their texts.
    pub(super) keep: &'a (dyn Fn(&str) -> bool + Sync),
}

/// The result of a line that is not blank: its signature, with the article if it was selected, or a dead letter.
pub(super) type LineResult = Result<(Signature, Option<Box<Article>>), Box<DeadLetter>>;

/// Batches of results in the order of the lines. An error is the last item.
pub(super) type Batches = Receiver<Result<Vec<LineResult>, FileError>>;

/// Reads the lines of `files` and makes their signatures, while `consume` takes the results: at any time one batch is
/// read, one is made into signatures, and one is consumed.
pub(super) fn read<T>(
    files: &[PathBuf],
    options: &ReadOptions<'_>,
    consume: impl FnOnce(Batches, &FileProgress) -> Result<T, FileError>,
) -> Result<T, FileError> {
    let lines = Lines::new(files.to_vec());
    let progress = FileProgress::new(files, lines.bytes_read());
    let result = thread::scope(|scope| {
        let (line_sender, line_receiver) = sync_channel::<Vec<Result<Line, FileError>>>(1);
        let (result_sender, result_receiver) = sync_channel::<Result<Vec<LineResult>, FileError>>(1);
        scope.spawn(move || {
            for batch in batches(lines) {
                if line_sender.send(batch).is_err() {
                    return;
                }
            }
        });
        scope.spawn(move || {
            let mut clock = IngestionClock::new(options.run_started);
            for batch in line_receiver {
                let batch: Result<Vec<Line>, FileError> = batch.into_iter().collect();
                if result_sender.send(batch.map(|lines| process_batch(&lines, options, &mut clock))).is_err() {
                    return;
                }
            }
        });
        consume(result_receiver, &progress)
    })?;
    progress.finish();
    Ok(result)
}

/// Groups lines into batches. An error ends its batch.
fn batches(mut lines: Lines) -> impl Iterator<Item = Vec<Result<Line, FileError>>> {
    std::iter::from_fn(move || {
        let mut batch = Vec::new();
        let mut bytes = 0;
        while batch.len() < FILE_BATCH_LINES && bytes < FILE_BATCH_BYTES {
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

/// Parses lines and makes their signatures on all cores. Results are in the order of the lines.
fn process_batch(lines: &[Line], options: &ReadOptions<'_>, clock: &mut IngestionClock) -> Vec<LineResult> {
    let parsed: Vec<Result<ParsedRecord, Rejection>> = lines
        .par_iter()
        .map(|line| {
            if line.length > RAW_RECORD_BYTES_MAX as u64 {
                let detail = format!("{} bytes; a record has at most {RAW_RECORD_BYTES_MAX}", line.length);
                return Err(Rejection { reason: Reason::TooLarge, detail });
            }
            options.reader.read(None, Some(&line.bytes))
        })
        .collect();
    let published: Vec<_> =
        parsed.iter().map(|parsed| parsed.as_ref().ok().and_then(ParsedRecord::published)).collect();
    let times = clock.assign(&published);
    lines
        .par_iter()
        .zip(parsed)
        .zip(times)
        .map(|((line, parsed), ingested)| match parsed {
            Ok(record) => {
                let kept = match &record.content {
                    ParsedContent::Article(article) if (options.keep)(&record.uri) => Some(article.clone()),
                    _ => None,
                };
                Ok((signature::build(record, line.raw.clone(), ingested, options.rules), kept))
            }
            Err(rejection) => Err(Box::new(dead_letter(line, rejection))),
        })
        .collect()
}

fn dead_letter(line: &Line, rejection: Rejection) -> DeadLetter {
    let prefix = &line.bytes[..line.bytes.len().min(DeadLetter::EXCERPT_BYTES_MAX)];
    DeadLetter {
        schema: DeadLetter::SCHEMA.into(),
        raw: line.raw.clone(),
        reason: rejection.reason,
        detail: rejection.detail,
        value: String::from_utf8_lossy(prefix).into_owned(),
        bytes: line.length,
        xxh3: format!("{:016x}", line.xxh3),
    }
}
