//! `wirefold produce`: articles of files to the input topic, with their own times.

use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use clap::Args;

use super::app::{Failure, SettingsArgs, article_reader, client, now};
use crate::article::{ParsedRecord, RAW_RECORD_BYTES_MAX};
use crate::files::{FileProgress, IngestionClock, Line, Lines};
use crate::kafka::RecordProducer;

/// Arguments of `produce`.
#[derive(Debug, Clone, PartialEq, Args)]
#[command(after_long_help = include_str!("help/produce.txt").trim_end())]
pub(super) struct ProduceArgs {
    /// NDJSON files, plain or compressed with gzip (.gz) or zstd (.zst); `-` is standard input
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

/// Lines read together: the lines before the first dated one take its time, if it is among these.
const BATCH_LINES: usize = 256;

pub(super) fn run(args: &ProduceArgs) -> Result<(), Failure> {
    let (config, _) = args.settings.load()?;
    let reader = article_reader(&config)?;
    let producer = RecordProducer::new(&client(&config)?)?;
    let topic = args.topic.as_ref().unwrap_or(&config.topics.articles[0]);
    let mut lines = Lines::new(args.files.clone());
    let progress = FileProgress::new(&args.files, lines.bytes_read());
    let mut clock = IngestionClock::new(now());
    let mut pace = Pace::new(args.rate);
    let (mut sent, mut too_long) = (0, 0u64);
    loop {
        let batch: Vec<Line> = lines.by_ref().take(BATCH_LINES).collect::<Result<_, _>>()?;
        if batch.is_empty() {
            break;
        }
        // What cannot be read is sent as it is: it becomes a dead letter where everybody's do.
        let read: Vec<_> = batch.iter().map(|line| reader.read(None, Some(&line.bytes)).ok()).collect();
        let published: Vec<_> = read.iter().map(|read| read.as_ref().and_then(ParsedRecord::published)).collect();
        for ((line, parsed), at) in batch.iter().zip(&read).zip(clock.assign(&published)) {
            if line.length > RAW_RECORD_BYTES_MAX as u64 {
                eprintln!("{}: {} bytes, not sent: at most {RAW_RECORD_BYTES_MAX} are read", line.raw, line.length);
                too_long += 1;
                continue;
            }
            pace.wait();
            // The key keeps the versions of one article in order.
            let key = parsed.as_ref().map(|parsed| parsed.uri.as_bytes());
            producer.send(topic, key, &line.bytes, at)?;
            sent += 1;
        }
        progress.show(sent);
    }
    producer.flush()?;
    progress.finish();
    eprintln!("{sent} articles written to {topic}");
    if too_long > 0 {
        return Err(Failure::Other(format!("{too_long} lines were too long and not sent")));
    }
    Ok(())
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
