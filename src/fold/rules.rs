//! The settings that judging goes by.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::evidence::{Evidence, Rule, Weights};
use crate::record::Ratio;

/// What judging goes by. Only [`judge`](super::judge) reads it: rules can change on a running log, the decisions
/// taken stand.
#[derive(Debug, Clone)]
pub struct Rules {
    /// Two articles can match when their event times are at most this far apart.
    pub window: Duration,
    /// How long beyond the window an article stays live for those that come late.
    pub grace: Duration,
    /// How evidence becomes agreement.
    pub rule: Rule,
    /// Agreement from which a member agrees.
    pub threshold: Ratio,
    /// The mean agreement over the members compared that admission asks for.
    pub mean_min: Ratio,
    /// Containment from which a story that an article does not join is linked as `partial`.
    pub link_min: Ratio,
    /// Shingles that must be shared, whatever the share: less is chance and boilerplate.
    pub shared_min: usize,
    /// 2-shingles the state keeps of an article.
    pub sample_max: usize,
    /// Sketch hashes that an article must share with a story to be compared with it.
    pub postings_min: usize,
    /// Stories that an article is compared with.
    pub candidates_max: usize,
    /// Members of a story that an article is compared with, the latest ones.
    pub compared_max: usize,
    /// Sources with a history.
    pub sources_max: usize,
    /// Outlets that share a history, by outlet: sisters of one publisher.
    pub owners: BTreeMap<Arc<str>, Arc<str>>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            window: Duration::from_hours(72),
            grace: Duration::from_hours(24),
            rule: Rule::Score(Weights::default()),
            threshold: Ratio(4_200),
            mean_min: Ratio(4_200),
            link_min: Ratio(2_000),
            shared_min: 7,
            sample_max: 256,
            postings_min: 2,
            candidates_max: 12,
            compared_max: 16,
            sources_max: 10_000,
            owners: BTreeMap::new(),
        }
    }
}

impl Rules {
    /// Whether two articles between which this evidence lies are copies.
    #[must_use]
    pub fn agrees(&self, evidence: &Evidence) -> bool {
        self.rule.shares_enough(evidence) && self.rule.agreement(evidence) >= self.threshold
    }

    /// The rule that others are measured against: containment in the shorter text, once what the sources print anyway is
    /// left out, under one threshold; candidates, history and admission are the same.
    #[must_use]
    pub fn reference() -> Self {
        Self { rule: Rule::Containment, threshold: Ratio(4_600), mean_min: Ratio(3_500), ..Self::default() }
    }

    /// Whose history an outlet's articles go into.
    #[must_use]
    pub fn owner<'a>(&'a self, source: &'a Arc<str>) -> &'a Arc<str> {
        self.owners.get(source).unwrap_or(source)
    }
}
