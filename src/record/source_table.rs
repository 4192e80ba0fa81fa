//! What a source has printed, as it travels.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Versioned, shingles::sorted};

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
    /// Articles it was taught from, ever: the clock of its entries.
    pub articles: u32,
    /// Hashes printed, ascending.
    #[serde(with = "sorted")]
    pub hashes: Vec<u32>,
    /// For each hash when it was printed last, by the count of articles, and whether in two or more of them.
    pub entries: Vec<SourceEntry>,
}

/// What a table knows of one hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceEntry {
    /// How many articles ago, counted at the time of writing, it was printed last.
    pub age: u32,
    /// It was printed in two earlier articles or more: furniture.
    pub furniture: bool,
}

impl Versioned for SourceTable {
    const NAME: &'static str = "source table";
    const VERSION: u8 = 1;
}
