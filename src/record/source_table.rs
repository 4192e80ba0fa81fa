//! What a source has printed, as it travels.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Versioned;

/// The history of one source at a decision: an absolute value, loaded on restore before the decisions
/// after it are applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceTable {
    /// The source, or the owner that several sources share.
    pub source: Arc<str>,
    /// The decision up to which, itself included, the table covers what the source has printed.
    pub seq: u64,
    /// The last decision that taught it something.
    pub taught_seq: u64,
    /// What it has printed in two articles or more.
    pub furniture: Prints,
    /// What it has printed in one.
    pub once: Prints,
}

/// The prints of hashes in buckets, as a table keeps them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prints {
    /// How many each bucket has.
    pub counts: Vec<u8>,
    /// Bucket after bucket, the latest first: 16 bits each, the lower byte first.
    pub prints: Vec<[u8; 2]>,
}

impl Versioned for SourceTable {
    const NAME: &'static str = "source table";
    const VERSION: u8 = 1;
}
