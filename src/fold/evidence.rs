//! What speaks for and against two articles being copies of one text, and the rule that weighs it.

use super::compare::Overlap;
use crate::record::Ratio;

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// The containment in the shorter text below which no other evidence makes two articles copies, by [`Rule::Score`]: two
/// reports that quote one statement begin alike when they are short. No copy or rewrite of the development labels that
/// is found lies below it, and a sixth of the `partial` pairs that were joined does.
const CONTAINMENT_MIN: Ratio = Ratio(3_500);

/// What speaks for and against two articles being copies of one text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Evidence {
    /// Shingles in both, at the rate they were compared at, what their sources print anyway left out.
    pub shared: u32,
    /// Share of the arriving article that stands in the other.
    pub of_first: Ratio,
    /// Share of the other that stands in the arriving article.
    pub of_second: Ratio,
    /// How far the openings agree: of either article's first 120 shingles the share that stands in the other, whichever
    /// is smaller. Passages that two reports quote, a recycled tail and a page's second article do not lie there.
    pub openings: Ratio,
    /// Both are of one outlet, or of sisters. An outlet rarely copies itself: it updates, and it recycles background.
    pub same_outlet: bool,
    /// Milliseconds between their event times, or from the beginning of the other's story if that is more: copies follow
    /// at once, templates and background come again tomorrow.
    pub apart: u64,
}

/// How evidence becomes agreement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// A weighted sum of the evidence.
    Score(Weights),
    /// Containment in the shorter text alone: the reference that the score is measured against.
    Containment,
}

/// The weights of [`Rule::Score`], in ten-thousandths of a logit: a logistic model of the evidence.
///
/// `cargo run --release --example fit` makes them again from labelled pairs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weights {
    /// Where the sum begins.
    pub bias: i64,
    /// Of the containment in the shorter text, by its share.
    pub containment: i64,
    /// Of the agreement of the openings, by its share.
    pub openings: i64,
    /// Of the shorter text's length in the longer one's.
    pub lengths: i64,
    /// Of both being of one outlet.
    pub same_outlet: i64,
    /// Of each day that lies between them.
    pub day_apart: i64,
}

impl Default for Weights {
    fn default() -> Self {
        Self {
            bias: -38_000,
            containment: 62_000,
            openings: 41_000,
            lengths: 9_000,
            same_outlet: -19_000,
            day_apart: -9_000,
        }
    }
}

impl Evidence {
    pub(crate) fn new(overlap: Overlap, same_outlet: bool, apart: u64) -> Self {
        Self {
            shared: overlap.shared as u32,
            of_first: Ratio::of(overlap.shared, overlap.first),
            of_second: Ratio::of(overlap.shared, overlap.second),
            openings: overlap.openings,
            same_outlet,
            apart,
        }
    }

    /// Containment in the shorter of the two.
    #[must_use]
    pub fn containment(&self) -> Ratio {
        self.of_first.max(self.of_second)
    }

    /// The shorter one's length as a share of the longer one's, once what their sources print anyway is left out.
    #[must_use]
    pub fn lengths(&self) -> Ratio {
        Ratio::of(usize::from(self.of_first.min(self.of_second).0), usize::from(self.containment().0))
    }
}

impl Rule {
    /// How far two articles agree, one half being as likely as not.
    #[must_use]
    pub fn agreement(&self, evidence: &Evidence) -> Ratio {
        match self {
            Self::Containment => evidence.containment(),
            Self::Score(weights) => Weights::agreement(weights.logit(evidence)),
        }
    }

    /// Whether two articles share enough of the shorter one for anything else to make them copies.
    #[must_use]
    pub fn shares_enough(&self, evidence: &Evidence) -> bool {
        match self {
            Self::Containment => true,
            Self::Score(_) => evidence.containment() >= CONTAINMENT_MIN,
        }
    }
}

impl Weights {
    /// The weighted sum, in ten-thousandths.
    #[must_use]
    pub fn logit(&self, evidence: &Evidence) -> i64 {
        self.bias + self.features(evidence).iter().map(|feature| feature.contribution).sum::<i64>()
    }

    /// What a sum makes.
    ///
    /// The logistic function is replaced by its tangent at one half, cut off at 0 and 1: the same order and the same middle,
    /// in whole numbers, which are the same on every platform.
    #[must_use]
    pub fn agreement(logit: i64) -> Ratio {
        Ratio((5_000 + logit / 4).clamp(0, 10_000) as u16)
    }

    /// What each kind of evidence adds to the sum.
    #[must_use]
    pub fn features(&self, evidence: &Evidence) -> [Feature; 5] {
        let share = |name, weight: i64, ratio: Ratio| {
            let value = i64::from(ratio.0);
            Feature { name, value, weight, contribution: weight * value / 10_000 }
        };
        let apart = i64::try_from(evidence.apart).unwrap_or(i64::MAX).min(DAY * 365);
        [
            share("containment", self.containment, evidence.containment()),
            share("openings", self.openings, evidence.openings),
            share("lengths", self.lengths, evidence.lengths()),
            share("same_outlet", self.same_outlet, if evidence.same_outlet { Ratio::ONE } else { Ratio(0) }),
            Feature {
                name: "days_apart",
                value: apart * 10_000 / DAY,
                weight: self.day_apart,
                contribution: self.day_apart * apart / DAY,
            },
        ]
    }
}

/// A kind of evidence in the weighted sum; the numbers are ten-thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Feature {
    /// What it is called.
    pub name: &'static str,
    /// What was found: a share, 1 for yes, days.
    pub value: i64,
    /// What a whole of it is worth.
    pub weight: i64,
    /// What it adds to the sum.
    pub contribution: i64,
}
