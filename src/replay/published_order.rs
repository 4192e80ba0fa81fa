//! The records of an archive, sorted by the published times of their articles.

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use super::external_sort::{ExternalSorter, SortedRecords};
use super::spill;
use crate::article::{ArticleReader, ParsedRecord};
use crate::files::IngestionClock;
use crate::record::Millis;
use crate::stream::event::{Event, Observer, Stage};
use crate::stream::port::{ConsumerRecord, PollLimits, PortError, RecordSource};

/// Records whose ingestion times are set together: those before the first dated one take its time, if it is among these.
/// A fixed number however they are polled, or a second replay would give other times.
const STAMPED_TOGETHER: usize = 256;

/// Reads all of `source` and sorts it by ingestion time: the published time of each article where that is credible, as in
/// `cluster`. The records are in temporary files meanwhile, with a bounded part in memory. None when it was stopped.
pub(super) fn sort_by_published_time(
    source: &mut impl RecordSource,
    reader: &ArticleReader,
    planned: Millis,
    limits: PollLimits,
    observer: &dyn Observer,
    stop: &AtomicBool,
) -> Result<Option<SortedRecords>, PortError> {
    let mut clock = IngestionClock::new(planned);
    let mut sorter = ExternalSorter::default();
    let mut waiting: VecDeque<ConsumerRecord> = VecDeque::new();
    loop {
        if stop.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let polled = source.poll(limits)?;
        observer.observe(Event::Polled(Stage::Signatures));
        waiting.extend(polled.records);
        while waiting.len() >= STAMPED_TOGETHER || (polled.ended && !waiting.is_empty()) {
            let batch: Vec<ConsumerRecord> = waiting.drain(..STAMPED_TOGETHER.min(waiting.len())).collect();
            let published: Vec<_> = batch
                .par_iter()
                .map(|record| reader.read(&record.from.topic, record.key.as_deref(), record.value.as_deref()).ok())
                .map(|parsed| parsed.as_ref().and_then(ParsedRecord::published))
                .collect();
            for (record, ingested) in batch.into_iter().zip(clock.assign(&published)) {
                sorter.push(ingested.0, spill::encode(record, ingested)).map_err(|error| unwritable(&error))?;
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
