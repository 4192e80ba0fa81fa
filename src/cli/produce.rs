//! `wirefold produce`: articles of files into the input topic, with their own times.

use std::thread;
use std::time::{Duration, Instant};

use super::config::client;
use super::rules::reader;
use super::{Failure, ProduceArgs, stages};
use crate::article::{Incoming, RECORD_BYTES_MAX};
use crate::kafka::ArticleProducer;
use crate::local::{Line, Lines, Progress, Stamper};

/// Lines read together: the lines before the first dated one take its time, if it is among these.
const BATCH_LINES: usize = 256;

pub(super) fn run(args: &ProduceArgs) -> Result<(), Failure> {
    let (config, _) = args.config.load(&args.config.arguments())?;
    let reader = reader(&config)?;
    let producer = ArticleProducer::new(&client(&config)?)?;
    let topic = args.topic.as_ref().unwrap_or(&config.topics.articles[0]);
    let mut lines = Lines::new(args.files.clone());
    let progress = Progress::new(&args.files, lines.bytes_read());
    let mut stamper = Stamper::new(stages::now());
    let mut pace = Pace::new(args.rate);
    let (mut sent, mut too_long) = (0, 0u64);
    loop {
        let batch: Vec<Line> = lines.by_ref().take(BATCH_LINES).collect::<Result<_, _>>()?;
        if batch.is_empty() {
            break;
        }
        // What cannot be read is sent as it is: it becomes a dead letter where everybody's do.
        let read: Vec<_> = batch.iter().map(|line| reader.read(None, Some(&line.bytes)).ok()).collect();
        let published: Vec<_> = read.iter().map(|read| read.as_ref().and_then(Incoming::published)).collect();
        for ((line, incoming), at) in batch.iter().zip(&read).zip(stamper.stamp(&published)) {
            if line.length > RECORD_BYTES_MAX as u64 {
                eprintln!("{}: {} bytes, not sent: at most {RECORD_BYTES_MAX} are read", line.raw, line.length);
                too_long += 1;
                continue;
            }
            pace.wait();
            // The key keeps the versions of one article in order.
            let key = incoming.as_ref().map(|incoming| incoming.uri.as_bytes());
            producer.send(topic, key, &line.bytes, at)?;
            sent += 1;
        }
        progress.articles(sent);
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
