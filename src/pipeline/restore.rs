//! Restores one log partition: source tables, then log and decisions side by side.

use std::collections::{BTreeMap, VecDeque};

use super::port::{Broker, Committed, Inbound, LogReader, PortError, TopicPartition};
use crate::fold::{Restore, State};
use crate::record::{Decision, Low, Signature, SourceTable, Versioned};

/// What fold writes beside its committed position: from where a restore reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Note {
    pub(crate) low: Low,
    /// An offset of the decisions at or before that of the decision `low.seq`.
    pub(crate) decisions_from: i64,
}

impl Note {
    pub(crate) fn to_text(self) -> String {
        format!("1 {} {} {}", self.low.seq, self.low.log_offset, self.decisions_from)
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(' ');
        (parts.next()? == "1").then_some(())?;
        let low = Low { seq: parts.next()?.parse().ok()?, log_offset: parts.next()?.parse().ok()? };
        Some(Self { low, decisions_from: parts.next()?.parse().ok()? })
    }
}

/// The topics of one log partition.
#[derive(Debug, Clone)]
pub(crate) struct Partitions {
    pub(crate) signatures: TopicPartition,
    pub(crate) decisions: TopicPartition,
    pub(crate) sources: TopicPartition,
}

/// Where decisions stand: `(seq, offset)` of the first of each batch. The batch at or before a `seq` says from where to read it.
#[derive(Debug, Default)]
pub(crate) struct DecisionOffsets(VecDeque<(u64, i64)>);

impl DecisionOffsets {
    pub(crate) fn push(&mut self, seq: u64, offset: i64) {
        self.0.push_back((seq, offset));
    }

    /// An offset at or before the decision `seq`; forgets what lies before it, since `low` never goes back.
    pub(crate) fn at_or_before(&mut self, seq: u64) -> i64 {
        while self.0.get(1).is_some_and(|&(next, _)| next <= seq) {
            self.0.pop_front();
        }
        self.0.front().filter(|&&(first, _)| first <= seq).map_or(0, |&(_, offset)| offset)
    }
}

/// A restore under way.
pub(crate) struct Restoring<R> {
    partitions: Partitions,
    committed: Option<Committed>,
    /// From where it reads; none when nothing was ever decided.
    from: Option<Note>,
    sources: Option<R>,
    tables: BTreeMap<Vec<u8>, SourceTable>,
    decisions: R,
    log: R,
    /// Log records read and not yet matched with a decision.
    pending: VecDeque<Inbound>,
    restore: Restore,
    offsets: DecisionOffsets,
    last_decided: Option<i64>,
}

/// A restored partition.
pub(crate) struct Restored {
    pub(crate) state: State,
    /// The next log offset to judge; none when nothing was decided and nothing committed.
    pub(crate) next: Option<i64>,
    /// From where it was restored; none when nothing was ever decided.
    pub(crate) from: Option<Note>,
    pub(crate) offsets: DecisionOffsets,
    pub(crate) decisions: u64,
}

