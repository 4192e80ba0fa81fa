//! Restores one log partition: boilerplate filters first, then the log and its decisions side by side.

use std::collections::{BTreeMap, VecDeque};

use super::port::{CommittedOffset, ConsumerRecord, LogReader, LogStore, PortError, TopicPartition};
use crate::clustering::{Restore, State};
use crate::record::{BoilerplateTable, Decision, LogEntry, RestorePoint, Signature, Versioned};

/// The metadata that the stories stage commits with its offset: where a restore starts to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommitMetadata {
    /// The first decision to apply.
    pub restore_point: RestorePoint,
    /// An offset of the decisions at or before that of the decision `restore_point.seq`.
    pub decisions_from: i64,
}

impl CommitMetadata {
    /// The text that is committed.
    pub fn to_text(self) -> String {
        format!("1 {} {} {}", self.restore_point.seq, self.restore_point.log_offset, self.decisions_from)
    }

    /// Reads the text back; none where it is not such a text.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(' ');
        (parts.next()? == "1").then_some(())?;
        let restore_point = RestorePoint { seq: parts.next()?.parse().ok()?, log_offset: parts.next()?.parse().ok()? };
        Some(Self { restore_point, decisions_from: parts.next()?.parse().ok()? })
    }
}

/// The partitions of the internal topics that belong to one log partition.
#[derive(Debug, Clone)]
pub(crate) struct PartitionLogs {
    pub(crate) signatures: TopicPartition,
    pub(crate) decisions: TopicPartition,
    pub(crate) boilerplate: TopicPartition,
}

/// `(seq, offset)` of the first decision of each batch: the batch at or before a `seq` says where to read from.
#[derive(Debug, Default)]
pub(crate) struct DecisionOffsets(VecDeque<(u64, i64)>);

impl DecisionOffsets {
    pub(crate) fn push(&mut self, seq: u64, offset: i64) {
        self.0.push_back((seq, offset));
    }

    /// An offset at or before the decision `seq`; forgets earlier batches, since the restore point never goes back.
    pub(crate) fn at_or_before(&mut self, seq: u64) -> i64 {
        while self.0.get(1).is_some_and(|&(next, _)| next <= seq) {
            self.0.pop_front();
        }
        self.0.front().filter(|&&(first, _)| first <= seq).map_or(0, |&(_, offset)| offset)
    }
}

/// A restore in progress.
pub(crate) struct Restoring<R> {
    partitions: PartitionLogs,
    committed: Option<CommittedOffset>,
    /// Where it starts to read; none when nothing was ever decided.
    from: Option<CommitMetadata>,
    filters: Option<R>,
    tables: BTreeMap<Vec<u8>, BoilerplateTable>,
    decisions: R,
    log: R,
    /// Log records read and not yet matched with a decision.
    pending: VecDeque<ConsumerRecord>,
    restore: Restore,
    offsets: DecisionOffsets,
    last_decided: Option<i64>,
}

/// A restored partition.
pub(crate) struct Restored {
    pub(crate) state: State,
    /// The next log offset to decide; none when nothing was decided and nothing committed.
    pub(crate) next: Option<i64>,
    /// Where the restore started to read; none when nothing was ever decided.
    pub(crate) from: Option<CommitMetadata>,
    pub(crate) offsets: DecisionOffsets,
    pub(crate) decisions: u64,
}

