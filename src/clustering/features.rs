//! The features of two articles, and the rules that make a match score of them.

use crate::record::{Millis, Ratio};

/// The containment in the shorter text that two articles must have to match by [`ScoringRule::Logistic`], whatever their
/// other features: two reports that quote one statement have similar leads when they are short. No copy or rewrite of
/// the development labels that is found lies below it; a sixth of the `partial` pairs that would join does.
const CONTAINMENT_MIN: Ratio = Ratio(3_500);

/// The shingles that two articles share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Overlap {
    /// Shingles in both, at the coarser of the two sampling rates.
    pub(crate) shared_shingles: usize,
    /// Shingles of the first, at that rate.
    pub(crate) first_len: usize,
    /// Shingles of the second, at that rate.
    pub(crate) second_len: usize,
    /// Of the lead of each, the share that is in the other: the smaller of the two shares.
    pub(crate) lead_share: Ratio,
}

/// What is measured between two articles: the first is the arriving one, the second a live one. Boilerplate is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Features {
    /// The number of shingles in both, at the coarser of the two sampling rates.
    pub shared_shingles: u32,
    /// The share of the first article's shingles that are in the second.
    pub first_in_second: Ratio,
    /// The share of the second article's shingles that are in the first.
    pub second_in_first: Ratio,
    /// Of the first 120 shingles of each article, the share that is in the other: the smaller of the two shares. A
    /// passage that two reports quote, a recycled tail and the second article of a page are not in the lead.
    pub lead_overlap: Ratio,
    /// Whether both are of one publisher. An outlet seldom copies itself: it updates, and it recycles background.
    pub same_publisher: bool,
    /// Milliseconds between their event times, or from the beginning of the second's story to the first if that is more:
    /// copies follow at once, templates and background come again the next day.
    pub time_gap_ms: u64,
}

/// Makes a match score of features.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScoringRule {
    /// A weighted sum of the features.
    Logistic(Weights),
    /// The containment in the shorter text alone: the baseline for the weighted sum.
    Containment,
}

/// The weights of [`ScoringRule::Logistic`], in ten-thousandths of a logit: a logistic regression on the features.
///
/// `cargo run --release --example fit` fits them to labelled pairs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weights {
    /// The constant of the sum.
    pub bias: i64,
    /// Weight of the containment in the shorter text.
    pub containment: i64,
    /// Weight of the lead overlap.
    pub lead_overlap: i64,
    /// Weight of the length ratio.
    pub length_ratio: i64,
    /// Weight of a common publisher.
    pub same_publisher: i64,
    /// Weight of each day of the time gap.
    pub days_apart: i64,
}

impl Default for Weights {
    fn default() -> Self {
        Self {
            bias: -38_000,
            containment: 62_000,
            lead_overlap: 41_000,
            length_ratio: 9_000,
            same_publisher: -19_000,
            days_apart: -9_000,
        }
    }
}

impl Features {
    pub(crate) fn new(overlap: Overlap, same_publisher: bool, time_gap_ms: u64) -> Self {
        Self {
            shared_shingles: overlap.shared_shingles as u32,
            first_in_second: Ratio::of(overlap.shared_shingles, overlap.first_len),
            second_in_first: Ratio::of(overlap.shared_shingles, overlap.second_len),
            lead_overlap: overlap.lead_share,
            same_publisher,
            time_gap_ms,
        }
    }

    /// The containment in the shorter of the two texts.
    pub fn containment(&self) -> Ratio {
        self.first_in_second.max(self.second_in_first)
    }

    /// The length of the shorter text as a share of that of the longer one, boilerplate left out.
    pub fn length_ratio(&self) -> Ratio {
        Ratio::of(usize::from(self.first_in_second.min(self.second_in_first).0), usize::from(self.containment().0))
    }
}

impl ScoringRule {
    /// The match score of two articles.
    pub fn score(&self, features: &Features) -> Ratio {
        match self {
            Self::Containment => features.containment(),
            Self::Logistic(weights) => Weights::score(weights.logit(features)),
        }
    }

    /// Whether two articles share enough of the shorter one to match at all, whatever their score.
    pub fn shares_enough(&self, features: &Features) -> bool {
        match self {
            Self::Containment => true,
            Self::Logistic(_) => features.containment() >= CONTAINMENT_MIN,
        }
    }
}

impl Weights {
    /// The weighted sum of the features, in ten-thousandths.
    pub fn logit(&self, features: &Features) -> i64 {
        self.bias + self.contributions(features).iter().map(|feature| feature.contribution).sum::<i64>()
    }

    /// The match score of a weighted sum, which is 0.5 for a sum of 0.
    ///
    /// The tangent of the logistic function at 0, cut off at 0 and 1, replaces the function itself: the order and the
    /// middle are the same, and whole numbers are equal on every platform.
    pub fn score(logit: i64) -> Ratio {
        Ratio((5_000 + logit / 4).clamp(0, 10_000) as u16)
    }

    /// What each feature adds to the weighted sum.
    pub fn contributions(&self, features: &Features) -> [WeightedFeature; 5] {
        let share = |name, weight: i64, ratio: Ratio| {
            let value = i64::from(ratio.0);
            WeightedFeature { name, value, weight, contribution: weight * value / 10_000 }
        };
        let time_gap_ms = i64::try_from(features.time_gap_ms).unwrap_or(i64::MAX).min(Millis::DAY * 365);
        [
            share("containment", self.containment, features.containment()),
            share("lead_overlap", self.lead_overlap, features.lead_overlap),
            share("length_ratio", self.length_ratio, features.length_ratio()),
            share("same_publisher", self.same_publisher, if features.same_publisher { Ratio::ONE } else { Ratio(0) }),
            WeightedFeature {
                name: "days_apart",
                value: time_gap_ms * 10_000 / Millis::DAY,
                weight: self.days_apart,
                contribution: self.days_apart * time_gap_ms / Millis::DAY,
            },
        ]
    }
}

/// A feature in the weighted sum. The numbers are ten-thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WeightedFeature {
    /// The name of the feature, that of its field in [`Weights`].
    pub name: &'static str,
    /// The value: a share, 1 for yes, or days.
    pub value: i64,
    /// The weight of a value of 1.
    pub weight: i64,
    /// What the feature adds to the sum: value times weight.
    pub contribution: i64,
}
