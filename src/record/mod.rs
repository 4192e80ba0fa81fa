//! The formats of everything that is stored or published, each with its version.
//!
//! [`Signature`], [`Decision`] and [`BoilerplateTable`] are internal, compact and binary: one version byte, then a
//! [postcard](https://postcard.jamesmunns.com/wire-format) body. [`StoryRecord`], [`VerdictRecord`] and [`DeadLetter`] are
//! public JSON, with a JSON Schema each.

mod boilerplate_table;
mod codec;
mod dead_letter;
mod decision;
mod member;
mod names;
mod position;
mod shingles;
mod signature;
mod story;
mod time;
mod topic_id;
mod verdict;
mod version;

pub use boilerplate_table::{BoilerplateTable, FingerprintBuckets};
pub use codec::{CodecError, Versioned};
pub use dead_letter::{DeadLetter, Reason, Rejection};
pub use decision::{
    Assignment, Credited, Decision, DecisionKind, LogEntry, Outcome, RestorePoint, SeenAt, ShingleSample, StorySummary,
};
pub use member::{Canonical, CanonicalReason, Link, Match, Member, Origin, OriginKind, Ratio, Relation};
pub use names::ArticleNames;
pub use position::{ArticleId, RawPosition, StoryId};
pub use shingles::{POSITION_BUCKETS, SIGNATURE_SHINGLES_MAX, ShingleSet};
pub(crate) use shingles::{is_lead, is_sampled, rice};
pub use signature::{ArticleContent, Content, Credit, CreditKind, CreditLocation, Signature, TITLE_TOKENS_MAX, Tail};
pub use story::{Revision, StoryRecord, StoryState};
pub use time::Millis;
pub use topic_id::TopicId;
pub use verdict::VerdictRecord;
pub use version::Version;
