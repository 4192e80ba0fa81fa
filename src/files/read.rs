//! From files to signatures: records are read, made into signatures on all cores, and handed over in their order.

use std::panic::resume_unwind;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use clap::ValueEnum;
use rayon::prelude::*;

use super::ingestion_clock::IngestionClock;
use super::input::{FileError, FilePlace, RawRecord, Records};
use super::intake::{Intake, Refusals};
use super::progress::FileProgress;
use crate::article::{ArticleReader, Gaps, ParsedRecord, RAW_RECORD_BYTES_MAX};
use crate::record::{DeadLetter, Millis, Reason, Rejection, Signature};
use crate::signature;

/// Records of a batch: enough to keep all cores busy, few enough that memory stays small.
const FILE_BATCH_RECORDS: usize = 1_024;

/// Bytes of records after which a batch ends.
const FILE_BATCH_BYTES: usize = 16 << 20;

/// The order in which articles are clustered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Order {
    /// By event time, and by position where event times are equal. Holds all signatures in memory.
    Published,
    /// In the order of the files. Memory depends on the live articles, not on the length of the file.
    Input,
}

/// Options of [`read`].
pub(super) struct ReadOptions<'a> {
    pub(super) reader: &'a ArticleReader,
    pub(super) rules: &'a signature::SignatureRules,
    /// The clock at the start of the run: published times more than an hour later are not credible.
    pub(super) run_started: Millis,
    /// Selects the records that are handed over as they were read, with their texts.
    pub(super) keep: &'a (dyn Fn(&ParsedRecord) -> bool + Sync),
}

/// The result of a record, or why it was refused.
pub(super) type RecordResult = Result<ReadRecord, Box<RefusedRecord>>;

/// A record that was parsed.
#[derive(Debug)]
pub(super) struct ReadRecord {
    pub(super) signature: Signature,
    /// Where it is in its file.
    pub(super) place: FilePlace,
    /// What the record lacks.
    pub(super) gaps: Gaps,
    /// The record as it was read, if it was selected.
    pub(super) kept: Option<Box<ParsedRecord>>,
}

/// A record that could not be parsed.
#[derive(Debug)]
pub(super) struct RefusedRecord {
    pub(super) letter: DeadLetter,
    /// Where it is in its file.
    pub(super) place: FilePlace,
}

/// Batches of results in the order of the records.
pub(super) type Batches = Receiver<Vec<RecordResult>>;

/// Reads the records of `files` and makes their signatures, while `consume` takes the results: at any time one batch is
/// read, one is made into signatures, and one is consumed. A file that cannot be read to its end gives what comes before
/// the error; the errors are in the intake.
pub(super) fn read<T>(
    files: &[PathBuf],
    options: &ReadOptions<'_>,
    consume: impl FnOnce(Batches, &FileProgress) -> Result<T, FileError>,
) -> Result<(T, Intake), FileError> {
    let mut records = Records::of_articles(files.to_vec(), options.reader);
    let progress = FileProgress::new(files, records.bytes_read());
    let result = thread::scope(|scope| {
        let (record_sender, record_receiver) = sync_channel::<Vec<RawRecord>>(1);
        let (result_sender, result_receiver) = sync_channel::<Vec<RecordResult>>(1);
        let reading = scope.spawn(move || {
            let mut errors = Vec::new();
            while let Some(batch) = next_batch(&mut records, &mut errors) {
                if record_sender.send(batch).is_err() {
                    break;
                }
            }
            (records, errors)
        });
        let making = scope.spawn(move || {
            let mut clock = IngestionClock::new(options.run_started);
            let mut refusals = Refusals::default();
            for batch in record_receiver {
                let results = process_batch(&batch, options, &mut clock);
                results.iter().filter_map(|result| result.as_ref().err()).for_each(|refused| {
                    refusals.add(&refused.letter.raw.topic);
                });
                if result_sender.send(results).is_err() {
                    break;
                }
            }
            refusals
        });
        let consumed = consume(result_receiver, &progress)?;
        let (records, errors) = reading.join().unwrap_or_else(|panic| resume_unwind(panic));
        let refusals = making.join().unwrap_or_else(|panic| resume_unwind(panic));
        Ok((consumed, Intake::new(records.opened(), refusals, errors)))
    })?;
    progress.finish();
    Ok(result)
}

/// The next records; none at the end of all files. An error ends its file, not the batch.
fn next_batch(records: &mut Records, errors: &mut Vec<FileError>) -> Option<Vec<RawRecord>> {
    let mut batch = Vec::new();
    let mut bytes = 0;
    while batch.len() < FILE_BATCH_RECORDS && bytes < FILE_BATCH_BYTES {
        match records.next() {
            Some(Ok(record)) => {
                bytes += record.bytes.len();
                batch.push(record);
            }
            Some(Err(error)) => errors.push(error),
            None => break,
        }
    }
    (!batch.is_empty()).then_some(batch)
}

/// Parses records and makes their signatures on all cores. Results are in the order of the records.
fn process_batch(records: &[RawRecord], options: &ReadOptions<'_>, clock: &mut IngestionClock) -> Vec<RecordResult> {
    let parsed: Vec<Result<ParsedRecord, Rejection>> = records
        .par_iter()
        .map(|raw| {
            if raw.length > RAW_RECORD_BYTES_MAX as u64 {
                let detail = format!("{} bytes; a record has at most {RAW_RECORD_BYTES_MAX}", raw.length);
                return Err(Rejection { reason: Reason::TooLarge, detail });
            }
            Ok(options.reader.read(&raw.raw.topic, None, Some(&raw.bytes))?.at(options.run_started))
        })
        .collect();
    let published: Vec<_> =
        parsed.iter().map(|parsed| parsed.as_ref().ok().and_then(ParsedRecord::published)).collect();
    let times = clock.assign(&published);
    records
        .par_iter()
        .zip(parsed)
        .zip(times)
        .map(|((raw, parsed), ingested)| match parsed {
            Ok(record) => {
                let gaps = record.gaps();
                let kept = (options.keep)(&record).then(|| Box::new(record.clone()));
                let signature = signature::build(record, raw.raw.clone(), ingested, options.rules);
                Ok(ReadRecord { signature, place: raw.place(), gaps, kept })
            }
            Err(rejection) => Err(Box::new(RefusedRecord { letter: dead_letter(raw, rejection), place: raw.place() })),
        })
        .collect()
}

fn dead_letter(raw: &RawRecord, rejection: Rejection) -> DeadLetter {
    let prefix = &raw.bytes[..raw.bytes.len().min(DeadLetter::EXCERPT_BYTES_MAX)];
    DeadLetter {
        schema: DeadLetter::SCHEMA.into(),
        raw: raw.raw.clone(),
        reason: rejection.reason,
        detail: rejection.detail,
        value: String::from_utf8_lossy(prefix).into_owned(),
        bytes: raw.length,
        xxh3: format!("{:016x}", raw.xxh3),
    }
}
