//! The boilerplate filter of a publisher, as it is stored.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Versioned;

/// The boilerplate filter of one publisher after a decision: an absolute value. A restore loads it before it applies the
/// decisions that follow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoilerplateTable {
    /// The publisher: the source itself where none is configured for it.
    pub publisher: Arc<str>,
    /// The last decision that the table includes.
    pub seq: u64,
    /// The last decision from which the filter learned.
    pub learned_seq: u64,
    /// Fingerprints of shingles printed in two articles or more.
    pub boilerplate: FingerprintBuckets,
    /// Fingerprints of shingles printed in one article.
    pub probation: FingerprintBuckets,
}

/// Fingerprints of shingles, by bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FingerprintBuckets {
    /// The number of fingerprints in each bucket.
    pub counts: Vec<u8>,
    /// The fingerprints, bucket after bucket, in each the most recent first: 16 bits, little-endian.
    pub fingerprints: Vec<[u8; 2]>,
}

impl Versioned for BoilerplateTable {
    const NAME: &'static str = "boilerplate table";
    const VERSION: u8 = 2;
}
