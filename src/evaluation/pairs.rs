//! Scores over labelled pairs.

use std::collections::BTreeMap;

use serde::Serialize;

use super::clustering::Clustering;
use super::labels::{Label, PairSet};
use crate::record::Relation;

/// The largest share of the weight of a set's positive pairs that one pair may have. Without this limit, a pair drawn
/// with a tiny probability would determine the whole score.
const WEIGHT_SHARE_MAX: f64 = 0.05;

/// Precision, recall and F1; 0 where there are no pairs.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Score {
    /// The share of the joined pairs that belong together.
    pub precision: f64,
    /// The share of the pairs that belong together that were joined.
    pub recall: f64,
    /// The harmonic mean of precision and recall.
    pub f1: f64,
}

impl Score {
    /// Computes the scores from the weights of the pairs rightly joined, of all joined pairs, and of all pairs that
    /// belong together.
    pub(super) fn of(right: f64, joined: f64, positive: f64) -> Self {
        let share = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
        Self {
            precision: share(right, joined),
            recall: share(right, positive),
            f1: share(2.0 * right, joined + positive),
        }
    }
}

/// A result computed twice: with `partial` pairs left out, and with `partial` pairs as pairs that do not belong together.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct BothWays<T> {
    /// The result with `partial` pairs left out.
    pub partial_ignored: T,
    /// The result with `partial` pairs as negatives.
    pub partial_negative: T,
}

impl<T> BothWays<T> {
    /// Computes both results; `compute` is told whether `partial` pairs are negatives.
    pub(super) fn from(mut compute: impl FnMut(bool) -> T) -> Self {
        Self { partial_ignored: compute(false), partial_negative: compute(true) }
    }

    /// One of the two results.
    pub(super) fn get(&self, partial_is_negative: bool) -> &T {
        if partial_is_negative { &self.partial_negative } else { &self.partial_ignored }
    }
}

/// How many pairs of one label were joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct JoinedShare {
    /// The number of joined pairs.
    pub joined: usize,
    /// The number of all pairs.
    pub pairs: usize,
}

/// One labelled pair, and whether a clustering joined it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct PairOutcome {
    pub(super) label: Label,
    pub(super) joined: bool,
    pub(super) weight: f64,
}

/// The outcome of each pair of a set, with its weight capped.
pub(super) fn outcomes(set: &PairSet, clustering: &Clustering) -> Vec<PairOutcome> {
    let positive: f64 = set.pairs.iter().filter(|pair| pair.label.is_positive()).map(|pair| pair.weight).sum();
    let cap = WEIGHT_SHARE_MAX * positive;
    let outcome = |pair: &super::LabelledPair| PairOutcome {
        label: pair.label,
        joined: clustering.joined(&pair.a, &pair.b),
        weight: pair.weight.min(cap),
    };
    set.pairs.iter().map(outcome).collect()
}

/// Summed weights of outcomes, from which the scores are computed.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct PairCounts {
    right: f64,
    missed: f64,
    wrong: f64,
    partial: f64,
}

impl PairCounts {
    pub(super) fn add(&mut self, label: Label, joined: bool, weight: f64) {
        match (label.is_positive(), joined) {
            (true, true) => self.right += weight,
            (true, false) => self.missed += weight,
            (false, true) if label == Label::Partial => self.partial += weight,
            (false, true) => self.wrong += weight,
            (false, false) => {}
        }
    }

    pub(super) fn score(&self, partial_is_negative: bool) -> Score {
        let partial = if partial_is_negative { self.partial } else { 0.0 };
        Score::of(self.right, self.right + self.wrong + partial, self.right + self.missed)
    }
}

/// The scores of a clustering on one set of pairs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SetScore {
    /// The name of the set.
    pub set: String,
    /// The number of pairs with a label.
    pub pairs: usize,
    /// The number of pairs that belong together.
    pub positive: usize,
    /// The scores with weight 1 for each pair.
    pub unweighted: BothWays<Score>,
    /// The scores with the weights of the labels, capped.
    pub weighted: BothWays<Score>,
    /// The share of joined pairs, by label.
    pub by_label: BTreeMap<Label, JoinedShare>,
    /// The number of joined pairs, by the relation that joined them and by label.
    pub by_relation: BTreeMap<&'static str, BTreeMap<Label, usize>>,
}

