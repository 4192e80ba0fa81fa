//! Hashes of words and of runs of words: one or two multiplications each, the same on every platform.
//!
//! Both combine the halves of the 128-bit product of two words, as wyhash and similar hashes do (Wang Yi 2019, the final
//! version 4). There is no key: anyone can make texts that collide, but gains nothing by it that copying a text would not
//! give.

/// Odd constants without a pattern: the digits of pi (as in Blowfish).
const SECRETS: [u64; 4] = [0x243F_6A88_85A3_08D3, 0x1319_8A2E_0370_7345, 0xA409_3822_299F_31D1, 0x082E_FA98_EC4E_6C89];

/// The exclusive or of both halves of the product.
fn mix(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

/// Hashes a word byte by byte, as letter folding yields it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct WordHasher {
    hash: u64,
    /// The bytes since the last full eight, the first one lowest.
    chunk: u64,
    length: u32,
}

impl WordHasher {
    pub(super) fn push(&mut self, byte: u8) {
        self.chunk |= u64::from(byte) << (8 * (self.length % 8));
        self.length += 1;
        if self.length.is_multiple_of(8) {
            self.hash = mix(self.hash ^ self.chunk ^ SECRETS[0], SECRETS[1]);
            self.chunk = 0;
        }
    }

    pub(super) fn push_char(&mut self, c: char) {
        for &byte in c.encode_utf8(&mut [0; 4]).as_bytes() {
            self.push(byte);
        }
    }

    pub(super) fn is_empty(self) -> bool {
        self.length == 0
    }

    /// The length is hashed too, because bytes of zero at the end must count.
    pub(super) fn hash(self) -> u64 {
        mix(self.hash ^ self.chunk ^ SECRETS[2], SECRETS[3] ^ u64::from(self.length))
    }
}

/// The hash of a run of tokens, in their order.
pub(super) fn run(tokens: &[u64]) -> u32 {
    let hash = tokens.iter().fold(SECRETS[0], |hash, &token| mix(hash ^ SECRETS[1], token ^ SECRETS[2]));
    (hash >> 32) as u32
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn word(bytes: &[u8]) -> u64 {
        let mut word = WordHasher::default();
        for &byte in bytes {
            word.push(byte);
        }
        word.hash()
    }

    /// Distinct words that differ as much as words of a language do: numbers as digits.
    fn words() -> impl Iterator<Item = u64> {
        (0..200_000u32).map(|number| word(number.to_string().as_bytes()))
    }

    #[test]
    fn different_words_have_different_hashes() {
        let hashes: BTreeSet<u64> = words().collect();
        assert_eq!(hashes.len(), 200_000);
        let zeros: BTreeSet<u64> = (0..20).map(|length| word(&vec![0; length])).collect();
        assert_eq!(zeros.len(), 20);
    }

    #[test]
    fn the_hash_of_a_run_depends_on_the_order_and_number_of_tokens() {
        assert_ne!(run(&[1, 2]), run(&[2, 1]));
        assert_ne!(run(&[1, 2]), run(&[1, 2, 0]));
        assert_ne!(run(&[1]), run(&[1, 1]));
    }

    #[test]
    fn runs_collide_as_often_as_by_chance_and_fill_the_range_evenly() {
        let tokens: Vec<u64> = words().collect();
        for width in [2, 3] {
            let hashes: Vec<u32> = tokens.windows(width).map(run).collect();
            let distinct: BTreeSet<u32> = hashes.iter().copied().collect();
            // n²/2³³ of n hashes collide by chance: here 4.7, and more than 15 in one of 10,000 such sets.
            assert!(hashes.len() - distinct.len() <= 15, "{} collide", hashes.len() - distinct.len());
            // Bottom-k estimates depend on the smallest hashes: an even share lies below each bound, within four standard
            // deviations.
            for bits in [16, 24, 28, 31] {
                let below = hashes.iter().filter(|&&hash| u64::from(hash) < 1 << bits).count() as f64;
                let share = f64::from(1 << (31 - bits)) * 2.0;
                let expected = hashes.len() as f64 / share;
                assert!((below - expected).abs() <= 4.0 * expected.sqrt() + 1.0, "{below} instead of {expected}");
            }
        }
    }
}
