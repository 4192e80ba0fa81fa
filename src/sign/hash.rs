//! Hashes of words and of runs of words: a multiplication or two each, the same on every platform.
//!
//! Both fold the 128-bit product of two words, as wyhash and its kin do (Wang Yi 2019, the final version 4). No key: anyone
//! can make texts that collide, and gains nothing that copying a text would not give.

/// Odd constants without a pattern: the digits of pi (as in Blowfish).
const SECRETS: [u64; 4] = [0x243F_6A88_85A3_08D3, 0x1319_8A2E_0370_7345, 0xA409_3822_299F_31D1, 0x082E_FA98_EC4E_6C89];

/// Both halves of the product, one upon the other.
fn mix(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

/// The hash of a word, taken in byte by byte as folding yields it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Word {
    hash: u64,
    /// The bytes since the last eight, the first lowest.
    chunk: u64,
    length: u32,
}

impl Word {
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

    /// The length counts too: bytes of zero at the end must not be lost.
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
        let mut word = Word::default();
        for &byte in bytes {
            word.push(byte);
        }
        word.hash()
    }

    /// Distinct words as unlike each other as words of a language are: numbers, in letters.
    fn words() -> impl Iterator<Item = u64> {
        (0..200_000u32).map(|number| word(number.to_string().as_bytes()))
    }

    #[test]
    fn words_that_differ_hash_apart() {
        let hashes: BTreeSet<u64> = words().collect();
        assert_eq!(hashes.len(), 200_000);
        let zeros: BTreeSet<u64> = (0..20).map(|length| word(&vec![0; length])).collect();
        assert_eq!(zeros.len(), 20);
    }

    #[test]
    fn a_run_is_its_tokens_in_their_order() {
        assert_ne!(run(&[1, 2]), run(&[2, 1]));
        assert_ne!(run(&[1, 2]), run(&[1, 2, 0]));
        assert_ne!(run(&[1]), run(&[1, 1]));
    }

    #[test]
    fn runs_collide_as_often_as_chance_says_and_fill_the_range_evenly() {
        let tokens: Vec<u64> = words().collect();
        for width in [2, 3] {
            let hashes: Vec<u32> = tokens.windows(width).map(run).collect();
            let distinct: BTreeSet<u32> = hashes.iter().copied().collect();
            // Of n hashes n²/2³³ collide by chance: 4.7, and more than 15 once in 10,000 such sets.
            assert!(hashes.len() - distinct.len() <= 15, "{} collide", hashes.len() - distinct.len());
            // Bottom-k estimates go by the smallest: an even share lies below each bound, within four standard deviations.
            for bits in [16, 24, 28, 31] {
                let below = hashes.iter().filter(|&&hash| u64::from(hash) < 1 << bits).count() as f64;
                let share = f64::from(1 << (31 - bits)) * 2.0;
                let expected = hashes.len() as f64 / share;
                assert!((below - expected).abs() <= 4.0 * expected.sqrt() + 1.0, "{below} and not {expected}");
            }
        }
    }
}
