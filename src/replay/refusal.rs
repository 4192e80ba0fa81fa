//! Why a replay, a promotion or the service does not start or go on.

use crate::record::Millis;
use crate::stream::port::PortError;

/// A rule forbids what was asked for. The message says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The namespace was replaced by another one and must not be served or written.
    #[error(
        "{namespace} was retired at {at}: {successor} has replaced it. Set namespace = \"{successor}\" \
         (WIREFOLD_NAMESPACE={successor})"
    )]
    Retired {
        /// The namespace of the settings.
        namespace: String,
        /// The namespace that has replaced it.
        successor: String,
        /// When it was retired.
        at: Millis,
    },
    /// The name for a new replay is that of a retired namespace.
    #[error("{namespace} was retired at {at}, and {successor} has replaced it: choose another --namespace")]
    NameRetired {
        /// The name that was asked for.
        namespace: String,
        /// The namespace that has replaced it.
        successor: String,
        /// When it was retired.
        at: Millis,
    },
    /// The namespace is a replay, which is not served before it is promoted.
    #[error("{0}")]
    NotServed(String),
    /// The log of the namespace has records of another format version.
    #[error(
        "{topic} has {found}. Replay the articles into a new namespace (wirefold replay --namespace NEW --source articles) \
         and promote it (wirefold promote NEW)"
    )]
    OtherFormat {
        /// The topic.
        topic: String,
        /// What was found there.
        found: String,
    },
    /// A replay of this name exists already.
    #[error("{0}")]
    Exists(String),
    /// There is nothing to resume.
    #[error("there is no replay {0} to resume: begin it without --resume")]
    NothingToResume(String),
    /// A replay can only be resumed as it was started.
    #[error(
        "the replay {name} was begun differently and cannot be resumed like this: {differences}; --force begins it again"
    )]
    StartedDifferently {
        /// The replay.
        name: String,
        /// What differs, in words.
        differences: String,
    },
    /// Topics or files that a replay would write belong to somebody else.
    #[error("{0}")]
    Occupied(String),
    /// Kafka has deleted the committed offsets of a replay.
    #[error(
        "Kafka has deleted the committed offsets of the replay {0} (offsets.retention.minutes): --force begins it again"
    )]
    OffsetsExpired(String),
    /// The journal of a replay into files does not contain how far it has read.
    #[error("the journal of the replay {0} does not contain how far it has read: --force begins it again")]
    OffsetsMissing(String),
    /// The range cannot be read.
    #[error("{0}")]
    Range(String),
    /// Another process runs this replay.
    #[error("{0}")]
    TakenOver(String),
    /// Instances of the service are running.
    #[error("{0}")]
    StillServed(String),
    /// The replay cannot replace this service.
    #[error("{0}")]
    NotPromotable(String),
    /// Topics are not as they must be.
    #[error("{0}")]
    Topics(String),
}

/// Why a step of a replay or a promotion failed.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// A rule forbids it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The broker, the network or a file failed.
    #[error(transparent)]
    Failed(#[from] PortError),
}

impl From<Refusal> for PortError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

impl From<ReplayError> for PortError {
    fn from(error: ReplayError) -> Self {
        match error {
            ReplayError::Refused(refusal) => refusal.into(),
            ReplayError::Failed(error) => error,
        }
    }
}
