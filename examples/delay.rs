//! Prints the articles of a file in the order in which they would arrive if each were delayed by a random time.
//!
//!     cargo run --release --example delay -- --seed 1 --hours 1 articles.ndjson > delayed.ndjson
//!     wirefold cluster articles.ndjson > in-order.stories
//!     wirefold cluster --order input delayed.ndjson > delayed.stories
//!     wirefold eval in-order.stories --clusters delayed.stories
//!
//! The lines themselves do not change: each article keeps its publication time, and `--order input` clusters the articles in
//! the order of the file. Where dates have no time of day, all articles of a day are published at midnight, and any delay
//! shuffles the whole day. With `--spread`, such articles are taken to be published one after the other, evenly over their
//! day and in the order of the file, so that a delay only moves them among their neighbours.

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use clap::Parser;
use wirefold::article::ArticleReader;
use wirefold::evaluation::Random;
use wirefold::files::{Lines, RawRecord};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

#[derive(Parser)]
struct Args {
    /// Articles as NDJSON, plain or compressed
    file: PathBuf,

    /// Seed of the random delays
    #[arg(long, default_value = "1")]
    seed: u64,

    /// The longest delay in hours; delays are distributed uniformly from 0 to this
    #[arg(long, default_value = "1")]
    hours: u32,

    /// Spread the articles published at midnight evenly over their day
    #[arg(long)]
    spread: bool,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args = Args::parse();
    let reader = ArticleReader::default();
    let lines: Vec<RawRecord> = Lines::new(vec![args.file.clone()]).collect::<Result<_, _>>()?;
    let published = |line: &RawRecord| Some(reader.read("", None, Some(&line.bytes)).ok()?.published()?.start().0);
    let mut times = Vec::with_capacity(lines.len());
    for line in &lines {
        // A line without a date takes the time of the line before it, as in `cluster`.
        times.push(published(line).or(times.last().copied()).unwrap_or_default());
    }
    if args.spread {
        spread(&mut times);
    }
    let mut random = Random::new(args.seed);
    let delay_max = i64::from(args.hours) * HOUR;
    let mut arrivals: Vec<(i64, &RawRecord)> = times
        .into_iter()
        .zip(&lines)
        .map(|(at, line)| (at + random.below(delay_max as u64 + 1) as i64, line))
        .collect();
    arrivals.sort_by_key(|(at, _)| *at);
    let mut out = BufWriter::new(io::stdout().lock());
    for (_, line) in arrivals {
        out.write_all(&line.bytes)?;
        out.write_all(b"\n")?;
    }
    Ok(out.flush()?)
}

/// Gives the articles published at a midnight evenly spaced times within the day that begins then.
fn spread(times: &mut [i64]) {
    let mut of_midnight: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
    for (at, time) in times.iter().enumerate().filter(|(_, time)| *time % DAY == 0) {
        of_midnight.entry(*time).or_default().push(at);
    }
    for (midnight, indices) in of_midnight {
        for (at, &index) in indices.iter().enumerate() {
            times[index] = midnight + DAY * at as i64 / indices.len() as i64;
        }
    }
}
