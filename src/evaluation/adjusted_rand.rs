//! Scores of one grouping of articles against another.

use std::collections::BTreeMap;

use serde::Serialize;

use super::pairs::Score;

/// One article with its group in the reference grouping and its group in the grouping under evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item {
    /// The group in the reference grouping.
    pub cluster: usize,
    /// A looser group around the cluster. Whether two articles of one story but of different clusters belong together
    /// is not known; such pairs are left out of every score.
    pub story: usize,
    /// The group in the grouping under evaluation.
    pub found: usize,
}

/// Measures of agreement between two groupings.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct GroupingScores {
    /// The number of articles compared.
    pub articles: usize,
    /// The adjusted Rand index (Hubert and Arabie 1985): 1 for the same grouping, 0 on average for a
    /// random one.
    pub adjusted_rand: f64,
    /// Precision, recall and F1 over pairs of articles.
    pub pairs: Score,
    /// B-cubed precision, recall and F1: means over articles (Bagga and Baldwin 1998).
    pub b_cubed: Score,
}

/// Compares two groupings.
///
/// The adjusted Rand index follows Hubert and Arabie; the pairs that are left out are missing from all of its counts (all
/// pairs, pairs of one cluster, pairs of one found group). B-cubed precision of an article is the share of its found
/// group that belongs to its cluster, not counting articles whose pair with it is left out; recall is the share of its
/// cluster that is in its found group. As in the original definition, an article counts as a member of its own groups.
pub fn compare_groupings(items: &[Item]) -> GroupingScores {
    let cluster = GroupSizes::of(items, |item| item.cluster);
    let story = GroupSizes::of(items, |item| item.story);
    let found = GroupSizes::of(items, |item| item.found);
    let right = GroupSizes::of(items, |item| (item.cluster, item.found));
    let near = GroupSizes::of(items, |item| (item.story, item.found));

    let (right_pairs, positive_pairs) = (right.pairs(), cluster.pairs());
    let found_pairs = found.pairs() - (near.pairs() - right_pairs);
    let all_pairs = pairs_of(items.len()) - (story.pairs() - positive_pairs);

    let (mut precision, mut recall) = (0.0, 0.0);
    for item in items {
        let right = right.get(&(item.cluster, item.found));
        let left_out = near.get(&(item.story, item.found)) - right;
        precision += right / (found.get(&item.found) - left_out);
        recall += right / cluster.get(&item.cluster);
    }
    let articles = items.len().max(1) as f64;
    let (precision, recall) = (precision / articles, recall / articles);
    let f1 = if precision + recall > 0.0 { 2.0 * precision * recall / (precision + recall) } else { 0.0 };
    GroupingScores {
        articles: items.len(),
        adjusted_rand: adjusted_rand(right_pairs, found_pairs, positive_pairs, all_pairs),
        pairs: Score::of(right_pairs, found_pairs, positive_pairs),
        b_cubed: Score { precision, recall, f1 },
    }
}

/// The adjusted Rand index from counts of pairs. Two groupings that cannot differ (both of single articles, or both of
/// one group) agree: 1.
fn adjusted_rand(right: f64, found: f64, positive: f64, all: f64) -> f64 {
    let by_chance = if all > 0.0 { found * positive / all } else { 0.0 };
    let room = f64::midpoint(found, positive) - by_chance;
    if room > 0.0 { (right - by_chance) / room } else { 1.0 }
}

/// The number of items under each key.
struct GroupSizes<K>(BTreeMap<K, usize>);

impl<K: Ord> GroupSizes<K> {
    fn of(items: &[Item], key: impl Fn(&Item) -> K) -> Self {
        let mut counts = BTreeMap::new();
        for item in items {
            *counts.entry(key(item)).or_default() += 1;
        }
        Self(counts)
    }

    fn get(&self, key: &K) -> f64 {
        self.0.get(key).copied().unwrap_or_default() as f64
    }

    fn pairs(&self) -> f64 {
        self.0.values().map(|&count| pairs_of(count)).sum()
    }
}

