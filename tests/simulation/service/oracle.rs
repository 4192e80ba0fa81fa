//! The oracle for runs on the simulated cluster.

use wirefold::stream::port::ConsumerRecord;

use super::process::{
    BOILERPLATE, DEAD_LETTERS, DECISIONS, EPOCH, INPUT, LOG, SIGNATURE_GRACE, STORIES, VERDICTS, clustering_rules,
};
use super::recorded_run::RecordedRun;
use crate::kit::oracle::{self, Expected, Rules, Written, same};

/// Checks a finished run; the error states what is wrong.
pub(crate) fn check(run: &RecordedRun) -> Result<(), String> {
    let records = |topic: &str| -> Vec<ConsumerRecord> { run.records(topic).cloned().collect() };
    let written = Written {
        articles: records(INPUT),
        signatures: records(LOG),
        dead_letters: records(DEAD_LETTERS),
        decisions: records(DECISIONS),
        boilerplate: records(BOILERPLATE),
        stories: records(STORIES),
        verdicts: records(VERDICTS),
        committed: run.committed.iter().map(|(partition, committed)| (partition.clone(), committed.next)).collect(),
        committed_forgotten: run.offsets_expired,
    };
    let rules = Rules { clustering: clustering_rules(), grace: SIGNATURE_GRACE, epoch: EPOCH };
    check_compacted(run, &oracle::check(&written, &rules)?)
}

/// Compaction leaves the last value of each key.
fn check_compacted(run: &RecordedRun, expected: &Expected) -> Result<(), String> {
    let topics = [(BOILERPLATE, &expected.boilerplate), (STORIES, &expected.stories), (VERDICTS, &expected.verdicts)];
    for (topic, expected) in topics {
        let latest = expected.iter().filter_map(|(key, values)| Some((key.clone(), values.last()?.0.clone()?)));
        same(&format!("{topic} after compaction"), &run.latest[topic], &latest.collect())?;
    }
    Ok(())
}
