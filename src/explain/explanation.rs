//! The reason for a verdict, in one sentence.

use std::sync::Arc;
use std::time::Duration;

use crate::clustering::{ClusteringRules, Features, ScoringRule, WeightedFeature, Weights};
use crate::record::{Ratio, Relation, StoryId, VerdictRecord};

/// Why two articles were not compared, or why their features were not measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Obstacle {
    /// At least one of them has no words.
    NoWords,
    /// The time between them is longer than the window.
    OutsideWindow(Duration, Duration),
    /// The earlier article was taken back, replaced or expired before the later one arrived.
    NotLive,
    /// They share fewer shingles than this.
    TooLittleShared(usize),
}

/// The comparison of two articles, and the decision on the later one.
pub(super) struct Explanation {
    compared: Result<Features, Obstacle>,
    rules: ClusteringRules,
    decision: LaterDecision,
}

/// The decision on the later article.
#[derive(Default)]
struct LaterDecision {
    /// Whether it was assigned to the story of the earlier article.
    together: bool,
    relation: Option<Relation>,
    /// How many members of its story it was compared with, and how many of them matched.
    members: Option<(u32, u32)>,
    /// Whether the earlier article is the member that it matched best.
    is_best: bool,
    /// A link to the story of the earlier article.
    link: Option<Relation>,
}

impl Explanation {
    pub(super) fn new(compared: Result<Features, Obstacle>, rules: &ClusteringRules) -> Self {
        Self { compared, rules: rules.clone(), decision: LaterDecision::default() }
    }

    /// Takes in the verdict on the later article. The earlier one has the uri `earlier` and is in `story`.
    pub(super) fn add_verdict(&mut self, verdict: &VerdictRecord, earlier: &Arc<str>, story: Option<StoryId>) {
        let matched = verdict.matched.as_ref();
        self.decision = LaterDecision {
            together: story.is_some() && verdict.story_id == story,
            relation: verdict.relation,
            members: matched.map(|matched| (matched.members_compared, matched.members_matching)),
            is_best: matched.is_some_and(|matched| matched.matched_to == *earlier),
            link: verdict.links.iter().find(|link| Some(link.story_id) == story).map(|link| link.relation),
        };
    }

    /// Why the two articles are in one story, or are not. `together` is whether they are after the last line.
    pub(super) fn sentence(&self, together: bool) -> String {
        let reason = if self.decision.together { self.why_together() } else { self.why_apart() };
        match (self.decision.together, together) {
            (true, false) => format!("{reason}; this no longer holds, because one of them was taken back"),
            (false, true) => format!("{reason}; a later article merged their stories"),
            _ => reason,
        }
    }

    fn why_together(&self) -> String {
        let relation = match (self.decision.is_best, self.decision.relation) {
            (true, Some(relation)) => format!("together ({}): ", relation.name()),
            _ => "together: ".to_owned(),
        };
        let story = match self.decision.members {
            Some((compared, matching)) => {
                format!("{matching} of the {compared} members compared match the later article")
            }
            None => "their stories were merged".to_owned(),
        };
        match (self.matching(), self.decision.members) {
            (Some(features), Some((1, _))) => format!("{relation}{}", share(&features)),
            (Some(features), _) => format!("{relation}{}, and {story}", share(&features)),
            (None, _) => format!("{relation}these two do not match each other, but {story}"),
        }
    }

    fn why_apart(&self) -> String {
        let reason = match &self.compared {
            Err(Obstacle::NoWords) => "an article without words matches no other".to_owned(),
            Err(Obstacle::OutsideWindow(time_gap, window)) => {
                format!(
                    "they are {} apart, and articles more than {} apart are not compared",
                    hours(*time_gap),
                    hours(*window)
                )
            }
            Err(Obstacle::NotLive) => "the earlier article was no longer live when the later one arrived".to_owned(),
            Err(Obstacle::TooLittleShared(count)) => {
                format!("without boilerplate, they share fewer than {count} of the pairs of words compared")
            }
            Ok(features) if self.matching().is_none() => self.why_no_match(features),
            Ok(features) => format!("{}, but {}", share(features), self.why_not_assigned()),
        };
        match self.decision.link {
            Some(Relation::Embedded) => {
                "embedded: the earlier text was found in the tail of the later page, which makes a link, not a member"
                    .to_owned()
            }
            Some(relation) => format!("apart (linked as {}): {reason}", relation.name()),
            None => format!("apart: {reason}"),
        }
    }

    /// The features, if the two articles match by them.
    fn matching(&self) -> Option<Features> {
        self.compared.ok().filter(|features| self.rules.is_match(features))
    }

    /// Why the later article was not assigned to a story although it matches one of its members.
    fn why_not_assigned(&self) -> &'static str {
        match (self.decision.link, self.decision.members) {
            (Some(_), _) => "too few of the other members of that story match the later article",
            (None, Some(_)) => "another story matches better",
            (None, None) => {
                "that story was no candidate: its latest members share too few phrases with the later article"
            }
        }
    }

    /// Why two articles do not match. Of the features that would make them match if only this feature had its best
    /// value, the one that lowers the sum the most is named.
    fn why_no_match(&self, features: &Features) -> String {
        let shared_only = || format!("the texts share only {} of the shorter one", percent(features.containment()));
        let weights = match &self.rules.rule {
            ScoringRule::Logistic(weights) if self.rules.rule.shares_enough(features) => weights,
            ScoringRule::Logistic(_) | ScoringRule::Containment => return shared_only(),
        };
        // A copy has the full contribution of each positive weight, and none of each negative one.
        let lost = |feature: &WeightedFeature| feature.weight.max(0) - feature.contribution;
        let would_suffice = |feature: &&WeightedFeature| {
            let score = Weights::score(weights.logit(features) + lost(feature));
            feature.name != "containment" && score >= self.rules.threshold
        };
        let weighted = weights.contributions(features);
        let decisive = weighted.iter().filter(would_suffice).max_by_key(|feature| lost(feature));
        let reason = match decisive.map(|feature| feature.name) {
            Some("lead_overlap") => format!("their leads overlap by only {}", percent(features.lead_overlap)),
            Some("length_ratio") => "one is much longer than the other".to_owned(),
            Some("same_publisher") => {
                "both are of one publisher, which rarely copies itself: it updates texts and reuses background"
                    .to_owned()
            }
            Some("days_apart") => {
                let time_gap = hours(Duration::from_millis(features.time_gap_ms));
                format!("the later article is {time_gap} away from the story of the earlier one")
            }
            _ => return shared_only(),
        };
        format!("{}, but {reason}", share(features))
    }
}

fn share(features: &Features) -> String {
    format!("the texts share {} of the shorter one", percent(features.containment()))
}

fn percent(ratio: Ratio) -> String {
    format!("{} %", (u32::from(ratio.0) + 50) / 100)
}

fn hours(duration: Duration) -> String {
    let minutes = duration.as_secs() / 60;
    match minutes {
        0..120 => format!("{minutes} minutes"),
        120..4_320 => format!("{} hours", minutes / 60),
        _ => format!("{} days", minutes / 1_440),
    }
}
