//! All scores of one folding, and of another beside it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;

use super::agreement::{Agreement, agreement};
use super::bootstrap::{Bootstrap, Interval, Resampled, resample};
use super::clusters::ClusterSet;
use super::folding::Folding;
use super::labels::PairSet;
use super::mistakes::Mistake;
use super::pairs::{BothWays, Score, SetScore, outcomes, score};
use crate::record::StoryId;

/// How many missing articles are named.
const MISSING_NAMED: usize = 5;

/// What a folding is judged by.
#[derive(Debug, Clone, Default)]
pub struct Truth {
    /// Pairs.
    pub pairs: Vec<PairSet>,
    /// Groupings.
    pub clusters: Vec<ClusterSet>,
}

/// The scores of a folding on sets of pairs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PairScores {
    /// Of each set.
    pub sets: Vec<SetScore>,
    /// 90 % intervals of the unweighted F1 of each set.
    pub intervals: Vec<BothWays<Interval>>,
    /// Mean over the sets, each pair counting one.
    pub mean: BothWays<Score>,
    /// The 90 % interval of its F1.
    pub mean_interval: BothWays<Interval>,
    /// Mean over the sets, each pair counting its weight.
    pub weighted_mean: BothWays<Score>,
}

/// Another folding beside it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// Mean F1 of the folding less that of the other.
    pub mean_f1: f64,
    /// Its paired bootstrap.
    pub interval: Interval,
}

/// How a folding agrees with groupings.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClusterScores {
    /// Names of the groupings.
    pub sets: Vec<String>,
    /// With each.
    pub agreements: Vec<Agreement>,
    /// The mean; its number of articles is the sum.
    pub mean: Agreement,
}

/// One of the largest stories.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LargeStory {
    /// The file it stands in.
    pub file: String,
    /// Its articles.
    pub size: u32,
    /// Its id.
    pub story_id: StoryId,
    /// Its first article.
    pub first: Arc<str>,
}

/// Labelled articles that no story holds. They count as stories of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// The set that names them.
    pub set: String,
    /// How many.
    pub articles: usize,
    /// Of how many.
    pub of: usize,
    /// The first few.
    pub examples: Vec<Arc<str>>,
}

/// All that can be said of a folding.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evaluation {
    /// Over pairs, where there are some.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pairs: Option<PairScores>,
    /// The same of the other folding.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pairs_against: Option<PairScores>,
    /// The folding less the other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub difference: Option<BothWays<Difference>>,
    /// With groupings, where there are some.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clusters: Option<ClusterScores>,
    /// The same of the other folding.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clusters_against: Option<ClusterScores>,
    /// The largest stories of each file.
    pub largest: Vec<LargeStory>,
    /// Labelled articles that the folding does not hold.
    pub missing: Vec<Missing>,
    /// Pairs without a label, which are left out.
    pub unjudged: usize,
    /// Articles that two stories list.
    pub repeated: usize,
    /// How often pairs were drawn.
    pub resamples: usize,
    /// The seed of the drawing.
    pub seed: u64,
    /// What is wrong, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mistakes: Option<Vec<Mistake>>,
    /// Openings of the articles named above, where their texts are known.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub openings: BTreeMap<Arc<str>, String>,
}

/// Judges a folding, and another beside it by the same draws.
#[must_use]
pub fn evaluate(
    truth: &Truth,
    folding: &Folding,
    against: Option<&Folding>,
    bootstrap: Bootstrap,
    largest: usize,
) -> Evaluation {
    let pairs = |folding| (!truth.pairs.is_empty()).then(|| pair_scores(&truth.pairs, folding, bootstrap));
    let clusters = |folding| (!truth.clusters.is_empty()).then(|| cluster_scores(&truth.clusters, folding));
    let own = pairs(folding);
    let other = against.and_then(pairs);
    let difference = own.as_ref().zip(other.as_ref()).map(|((own, own_draws), (other, other_draws))| {
        BothWays::from(|negative| Difference {
            mean_f1: own.mean.get(negative).f1 - other.mean.get(negative).f1,
            interval: Interval::of_difference(own_draws.mean.get(negative), other_draws.mean.get(negative)),
        })
    });
    Evaluation {
        pairs: own.map(|(scores, _)| scores),
        pairs_against: other.map(|(scores, _)| scores),
        difference,
        clusters: clusters(folding),
        clusters_against: against.and_then(clusters),
        largest: largest_stories(folding, largest),
        missing: missing(truth, folding),
        unjudged: truth.pairs.iter().map(|set| set.unjudged).sum(),
        repeated: folding.repeated,
        resamples: bootstrap.resamples,
        seed: bootstrap.seed,
        mistakes: None,
        openings: BTreeMap::new(),
    }
}

