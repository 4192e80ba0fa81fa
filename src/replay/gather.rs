//! An archive in the order in which its articles were published.

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use crate::article::{Incoming, Reader};
use crate::kafka::MergedConsumer;
use crate::local::Stamper;
use crate::pipeline::observe::{Event, Observer, Stage};
use crate::pipeline::place;
use crate::pipeline::port::{GroupConsumer, Inbound, PollLimits, PortError};
use crate::pipeline::sort::{Sorted, Sorter};
use crate::record::Millis;

/// Records that are stamped together: the ones before the first dated one take its time, if it is among these. Always as
/// many, however they are polled, or a second replay would stamp them otherwise.
const BATCH: usize = 256;

/// Reads all of `consumer` and sorts it by the time at which each article is taken to have come in: its published time where
/// that is credible, as `cluster` has it. What is kept meanwhile stands in temporary files, and in memory a bounded part of it. None
/// when it was stopped.
pub fn gather(
    consumer: &mut MergedConsumer,
    reader: &Reader,
    planned: Millis,
    limits: PollLimits,
    observer: &dyn Observer,
    stop: &AtomicBool,
) -> Result<Option<Sorted>, PortError> {
    let mut stamper = Stamper::new(planned);
    let mut sorter = Sorter::default();
    let mut waiting: VecDeque<Inbound> = VecDeque::new();
    loop {
        if stop.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let polled = consumer.poll(limits)?;
        observer.observe(Event::Polled(Stage::Sign));
        waiting.extend(polled.records);
        while waiting.len() >= BATCH || (polled.ended && !waiting.is_empty()) {
            let batch: Vec<Inbound> = waiting.drain(..BATCH.min(waiting.len())).collect();
            let published: Vec<_> = batch
                .par_iter()
                .map(|record| reader.read(record.key.as_deref(), record.value.as_deref()).ok())
                .map(|read| read.as_ref().and_then(Incoming::published))
                .collect();
            for (record, stamp) in batch.into_iter().zip(stamper.stamp(&published)) {
                sorter.push(stamp.0, place(record, stamp)).map_err(|error| unwritable(&error))?;
            }
        }
        if polled.ended {
            return sorter.finish().map(Some).map_err(|error| unwritable(&error));
        }
    }
}

fn unwritable(error: &io::Error) -> PortError {
    PortError::Fatal(format!(
        "cannot sort in {}: {error}; TMPDIR names another directory",
        std::env::temp_dir().display()
    ))
}
