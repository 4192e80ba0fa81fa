//! `wirefold produce`: articles of files to the input topic, with their own times.

use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use clap::Args;

use super::app::{Failure, SettingsArgs, article_reader, check_articles, client, now, print_note};
use crate::article::{ParsedRecord, RAW_RECORD_BYTES_MAX};
use crate::files::{FileProgress, IngestionClock, Intake, RawRecord, Records, Refusals};
use crate::kafka::RecordProducer;

/// Arguments of `produce`.
#[derive(Debug, Clone, PartialEq, Args)]
#[command(after_long_help = include_str!("help/produce.txt").trim_end())]
pub(super) struct ProduceArgs {
    /// Files of articles: NDJSON, JSON or XML, plain or compressed with gzip or zstd; `-` is standard input
    #[arg(required = true, value_name = "FILES")]
    files: Vec<PathBuf>,

    /// Write to this topic [default: the first of topics.articles]
    #[arg(long, value_name = "TOPIC")]
    topic: Option<String>,

    /// Write at most so many articles a second [default: as fast as the broker takes them]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    rate: Option<u32>,

    #[command(flatten)]
    settings: SettingsArgs,
}

/// Records read together: those before the first dated one take its time, if it is among these.
const BATCH_RECORDS: usize = 256;

pub(super) fn run(args: &ProduceArgs) -> Result<(), Failure> {
    let (config, _) = args.settings.load()?;
    let reader = article_reader(&config)?;
    check_articles(&args.files)?;
    let producer = RecordProducer::new(&client(&config)?)?;
    let topic = args.topic.as_ref().unwrap_or(&config.topics.articles[0]);
    let mut records = Records::of_articles(args.files.clone(), &reader);
    let progress = FileProgress::new(&args.files, records.bytes_read());
    let mut clock = IngestionClock::new(now());
    let mut pace = Pace::new(args.rate);
    let (mut sent, mut too_long) = (0, 0u64);
    let (mut refusals, mut errors) = (Refusals::default(), Vec::new());
    loop {
        // A file that cannot be read to its end gives what comes before the error.
        let good = records.by_ref().filter_map(|record| record.map_err(|error| errors.push(error)).ok());
        let batch: Vec<RawRecord> = good.take(BATCH_RECORDS).collect();
        if batch.is_empty() {
            break;
        }
        // What cannot be read is sent as it is: it becomes a dead letter where everybody's do.
        let read: Vec<_> = batch.iter().map(|raw| reader.read(topic, None, Some(&raw.bytes)).ok()).collect();
        let published: Vec<_> = read.iter().map(|read| read.as_ref().and_then(ParsedRecord::published)).collect();
        for ((raw, parsed), at) in batch.iter().zip(&read).zip(clock.assign(&published)) {
            if parsed.is_none() {
                refusals.add(&raw.raw.topic);
            }
            if raw.length > RAW_RECORD_BYTES_MAX as u64 {
                let (file, found, bytes) = (&raw.raw.topic, raw.place(), raw.length);
                print_note(format_args!(
                    "{file} {found}: {bytes} bytes, not sent: at most {RAW_RECORD_BYTES_MAX} are read"
                ));
                too_long += 1;
                continue;
            }
            pace.wait();
            // The key keeps the versions of one article in order.
            let key = parsed.as_ref().and_then(|parsed| parsed.uri.as_ref()).map(String::as_bytes);
            producer.send(topic, key, &raw.bytes, at)?;
            sent += 1;
        }
        progress.show(sent);
    }
    producer.flush()?;
    progress.finish();
    print_note(format_args!("{sent} articles written to {topic}"));
    conclude(&Intake::new(records.opened(), refusals, errors), too_long)
}

/// Tells what a person should know about the files. That records cannot be read is no failure: they are sent.
fn conclude(intake: &Intake, too_long: u64) -> Result<(), Failure> {
    for note in intake.notes() {
        print_note(note);
    }
    let unread = if intake.records() == 0 || !intake.errors.is_empty() { intake.failure() } else { None };
    let too_long = (too_long > 0).then(|| format!("{too_long} records were too long and not sent"));
    let failures: Vec<String> = unread.into_iter().chain(too_long).collect();
    if failures.is_empty() { Ok(()) } else { Err(Failure::Other(failures.join("\n"))) }
}

/// Spreads what is done evenly over time.
struct Pace {
    period: Option<Duration>,
    next: Instant,
}

impl Pace {
    fn new(rate: Option<u32>) -> Self {
        Self { period: rate.map(|rate| Duration::from_secs(1) / rate), next: Instant::now() }
    }

    fn wait(&mut self) {
        if let Some(period) = self.period {
            thread::sleep(self.next.saturating_duration_since(Instant::now()));
            self.next += period;
        }
    }
}
