//! All scores of a clustering, optionally compared with those of another one.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;

use super::adjusted_rand::{GroupingScores, compare_groupings};
use super::bootstrap::{Bootstrap, Interval, Resampled, resample};
use super::clustering::Clustering;
use super::clusters::ClusterSet;
use super::labels::PairSet;
use super::mistakes::Mistake;
use super::pairs::{BothWays, Score, SetScore, outcomes, score};
use crate::record::StoryId;

/// The number of missing articles that are named.
const MISSING_NAMED: usize = 5;

/// The ground truth: labels and groupings that a clustering is scored against.
#[derive(Debug, Clone, Default)]
pub struct Truth {
    /// Sets of labelled pairs.
    pub pairs: Vec<PairSet>,
    /// Reference groupings.
    pub clusters: Vec<ClusterSet>,
}

/// The scores of a clustering on sets of pairs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PairScores {
    /// The scores of each set.
    pub sets: Vec<SetScore>,
    /// The 90 % interval of the unweighted F1 of each set.
    pub intervals: Vec<BothWays<Interval>>,
    /// The mean over the sets, with weight 1 for each pair.
    pub mean: BothWays<Score>,
    /// The 90 % interval of the F1 of `mean`.
    pub mean_interval: BothWays<Interval>,
    /// The mean over the sets, with the weights of the labels, capped.
    pub weighted_mean: BothWays<Score>,
}

/// The difference between two clusterings.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// The mean F1 of the first minus that of the second.
    pub mean_f1: f64,
    /// Its 90 % interval by paired bootstrap.
    pub interval: Interval,
}

/// Agreement of a clustering with reference groupings.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClusterScores {
    /// The names of the groupings.
    pub sets: Vec<String>,
    /// The agreement with each grouping.
    pub by_set: Vec<GroupingScores>,
    /// The mean over the groupings; its `articles` is the sum.
    pub mean: GroupingScores,
}

/// One of the largest stories.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LargeStory {
    /// The file that it was read from.
    pub file: String,
    /// The number of its articles.
    pub size: u32,
    /// Its id.
    pub story_id: StoryId,
    /// Its first article.
    pub first: Arc<str>,
}

/// Labelled articles that no story contains. Each counts as a story of one article.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnclusteredArticles {
    /// The set of labels that names them.
    pub set: String,
    /// The number of missing articles.
    pub articles: usize,
    /// The number of articles in the set.
    pub of: usize,
    /// The first few missing articles.
    pub examples: Vec<Arc<str>>,
}

/// The result of [`evaluate`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evaluation {
    /// Scores over labelled pairs, if there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pairs: Option<PairScores>,
    /// `pairs` for the other clustering.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pairs_against: Option<PairScores>,
    /// The mean F1 of the clustering minus that of the other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub difference: Option<BothWays<Difference>>,
    /// Agreement with reference groupings, if there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clusters: Option<ClusterScores>,
    /// `clusters` for the other clustering.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clusters_against: Option<ClusterScores>,
    /// The largest stories of each file.
    pub largest: Vec<LargeStory>,
    /// Labelled articles that the clustering does not contain, by set.
    pub missing: Vec<UnclusteredArticles>,
    /// The number of pairs without a label, which are left out.
    pub unlabelled: usize,
    /// The number of articles that two stories list.
    pub repeated: usize,
    /// The number of bootstrap resamples.
    pub resamples: usize,
    /// The seed of the resampling.
    pub seed: u64,
    /// Wrongly joined and wrongly separated pairs, if they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mistakes: Option<Vec<Mistake>>,
    /// Outlet, headline and first words of the articles in `mistakes` and `largest`, where their texts are known.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub excerpts: BTreeMap<Arc<str>, String>,
}

