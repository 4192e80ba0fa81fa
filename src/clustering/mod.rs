//! Assigns signatures to stories: one state machine for each log partition, without I/O and without a clock.
//!
//! [`Engine::process`] takes a signature and does three things:
//!
//! 1. `decide` finds candidates, compares the article with their members and makes a [`Decision`](crate::record::Decision).
//!    It reads the [`State`] and the [`ClusteringRules`], and changes nothing.
//! 2. `apply` changes the state by the decision. It reads no rules, so a [`Restore`] can apply written decisions again.
//! 3. `emit` makes the records to publish: verdicts and stories.

mod apply;
mod boilerplate;
mod candidates;
mod compare;
mod context;
mod decide;
mod embedded;
mod emit;
mod engine;
mod features;
mod index;
mod live;
mod lookup;
mod origin;
mod restore;
mod rules;
mod state;
mod summary;
mod verify;

pub use apply::StateChange;
pub use context::DecisionCounters;
pub use emit::Publication;
pub use engine::{Engine, Processed};
pub use features::{Features, ScoringRule, WeightedFeature, Weights};
pub use restore::{Restore, RestoreError};
pub use rules::ClusteringRules;
pub use state::State;
pub use summary::{MEMBERS_MAX, SOURCES_MAX};
pub(crate) use summary::{carries_superseded, supersede};
pub use verify::features_between;
