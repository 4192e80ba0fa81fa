//! The settings of clustering.

use std::time::Duration;

use super::features::{Features, ScoringRule, Weights};
use crate::record::Ratio;

/// The rules by which signatures are decided. Applying a decision does not read them, so they can change on a running
/// log: decisions that were taken stay as they are.
#[derive(Debug, Clone)]
pub struct ClusteringRules {
    /// Two articles can match when their event times are at most this far apart.
    pub window: Duration,
    /// The time beyond the window for which an article stays live, for articles that come in late.
    pub grace: Duration,
    /// Makes the match score of two articles from their features.
    pub rule: ScoringRule,
    /// The match score from which on two articles match.
    pub threshold: Ratio,
    /// The lowest mean match score, over the members compared, with which an article joins a story.
    pub mean_score_min: Ratio,
    /// The containment from which on a story that an article does not join is linked as `partial`.
    pub link_min: Ratio,
    /// The number of shingles that two articles must share, whatever their share: fewer are chance or boilerplate.
    pub shared_min: usize,
    /// The highest number of 2-shingles that the state keeps of an article.
    pub sample_max: usize,
    /// The number of sketch hashes that an article must share with a story for the story to be a candidate.
    pub postings_min: usize,
    /// The highest number of candidates that an article is compared with.
    pub candidates_max: usize,
    /// The highest number of members of a story that an article is compared with: the latest ones.
    pub compared_max: usize,
    /// The highest number of boilerplate filters.
    pub filters_max: usize,
}

impl Default for ClusteringRules {
    fn default() -> Self {
        Self {
            window: Duration::from_hours(72),
            grace: Duration::from_hours(24),
            rule: ScoringRule::Logistic(Weights::default()),
            threshold: Ratio(4_200),
            mean_score_min: Ratio(4_200),
            link_min: Ratio(2_000),
            shared_min: 7,
            sample_max: 256,
            postings_min: 2,
            candidates_max: 12,
            compared_max: 16,
            filters_max: 10_000,
        }
    }
}

impl ClusteringRules {
    /// Whether two articles with these features match.
    pub fn is_match(&self, features: &Features) -> bool {
        self.rule.shares_enough(features) && self.rule.score(features) >= self.threshold
    }

    /// The baseline for other rules: the match score is the containment in the shorter text, boilerplate left out.
    /// Candidates, boilerplate filters and assignment are the same.
    pub fn reference() -> Self {
        Self {
            rule: ScoringRule::Containment,
            threshold: Ratio(4_600),
            mean_score_min: Ratio(3_500),
            ..Self::default()
        }
    }
}