/// Scores a clustering. With `against`, also scores that one, with the same bootstrap draws, and takes the difference.
pub fn evaluate(
    truth: &Truth,
    clustering: &Clustering,
    against: Option<&Clustering>,
    bootstrap: Bootstrap,
    largest: usize,
) -> Evaluation {
    let pairs = |clustering| (!truth.pairs.is_empty()).then(|| pair_scores(&truth.pairs, clustering, bootstrap));
    let clusters = |clustering| (!truth.clusters.is_empty()).then(|| cluster_scores(&truth.clusters, clustering));
    let own = pairs(clustering);
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
        clusters: clusters(clustering),
        clusters_against: against.and_then(clusters),
        largest: largest_stories(clustering, largest),
        missing: missing(truth, clustering),
        unlabelled: truth.pairs.iter().map(|set| set.unlabelled).sum(),
        repeated: clustering.repeated,
        resamples: bootstrap.resamples,
        seed: bootstrap.seed,
        mistakes: None,
        excerpts: BTreeMap::new(),
    }
}

impl Evaluation {
    /// The articles in `mistakes` and `largest`, for which `excerpts` can be filled in.
    pub fn named(&self) -> BTreeSet<Arc<str>> {
        let mistaken = self.mistakes.iter().flatten().flat_map(|mistake| mistake.articles.iter().cloned());
        mistaken.chain(self.largest.iter().map(|story| story.first.clone())).collect()
    }
}

fn pair_scores(sets: &[PairSet], clustering: &Clustering, bootstrap: Bootstrap) -> (PairScores, Resampled) {
    let outcomes: Vec<_> = sets.iter().map(|set| outcomes(set, clustering)).collect();
    let draws = resample(&outcomes, bootstrap);
    let interval = |draws: &BothWays<Vec<f64>>| BothWays::from(|negative| Interval::of(draws.get(negative)));
    let sets: Vec<SetScore> = sets.iter().map(|set| score(set, clustering)).collect();
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

fn cluster_scores(sets: &[ClusterSet], clustering: &Clustering) -> ClusterScores {
    let by_set: Vec<GroupingScores> = sets.iter().map(|set| compare_groupings(&set.items(clustering))).collect();
    let mean = GroupingScores {
        articles: by_set.iter().map(|scores| scores.articles).sum(),
        adjusted_rand: by_set.iter().map(|scores| scores.adjusted_rand).sum::<f64>() / by_set.len().max(1) as f64,
        pairs: mean(by_set.iter().map(|scores| &scores.pairs)),
        b_cubed: mean(by_set.iter().map(|scores| &scores.b_cubed)),
    };
    ClusterScores { sets: sets.iter().map(|set| set.name.clone()).collect(), by_set, mean }
}

/// The `count` largest stories of each file, the largest first, without stories of one article.
fn largest_stories(clustering: &Clustering, count: usize) -> Vec<LargeStory> {
    let mut stories: Vec<_> = clustering.stories.iter().filter(|story| story.size > 1).collect();
    stories.sort_by_key(|story| (story.file, Reverse(story.size), story.id));
    let by_file = stories.chunk_by(|a, b| a.file == b.file);
    by_file
        .flat_map(|of_file| of_file.iter().take(count))
        .map(|story| LargeStory {
            file: clustering.files[story.file].clone(),
            size: story.size,
            story_id: story.id,
            first: story.members.first().cloned().unwrap_or_default(),
        })
        .collect()
}

fn missing(truth: &Truth, clustering: &Clustering) -> Vec<UnclusteredArticles> {
    let of_pairs = truth.pairs.iter().map(|set| {
        let articles: BTreeSet<_> = set.pairs.iter().flat_map(|pair| [&pair.a, &pair.b]).collect();
        (&set.name, articles)
    });
    let of_clusters = truth.clusters.iter().map(|set| (&set.name, set.articles().collect()));
    let missing = of_pairs.chain(of_clusters).map(|(set, articles)| {
        let missing: Vec<_> = articles.iter().filter(|id| clustering.find(id).is_none()).collect();
        let examples = missing.iter().take(MISSING_NAMED).map(|id| Arc::clone(id)).collect();
        UnclusteredArticles { set: set.clone(), articles: missing.len(), of: articles.len(), examples }
    });
    missing.filter(|missing| missing.articles > 0).collect()
}
