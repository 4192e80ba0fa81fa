//! What travels: the records of the log and of the public topics, each with its version.
//!
//! Two families. [`Signature`], [`Decision`] and [`SourceTable`] are internal, compact and binary: one version
//! byte, then a [postcard](https://postcard.jamesmunns.com/wire-format) body; every version ever
//! written stays readable. [`StoryRecord`], [`VerdictRecord`] and [`DeadLetter`] are public JSON with
//! a JSON Schema each.

mod codec;
mod dead_letter;
mod decision;
mod member;
mod position;
mod replay;
mod shingles;
mod signature;
mod source_table;
mod story;
mod time;
mod verdict;

pub use codec::{CodecError, Versioned};
pub use dead_letter::{DeadLetter, Reason, Rejection};
pub use decision::{Admission, Credited, Decision, Kind, Low, Outcome, Sample, SeenAt, StoryHeader};
pub use member::{Canonical, CanonicalReason, Link, Match, Member, Origin, OriginKind, Ratio, Relation};
pub use position::{ArticleId, RawPosition, StoryId};
pub use replay::{HandOff, ReplayOrder, ReplayPlan, ReplayRange, ReplaySource, ReplayState, Retirement, Stretch};
pub use shingles::{SHINGLES_MAX, ShingleSet, ZONES};
pub(crate) use shingles::{is_opening, kept_at, rice};
pub use signature::{ArticleContent, Content, Credit, CreditKind, CreditPlace, Signature, TITLE_TOKENS_MAX, Tail};
pub use source_table::{Prints, SourceTable};
pub use story::{Revision, StoryRecord, StoryState};
pub use time::Millis;
pub use verdict::VerdictRecord;
