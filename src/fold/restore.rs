//! Restore: the state again, from source tables, decisions and the log.

use std::sync::Arc;

use super::state::State;
use crate::record::{Decision, Signature, SourceTable};

/// Why a log and its decisions do not make a state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RestoreError {
    /// The decisions have a hole.
    #[error(
        "decision {expected} on the signature at offset {logged} is missing: decision {found}, on the one at offset \
         {decided}, comes next"
    )]
    Gap {
        /// The number that should come.
        expected: u64,
        /// The offset of the signature that it should have been taken on.
        logged: i64,
        /// The number that came.
        found: u64,
        /// The offset that the found decision names.
        decided: i64,
    },
    /// A decision was taken on another record than the one that stands next in the log.
    #[error(
        "decision {seq} was taken on the signature at offset {decided}, but the next one in the log stands at {logged}"
    )]
    Mismatch {
        /// The decision.
        seq: u64,
        /// The offset it names.
        decided: i64,
        /// The offset that stands next.
        logged: i64,
    },
}

/// A state being restored: first the source tables, then each decision since `low` with its signature, in order.
#[derive(Debug, Default)]
pub struct Restore {
    state: State,
    decisions: u64,
}

impl Restore {
    /// A restore that nothing was given yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in the latest table of a source.
    pub fn source_table(&mut self, table: &SourceTable) {
        self.state.sources.load(table);
    }

    /// Re-applies a decision on the signature that stands at `log_offset`.
    pub fn decision(
        &mut self,
        signature: &Signature,
        log_offset: i64,
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
        self.state.apply(signature, decision);
        self.decisions += 1;
        Ok(())
    }

    /// Decisions re-applied so far.
    #[must_use]
    pub fn decisions(&self) -> u64 {
        self.decisions
    }

    /// The state.
    #[must_use]
    pub fn finish(self) -> State {
        self.state
    }

    /// The tables that a decision makes the log carry, from the state after it was applied: what is written under each
    /// source, nothing being the end of its table.
    #[must_use]
    pub fn tables_after(state: &State, decision: &Decision) -> Vec<(Arc<str>, Option<SourceTable>)> {
        let evicted = decision.source_evicted.iter().map(|source| (source.clone(), None));
        let written =
            decision.sources_written.iter().map(|source| (source.clone(), state.source_table(source, decision.seq)));
        evicted.chain(written).collect()
    }
}
