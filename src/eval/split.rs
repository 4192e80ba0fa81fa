//! Two halves of the labels: weights are fitted on one and judged by the other.

use std::collections::BTreeMap;
use std::sync::Arc;

use xxhash_rust::xxh3::xxh3_64;

use super::labels::{Label, LabelledPair, PairSet};

/// One of the two halves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Half {
    /// To fit on.
    A,
    /// To judge by.
    B,
}

impl Half {
    /// The half of everything that hangs together with the article of this id.
    pub(super) fn of(smallest_article: &str) -> Self {
        if xxh3_64(smallest_article.as_bytes()) & 1 == 0 { Self::A } else { Self::B }
    }
}

/// The half in which each pair lies, in the order of the pairs.
///
/// Articles that hang together by copy, rewrite or partial, directly or by others, lie in one half: the hash of
/// their smallest id picks it, so that a set of labels that grows moves only what grows together. A pair of two
/// such groups (two texts on one event) follows its smaller article.
#[must_use]
pub fn halves(pairs: &[LabelledPair]) -> Vec<Half> {
    let mut groups = Groups::default();
    for pair in pairs {
        let (a, b) = (groups.article(&pair.a), groups.article(&pair.b));
        if !matches!(pair.label, Label::SameEvent | Label::Different) {
            groups.join(a, b);
        }
    }
    let mut smallest: BTreeMap<usize, &str> = BTreeMap::new();
    // In the order of the ids: the first of each group is its smallest.
    for (id, &number) in &groups.numbers {
        smallest.entry(groups.root(number)).or_insert(id);
    }
    let half = |pair: &LabelledPair| {
        let number = groups.numbers[(&pair.a).min(&pair.b)];
        Half::of(smallest[&groups.root(number)])
    };
    pairs.iter().map(half).collect()
}

impl PairSet {
    /// Only the pairs of one half.
    #[must_use]
    pub fn half(self, half: Half) -> Self {
        let halves = halves(&self.pairs);
        let pairs = self.pairs.into_iter().zip(halves).filter(|(_, of)| *of == half).map(|(pair, _)| pair);
        Self { pairs: pairs.collect(), ..self }
    }
}

/// Articles that hang together (union by the smaller number).
#[derive(Default)]
struct Groups {
    numbers: BTreeMap<Arc<str>, usize>,
    parents: Vec<usize>,
}

impl Groups {
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

    use super::*;

    fn pair(a: &str, b: &str, label: Label) -> LabelledPair {
        LabelledPair { a: a.into(), b: b.into(), label, confidence: None, weight: 1.0 }
    }

    #[test]
    fn a_pair_of_two_stories_follows_its_smaller_article() {
        let pairs = [
            pair("s2", "s3", Label::Copy),
            pair("s3", "s1", Label::Partial),
            pair("s9", "s2", Label::SameEvent),
            pair("s8", "s9", Label::Different),
        ];
        assert_eq!(halves(&pairs), [Half::of("s1"), Half::of("s1"), Half::of("s1"), Half::of("s8")]);
    }

    #[test]
    fn both_halves_have_their_share() {
        let ids: Vec<String> = (0..1_000).map(|number| format!("urn:{number}")).collect();
        let pairs: Vec<_> = ids.iter().map(|id| pair(id, &format!("{id}/copy"), Label::Copy)).collect();
        let a = halves(&pairs).into_iter().filter(|half| *half == Half::A).count();
        assert!((450..550).contains(&a), "{a}");
    }

    proptest! {
        #[test]
        fn no_story_is_torn_and_the_order_does_not_matter(
            edges in prop::collection::vec((0..20u8, 0..20u8, 0..5usize), 1..40),
        ) {
            let pairs: Vec<_> = edges
                .iter()
                .filter(|(a, b, _)| a != b)
                .map(|(a, b, label)| pair(&a.to_string(), &b.to_string(), Label::ALL[*label]))
                .collect();
            let found = halves(&pairs);
            // Articles that share a positive or partial pair share the half of every such pair.
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
