//! How much of one article stands in another, once what their sources print anyway is left out.

use std::sync::Arc;

use super::evidence::Evidence;
use super::history::Table;
use super::live::Kept;
use crate::record::{Millis, Ratio, Sample, ShingleSet, is_opening, kept_at};

/// The 2-shingles of an article that speak of it: sampled, its source's furniture left out.
#[derive(Debug, Clone, Default)]
pub(crate) struct Distinct {
    rate: u8,
    hashes: Vec<u32>,
    /// Of each hash, whether it stands in the opening.
    opening: Vec<bool>,
}

/// One side of a comparison.
pub(crate) struct Side {
    /// What speaks of it.
    pub(crate) distinct: Distinct,
    /// Whose history its outlet shares; empty where unknown.
    pub(crate) owner: Arc<str>,
    /// Its event time.
    pub(crate) event: Millis,
}

impl Side {
    /// What speaks for and against this article belonging to the story of the other, which began at `began`; nothing
    /// where they share fewer than `shared_min` shingles, which is too little to say.
    pub(crate) fn evidence(&self, other: &Self, began: Millis, shared_min: usize) -> Option<Evidence> {
        let overlap = self.distinct.overlap(&other.distinct);
        let same_outlet = !self.owner.is_empty() && self.owner == other.owner;
        let apart = self.event.distance(other.event).max(self.event.distance(began));
        (overlap.shared >= shared_min).then(|| Evidence::new(overlap, same_outlet, apart.as_millis() as u64))
    }
}

/// What two articles share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Overlap {
    /// Shingles in both, at the rate they were compared at.
    pub(crate) shared: usize,
    /// Shingles of the first.
    pub(crate) first: usize,
    /// Shingles of the second.
    pub(crate) second: usize,
    /// Of either one's opening the share that stands in the other, whichever is smaller.
    pub(crate) openings: Ratio,
}

/// Filters an arriving article by its source's history and samples what is left, so that at most `max` stay.
///
/// The filter comes first: an article whose page is mostly furniture keeps more of what is its own. What survived
/// depends on the history of this moment, so the decision carries it.
pub(crate) fn sample(shingles: &ShingleSet, history: Option<&Table>, max: usize) -> (Sample, Distinct) {
    let hashes = shingles.hashes();
    let survives = |hash: u32| !history.is_some_and(|table| table.is_furniture(hash));
    let mut kept: Vec<(usize, u32)> = Vec::with_capacity(hashes.len().min(max));
    let mut rate = shingles.rate();
    let mut end = hashes.len();
    for (at, &hash) in hashes.iter().enumerate() {
        if survives(hash) {
            if kept.len() == max {
                // The finest rate that leaves this hash out, and with it all that follow.
                while kept_at(rate, hash) {
                    rate += 1;
                }
                end = hashes.partition_point(|&hash| kept_at(rate, hash));
                kept.truncate(kept.partition_point(|&(at, _)| at < end));
                break;
            }
            kept.push((at, hash));
        }
    }
    let mut bitmap = vec![0; end.div_ceil(8)];
    for &(at, _) in &kept {
        bitmap[at / 8] |= 1 << (at % 8);
    }
    let opening = kept.iter().map(|&(at, _)| is_opening(shingles.zones()[at])).collect();
    let hashes = kept.into_iter().map(|(_, hash)| hash).collect();
    (Sample { rate, survivors: bitmap }, Distinct { rate, hashes, opening })
}

impl Distinct {
    /// A live article by what its source's history says today.
    pub(crate) fn of_live(kept: &Kept<'_>, history: Option<&Table>) -> Self {
        let speaks = |hash: u32| !history.is_some_and(|table| table.is_furniture(hash));
        let hashes = kept.hashes.iter().copied().enumerate();
        let (hashes, opening) =
            hashes.filter(|&(_, hash)| speaks(hash)).map(|(at, hash)| (hash, kept.is_opening(at))).unzip();
        Self { rate: kept.rate, hashes, opening }
    }

    /// How many hashes there are.
    pub(crate) fn len(&self) -> usize {
        self.hashes.len()
    }

    fn at_rate(&self, rate: u8) -> &[u32] {
        &self.hashes[..self.hashes.partition_point(|&hash| kept_at(rate, hash))]
    }

    /// Whether the two can share as many shingles at all: without asking what the other's source prints, which can only
    /// leave fewer. Most candidates end here.
    pub(crate) fn shares_at_least(&self, count: usize, kept: &Kept<'_>) -> bool {
        intersection(self.at_rate(kept.rate), &kept.hashes) >= count
    }

    /// Compares two articles at the coarser of their rates.
    pub(crate) fn overlap(&self, other: &Self) -> Overlap {
        let rate = self.rate.max(other.rate);
        let (a, b) = (self.at_rate(rate), other.at_rate(rate));
        let (mut i, mut j) = (0, 0);
        let (mut shared, mut opening_of_a, mut opening_of_b) = (0, 0, 0);
        // Without a branch on the comparison: its outcome is a coin toss.
        while let (Some(left), Some(right)) = (a.get(i), b.get(j)) {
            let equal = left == right;
            shared += usize::from(equal);
            opening_of_a += usize::from(equal & self.opening[i]);
            opening_of_b += usize::from(equal & other.opening[j]);
            i += usize::from(left <= right);
            j += usize::from(right <= left);
        }
        let all = |opening: &[bool]| opening.iter().filter(|&&opening| opening).count();
        let of_a = Ratio::of(opening_of_a, all(&self.opening[..a.len()]));
        let of_b = Ratio::of(opening_of_b, all(&other.opening[..b.len()]));
        Overlap { shared, first: a.len(), second: b.len(), openings: of_a.min(of_b) }
    }
}

/// How many values two ascending lists have in common. Without a branch on the comparison: its outcome is a coin toss.
fn intersection(first: &[u32], second: &[u32]) -> usize {
    let (mut i, mut j, mut shared) = (0, 0, 0);
    while let (Some(left), Some(right)) = (first.get(i), second.get(j)) {
        shared += usize::from(left == right);
        i += usize::from(left <= right);
        j += usize::from(right <= left);
    }
    shared
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn set(hashes: &BTreeSet<u32>) -> ShingleSet {
        ShingleSet::new(hashes.iter().map(|&hash| (hash, 0)))
    }

    proptest! {
        #[test]
        fn containment_is_what_set_arithmetic_says(
            a in prop::collection::btree_set(0u32..300, 1..200),
            b in prop::collection::btree_set(0u32..300, 1..200),
        ) {
            let (_, x) = sample(&set(&a), None, 256);
            let (_, y) = sample(&set(&b), None, 256);
            let shared = a.intersection(&b).count();
            let overlap = x.overlap(&y);
            prop_assert_eq!(overlap.shared, shared);
            prop_assert_eq!((overlap.first, overlap.second), (a.len(), b.len()));
            prop_assert_eq!((y.overlap(&x).shared, y.overlap(&x).openings), (shared, overlap.openings));
        }

        #[test]
        fn articles_sampled_at_different_rates_are_compared_at_the_coarser(
            a in prop::collection::btree_set(any::<u32>(), 300..900),
            b in prop::collection::btree_set(any::<u32>(), 1..200),
        ) {
            let both: BTreeSet<u32> = a.union(&b).copied().collect();
            let (coarse, x) = sample(&set(&both), None, 128);
            let (_, y) = sample(&set(&b), None, 256);
            let kept = b.iter().filter(|&&hash| kept_at(coarse.rate, hash)).count();
            prop_assert_eq!(x.overlap(&y).shared, kept);
            prop_assert!(x.len() <= 128);
        }
    }
}
