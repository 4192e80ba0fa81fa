//! Splits labels into two halves: one to fit weights, one to evaluate them.

use std::collections::BTreeMap;
use std::sync::Arc;

use clap::ValueEnum;
use xxhash_rust::xxh3::xxh3_64;

use super::labels::{Label, LabelledPair, PairSet};

/// One of the two halves of the labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Half {
    /// The half to fit weights on.
    A,
    /// The half to evaluate on.
    B,
}

impl Half {
    /// The half of a group of connected articles, by the smallest id among them.
    pub(super) fn of(smallest_article: &str) -> Self {
        if xxh3_64(smallest_article.as_bytes()) & 1 == 0 { Self::A } else { Self::B }
    }
}

/// The half of each pair, in the order of the pairs.
///
/// Articles that are connected by `copy`, `rewrite` or `partial` pairs, directly or through others, are in one half. A hash
/// of their smallest id decides which: when a set of labels grows, only sets that become connected can change halves. A
/// pair between two such sets (two texts on one event) is in the half of its smaller article.
pub fn halves(pairs: &[LabelledPair]) -> Vec<Half> {
    let mut sets = DisjointSets::default();
    for pair in pairs {
        let (a, b) = (sets.article(&pair.a), sets.article(&pair.b));
        if !matches!(pair.label, Label::SameEvent | Label::Different) {
            sets.join(a, b);
        }
    }
    let mut smallest: BTreeMap<usize, &str> = BTreeMap::new();
    // Ids come in ascending order, so the first of each set is its smallest.
    for (id, &number) in &sets.numbers {
        smallest.entry(sets.root(number)).or_insert(id);
    }
    let half = |pair: &LabelledPair| {
        let number = sets.numbers[(&pair.a).min(&pair.b)];
        Half::of(smallest[&sets.root(number)])
    };
    pairs.iter().map(half).collect()
}

impl PairSet {
    /// Keeps the pairs of one half.
    #[must_use]
    pub fn half(self, half: Half) -> Self {
        let halves = halves(&self.pairs);
        let pairs = self.pairs.into_iter().zip(halves).filter(|(_, of)| *of == half).map(|(pair, _)| pair);
        Self { pairs: pairs.collect(), ..self }
    }
}

/// Disjoint sets of connected articles (union-find; the smaller number is the root).
#[derive(Default)]
struct DisjointSets {
    numbers: BTreeMap<Arc<str>, usize>,
    parents: Vec<usize>,
}

impl DisjointSets {
    fn article(&mut self, id: &Arc<str>) -> usize {
        let next = self.parents.len();
        let number = *self.numbers.entry(id.clone()).or_insert(next);
        if number == next {
            self.parents.push(next);
        }
        number
    }

    fn root(&self, mut number: usize) -> usize {
        while self.parents[number] != number {
            number = self.parents[number];
        }
        number
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.parents[a.max(b)] = a.min(b);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use strum::VariantArray;

    use super::*;

    fn pair(a: &str, b: &str, label: Label) -> LabelledPair {
        LabelledPair { a: a.into(), b: b.into(), label, confidence: None, weight: 1.0 }
    }

    #[test]
    fn a_pair_of_two_stories_is_in_the_half_of_its_smaller_article() {
        let pairs = [
            pair("s2", "s3", Label::Copy),
            pair("s3", "s1", Label::Partial),
            pair("s9", "s2", Label::SameEvent),
            pair("s8", "s9", Label::Different),
        ];
        assert_eq!(halves(&pairs), [Half::of("s1"), Half::of("s1"), Half::of("s1"), Half::of("s8")]);
    }

    #[test]
    fn the_halves_are_of_about_equal_size() {
        let ids: Vec<String> = (0..1_000).map(|number| format!("urn:{number}")).collect();
        let pairs: Vec<_> = ids.iter().map(|id| pair(id, &format!("{id}/copy"), Label::Copy)).collect();
        let a = halves(&pairs).into_iter().filter(|half| *half == Half::A).count();
        assert!((450..550).contains(&a), "{a}");
    }

    proptest! {
        #[test]
        fn no_story_is_split_and_the_order_does_not_matter(
            edges in prop::collection::vec((0..20u8, 0..20u8, 0..5usize), 1..40),
        ) {
            let pairs: Vec<_> = edges
                .iter()
                .filter(|(a, b, _)| a != b)
                .map(|(a, b, label)| pair(&a.to_string(), &b.to_string(), Label::VARIANTS[*label]))
                .collect();
            let found = halves(&pairs);
            // Positive or partial pairs that have an article in common are in one half.
            for (one, of_one) in pairs.iter().zip(&found).filter(|(pair, _)| pair.label <= Label::Partial) {
                for (other, of_other) in pairs.iter().zip(&found).filter(|(pair, _)| pair.label <= Label::Partial) {
                    if [&other.a, &other.b].iter().any(|id| **id == one.a || **id == one.b) {
                        prop_assert_eq!(of_one, of_other);
                    }
                }
            }
            let mut backwards = pairs.clone();
            backwards.reverse();
            let mut again = halves(&backwards);
            again.reverse();
            prop_assert_eq!(found, again);
        }
    }
}
