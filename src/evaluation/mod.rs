//! Evaluation of clusterings: scores against labels, differences between two runs, and samples of pairs to label.
//!
//! This module takes lines and records and computes numbers; files are the caller's concern. It depends only on the public
//! records, not on the rules that find stories, so that it can measure those rules.

mod adjusted_rand;
mod bootstrap;
mod clustering;
mod clusters;
mod diff;
mod diff_report;
mod draw;
mod labels;
mod mistakes;
mod pairs;
mod random;
mod report;
mod sample;
mod scores;
mod split;
mod strata;
mod table;
mod text;

pub use adjusted_rand::{GroupingScores, Item, compare_groupings};
pub use bootstrap::{Bootstrap, Interval};
pub use clustering::{ArticleEntry, Clustering, ClusteringReader, Story};
pub use clusters::ClusterSet;
pub use diff::{ArticleCounts, ChangeKind, Diff, DiffArticle, DiffSide, StoryChange, StoryCounts, StoryPart, diff};
pub use labels::{Label, LabelledPair, PairSet};
pub use mistakes::{Mistake, mistakes};
pub use pairs::{BothWays, JoinedShare, Score, SetScore};
pub use random::Random;
pub use sample::{Design, PairSample, SampledPair, Stratum, sample};
pub use scores::{ClusterScores, Difference, Evaluation, LargeStory, PairScores, Truth, UnclusteredArticles, evaluate};
pub use split::{Half, halves};
pub use table::LineError;
pub use text::ArticleText;
