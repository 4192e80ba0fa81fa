//! What a decision is taken from: one signature, the state and the rules.

use super::rules::ClusteringRules;
use super::state::State;
use crate::record::{Millis, Signature};

/// Work on a decision that was done, or left out because of a bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DecisionCounters {
    /// Hashes of a sketch that were ignored because too many articles or stories have them.
    pub postings_skipped: u64,
    /// Candidates that were not compared because there were too many.
    pub candidates_skipped: u64,
    /// Candidates that were compared.
    pub candidates: u64,
}

/// The signature to decide on, with the state and the rules.
pub(super) struct DecisionContext<'a> {
    pub(super) state: &'a State,
    pub(super) signature: &'a Signature,
    /// Articles with an earlier event time expire with this decision: they count as gone already.
    pub(super) expiry_watermark: Millis,
    pub(super) rules: &'a ClusteringRules,
    pub(super) seq: u64,
}
