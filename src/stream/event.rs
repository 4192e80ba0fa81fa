//! The events that the stages report. The stages know no metrics and no log lines: an [`Observer`] makes those.

use std::time::Duration;

use super::port::TopicPartition;
use strum::{IntoStaticStr, VariantArray};

pub use crate::article::{EXPECTED_FIELDS, Field};
use crate::record::{DecisionKind, Reason, Relation};

/// A stage of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Stage {
    /// Raw article to signature.
    Signatures,
    /// Signature to decision.
    Stories,
}

impl Stage {
    /// The name used in labels and messages.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// A bound that was hit: something was cut, skipped or sampled, on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Bound {
    /// A raw record was larger than a parser may read.
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
    /// A publisher's boilerplate filter was dropped to make room.
    BoilerplateFilters,
    /// A dead letter was cut to a prefix.
    DeadLetterBytes,
}

impl Bound {
    /// The name used in labels.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Event<'a> {
    /// The stage is alive: it has polled.
    Polled(Stage),
    /// A stage that reads a range is at its end: it polls no more.
    Ended(Stage),
    /// A partition was assigned to this instance.
    Assigned(Stage, &'a TopicPartition),
    /// A partition was revoked from this instance.
    Revoked(Stage, &'a TopicPartition),
    /// A batch was worked on, its transaction not counted.
    Worked {
        /// The stage.
        stage: Stage,
        /// Records of the batch.
        records: usize,
        /// How long the work took.
        took: Duration,
    },
    /// A transaction went through.
    Committed {
        /// The stage.
        stage: Stage,
        /// How long the transaction took.
        took: Duration,
    },
    /// A transaction was rolled back, or its writer given up.
    Aborted {
        /// The stage.
        stage: Stage,
        /// Why.
        reason: &'a str,
    },
    /// How far a partition is from its end.
    Lag {
        /// The stage.
        stage: Stage,
        /// The partition read.
        partition: &'a TopicPartition,
        /// Records to go, control records included.
        messages: u64,
        /// The age of the last record worked on, by its time stamp.
        behind: Duration,
    },
    /// A raw record became a dead letter.
    DeadLetter(Reason),
    /// An article lacks one of the [`EXPECTED_FIELDS`].
    FieldMissing(Field),
    /// A raw record has a value for this field that could not be read.
    FieldUnread(Field),
    /// A bound was hit this many times.
    Bound(Bound, u64),
    /// A decision was committed.
    Decided {
        /// Its kind.
        kind: DecisionKind,
        /// The relation of the article to its story, where it was assigned to one.
        relation: Option<Relation>,
        /// It came from before the window.
        late: bool,
        /// It is warm-up: read before the range of a replay.
        warmup: bool,
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
        /// Boilerplate filters.
        filters: usize,
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
        /// Decisions that were applied again.
        decisions: u64,
        /// How long it took.
        took: Duration,
    },
}

/// Receives an event. It is called on the threads of the stages, so it must not block.
pub trait Observer: Send + Sync {
    /// Receives an event.
    fn observe(&self, event: Event<'_>);
}

/// Ignores every event.
impl Observer for () {
    fn observe(&self, _: Event<'_>) {}
}
