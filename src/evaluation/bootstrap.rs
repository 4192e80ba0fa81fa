//! Bootstrap intervals: how far a score would vary with other labels of the same kind.

use serde::Serialize;

use super::pairs::{BothWays, PairCounts, PairOutcome};
use super::random::Random;

/// Settings of the resampling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bootstrap {
    /// The number of resamples.
    pub resamples: usize,
    /// The seed of the random numbers.
    pub seed: u64,
}

/// The 5th, 50th and 95th percentile of a distribution; the outer two bound a 90 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Interval {
    /// The 5th percentile.
    pub low: f64,
    /// The median.
    pub median: f64,
    /// The 95th percentile.
    pub high: f64,
}

/// The unweighted F1 of each resample.
pub(super) struct Resampled {
    /// For each set, one F1 per resample.
    pub(super) sets: Vec<BothWays<Vec<f64>>>,
    /// The mean over the sets, one per resample.
    pub(super) mean: BothWays<Vec<f64>>,
}

/// Resamples each set: draws as many pairs as the set has, with replacement (Efron 1979).
///
/// The draws depend only on the seed and on the sizes of the sets: two clusterings resampled with one seed are scored on
/// the same pairs each time, and the differences between their resamples are the paired bootstrap.
pub(super) fn resample(sets: &[Vec<PairOutcome>], bootstrap: Bootstrap) -> Resampled {
    let mut random = Random::new(bootstrap.seed);
    let empty = || BothWays::from(|_| Vec::with_capacity(bootstrap.resamples));
    let mut resampled = Resampled { sets: sets.iter().map(|_| empty()).collect(), mean: empty() };
    for _ in 0..bootstrap.resamples {
        let mut sums = BothWays::<f64>::default();
        for (outcomes, f1s) in sets.iter().zip(&mut resampled.sets) {
            let mut counts = PairCounts::default();
            for _ in outcomes {
                let drawn = outcomes[random.index(outcomes.len())];
                counts.add(drawn.label, drawn.joined, 1.0);
            }
            let BothWays { partial_ignored, partial_negative } = BothWays::from(|negative| counts.score(negative).f1);
            f1s.partial_ignored.push(partial_ignored);
            f1s.partial_negative.push(partial_negative);
            sums.partial_ignored += partial_ignored;
            sums.partial_negative += partial_negative;
        }
        resampled.mean.partial_ignored.push(sums.partial_ignored / sets.len() as f64);
        resampled.mean.partial_negative.push(sums.partial_negative / sets.len() as f64);
    }
    resampled
}

impl Interval {
    /// The interval of these values; all 0 if there are none.
    pub(super) fn of(values: &[f64]) -> Self {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        Self { low: quantile(&sorted, 0.05), median: quantile(&sorted, 0.5), high: quantile(&sorted, 0.95) }
    }

    /// The interval of the differences between the values of two clusterings.
    pub(super) fn of_difference(values: &[f64], others: &[f64]) -> Self {
        Self::of(&values.iter().zip(others).map(|(value, other)| value - other).collect::<Vec<_>>())
    }
}

/// The quantile of sorted values at this share (0 to 1), interpolated: type 7 of Hyndman and Fan (1996).
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return 0.0 };
    let at = share * last as f64;
    let (below, rest) = (at as usize, at.fract());
    sorted[below] + rest * (sorted[last.min(below + 1)] - sorted[below])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluation::Label;

    const BOOTSTRAP: Bootstrap = Bootstrap { resamples: 4_000, seed: 7 };

    fn outcomes(right: usize, missed: usize, wrong: usize) -> Vec<PairOutcome> {
        let of = |label, joined, count| std::iter::repeat_n(PairOutcome { label, joined, weight: 1.0 }, count);
        of(Label::Copy, true, right)
            .chain(of(Label::Copy, false, missed))
            .chain(of(Label::Different, true, wrong))
            .collect()
    }

    #[test]
    fn quantiles_are_interpolated() {
        let values: Vec<f64> = (0..=10).map(f64::from).collect();
        let Interval { low, median, high } = Interval::of(&values);
        assert_eq!([low, median, high].map(|value| (value * 1e6).round() as i64), [500_000, 5_000_000, 9_500_000]);
        assert_eq!(Interval::of(&[]), Interval::default());
    }

    #[test]
    fn one_seed_gives_the_same_draws_and_another_seed_others() {
        let sets = [outcomes(30, 5, 5), outcomes(10, 5, 0)];
        let draw = |seed| resample(&sets, Bootstrap { resamples: 50, seed }).mean.partial_ignored;
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }

    #[test]
    fn the_interval_is_about_as_wide_as_theory_predicts() {
        // Nothing is joined wrongly, so F1 = 2r / (1 + r), where the recall r is binomial: 80 of 100.
        let resampled = resample(&[outcomes(80, 20, 0)], BOOTSTRAP);
        let interval = Interval::of(&resampled.mean.partial_ignored);
        let f1 = |recall: f64| 2.0 * recall / (1.0 + recall);
        let deviation = 1.645 * (0.8f64 * 0.2 / 100.0).sqrt();
        assert!((interval.low - f1(0.8 - deviation)).abs() < 0.01, "{interval:?}");
        assert!((interval.high - f1(0.8 + deviation)).abs() < 0.01, "{interval:?}");
    }

    #[test]
    fn a_clustering_that_is_better_on_every_pair_has_a_difference_above_0_within_wide_intervals() {
        let (worse, better) = ([outcomes(10, 6, 0)], [outcomes(15, 1, 0)]);
        let (worse, better) = (resample(&worse, BOOTSTRAP).mean, resample(&better, BOOTSTRAP).mean);
        let (worse, better) = (worse.partial_ignored, better.partial_ignored);
        assert!(better.iter().zip(&worse).all(|(better, worse)| better >= worse));
        assert!(Interval::of_difference(&better, &worse).low > 0.0);
    }
}
