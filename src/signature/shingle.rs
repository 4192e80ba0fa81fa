//! Tokens to shingle hashes: the set for comparing articles and the `MinHash` sketch for finding candidates.

use super::hash;
use crate::record::{POSITION_BUCKETS, ShingleSet};

/// Most hashes of a sketch. Measured on labelled pairs of four corpora: if candidates must share two hashes, sketches of
/// 64 find .995 of copies and rewrites.
pub const SKETCH_SIZE: usize = 64;

/// Length, in shingles, of each of the first eight position buckets: together they are the lead of 120 shingles.
const BUCKET_SHINGLES: usize = 15;

/// The hashes of all runs of `width` tokens; a shorter text is one run.
fn shingles(tokens: &[u64], width: usize) -> impl Iterator<Item = u32> + '_ {
    tokens.windows(width.min(tokens.len()).max(1)).map(hash::run)
}

/// The 2-shingles of a text in order, with repetitions: the one at `i` is made of the tokens at `i` and `i + 1`. A text of
/// one token has one shingle.
pub fn shingle_hashes(tokens: &[u64]) -> Vec<u32> {
    shingles(tokens, 2).collect()
}

/// The distinct 2-shingles of a text, each with the position bucket of its first occurrence.
pub fn shingle_set(tokens: &[u64]) -> ShingleSet {
    let lead = BUCKET_SHINGLES * usize::from(POSITION_BUCKETS / 2);
    let rest = tokens.len().saturating_sub(1 + lead).max(1);
    ShingleSet::new(shingles(tokens, 2).enumerate().map(|(at, hash)| {
        let bucket = if at < lead {
            at / BUCKET_SHINGLES
        } else {
            usize::from(POSITION_BUCKETS / 2) + (at - lead) * usize::from(POSITION_BUCKETS / 2) / rest
        };
        (hash, bucket.min(usize::from(POSITION_BUCKETS) - 1) as u8)
    }))
}

/// The bottom-64 `MinHash` sketch of the 3-shingles, ascending: the smallest distinct hashes (Broder 1997,
/// doi:10.1109/SEQUEN.1997.666900).
pub fn sketch(tokens: &[u64]) -> Vec<u32> {
    let hashes: Vec<u32> = shingles(tokens, 3).collect();
    // About 100 hashes lie below the bound, usually enough for the smallest 64. If many repeat and too few are left,
    // all hashes are sorted.
    let bound = (u64::from(u32::MAX) * 100 / hashes.len().max(100) as u64) as u32;
    let mut smallest: Vec<u32> = hashes.iter().copied().filter(|&hash| hash <= bound).collect();
    smallest.sort_unstable();
    smallest.dedup();
    if smallest.len() < SKETCH_SIZE && bound < u32::MAX {
        smallest = hashes;
        smallest.sort_unstable();
        smallest.dedup();
    }
    smallest.truncate(SKETCH_SIZE);
    smallest
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::signature::tokens;

    #[test]
    fn a_text_shorter_than_a_shingle_has_one_shingle() {
        for text in ["word", "two words"] {
            assert_eq!((sketch(&tokens(text)).len(), shingle_set(&tokens(text)).hashes().len()), (1, 1));
        }
        assert!(sketch(&[]).is_empty() && shingle_set(&[]).hashes().is_empty());
        assert_ne!(sketch(&tokens("word")), sketch(&tokens("other")));
    }

    #[test]
    fn position_buckets_separate_the_lead_from_the_rest() {
        let words: Vec<u64> = (0..401).collect();
        let set = shingle_set(&words);
        let mut by_bucket = [0; 16];
        for &bucket in set.position_buckets() {
            by_bucket[usize::from(bucket)] += 1;
        }
        assert_eq!(by_bucket[..8], [15; 8]);
        assert_eq!(by_bucket[8..], [35; 8]);
    }

    proptest! {
        #[test]
        fn a_sketch_consists_of_the_smallest_distinct_hashes(tokens in prop::collection::vec(0u64..40, 0..900)) {
            let all: BTreeSet<u32> = if tokens.is_empty() { BTreeSet::new() } else { shingles(&tokens, 3).collect() };
            prop_assert_eq!(sketch(&tokens), all.into_iter().take(SKETCH_SIZE).collect::<Vec<_>>());
        }

        #[test]
        fn repeating_a_text_adds_only_the_shingle_at_the_seam(tokens in prop::collection::vec(any::<u64>(), 3..300)) {
            let twice: Vec<u64> = tokens.iter().chain(&tokens).copied().collect();
            let (single, double) = (shingle_set(&tokens), shingle_set(&twice));
            let added = double.hashes().iter().filter(|hash| single.hashes().binary_search(hash).is_err()).count();
            prop_assert!(added <= 1);
        }
    }
}