impl<R: LogReader> Restoring<R> {
    pub(crate) fn start<B: LogStore<Reader = R>>(
        broker: &mut B,
        partitions: PartitionLogs,
        committed: Option<CommittedOffset>,
    ) -> Result<Self, PortError> {
        let from = match &committed {
            Some(committed) => Some(CommitMetadata::parse(&committed.metadata).ok_or_else(|| {
                PortError::Fatal(format!(
                    "the committed offset {} of {} has the metadata {:?}, which this wirefold does not understand: was the \
                     offset of the group reset by hand, or committed by another build?",
                    committed.next, partitions.signatures, committed.metadata
                ))
            })?),
            // The offsets of the group have expired, or nothing was ever decided: the last decision says where to continue.
            None => match last_decision(broker, &partitions.decisions)? {
                Some(last) => Some(CommitMetadata {
                    restore_point: last.restore_point,
                    decisions_from: broker.range(&partitions.decisions)?.0,
                }),
                None => None,
            },
        };
        let (log_start, _) = broker.range(&partitions.signatures)?;
        if let Some(CommitMetadata { restore_point, .. }) =
            from.filter(|metadata| log_start > metadata.restore_point.log_offset)
        {
            return Err(PortError::Fatal(format!(
                "{} starts at offset {log_start}, but live articles need it from offset {}: records were deleted; \
                 its retention must be unlimited (wirefold topics check), and a namespace whose log is gone must be replayed",
                partitions.signatures, restore_point.log_offset
            )));
        }
        Ok(Self {
            filters: Some(broker.reader(&partitions.boilerplate, None)?),
            tables: BTreeMap::new(),
            decisions: broker.reader(&partitions.decisions, from.map(|metadata| metadata.decisions_from))?,
            log: broker.reader(&partitions.signatures, from.map(|metadata| metadata.restore_point.log_offset))?,
            partitions,
            committed,
            from,
            pending: VecDeque::new(),
            restore: Restore::new(),
            offsets: DecisionOffsets::default(),
            last_decided: None,
        })
    }

    /// Offsets still to read.
    pub(crate) fn remaining(&self) -> u64 {
        self.filters.as_ref().map_or(0, R::remaining) + self.decisions.remaining()
    }

    /// Reads the next batch; true when the restore is complete.
    pub(crate) fn step(&mut self) -> Result<bool, PortError> {
        if let Some(filters) = &mut self.filters {
            let batch = filters.next_batch()?;
            if batch.is_empty() {
                self.filters = None;
                for table in std::mem::take(&mut self.tables).values() {
                    self.restore.boilerplate_table(table);
                }
            }
            for record in batch {
                let key = record.key.clone().unwrap_or_default();
                match &record.value {
                    Some(value) => self.tables.insert(key, decode(&record, value)?),
                    None => self.tables.remove(&key),
                };
            }
            return Ok(false);
        }
        let batch = self.decisions.next_batch()?;
        if batch.is_empty() {
            return self.check_end().map(|()| true);
        }
        let mut first = true;
        for record in batch {
            let decision: Decision = decode(&record, record.value.as_deref().unwrap_or_default())?;
            if std::mem::take(&mut first) {
                self.offsets.push(decision.seq, record.offset);
            }
            if self.from.is_none_or(|metadata| decision.seq >= metadata.restore_point.seq) {
                self.apply(&decision)?;
            }
        }
        Ok(false)
    }

    fn apply(&mut self, decision: &Decision) -> Result<(), PortError> {
        if self.restore.decisions() == 0
            && let Some(CommitMetadata { restore_point, .. }) = self.from
            && decision.seq != restore_point.seq
        {
            return Err(PortError::Fatal(format!(
                "{} starts at decision {} (on the signature at offset {}), but live articles need decision {} (offset {}): \
                 a namespace whose decisions are gone must be replayed",
                self.partitions.decisions,
                decision.seq,
                decision.log_offset,
                restore_point.seq,
                restore_point.log_offset
            )));
        }
        let Some(record) = self.next_logged()? else {
            return Err(PortError::Fatal(format!(
                "decision {} is about the signature at offset {} of {}, whose last record has offset {}: \
                 records of the log are gone, or another service writes these decisions",
                decision.seq,
                decision.log_offset,
                self.partitions.signatures,
                self.last_decided.unwrap_or(-1)
            )));
        };
        let bytes = record.value.as_deref().unwrap_or_default();
        let signature: Signature = decode(&record, bytes)?;
        self.restore
            .decision(&signature, LogEntry::new(record.offset, bytes), decision)
            .map_err(|error| PortError::Fatal(format!("{}: {error}", self.partitions.signatures)))?;
        self.last_decided = Some(record.offset);
        Ok(())
    }

