//! Tokens to shingle hashes: the set for verification and the `MinHash` sketch for finding candidates.

use super::hash;
use crate::record::{ShingleSet, ZONES};

/// How many hashes a sketch has. Measured on judged pairs of four corpora: with two shared postings asked for, 64 find
/// .995 of copies and rewrites.
pub const SKETCH_SIZE: usize = 64;

/// The first zones are this many shingles long, eight of them: the opening of 120 shingles.
const ZONE_SHINGLES: usize = 15;

/// The hashes of all runs of `width` tokens; a text shorter than that is one run.
fn shingles(tokens: &[u64], width: usize) -> impl Iterator<Item = u32> + '_ {
    tokens.windows(width.min(tokens.len()).max(1)).map(hash::run)
}

/// The 2-shingles of a text in order, repeated ones too: the one at `i` is made of the tokens at `i` and `i + 1`. A text
/// of one token has one.
#[must_use]
pub fn shingle_hashes(tokens: &[u64]) -> Vec<u32> {
    shingles(tokens, 2).collect()
}

/// The distinct 2-shingles of a text with the zone each one stands in first.
#[must_use]
pub fn shingle_set(tokens: &[u64]) -> ShingleSet {
    let opening = ZONE_SHINGLES * usize::from(ZONES / 2);
    let rest = tokens.len().saturating_sub(1 + opening).max(1);
    ShingleSet::new(shingles(tokens, 2).enumerate().map(|(at, hash)| {
        let zone = if at < opening {
            at / ZONE_SHINGLES
        } else {
            usize::from(ZONES / 2) + (at - opening) * usize::from(ZONES / 2) / rest
        };
        (hash, zone.min(usize::from(ZONES) - 1) as u8)
    }))
}

/// The bottom-64 `MinHash` sketch of the 3-shingles, ascending: the smallest distinct hashes (Broder 1997,
/// doi:10.1109/SEQUEN.1997.666900).
#[must_use]
pub fn sketch(tokens: &[u64]) -> Vec<u32> {
    let hashes: Vec<u32> = shingles(tokens, 3).collect();
    // Only hashes below a bound that about 100 of them meet can be among the smallest 64; when too few are,
    // because many repeat, all are looked at.
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
    use crate::sign::tokens;

    #[test]
    fn a_text_of_fewer_words_than_a_shingle_is_one_shingle() {
        for text in ["word", "two words"] {
            assert_eq!((sketch(&tokens(text)).len(), shingle_set(&tokens(text)).hashes().len()), (1, 1));
        }
        assert!(sketch(&[]).is_empty() && shingle_set(&[]).hashes().is_empty());
        assert_ne!(sketch(&tokens("word")), sketch(&tokens("other")));
    }

    #[test]
    fn zones_tell_the_opening_from_the_rest() {
        let words: Vec<u64> = (0..401).collect();
        let set = shingle_set(&words);
        let mut by_zone = [0; 16];
        for &zone in set.zones() {
            by_zone[usize::from(zone)] += 1;
        }
        assert_eq!(by_zone[..8], [15; 8]);
        assert_eq!(by_zone[8..], [35; 8]);
    }

    proptest! {
        #[test]
        fn a_sketch_is_the_smallest_distinct_hashes(tokens in prop::collection::vec(0u64..40, 0..900)) {
            let all: BTreeSet<u32> = if tokens.is_empty() { BTreeSet::new() } else { shingles(&tokens, 3).collect() };
            prop_assert_eq!(sketch(&tokens), all.into_iter().take(SKETCH_SIZE).collect::<Vec<_>>());
        }

        #[test]
        fn repeating_a_text_changes_only_what_the_seam_adds(tokens in prop::collection::vec(any::<u64>(), 3..300)) {
            let twice: Vec<u64> = tokens.iter().chain(&tokens).copied().collect();
            let (once, again) = (shingle_set(&tokens), shingle_set(&twice));
            let added = again.hashes().iter().filter(|hash| once.hashes().binary_search(hash).is_err()).count();
            prop_assert!(added <= 1);
        }
    }
}
