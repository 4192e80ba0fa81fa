//! The verdict in one sentence.

use std::sync::Arc;
use std::time::Duration;

use crate::fold::{Evidence, Feature, Rule, Rules, Weights};
use crate::record::{Ratio, Relation, StoryId, VerdictRecord};

/// Why two articles were not compared, or had too little to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Obstacle {
    /// One of them has no words.
    NoWords,
    /// They are further apart than articles may be.
    Window(Duration, Duration),
    /// The earlier one was taken back, replaced or expired by then.
    Gone,
    /// They share fewer shingles than this.
    Little(usize),
}

/// What happened when the later article came.
pub(super) struct Meeting {
    weighed: Result<Evidence, Obstacle>,
    rules: Rules,
    outcome: Outcome,
}

/// What was decided on the later article.
#[derive(Default)]
struct Outcome {
    together: bool,
    relation: Option<Relation>,
    /// Members of its story that it was compared with, and those of them that agreed.
    members: Option<(u32, u32)>,
    /// The earlier article itself is the member that it matched best.
    is_best: bool,
    /// A link to the earlier one's story.
    link: Option<Relation>,
}

impl Meeting {
    pub(super) fn new(weighed: Result<Evidence, Obstacle>, rules: &Rules) -> Self {
        Self { weighed, rules: rules.clone(), outcome: Outcome::default() }
    }

    /// Takes in the verdict on the later article, the earlier one being in `story`.
    pub(super) fn decided(&mut self, verdict: &VerdictRecord, earlier: &Arc<str>, story: Option<StoryId>) {
        let matched = verdict.matched.as_ref();
        self.outcome = Outcome {
            together: story.is_some() && verdict.story_id == story,
            relation: verdict.relation,
            members: matched.map(|matched| (matched.compared, matched.agreeing)),
            is_best: matched.is_some_and(|matched| matched.matched_to == *earlier),
            link: verdict.links.iter().find(|link| Some(link.story_id) == story).map(|link| link.relation),
        };
    }

    /// Why the two are one story, or are not; `together` after the last line.
    pub(super) fn sentence(&self, together: bool) -> String {
        let said = if self.outcome.together { self.for_it() } else { self.against_it() };
        match (self.outcome.together, together) {
            (true, false) => format!("{said}; not any more, since one of them was taken back"),
            (false, true) => format!("{said}; a later article brought their stories together"),
            _ => said,
        }
    }

    fn for_it(&self) -> String {
        let relation = match (self.outcome.is_best, self.outcome.relation) {
            (true, Some(relation)) => format!("together ({}): ", relation.name()),
            _ => "together: ".to_owned(),
        };
        let story = match self.outcome.members {
            Some((compared, agreeing)) => {
                format!("{agreeing} of the {compared} members compared agree with the later one")
            }
            None => "their stories are one".to_owned(),
        };
        match (self.agreeing(), self.outcome.members) {
            (Some(evidence), Some((1, _))) => format!("{relation}{}", share(&evidence)),
            (Some(evidence), _) => format!("{relation}{}, and {story}", share(&evidence)),
            (None, _) => format!("{relation}these two do not agree by themselves, but {story}"),
        }
    }

    fn against_it(&self) -> String {
        let why = match &self.weighed {
            Err(Obstacle::NoWords) => "an article without words matches nothing".to_owned(),
            Err(Obstacle::Window(apart, window)) => {
                format!("{} lie between them, and articles are compared within {}", hours(*apart), hours(*window))
            }
            Err(Obstacle::Gone) => "the earlier one was not live any more when the later one came".to_owned(),
            Err(Obstacle::Little(count)) => format!(
                "of the pairs of words compared they share fewer than {count}, once what their outlets print anyway is left out"
            ),
            Ok(evidence) if self.agreeing().is_none() => self.lacking(evidence),
            Ok(evidence) => format!("{}, but {}", share(evidence), self.refusal()),
        };
        match self.outcome.link {
            Some(Relation::Embedded) => {
                "embedded: the earlier text stands in the tail of the later page, which is a link and no more"
                    .to_owned()
            }
            Some(relation) => format!("apart (linked as {}): {why}", relation.name()),
            None => format!("apart: {why}"),
        }
    }

    /// The evidence, where the two agree.
    fn agreeing(&self) -> Option<Evidence> {
        self.weighed.ok().filter(|evidence| self.rules.agrees(evidence))
    }

    /// Why a story did not take an article that one of its members agrees with.
    fn refusal(&self) -> &'static str {
        match (self.outcome.link, self.outcome.members) {
            (Some(_), _) => "too few of the other members of that story agree with the later one",
            (None, Some(_)) => "another story agrees more",
            (None, None) => "the story was not found: its latest members share too few phrases with the later one",
        }
    }

    /// What keeps two texts from agreeing: the kind of evidence without whose lack they would, the heaviest of them.
    fn lacking(&self, evidence: &Evidence) -> String {
        let share = share(evidence);
        let weights = match &self.rules.rule {
            Rule::Score(weights) if self.rules.rule.shares_enough(evidence) => weights,
            Rule::Score(_) | Rule::Containment => return format!("{share} only"),
        };
        // A copy has the whole of what speaks for one, and nothing of what speaks against.
        let missing = |feature: &Feature| feature.weight.max(0) - feature.contribution;
        let would_do = |feature: &&Feature| {
            let with_it = Weights::agreement(weights.logit(evidence) + missing(feature));
            feature.name != "containment" && with_it >= self.rules.threshold
        };
        let features = weights.features(evidence);
        match features.iter().filter(would_do).max_by_key(|feature| missing(feature)).map(|feature| feature.name) {
            Some("openings") => format!("{share}, but not their openings ({} agree)", percent(evidence.openings)),
            Some("lengths") => format!("{share}, but one is much longer than the other"),
            Some("same_outlet") => format!("{share}, but one outlet seldom copies itself: it updates and recycles"),
            Some("days_apart") => {
                let apart = hours(Duration::from_millis(evidence.apart));
                format!("{share}, but {apart} lie between the later one and the other's story")
            }
            _ => format!("{share} only"),
        }
    }
}

fn share(evidence: &Evidence) -> String {
    format!("the texts share {} of the shorter one", percent(evidence.containment()))
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