impl<R: LogReader> Restoring<R> {
    pub(crate) fn start<B: Broker<Reader = R>>(
        broker: &mut B,
        partitions: Partitions,
        committed: Option<Committed>,
    ) -> Result<Self, PortError> {
        let from = match &committed {
            Some(committed) => Some(Note::parse(&committed.note).ok_or_else(|| {
                PortError::Fatal(format!(
                    "the committed position {} of {} carries the note {:?}, which this wirefold does not understand: \
                     was the group's offset reset by hand, or written by a newer wirefold?",
                    committed.next, partitions.signatures, committed.note
                ))
            })?),
            // The group's offsets have expired, or nothing was ever decided: the last decision says where to go on.
            None => match last_decision(broker, &partitions.decisions)? {
                Some(last) => Some(Note { low: last.low, decisions_from: broker.range(&partitions.decisions)?.0 }),
                None => None,
            },
        };
        let (log_start, _) = broker.range(&partitions.signatures)?;
        if let Some(Note { low, .. }) = from.filter(|note| log_start > note.low.log_offset) {
            return Err(PortError::Fatal(format!(
                "{} starts at offset {log_start}, but live articles need it from offset {}: the log was cut; \
                 its retention must be unlimited (wirefold topics check), and a namespace whose log is gone has to be replayed",
                partitions.signatures, low.log_offset
            )));
        }
        Ok(Self {
            sources: Some(broker.reader(&partitions.sources, None)?),
            tables: BTreeMap::new(),
            decisions: broker.reader(&partitions.decisions, from.map(|note| note.decisions_from))?,
            log: broker.reader(&partitions.signatures, from.map(|note| note.low.log_offset))?,
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
        self.sources.as_ref().map_or(0, R::remaining) + self.decisions.remaining()
    }

    /// Reads one batch on; true when the restore is complete.
    pub(crate) fn step(&mut self) -> Result<bool, PortError> {
        if let Some(sources) = &mut self.sources {
            let batch = sources.next_batch()?;
            if batch.is_empty() {
                self.sources = None;
                for table in std::mem::take(&mut self.tables).values() {
                    self.restore.source_table(table);
                }
            }
            for record in batch {
                let key = record.key.clone().unwrap_or_default();
                match &record.value {
                    Some(value) => self.tables.insert(key, read(&record, value)?),
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
            let decision: Decision = read(&record, record.value.as_deref().unwrap_or_default())?;
            if std::mem::take(&mut first) {
                self.offsets.push(decision.seq, record.offset);
            }
            if self.from.is_none_or(|note| decision.seq >= note.low.seq) {
                self.redo(&decision)?;
            }
        }
        Ok(false)
    }

    fn redo(&mut self, decision: &Decision) -> Result<(), PortError> {
        if self.restore.decisions() == 0
            && let Some(Note { low, .. }) = self.from
            && decision.seq != low.seq
        {
            return Err(PortError::Fatal(format!(
                "{} starts at decision {} (on the signature at offset {}), but live articles need decision {} (offset {}): \
                 a namespace whose decisions are gone has to be replayed",
                self.partitions.decisions, decision.seq, decision.log_offset, low.seq, low.log_offset
            )));
        }
        let Some(record) = self.next_logged()? else {
            return Err(PortError::Fatal(format!(
                "decision {} was taken on the signature at offset {} of {}, whose last one stands at offset {}: \
                 records of the log are gone, or another service writes these decisions",
                decision.seq,
                decision.log_offset,
                self.partitions.signatures,
                self.last_decided.unwrap_or(-1)
            )));
        };
        let signature: Signature = read(&record, record.value.as_deref().unwrap_or_default())?;
        self.restore
            .decision(&signature, record.offset, decision)
            .map_err(|error| PortError::Fatal(format!("{}: {error}", self.partitions.signatures)))?;
        self.last_decided = Some(record.offset);
        Ok(())
    }

    /// The next record of the log.
    fn next_logged(&mut self) -> Result<Option<Inbound>, PortError> {
        if self.pending.is_empty() {
            self.pending.extend(self.log.next_batch()?);
        }
        Ok(self.pending.pop_front())
    }

    /// Log and decisions must end together, at the committed position.
    fn check_end(&mut self) -> Result<(), PortError> {
        let Some(committed) = self.committed.clone() else { return Ok(()) };
        let signatures = self.partitions.signatures.clone();
        if let Some(decided) = self.last_decided.filter(|&decided| decided >= committed.next) {
            return Err(PortError::Fatal(format!(
                "the signature at offset {decided} of {signatures} has a decision, but the group's committed position is {}: \
                 the group's offset was moved back by hand, or another service writes these decisions",
                committed.next
            )));
        }
        let undecided = self.next_logged()?.filter(|record| record.offset < committed.next);
        if let Some(record) = undecided {
            return Err(PortError::Fatal(format!(
                "the signature at offset {} of {signatures} has no decision, but the group's committed position is {}: \
                 decisions are missing after offset {}",
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
            // An expired group offset: go on after the last decision.
            .or_else(|| self.last_decided.map(|offset| offset + 1));
        let decisions = self.restore.decisions();
        Restored { state: self.restore.finish(), next, from: self.from, offsets: self.offsets, decisions }
    }
}

/// The last decision of a partition.
fn last_decision<B: Broker>(broker: &mut B, decisions: &TopicPartition) -> Result<Option<Decision>, PortError> {
    /// How many offsets before the end are tried first: records of aborted transactions may fill some.
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
            return read(&record, record.value.as_deref().unwrap_or_default()).map(Some);
        }
    }
    Ok(None)
}

/// Reads a record of our own log. What cannot be read there is not skipped: the log is the truth.
pub(crate) fn read<T: Versioned>(record: &Inbound, value: &[u8]) -> Result<T, PortError> {
    T::from_bytes(value).map_err(|error| {
        PortError::Fatal(format!("the record at offset {} of {}: {error}", record.offset, record.from))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_read_back_and_a_strange_one_is_not() {
        let note = Note { low: Low { seq: 7, log_offset: -1 }, decisions_from: 40 };
        assert_eq!(Note::parse(&note.to_text()), Some(note));
        for strange in ["", "2 1 1 1", "1 2 3", "1 a b c"] {
            assert_eq!(Note::parse(strange), None, "{strange:?}");
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
