//! Prints the articles of a file in the order in which they would arrive if each were delayed by a random time.
//!
//!     cargo run --release --example delay -- --seed 1 --hours 1 articles.ndjson > delayed.ndjson
//!     wirefold cluster articles.ndjson > in-order.stories
//!     wirefold cluster --order input delayed.ndjson > delayed.stories
//!     wirefold eval in-order.stories --clusters delayed.stories
//!
//! The lines stay as they are: each article keeps the time at which it was published, and `--order input` folds it where it
//! stands. Where dates have no time of day all articles of a day are published at its midnight: any delay brings
//! the whole day into any order. With `--spread` such articles are taken to be published one after the other, evenly
//! over their day, in the order of the file: then a delay moves them among their neighbours only.

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use clap::Parser;
use wirefold::article::Reader;
use wirefold::eval::Random;
use wirefold::local::{Line, Lines};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

#[derive(Parser)]
struct Args {
    /// NDJSON, plain or packed
    file: PathBuf,

    /// Begin the drawing of delays with this number
    #[arg(long, default_value = "1")]
    seed: u64,

    /// The longest delay; each article is delayed by 0 to so many hours, every delay as likely
    #[arg(long, default_value = "1")]
    hours: u32,

    /// Take articles of midnight to be published evenly over their day
    #[arg(long)]
    spread: bool,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args = Args::parse();
    let reader = Reader::default();
    let lines: Vec<Line> = Lines::new(vec![args.file.clone()]).collect::<Result<_, _>>()?;
    let published = |line: &Line| Some(reader.read(None, Some(&line.bytes)).ok()?.published()?.start().0);
    let mut times = Vec::with_capacity(lines.len());
    for line in &lines {
        // A line without a date keeps its place, as when it is folded.
        times.push(published(line).or(times.last().copied()).unwrap_or_default());
    }
    if args.spread {
        spread(&mut times);
    }
    let mut random = Random::new(args.seed);
    let delay_max = i64::from(args.hours) * HOUR;
    let mut arrivals: Vec<(i64, &Line)> = times
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

/// Gives the articles of each midnight evenly spaced times within the day that it begins.
fn spread(times: &mut [i64]) {
    let mut of_midnight: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
    for (at, time) in times.iter().enumerate().filter(|(_, time)| *time % DAY == 0) {
        of_midnight.entry(*time).or_default().push(at);
    }
    for (midnight, places) in of_midnight {
        for (at, &place) in places.iter().enumerate() {
            times[place] = midnight + DAY * at as i64 / places.len() as i64;
        }
    }
}
