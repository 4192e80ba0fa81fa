//! What the loops tell of themselves. They know no metrics and no log lines: an [`Observer`] makes those.

use std::time::Duration;

use super::port::TopicPartition;
use crate::record::{Kind, Reason, Relation};

/// A stage of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Raw article to signature.
    Sign,
    /// Signature to decision.
    Fold,
}

impl Stage {
    /// The name used in labels and messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sign => "sign",
            Self::Fold => "fold",
        }
    }
}

/// A bound that was hit: something was cut, skipped or sampled, on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Bound {
    /// A record was larger than the pipeline reads.
    RecordBytes,
    /// A body had more shingles than a signature carries, and was sampled.
    Shingles,
    /// A posting list was too common to look at.
    PostingList,
    /// More candidate stories than are verified.
    Candidates,
    /// A story has more members than its record lists.
    StoryMembers,
    /// A story has more sources than are told apart.
    StorySources,
    /// A source's table was dropped to make room.
    SourceTables,
    /// A dead letter was cut to a prefix.
    DeadLetterBytes,
}

impl Bound {
    /// Every bound.
    pub const ALL: [Self; 8] = [
        Self::RecordBytes,
        Self::Shingles,
        Self::PostingList,
        Self::Candidates,
        Self::StoryMembers,
        Self::StorySources,
        Self::SourceTables,
        Self::DeadLetterBytes,
    ];

    /// The name used in labels.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::RecordBytes => "record_bytes",
            Self::Shingles => "shingles",
            Self::PostingList => "posting_list",
            Self::Candidates => "candidates",
            Self::StoryMembers => "story_members",
            Self::StorySources => "story_sources",
            Self::SourceTables => "source_tables",
            Self::DeadLetterBytes => "dead_letter_bytes",
        }
    }
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Event<'a> {
    /// The loop is alive: it has polled.
    Polled(Stage),
    /// A stage that reads a range is at its end: it polls no more.
    Ended(Stage),
    /// A partition is now this instance's.
    Assigned(Stage, &'a TopicPartition),
    /// A partition is so no longer.
    Revoked(Stage, &'a TopicPartition),
    /// A batch was worked on, its transaction not counted.
    Worked {
        /// Where.
        stage: Stage,
        /// Records of the batch.
        records: usize,
        /// How long the work took.
        took: Duration,
    },
    /// A transaction went through.
    Committed {
        /// Where.
        stage: Stage,
        /// How long the transaction took.
        took: Duration,
    },
    /// A transaction was rolled back, or its writer given up.
    Aborted {
        /// Where.
        stage: Stage,
        /// Why.
        reason: &'a str,
    },
    /// How far a partition is from its end.
    Lag {
        /// Where.
        stage: Stage,
        /// The partition read.
        partition: &'a TopicPartition,
        /// Records to go, control records included.
        messages: u64,
        /// The age of the last record worked on, by its time stamp.
        behind: Duration,
    },
    /// A raw record was refused.
    DeadLetter(Reason),
    /// A bound was hit this many times.
    Bound(Bound, u64),
    /// A decision was committed.
    Decided {
        /// Its kind.
        kind: Kind,
        /// What the article is to its story, where one was judged.
        relation: Option<Relation>,
        /// It came from before the window.
        late: bool,
        /// It was read ahead of a range.
        ahead: bool,
        /// From the raw record's time stamp to now.
        latency: Duration,
    },
    /// What a partition's state holds.
    State {
        /// The log partition.
        partition: i32,
        /// Live articles.
        articles: usize,
        /// Stories with a live article.
        stories: usize,
        /// Sources with a history.
        sources: usize,
    },
    /// A partition is being restored, with this many log offsets to go.
    Restoring {
        /// The log partition.
        partition: i32,
        /// Offsets to go, of log and decisions together.
        remaining: u64,
    },
    /// Old records of a partition could not be deleted; it is tried again in an hour.
    TrimFailed {
        /// The partition.
        partition: &'a TopicPartition,
        /// Why.
        reason: &'a str,
    },
    /// A partition is restored and live.
    Restored {
        /// The log partition.
        partition: i32,
        /// Decisions re-applied.
        decisions: u64,
        /// How long it took.
        took: Duration,
    },
}

/// Takes note of what happens. Called from the loops' own threads, so it must not block.
pub trait Observer: Send + Sync {
    /// Takes note.
    fn observe(&self, event: Event<'_>);
}

/// Takes no note.
impl Observer for () {
    fn observe(&self, _: Event<'_>) {}
}
