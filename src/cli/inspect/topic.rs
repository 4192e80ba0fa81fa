//! Reads the records of a topic for `inspect`.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use crate::cli::app::Failure;
use crate::files::{FileProgress, InspectOptions};
use crate::inspection::{Examination, ExaminedRecord, InspectedRecord, Inspector, RecordPlace};
use crate::kafka::{Admin, ClientSettings};
use crate::record::RawPosition;
use crate::replay::{RangeBound, ReplayError, TopicRecords};
use crate::signature;
use crate::stream::port::{ConsumerRecord, TopicPartition};

/// Inspects the records of a topic from a bound to where it ends now. `write` takes each report.
pub(super) fn inspect(
    client: &ClientSettings,
    (topic, from): (&str, &RangeBound),
    options: &InspectOptions<'_>,
    inspector: &mut Inspector,
    mut write: impl FnMut(&InspectedRecord) -> io::Result<()>,
) -> Result<(), Failure> {
    let admin = Admin::connect(client)?;
    let mut records = TopicRecords::open(client, &admin, topic, from).map_err(|error| match error {
        // Nothing is written here, so nothing could be lost: the topic cannot be read as was asked.
        ReplayError::Refused(refusal) => Failure::Other(refusal.to_string()),
        ReplayError::Failed(error) => error.into(),
    })?;
    let done = Arc::new(AtomicU64::new(0));
    let bar = FileProgress::with_total(Some(records.offsets()), done.clone());
    if !options.progress {
        bar.hide();
    }
    while let Some(mut batch) = records.next_batch()? {
        batch.truncate(usize::try_from(options.limit - inspector.summary().records).unwrap_or(usize::MAX));
        let examined: Vec<ExaminedRecord> = batch.par_iter().map(|record| examine(record, options)).collect();
        for record in examined {
            write(&inspector.process(record)).map_err(Failure::Output)?;
        }
        done.store(records.offsets_read(), Ordering::Relaxed);
        bar.show(inspector.summary().records);
        if inspector.summary().records >= options.limit {
            break;
        }
    }
    bar.finish();
    Ok(())
}

fn examine(record: &ConsumerRecord, options: &InspectOptions<'_>) -> ExaminedRecord {
    let TopicPartition { topic, partition } = record.from.clone();
    let raw = RawPosition { topic, partition, offset: record.offset };
    let place = RecordPlace::of_topic(&raw);
    let how = Examination { lexicon: &options.rules.lexicon, with_body: options.with_body };
    match options.reader.read(&record.from.topic, record.key.as_deref(), record.value.as_deref()) {
        Ok(parsed) => {
            // As the service does it.
            let parsed = parsed.at(options.run_started);
            let is_stamped = record.timestamp.0 >= 0;
            let ingested = if is_stamped { record.timestamp.min(options.run_started) } else { options.run_started };
            let signature = signature::build(parsed.clone(), raw, ingested, options.rules);
            ExaminedRecord::read(place, &parsed, signature, how)
        }
        Err(rejection) => ExaminedRecord::refused(place, rejection, how),
    }
}
