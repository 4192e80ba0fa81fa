//! The overlap of two articles' shingles, boilerplate left out.

use std::sync::Arc;

use super::boilerplate::BoilerplateFilter;
use super::features::{Features, Overlap};
use super::live::SampledShingles;
use crate::record::{Millis, Ratio, ShingleSample, ShingleSet, is_lead, is_sampled};

/// The sampled 2-shingles of an article, the boilerplate of its publisher left out.
#[derive(Debug, Clone, Default)]
pub(crate) struct FilteredShingles {
    rate: u8,
    hashes: Vec<u32>,
    /// Whether each hash is in the lead.
    in_lead: Vec<bool>,
}

/// One of two articles that are compared.
pub(crate) struct ComparisonSide {
    pub(crate) shingles: FilteredShingles,
    /// The publisher of its outlet; empty where unknown.
    pub(crate) publisher: Arc<str>,
    pub(crate) event: Millis,
}

impl ComparisonSide {
    /// The features of this article and another one, whose story began at `began`; none where they share fewer than
    /// `shared_min` shingles.
    pub(crate) fn features(&self, other: &Self, began: Millis, shared_min: usize) -> Option<Features> {
        let overlap = self.shingles.overlap(&other.shingles);
        let same_publisher = !self.publisher.is_empty() && self.publisher == other.publisher;
        let time_gap_ms = self.event.distance(other.event).max(self.event.distance(began)).as_millis();
        (overlap.shared_shingles >= shared_min).then(|| Features::new(overlap, same_publisher, time_gap_ms as u64))
    }
}

/// Leaves out the boilerplate of an arriving article and samples the rest, so that at most `max` shingles stay.
///
/// The filter comes first: an article whose page is mostly boilerplate keeps more of its own text. The result depends on
/// the filter at this moment, so the decision carries it.
pub(crate) fn sample(
    shingles: &ShingleSet,
    filter: Option<&BoilerplateFilter>,
    max: usize,
) -> (ShingleSample, FilteredShingles) {
    let hashes = shingles.hashes();
    let survives = |hash: u32| !filter.is_some_and(|filter| filter.is_boilerplate(hash));
    let mut kept: Vec<(usize, u32)> = Vec::with_capacity(hashes.len().min(max));
    let mut rate = shingles.rate();
    let mut end = hashes.len();
    for (at, &hash) in hashes.iter().enumerate() {
        if survives(hash) {
            if kept.len() == max {
                // The finest rate that leaves out this hash, and with it all that follow.
                while is_sampled(rate, hash) {
                    rate += 1;
                }
                end = hashes.partition_point(|&hash| is_sampled(rate, hash));
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
    let in_lead = kept.iter().map(|&(at, _)| is_lead(shingles.position_buckets()[at])).collect();
    let hashes = kept.into_iter().map(|(_, hash)| hash).collect();
    (ShingleSample { rate, survivors: bitmap }, FilteredShingles { rate, hashes, in_lead })
}

impl FilteredShingles {
    /// The shingles of a live article that are not boilerplate by now.
    pub(crate) fn of_live(sampled: &SampledShingles<'_>, filter: Option<&BoilerplateFilter>) -> Self {
        let survives = |hash: u32| !filter.is_some_and(|filter| filter.is_boilerplate(hash));
        let hashes = sampled.hashes.iter().copied().enumerate();
        let (hashes, in_lead) =
            hashes.filter(|&(_, hash)| survives(hash)).map(|(at, hash)| (hash, sampled.is_lead(at))).unzip();
        Self { rate: sampled.rate, hashes, in_lead }
    }

    pub(crate) fn len(&self) -> usize {
        self.hashes.len()
    }

    fn at_rate(&self, rate: u8) -> &[u32] {
        &self.hashes[..self.hashes.partition_point(|&hash| is_sampled(rate, hash))]
    }

    /// Whether the two can share so many shingles at all, before the boilerplate of the other is left out, which leaves no
    /// more. Most candidates end here.
    pub(crate) fn shares_at_least(&self, count: usize, sampled: &SampledShingles<'_>) -> bool {
        intersection(self.at_rate(sampled.rate), &sampled.hashes) >= count
    }

    /// Compares two articles at the coarser of their rates.
    pub(crate) fn overlap(&self, other: &Self) -> Overlap {
        let rate = self.rate.max(other.rate);
        let (a, b) = (self.at_rate(rate), other.at_rate(rate));
        let (mut i, mut j) = (0, 0);
        let (mut shared_shingles, mut shared_lead_a, mut shared_lead_b) = (0, 0, 0);
        // Without a branch on the comparison, which no processor could predict.
        while let (Some(left), Some(right)) = (a.get(i), b.get(j)) {
            let equal = left == right;
            shared_shingles += usize::from(equal);
            shared_lead_a += usize::from(equal & self.in_lead[i]);
            shared_lead_b += usize::from(equal & other.in_lead[j]);
            i += usize::from(left <= right);
            j += usize::from(right <= left);
        }
        let lead = |in_lead: &[bool]| in_lead.iter().filter(|&&in_lead| in_lead).count();
        let of_a = Ratio::of(shared_lead_a, lead(&self.in_lead[..a.len()]));
        let of_b = Ratio::of(shared_lead_b, lead(&other.in_lead[..b.len()]));
        Overlap { shared_shingles, first_len: a.len(), second_len: b.len(), lead_share: of_a.min(of_b) }
    }
}

/// The number of values in both of two ascending lists, without a branch on the comparison, as in [`FilteredShingles::overlap`].
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
        fn the_overlap_is_the_intersection_of_the_sets(
            a in prop::collection::btree_set(0u32..300, 1..200),
            b in prop::collection::btree_set(0u32..300, 1..200),
        ) {
            let (_, x) = sample(&set(&a), None, 256);
            let (_, y) = sample(&set(&b), None, 256);
            let shared = a.intersection(&b).count();
            let overlap = x.overlap(&y);
            prop_assert_eq!(overlap.shared_shingles, shared);
            prop_assert_eq!((overlap.first_len, overlap.second_len), (a.len(), b.len()));
            let reversed = y.overlap(&x);
            prop_assert_eq!((reversed.shared_shingles, reversed.lead_share), (shared, overlap.lead_share));
        }

        #[test]
        fn articles_sampled_at_different_rates_are_compared_at_the_coarser(
            a in prop::collection::btree_set(any::<u32>(), 300..900),
            b in prop::collection::btree_set(any::<u32>(), 1..200),
        ) {
            let both: BTreeSet<u32> = a.union(&b).copied().collect();
            let (coarse, x) = sample(&set(&both), None, 128);
            let (_, y) = sample(&set(&b), None, 256);
            let kept = b.iter().filter(|&&hash| is_sampled(coarse.rate, hash)).count();
            prop_assert_eq!(x.overlap(&y).shared_shingles, kept);
            prop_assert!(x.len() <= 128);
        }
    }
}