/// Scores a clustering on one set of pairs.
pub(super) fn score(set: &PairSet, clustering: &Clustering) -> SetScore {
    let (mut unweighted, mut weighted) = (PairCounts::default(), PairCounts::default());
    let mut by_label: BTreeMap<Label, JoinedShare> = BTreeMap::new();
    let mut by_relation: BTreeMap<&'static str, BTreeMap<Label, usize>> = BTreeMap::new();
    for (pair, outcome) in set.pairs.iter().zip(outcomes(set, clustering)) {
        unweighted.add(outcome.label, outcome.joined, 1.0);
        weighted.add(outcome.label, outcome.joined, outcome.weight);
        let share = by_label.entry(outcome.label).or_default();
        share.pairs += 1;
        share.joined += usize::from(outcome.joined);
        if outcome.joined {
            let relation =
                clustering.joining(&pair.a, &pair.b).map_or("unknown", |(relation, _)| Relation::name(relation));
            *by_relation.entry(relation).or_default().entry(outcome.label).or_default() += 1;
        }
    }
    SetScore {
        set: set.name.clone(),
        pairs: set.pairs.len(),
        positive: set.pairs.iter().filter(|pair| pair.label.is_positive()).count(),
        unweighted: BothWays::from(|partial_is_negative| unweighted.score(partial_is_negative)),
        weighted: BothWays::from(|partial_is_negative| weighted.score(partial_is_negative)),
        by_label,
        by_relation,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluation::LabelledPair;
    use crate::evaluation::clustering::tests::clustering;

    fn set(pairs: &[(&str, &str, Label, f64)]) -> PairSet {
        let pair = |&(a, b, label, weight): &(&str, &str, Label, f64)| LabelledPair {
            a: a.into(),
            b: b.into(),
            label,
            confidence: None,
            weight,
        };
        PairSet { name: "set".to_owned(), pairs: pairs.iter().map(pair).collect(), unlabelled: 0 }
    }

    fn close(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-12, "{a} is not {b}");
    }

    #[test]
    fn scores_equal_those_computed_by_hand() {
        let clustering = clustering(&[&["a", "b", "c", "d"], &["e"], &["f", "g"]]);
        let set = set(&[
            ("a", "b", Label::Copy, 1.0),      // right
            ("b", "c", Label::Rewrite, 1.0),   // right
            ("a", "e", Label::Copy, 1.0),      // missed
            ("a", "d", Label::Partial, 1.0),   // joined
            ("f", "g", Label::Different, 1.0), // wrong
            ("e", "f", Label::SameEvent, 1.0), // right to be apart
        ]);
        let score = score(&set, &clustering);
        assert_eq!((score.pairs, score.positive), (6, 3));
        let BothWays { partial_ignored, partial_negative } = score.unweighted;
        close(partial_ignored.precision, 2.0 / 3.0);
        close(partial_ignored.recall, 2.0 / 3.0);
        close(partial_ignored.f1, 2.0 / 3.0);
        close(partial_negative.precision, 0.5);
        close(partial_negative.f1, 4.0 / 7.0);
        assert_eq!(score.by_label[&Label::Copy], JoinedShare { joined: 1, pairs: 2 });
        assert_eq!(score.by_label[&Label::SameEvent], JoinedShare { joined: 0, pairs: 1 });
        let counts: usize = score.by_relation.values().flat_map(BTreeMap::values).sum();
        assert_eq!(counts, 4);
    }

    #[test]
    fn a_weight_is_capped_at_a_twentieth_of_the_positive_weight() {
        let clustering = clustering(&[&["a", "b"], &["x", "y"], &["c"]]);
        let set = set(&[
            ("a", "b", Label::Copy, 60.0),       // capped at 5
            ("a", "c", Label::Copy, 37.0),       // capped at 5
            ("b", "c", Label::Copy, 3.0),        // not capped
            ("x", "y", Label::Different, 900.0), // capped at 5
        ]);
        close(score(&set, &clustering).weighted.partial_ignored.f1, 2.0 * 5.0 / (5.0 + 5.0 + 13.0));
    }

    #[test]
    fn an_article_of_no_story_is_apart_and_scores_without_positive_pairs_are_0() {
        let clustering = clustering(&[&["a", "b"]]);
        let score = score(&set(&[("a", "z", Label::Different, 1.0), ("y", "z", Label::Partial, 1.0)]), &clustering);
        assert_eq!(score.unweighted, BothWays::default());
        assert_eq!(score.by_label[&Label::Partial], JoinedShare { joined: 0, pairs: 1 });
    }
}
