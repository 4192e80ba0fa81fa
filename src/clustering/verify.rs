//! Compares an article with the members of a candidate.

use super::compare::{ComparisonSide, FilteredShingles, sample};
use super::context::DecisionContext;
use super::features::Features;
use super::live::{LiveArticle, SampledShingles};
use super::rules::ClusteringRules;
use super::state::State;
use crate::record::{ArticleContent, Millis, Ratio, ShingleSample, Signature, StoryId};

/// The match score, then how much of both texts is shared.
type MatchRank = (Ratio, u16);

/// A candidate that was compared with the article.
pub(super) struct ComparedStory {
    pub(super) story: StoryId,
    /// Mean match score over the members compared.
    pub(super) mean_score: Ratio,
    pub(super) members_compared: usize,
    pub(super) members_matching: usize,
    /// `seq` of the member with the highest match score; of equal scores, the one that shares most of both texts.
    pub(super) best: u64,
    /// The features of the article and that member.
    pub(super) features: Features,
}

impl DecisionContext<'_> {
    /// Compares the article with the latest members of a story; none where no member shares enough shingles.
    pub(super) fn compare(
        &self,
        story: StoryId,
        arriving: &ComparisonSide,
        replaced: Option<u64>,
    ) -> Option<ComparedStory> {
        let latest = self
            .state
            .live_members(story)
            .rev()
            .filter(|&seq| Some(seq) != replaced)
            .filter_map(|seq| self.state.articles.get(seq).map(|article| (seq, article)))
            .filter(|(_, article)| self.can_match(article))
            .take(self.rules.compared_max);
        let mut total = 0;
        let (mut members_compared, mut members_matching) = (0, 0);
        let mut best: Option<(MatchRank, u64, Features)> = None;
        for (seq, article) in latest {
            members_compared += 1;
            let Some(features) = features_with(self.state, arriving, article, self.rules) else { continue };
            let score = self.rules.rule.score(&features);
            total += usize::from(score.0);
            members_matching += usize::from(self.rules.is_match(&features));
            // Of versions with equal scores, the article copies the one that it shares most with. Where no member scores
            // above 0, the latest represents the story.
            let likeness = if score > Ratio(0) { features.first_in_second.0 + features.second_in_first.0 } else { 0 };
            let rank = (score, likeness);
            if best.is_none_or(|(highest, _, _)| rank > highest) {
                best = Some((rank, seq, features));
            }
        }
        let (_, best, features) = best?;
        let mean_score = Ratio((total / members_compared) as u16);
        Some(ComparedStory { story, mean_score, members_compared, members_matching, best, features })
    }

    /// Whether the story as a whole takes the article: at least half of the members compared match, and the mean match
    /// score is high enough. The nearest neighbour alone would chain stories together.
    pub(super) fn accepts(&self, compared: &ComparedStory) -> bool {
        2 * compared.members_matching >= compared.members_compared
            && compared.members_matching > 0
            && compared.mean_score >= self.rules.mean_score_min
    }

    /// Whether two stories that both take the article are one: their members match each other on average.
    pub(super) fn is_one_story(&self, a: StoryId, b: StoryId) -> bool {
        let members = |story: StoryId| -> Vec<(ComparisonSide, Millis)> {
            let latest = self.state.live_members(story).rev().take(self.rules.compared_max / 2);
            let members = latest.filter_map(|seq| self.state.articles.get(seq));
            members.map(|article| (side(self.state, article, &article.sampled()), began(self.state, article))).collect()
        };
        let (a, b) = (members(a), members(b));
        let score = |x: &ComparisonSide, (y, began): &(ComparisonSide, Millis)| {
            let features = x.features(y, *began, self.rules.shared_min);
            features.map_or(0, |features| usize::from(self.rules.rule.score(&features).0))
        };
        let total: usize = a.iter().flat_map(|(x, _)| b.iter().map(move |y| score(x, y))).sum();
        let pairs = a.len() * b.len();
        pairs > 0 && total / pairs >= usize::from(self.rules.threshold.0)
    }
}

/// The features of the article of `signature` and the live article with this uri, as a decision would measure them; none
/// where no live article has it, or where they share too few shingles.
pub fn features_between(state: &State, signature: &Signature, uri: &str, rules: &ClusteringRules) -> Option<Features> {
    let article = state.articles.with_uri(uri)?.1;
    let (_, arriving) = arriving(state, signature, signature.article()?, rules);
    features_with(state, &arriving, article, rules)
}

/// The arriving article as one side of a comparison, and the sample of it that the state would keep.
pub(super) fn arriving(
    state: &State,
    signature: &Signature,
    content: &ArticleContent,
    rules: &ClusteringRules,
) -> (ShingleSample, ComparisonSide) {
    let publisher = &content.publisher;
    let (kept, shingles) = sample(&content.shingles, state.filters.get(publisher), rules.sample_max);
    (kept, ComparisonSide { shingles, publisher: publisher.clone(), event: signature.event })
}

/// A live article as one side of a comparison.
fn side(state: &State, article: &LiveArticle, sampled: &SampledShingles<'_>) -> ComparisonSide {
    let shingles = FilteredShingles::of_live(sampled, state.filters.get(&article.publisher));
    ComparisonSide { shingles, publisher: article.publisher.clone(), event: article.event }
}

/// The features of the arriving article and a live one; none where they share too few shingles.
fn features_with(
    state: &State,
    arriving: &ComparisonSide,
    article: &LiveArticle,
    rules: &ClusteringRules,
) -> Option<Features> {
    let sampled = article.sampled();
    // Most candidates end here, without a look at a boilerplate filter.
    if !arriving.shingles.shares_at_least(rules.shared_min, &sampled) {
        return None;
    }
    arriving.features(&side(state, article, &sampled), began(state, article), rules.shared_min)
}

/// The beginning of a live article's story: at the latest the event time of the article itself.
fn began(state: &State, article: &LiveArticle) -> Millis {
    state.story_began(article.story).map_or(article.event, |began| began.min(article.event))
}
