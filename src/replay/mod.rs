//! Replays: clustering a range of the past again, into topics of a namespace or into files, and their promotion.
//!
//! A replay runs the two stages of the service over ranges that end. [`Replay::begin`] turns a request into a plan, which
//! is written before anything else; [`ReplayRun`] runs the stages; [`Replay::finish`] writes the results.
//! [`promotion`] lets a finished replay take the place of a service.

mod begin;
mod engine;
mod external_sort;
mod file_target;
mod input;
mod journal;
mod merge;
mod merged_source;
mod namespace_status;
mod plan;
mod plan_topic;
mod process;
mod progress;
pub mod promotion;
mod published_order;
mod range_bound;
mod ranges;
mod refusal;
mod request;
mod sorted_source;
mod spill;
mod target;
mod topic_records;
mod topic_target;

pub use begin::Replay;
pub use engine::{ReplayRun, RunSettings};
pub use namespace_status::{ServedNamespace, check_served, writer_guard};
pub use plan::{Handover, ReplayOrder, ReplayPlan, ReplayRange, ReplaySource, ReplayState, Retirement};
pub use plan_topic::PlanTopic;
pub use progress::ReplayProgress;
pub use range_bound::{RangeBound, RangeBoundError};
pub use refusal::{Refusal, ReplayError};
pub use request::{BeginMode, ReplayRequest, TargetChoice};
pub use topic_records::TopicRecords;
pub use topic_target::check_names;