impl Evaluation {
    /// The articles that it names, whose openings a person would like to read.
    #[must_use]
    pub fn named(&self) -> BTreeSet<Arc<str>> {
        let mistaken = self.mistakes.iter().flatten().flat_map(|mistake| mistake.articles.iter().cloned());
        mistaken.chain(self.largest.iter().map(|story| story.first.clone())).collect()
    }
}

fn pair_scores(sets: &[PairSet], folding: &Folding, bootstrap: Bootstrap) -> (PairScores, Resampled) {
    let outcomes: Vec<_> = sets.iter().map(|set| outcomes(set, folding)).collect();
    let draws = resample(&outcomes, bootstrap);
    let interval = |draws: &BothWays<Vec<f64>>| BothWays::from(|negative| Interval::of(draws.get(negative)));
    let sets: Vec<SetScore> = sets.iter().map(|set| score(set, folding)).collect();
    let scores = PairScores {
        intervals: draws.sets.iter().map(interval).collect(),
        mean: BothWays::from(|negative| mean(sets.iter().map(|set| set.unweighted.get(negative)))),
        mean_interval: interval(&draws.mean),
        weighted_mean: BothWays::from(|negative| mean(sets.iter().map(|set| set.weighted.get(negative)))),
        sets,
    };
    (scores, draws)
}

fn mean<'s>(scores: impl ExactSizeIterator<Item = &'s Score>) -> Score {
    let count = scores.len().max(1) as f64;
    scores.fold(Score::default(), |sum, score| Score {
        precision: sum.precision + score.precision / count,
        recall: sum.recall + score.recall / count,
        f1: sum.f1 + score.f1 / count,
    })
}

fn cluster_scores(sets: &[ClusterSet], folding: &Folding) -> ClusterScores {
    let agreements: Vec<Agreement> = sets.iter().map(|set| agreement(&set.items(folding))).collect();
    let mean = Agreement {
        articles: agreements.iter().map(|agreement| agreement.articles).sum(),
        adjusted_rand: agreements.iter().map(|agreement| agreement.adjusted_rand).sum::<f64>()
            / agreements.len().max(1) as f64,
        pairs: mean(agreements.iter().map(|agreement| &agreement.pairs)),
        b_cubed: mean(agreements.iter().map(|agreement| &agreement.b_cubed)),
    };
    ClusterScores { sets: sets.iter().map(|set| set.name.clone()).collect(), agreements, mean }
}

/// The largest stories of each file, the largest first; stories of one are never among them.
fn largest_stories(folding: &Folding, count: usize) -> Vec<LargeStory> {
    let mut stories: Vec<_> = folding.stories.iter().filter(|story| story.size > 1).collect();
    stories.sort_by_key(|story| (story.file, Reverse(story.size), story.id));
    let by_file = stories.chunk_by(|a, b| a.file == b.file);
    by_file
        .flat_map(|of_file| of_file.iter().take(count))
        .map(|story| LargeStory {
            file: folding.files[story.file].clone(),
            size: story.size,
            story_id: story.id,
            first: story.members.first().cloned().unwrap_or_default(),
        })
        .collect()
}

fn missing(truth: &Truth, folding: &Folding) -> Vec<Missing> {
    let of_pairs = truth.pairs.iter().map(|set| {
        let articles: BTreeSet<_> = set.pairs.iter().flat_map(|pair| [&pair.a, &pair.b]).collect();
        (&set.name, articles)
    });
    let of_clusters = truth.clusters.iter().map(|set| (&set.name, set.articles().collect()));
    let missing = of_pairs.chain(of_clusters).map(|(set, articles)| {
        let missing: Vec<_> = articles.iter().filter(|id| !folding.articles.contains_key(**id)).collect();
        let examples = missing.iter().take(MISSING_NAMED).map(|id| Arc::clone(id)).collect();
        Missing { set: set.clone(), articles: missing.len(), of: articles.len(), examples }
    });
    missing.filter(|missing| missing.articles > 0).collect()
}
