//! Restores the state from boilerplate filters, decisions and the log.

use super::state::State;
use crate::record::{BoilerplateTable, Decision, LogEntry, Signature};

/// Why decisions do not fit the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RestoreError {
    /// A decision is missing.
    #[error(
        "decision {expected}, on the signature at log offset {logged}, is missing: the next one is decision {found}, on the \
         signature at log offset {decided}"
    )]
    Gap {
        /// `seq` of the missing decision.
        expected: u64,
        /// The log offset of the signature that comes next in the log.
        logged: i64,
        /// `seq` of the decision that was found instead.
        found: u64,
        /// The log offset that this decision names.
        decided: i64,
    },
    /// A decision was taken on another signature than the one that comes next in the log.
    #[error(
        "decision {seq} was taken on the signature at log offset {decided}, but the next one in the log is at {logged}"
    )]
    Mismatch {
        /// `seq` of the decision.
        seq: u64,
        /// The log offset that the decision names.
        decided: i64,
        /// The log offset of the signature that comes next in the log.
        logged: i64,
    },
    /// A decision was taken on a signature with other bytes than the one that the log has at its offset.
    #[error(
        "decision {seq} was taken on another signature than the one that the log has at offset {log_offset}: the topic of \
         signatures was lost or replaced since"
    )]
    OtherSignature {
        /// `seq` of the decision.
        seq: u64,
        /// The log offset of both signatures.
        log_offset: i64,
    },
}

/// A state that is being restored: first from the boilerplate filters, then from each decision since the restore point with
/// its signature, in order.
#[derive(Debug, Default)]
pub struct Restore {
    state: State,
    decisions: u64,
}

impl Restore {
    /// Begins a restore.
    pub fn new() -> Self {
        Self::default()
    }

    /// Loads the latest table of a boilerplate filter.
    pub fn boilerplate_table(&mut self, table: &BoilerplateTable) {
        self.state.filters.load(table);
    }

    /// Applies the next decision again, on the signature of this log entry. Fails where the decision was taken on another
    /// signature, or does not follow the one before.
    pub fn decision(
        &mut self,
        signature: &Signature,
        LogEntry { offset: log_offset, hash }: LogEntry,
        decision: &Decision,
    ) -> Result<(), RestoreError> {
        if let Some(last) = self.state.last
            && decision.seq != last.seq + 1
        {
            return Err(RestoreError::Gap {
                expected: last.seq + 1,
                logged: log_offset,
                found: decision.seq,
                decided: decision.log_offset,
            });
        }
        if decision.log_offset != log_offset {
            return Err(RestoreError::Mismatch { seq: decision.seq, decided: decision.log_offset, logged: log_offset });
        }
        if decision.signature_hash != hash {
            return Err(RestoreError::OtherSignature { seq: decision.seq, log_offset });
        }
        self.state.apply(signature, decision);
        self.decisions += 1;
        Ok(())
    }

    /// The number of decisions applied so far.
    pub fn decisions(&self) -> u64 {
        self.decisions
    }

    /// Returns the restored state.
    pub fn finish(self) -> State {
        self.state
    }
}
