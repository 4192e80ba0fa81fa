//! Scores over labelled pairs.

use std::collections::BTreeMap;

use serde::Serialize;

use super::folding::Folding;
use super::labels::{Label, PairSet};
use crate::record::Relation;

/// No pair counts for more than this share of the weight of its set's positive pairs: a pair drawn with a tiny
/// probability would be the whole score.
const WEIGHT_SHARE_MAX: f64 = 0.05;

/// Precision, recall and their harmonic mean. Of nothing they are 0.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Score {
    /// Of what was joined, the share that belongs together.
    pub precision: f64,
    /// Of what belongs together, the share that was joined.
    pub recall: f64,
    /// Their harmonic mean.
    pub f1: f64,
}

impl Score {
    /// From what was rightly joined, all that was joined, and all that belongs together.
    #[must_use]
    pub(super) fn of(right: f64, joined: f64, positive: f64) -> Self {
        let share = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
        Self {
            precision: share(right, joined),
            recall: share(right, positive),
            f1: share(2.0 * right, joined + positive),
        }
    }
}

/// A result with `partial` pairs left out, and with them as pairs that do not belong together.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct BothWays<T> {
    /// `partial` left out.
    pub partial_ignored: T,
    /// `partial` as negative.
    pub partial_negative: T,
}

impl<T> BothWays<T> {
    /// The two results of a computation that is told whether `partial` is negative.
    pub(super) fn from(mut compute: impl FnMut(bool) -> T) -> Self {
        Self { partial_ignored: compute(false), partial_negative: compute(true) }
    }

    /// One of the two.
    pub(super) fn get(&self, partial_is_negative: bool) -> &T {
        if partial_is_negative { &self.partial_negative } else { &self.partial_ignored }
    }
}

/// How many of some pairs were joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Share {
    /// Joined.
    pub joined: usize,
    /// All.
    pub pairs: usize,
}

/// What a folding made of one labelled pair.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Outcome {
    pub(super) label: Label,
    pub(super) joined: bool,
    pub(super) weight: f64,
}

/// What a folding made of each pair of a set; weights are capped.
pub(super) fn outcomes(set: &PairSet, folding: &Folding) -> Vec<Outcome> {
    let positive: f64 = set.pairs.iter().filter(|pair| pair.label.is_positive()).map(|pair| pair.weight).sum();
    let cap = WEIGHT_SHARE_MAX * positive;
    let outcome = |pair: &super::LabelledPair| Outcome {
        label: pair.label,
        joined: folding.joined(&pair.a, &pair.b),
        weight: pair.weight.min(cap),
    };
    set.pairs.iter().map(outcome).collect()
}

/// Sums over outcomes, from which every score follows.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tally {
    right: f64,
    missed: f64,
    wrong: f64,
    partial: f64,
}

impl Tally {
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

/// The scores of a folding on one set of pairs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SetScore {
    /// The set.
    pub set: String,
    /// Pairs with a label.
    pub pairs: usize,
    /// Those that belong together.
    pub positive: usize,
    /// Each pair counts one.
    pub unweighted: BothWays<Score>,
    /// Each pair counts its weight, capped.
    pub weighted: BothWays<Score>,
    /// How many pairs of each label were joined.
    pub by_label: BTreeMap<Label, Share>,
    /// Of the joined pairs of each relation, how many had each label.
    pub by_relation: BTreeMap<&'static str, BTreeMap<Label, usize>>,
}

/// Scores a folding on one set of pairs.
pub(super) fn score(set: &PairSet, folding: &Folding) -> SetScore {
    let (mut unweighted, mut weighted) = (Tally::default(), Tally::default());
    let mut by_label: BTreeMap<Label, Share> = BTreeMap::new();
    let mut by_relation: BTreeMap<&'static str, BTreeMap<Label, usize>> = BTreeMap::new();
    for (pair, outcome) in set.pairs.iter().zip(outcomes(set, folding)) {
        unweighted.add(outcome.label, outcome.joined, 1.0);
        weighted.add(outcome.label, outcome.joined, outcome.weight);
        let share = by_label.entry(outcome.label).or_default();
        share.pairs += 1;
        share.joined += usize::from(outcome.joined);
        if outcome.joined {
            let relation =
                folding.joining(&pair.a, &pair.b).map_or("unknown", |(relation, _)| Relation::name(relation));
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
    use crate::eval::LabelledPair;
    use crate::eval::folding::tests::folding;

    fn set(pairs: &[(&str, &str, Label, f64)]) -> PairSet {
        let pair = |&(a, b, label, weight): &(&str, &str, Label, f64)| LabelledPair {
            a: a.into(),
            b: b.into(),
            label,
            confidence: None,
            weight,
        };
        PairSet { name: "set".to_owned(), pairs: pairs.iter().map(pair).collect(), unjudged: 0 }
    }

    fn close(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-12, "{a} is not {b}");
    }

    #[test]
    fn scores_are_those_computed_by_hand() {
        let folding = folding(&[&["a", "b", "c", "d"], &["e"], &["f", "g"]]);
        let set = set(&[
            ("a", "b", Label::Copy, 1.0),      // right
            ("b", "c", Label::Rewrite, 1.0),   // right
            ("a", "e", Label::Copy, 1.0),      // missed
            ("a", "d", Label::Partial, 1.0),   // joined
            ("f", "g", Label::Different, 1.0), // wrong
            ("e", "f", Label::SameEvent, 1.0), // right to be apart
        ]);
        let score = score(&set, &folding);
        assert_eq!((score.pairs, score.positive), (6, 3));
        let BothWays { partial_ignored, partial_negative } = score.unweighted;
        close(partial_ignored.precision, 2.0 / 3.0);
        close(partial_ignored.recall, 2.0 / 3.0);
        close(partial_ignored.f1, 2.0 / 3.0);
        close(partial_negative.precision, 0.5);
        close(partial_negative.f1, 4.0 / 7.0);
        assert_eq!(score.by_label[&Label::Copy], Share { joined: 1, pairs: 2 });
        assert_eq!(score.by_label[&Label::SameEvent], Share { joined: 0, pairs: 1 });
        let counts: usize = score.by_relation.values().flat_map(BTreeMap::values).sum();
        assert_eq!(counts, 4);
    }

    #[test]
    fn a_weight_is_capped_at_a_twentieth_of_the_positive_weight() {
        let folding = folding(&[&["a", "b"], &["x", "y"], &["c"]]);
        let set = set(&[
            ("a", "b", Label::Copy, 60.0),       // capped at 5
            ("a", "c", Label::Copy, 37.0),       // capped at 5
            ("b", "c", Label::Copy, 3.0),        // stands
            ("x", "y", Label::Different, 900.0), // capped at 5
        ]);
        close(score(&set, &folding).weighted.partial_ignored.f1, 2.0 * 5.0 / (5.0 + 5.0 + 13.0));
    }

    #[test]
    fn an_article_that_no_story_holds_is_apart_and_scores_of_nothing_are_0() {
        let folding = folding(&[&["a", "b"]]);
        let score = score(&set(&[("a", "z", Label::Different, 1.0), ("y", "z", Label::Partial, 1.0)]), &folding);
        assert_eq!(score.unweighted, BothWays::default());
        assert_eq!(score.by_label[&Label::Partial], Share { joined: 0, pairs: 1 });
    }
}
