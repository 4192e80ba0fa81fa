//! Signature to decision to state: one state machine per log partition. Pure.
//!
//! [`judge`] reads the state and changes nothing; [`State::apply`] changes it and judges nothing. A decision is
//! written between the two, and a restart re-applies what was written: see [`Restore`].

mod apply;
mod candidates;
mod compare;
mod embedded;
mod evidence;
mod header;
mod history;
mod index;
mod judge;
mod live;
mod origin;
mod publish;
mod restore;
mod rules;
mod standing;
mod state;
mod verify;

pub use apply::Change;
pub use evidence::{Evidence, Feature, Rule, Weights};
pub use header::{MEMBERS_MAX, SOURCES_MAX};
pub(crate) use header::{carries, supersede};
pub use judge::{Tally, judge};
pub use publish::{Unpublished, story_records, verdict, verdicts};
pub use restore::{Restore, RestoreError};
pub use rules::Rules;
pub use state::State;
pub use verify::evidence_between;
