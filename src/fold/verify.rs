//! The article compared with the members of a candidate story: how far each of them agrees.

use super::compare::{Distinct, Side, sample};
use super::evidence::Evidence;
use super::judge::Judgement;
use super::live::{Kept, LiveArticle};
use super::rules::Rules;
use super::state::State;
use crate::record::{ArticleContent, Millis, Ratio, Sample, Signature, StoryId};

/// Agreement, then how much of both texts is shared.
type Alikeness = (Ratio, u16);

/// A story, compared with the article.
pub(super) struct Compared {
    pub(super) story: StoryId,
    /// Mean agreement over the members compared.
    pub(super) mean: Ratio,
    pub(super) members: usize,
    pub(super) agreeing: usize,
    /// The member that agrees most, and of those that agree alike the one most alike.
    pub(super) best: u64,
    pub(super) evidence: Evidence,
}

impl Judgement<'_> {
    /// Compares the article with the latest members of a story; nothing where no member shares enough to say.
    pub(super) fn compare(&self, story: StoryId, arriving: &Side, replaced: Option<u64>) -> Option<Compared> {
        let latest = self
            .state
            .live(story)
            .rev()
            .filter(|&seq| Some(seq) != replaced)
            .filter_map(|seq| self.state.articles.get(seq).map(|article| (seq, article)))
            .filter(|(_, article)| self.can_match(article))
            .take(self.rules.compared_max);
        let mut total = 0;
        let (mut members, mut agreeing) = (0, 0);
        let mut best: Option<(Alikeness, u64, Evidence)> = None;
        for (seq, article) in latest {
            members += 1;
            let Some(evidence) = evidence(self.state, arriving, article, self.rules) else { continue };
            let agreement = self.rules.rule.agreement(&evidence);
            total += usize::from(agreement.0);
            agreeing += usize::from(self.rules.agrees(&evidence));
            // Of versions that agree as much, the one that it carries is the one it is most alike. Where none agrees at
            // all, the latest speaks for the story.
            let likeness = if agreement > Ratio(0) { evidence.of_first.0 + evidence.of_second.0 } else { 0 };
            let alike = (agreement, likeness);
            if best.is_none_or(|(most, _, _)| alike > most) {
                best = Some((alike, seq, evidence));
            }
        }
        let (_, best, evidence) = best?;
        let mean = Ratio((total / members) as u16);
        Some(Compared { story, mean, members, agreeing, best, evidence })
    }

    /// Whether the story as a whole takes the article: at least half of the members compared agree, and all of them
    /// do on average. A nearest neighbour alone would chain stories together.
    pub(super) fn is_admitted(&self, compared: &Compared) -> bool {
        2 * compared.agreeing >= compared.members && compared.agreeing > 0 && compared.mean >= self.rules.mean_min
    }

    /// Two stories that both take the article become one when their members agree with each other.
    pub(super) fn is_one_story(&self, a: StoryId, b: StoryId) -> bool {
        let members = |story: StoryId| -> Vec<(Side, Millis)> {
            let latest = self.state.live(story).rev().take(self.rules.compared_max / 2);
            let members = latest.filter_map(|seq| self.state.articles.get(seq));
            members
                .map(|article| (side(self.state, article, &article.kept(), self.rules), began(self.state, article)))
                .collect()
        };
        let (a, b) = (members(a), members(b));
        let agreement = |x: &Side, (y, began): &(Side, Millis)| {
            let evidence = x.evidence(y, *began, self.rules.shared_min);
            evidence.map_or(0, |evidence| usize::from(self.rules.rule.agreement(&evidence).0))
        };
        let total: usize = a.iter().flat_map(|(x, _)| b.iter().map(move |y| agreement(x, y))).sum();
        let pairs = a.len() * b.len();
        pairs > 0 && total / pairs >= usize::from(self.rules.threshold.0)
    }
}

/// What speaks for and against the article of `signature` being a copy of the live article of this uri, as
/// [`judge`](super::judge()) would weigh it; nothing where no live article has it, or they share too little to say.
#[must_use]
pub fn evidence_between(state: &State, signature: &Signature, uri: &str, rules: &Rules) -> Option<Evidence> {
    let article = state.articles.with_uri(uri)?.1;
    let (_, arriving) = arriving(state, signature, signature.article()?, rules);
    evidence(state, &arriving, article, rules)
}

/// The arriving article as one side of a comparison, and what of it the state would keep.
pub(super) fn arriving(
    state: &State,
    signature: &Signature,
    content: &ArticleContent,
    rules: &Rules,
) -> (Sample, Side) {
    let owner = rules.owner(&content.source);
    let (kept, distinct) = sample(&content.shingles, state.sources.table(owner), rules.sample_max);
    (kept, Side { distinct, owner: owner.clone(), event: signature.event })
}

/// A live article as one side of a comparison.
fn side(state: &State, article: &LiveArticle, kept: &Kept<'_>, rules: &Rules) -> Side {
    let owner = rules.owner(&article.source);
    let distinct = Distinct::of_live(kept, state.sources.table(owner));
    Side { distinct, owner: owner.clone(), event: article.event }
}

/// What speaks for and against an article belonging where this live article belongs; nothing where they share too
/// little to say.
fn evidence(state: &State, arriving: &Side, article: &LiveArticle, rules: &Rules) -> Option<Evidence> {
    let kept = article.kept();
    // Most candidates end at this, which asks no history.
    if !arriving.distinct.shares_at_least(rules.shared_min, &kept) {
        return None;
    }
    arriving.evidence(&side(state, article, &kept, rules), began(state, article), rules.shared_min)
}

/// When the story of a live article began, at the latest with the article itself.
fn began(state: &State, article: &LiveArticle) -> Millis {
    state.began(article.story).map_or(article.event, |began| began.min(article.event))
}