    /// The next record of the log.
    fn next_logged(&mut self) -> Result<Option<ConsumerRecord>, PortError> {
        if self.pending.is_empty() {
            self.pending.extend(self.log.next_batch()?);
        }
        Ok(self.pending.pop_front())
    }

    /// Log and decisions must end together, at the committed offset.
    fn check_end(&mut self) -> Result<(), PortError> {
        let Some(committed) = self.committed.clone() else { return Ok(()) };
        let signatures = self.partitions.signatures.clone();
        if let Some(decided) = self.last_decided.filter(|&decided| decided >= committed.next) {
            return Err(PortError::Fatal(format!(
                "the signature at offset {decided} of {signatures} has a decision, but the committed offset of the group is {}: \
                 the offset was moved back by hand, or another service writes these decisions",
                committed.next
            )));
        }
        let undecided = self.next_logged()?.filter(|record| record.offset < committed.next);
        if let Some(record) = undecided {
            return Err(PortError::Fatal(format!(
                "the signature at offset {} of {signatures} has no decision, but the committed offset of the group is {}: \
                 decisions are missing after the signature at offset {}",
                record.offset,
                committed.next,
                self.last_decided.unwrap_or(-1)
            )));
        }
        Ok(())
    }

    pub(crate) fn finish(self) -> Restored {
        let next = self
            .committed
            .map(|committed| committed.next)
            // The offset of the group has expired: continue after the last decision.
            .or_else(|| self.last_decided.map(|offset| offset + 1));
        let decisions = self.restore.decisions();
        Restored { state: self.restore.finish(), next, from: self.from, offsets: self.offsets, decisions }
    }
}

/// The last decision of a partition.
fn last_decision<B: LogStore>(broker: &mut B, decisions: &TopicPartition) -> Result<Option<Decision>, PortError> {
    /// How many offsets before the end are read first: aborted transactions may fill some of them.
    const TAIL: i64 = 10_000;
    let (start, end) = broker.range(decisions)?;
    for from in [start.max(end - TAIL), start] {
        let mut reader = broker.reader(decisions, Some(from))?;
        let mut last = None;
        loop {
            let batch = reader.next_batch()?;
            match batch.into_iter().last() {
                Some(record) => last = Some(record),
                None => break,
            }
        }
        if let Some(record) = last {
            return decode(&record, record.value.as_deref().unwrap_or_default()).map(Some);
        }
    }
    Ok(None)
}

/// Decodes a record of an internal topic. One that cannot be decoded is not skipped: the log is the truth.
pub(crate) fn decode<T: Versioned>(record: &ConsumerRecord, value: &[u8]) -> Result<T, PortError> {
    T::from_bytes(value).map_err(|error| {
        PortError::Fatal(format!("the record at offset {} of {}: {error}", record.offset, record.from))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commit_metadata_is_read_back_and_other_text_is_not() {
        let metadata = CommitMetadata { restore_point: RestorePoint { seq: 7, log_offset: -1 }, decisions_from: 40 };
        assert_eq!(CommitMetadata::parse(&metadata.to_text()), Some(metadata));
        for strange in ["", "2 1 1 1", "1 2 3", "1 a b c"] {
            assert_eq!(CommitMetadata::parse(strange), None, "{strange:?}");
        }
    }

    #[test]
    fn the_offset_of_a_decision_is_never_overestimated() {
        let mut offsets = DecisionOffsets::default();
        assert_eq!(offsets.at_or_before(0), 0);
        for (seq, offset) in [(0, 0), (10, 14), (20, 29)] {
            offsets.push(seq, offset);
        }
        assert_eq!((offsets.at_or_before(9), offsets.at_or_before(10), offsets.at_or_before(25)), (0, 14, 29));
    }
}