/// The number of pairs among `count` items; exact for up to a hundred million items.
fn pairs_of(count: usize) -> f64 {
    (count * count.saturating_sub(1) / 2) as f64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Items whose story is their cluster, so that no pair is left out.
    fn strict(groups: &[(usize, usize)]) -> Vec<Item> {
        groups.iter().map(|&(cluster, found)| Item { cluster, story: cluster, found }).collect()
    }

    fn close(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-9, "{a} is not {b}");
    }

    #[test]
    fn equal_groupings_agree_and_group_numbers_do_not_matter() {
        let scores = compare_groupings(&strict(&[(0, 7), (0, 7), (1, 3), (2, 9), (2, 9)]));
        close(scores.adjusted_rand, 1.0);
        close(scores.pairs.f1, 1.0);
        close(scores.b_cubed.f1, 1.0);
    }

    #[test]
    fn the_index_equals_the_one_computed_by_hand() {
        // Six articles in two clusters of three, one article of which moved to the other: 6 of 15 pairs are positive, the
        // groups of two and four give 1 + 6 = 7 pairs, and 1 + 3 = 4 of these are right.
        let scores = compare_groupings(&strict(&[(0, 0), (0, 0), (0, 1), (1, 1), (1, 1), (1, 1)]));
        let chance = 7.0 * 6.0 / 15.0;
        close(scores.adjusted_rand, (4.0 - chance) / (6.5 - chance));
        close(scores.pairs.precision, 4.0 / 7.0);
        close(scores.pairs.recall, 4.0 / 6.0);
        // Precision: 1, 1, 1/4, then three of 3/4; recall: 2/3, 2/3, 1/3, then three of 1.
        close(scores.b_cubed.precision, (2.0 + 0.25 + 2.25) / 6.0);
        close(scores.b_cubed.recall, (5.0 / 3.0 + 3.0) / 6.0);
    }

    #[test]
    fn groupings_that_cannot_differ_agree() {
        for groups in [vec![], vec![(0, 0)], vec![(0, 0), (1, 1)], vec![(0, 0), (0, 0)]] {
            close(compare_groupings(&strict(&groups)).adjusted_rand, 1.0);
        }
    }

    /// Computes the scores by looking at every pair.
    fn by_all_pairs(items: &[Item]) -> (f64, Score, Score) {
        let (mut right, mut found, mut positive, mut all) = (0.0, 0.0, 0.0, 0.0);
        let (mut precision, mut recall) = (0.0, 0.0);
        for (at, a) in items.iter().enumerate() {
            let (mut own_right, mut own_found, mut own_positive) = (0.0, 0.0, 0.0);
            for (other, b) in items.iter().enumerate() {
                if a.story == b.story && a.cluster != b.cluster {
                    continue;
                }
                let (is_positive, is_found) = (a.cluster == b.cluster, a.found == b.found);
                let [is_right, is_positive, is_found] =
                    [is_positive && is_found, is_positive, is_found].map(|holds| f64::from(u8::from(holds)));
                own_right += is_right;
                own_found += is_found;
                own_positive += is_positive;
                if at < other {
                    right += is_right;
                    found += is_found;
                    positive += is_positive;
                    all += 1.0;
                }
            }
            precision += own_right / own_found / items.len() as f64;
            recall += own_right / own_positive / items.len() as f64;
        }
        let chance = if all > 0.0 { found * positive / all } else { 0.0 };
        let room = f64::midpoint(found, positive) - chance;
        let rand = if room > 0.0 { (right - chance) / room } else { 1.0 };
        let f1 = 2.0 * precision * recall / (precision + recall);
        (rand, Score::of(right, found, positive), Score { precision, recall, f1 })
    }

    proptest! {
        #[test]
        fn looking_at_every_pair_gives_the_same_scores(groups in prop::collection::vec((0..8usize, 0..5usize), 1..40)) {
            // Clusters 0 and 1, 2 and 3, ... lie in one story each.
            let items: Vec<Item> =
                groups.iter().map(|&(cluster, found)| Item { cluster, story: cluster / 2, found }).collect();
            let counted = compare_groupings(&items);
            let (rand, pairs, b_cubed) = by_all_pairs(&items);
            close(counted.adjusted_rand, rand);
            for (a, b) in [(counted.pairs, pairs), (counted.b_cubed, b_cubed)] {
                close(a.precision, b.precision);
                close(a.recall, b.recall);
                close(a.f1, b.f1);
            }
        }
    }
}
