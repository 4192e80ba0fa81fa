//! How well a folding agrees with what people say or with another folding, and pairs for people to judge.
//!
//! Lines and records come in, numbers come out; which files they stand in is the caller's matter. The scores know
//! nothing of how stories are found, so that they can be the judge of it.

mod agreement;
mod bootstrap;
mod clusters;
mod diff;
mod evaluation;
mod folding;
mod labels;
mod mistakes;
mod pairs;
mod random;
mod report;
mod sample;
mod split;
mod table;
mod text;

pub use agreement::{Agreement, Item, agreement};
pub use bootstrap::{Bootstrap, Interval};
pub use clusters::ClusterSet;
pub use diff::{Article, Articles, Change, ChangeKind, Diff, Part, Side, Stories, diff};
pub use evaluation::{ClusterScores, Difference, Evaluation, LargeStory, Missing, PairScores, Truth, evaluate};
pub use folding::{Folding, FoldingReader, Place, Story};
pub use labels::{Label, LabelledPair, PairSet};
pub use mistakes::{Mistake, mistakes};
pub use pairs::{BothWays, Score, SetScore, Share};
pub use random::Random;
pub use sample::{Design, Drawn, Sample, Stratum, sample};
pub use split::{Half, halves};
pub use table::LineError;
pub use text::Text;
