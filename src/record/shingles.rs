//! The set of 2-shingles by which articles are compared, and its encoding.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The highest number of hashes in a set of shingles. A usual article has 550; the longest reports of the measured sets have
/// some 30,000, of which a sample is enough.
pub const SIGNATURE_SHINGLES_MAX: usize = 4096;

/// The number of position buckets; see [`ShingleSet::position_buckets`].
pub const POSITION_BUCKETS: u8 = 16;

/// Distinct shingle hashes of one article, or an even sample of them.
///
/// Sampling is by threshold (`FracMinHash`, Irber et al. 2022, doi:10.1101/2022.01.11.475838): at rate `r`
/// a hash is kept when it is below 2^(32-r), so the sample of a coarser rate is a prefix of the sorted finer one,
/// and two samples are compared at the coarser of their rates.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ShingleSet {
    rate: u8,
    hashes: Vec<u32>,
    position_buckets: Vec<u8>,
}

impl ShingleSet {
    /// Makes the set of these hashes, each with the position bucket of its first occurrence, sampled so that at most
    /// [`SIGNATURE_SHINGLES_MAX`] are left. `occurrences` are (hash, position bucket) in text order; a position bucket is below
    /// [`POSITION_BUCKETS`].
    pub fn new(occurrences: impl Iterator<Item = (u32, u8)>) -> Self {
        // Hash, place in the text and position bucket are sorted as one number: the first occurrence of a hash comes first.
        let mut all: Vec<u64> = occurrences
            .enumerate()
            .map(|(at, (hash, position_bucket))| {
                u64::from(hash) << 32 | (at as u64 & 0xFF_FFFF) << 8 | u64::from(position_bucket)
            })
            .collect();
        all.sort_unstable();
        let hash = |packed: u64| (packed >> 32) as u32;
        all.dedup_by_key(|packed| hash(*packed));
        let mut rate = 0;
        while all.len() > SIGNATURE_SHINGLES_MAX {
            rate += 1;
            all.truncate(all.partition_point(|&packed| is_sampled(rate, hash(packed))));
        }
        let hashes = all.iter().map(|&packed| hash(packed)).collect();
        Self { rate, hashes, position_buckets: all.iter().map(|&packed| packed as u8).collect() }
    }

    /// The sampling rate: at 0 all hashes are kept, at `r` one in 2^r.
    pub fn rate(&self) -> u8 {
        self.rate
    }

    /// The hashes, ascending and distinct.
    pub fn hashes(&self) -> &[u32] {
        &self.hashes
    }

    /// The part of the text in which each hash of [`ShingleSet::hashes`] occurs first: position buckets 0 to 7 are the first
    /// eight runs of 15 shingles, 8 to 15 the eighths of the rest. They show where in a text a match lies.
    pub fn position_buckets(&self) -> &[u8] {
        &self.position_buckets
    }
}

/// Whether a position bucket belongs to the lead: the first 120 shingles.
pub(crate) fn is_lead(position_bucket: u8) -> bool {
    position_bucket < POSITION_BUCKETS / 2
}

/// Whether a sample of this rate keeps the hash.
pub(crate) fn is_sampled(rate: u8, hash: u32) -> bool {
    u64::from(hash) < 1 << (32 - u32::from(rate.min(32)))
}

/// The encoded set: rate, count, two position buckets to a byte, and the Rice-coded gaps between ascending hashes.
/// The 550 gaps of a usual article need 23 to 25 bits each, where a varint takes 32.
#[derive(Serialize, Deserialize)]
struct EncodedShingleSet {
    rate: u8,
    count: u32,
    position_buckets: Vec<u8>,
    gaps: Vec<u8>,
}

impl Serialize for ShingleSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        EncodedShingleSet {
            rate: self.rate,
            count: self.hashes.len() as u32,
            position_buckets: self
                .position_buckets
                .chunks(2)
                .map(|pair| pair[0] | pair.get(1).map_or(0, |high| high << 4))
                .collect(),
            gaps: rice::encode(&self.hashes),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for ShingleSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let encoded = EncodedShingleSet::deserialize(deserializer)?;
        let count = encoded.count as usize;
        if count > SIGNATURE_SHINGLES_MAX || encoded.position_buckets.len() != count.div_ceil(2) || encoded.rate > 32 {
            return Err(de::Error::custom("a shingle set with inconsistent counts"));
        }
        let hashes =
            rice::decode(&encoded.gaps, count).ok_or_else(|| de::Error::custom("a shingle set with broken gaps"))?;
        let position_buckets = (0..count).map(|i| (encoded.position_buckets[i / 2] >> (4 * (i % 2))) & 15).collect();
        Ok(Self { rate: encoded.rate, hashes, position_buckets })
    }
}

/// Encodes a sorted list of distinct hashes as Rice-coded gaps; for `#[serde(with)]`.
pub(crate) mod sorted {
    use super::{Deserialize, Deserializer, Serialize, Serializer, de, rice};

    pub(crate) fn serialize<S: Serializer>(hashes: &[u32], serializer: S) -> Result<S::Ok, S::Error> {
        (hashes.len() as u32, rice::encode(hashes)).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u32>, D::Error> {
        let (count, gaps) = <(u32, Vec<u8>)>::deserialize(deserializer)?;
        rice::decode(&gaps, count as usize).ok_or_else(|| de::Error::custom("a sorted list with broken gaps"))
    }
}

/// Golomb-Rice coding of ascending distinct `u32`s (Rice and Plaunt 1971): of each gap less one, the upper part is written in
/// unary and the lower `k` bits as they are. `k` follows from the mean gap and is the first byte.
pub(crate) mod rice {
    pub(crate) fn encode(sorted: &[u32]) -> Vec<u8> {
        let Some(&last) = sorted.last() else { return Vec::new() };
        let mean_gap = u64::from(last) / sorted.len() as u64;
        let k = mean_gap.max(1).ilog2().min(31);
        let mut bits = BitWriter { bytes: vec![k as u8], pending: 0, held: 0 };
        let mut next = 0u64;
        for &hash in sorted {
            debug_assert!(u64::from(hash) >= next, "hashes are ascending and distinct");
            let gap = u64::from(hash) - next;
            next = u64::from(hash) + 1;
            for _ in 0..gap >> k {
                bits.push(1, 1);
            }
            bits.push(0, 1);
            bits.push(gap & ((1 << k) - 1), k);
        }
        bits.finish()
    }

    pub(crate) fn decode(bytes: &[u8], count: usize) -> Option<Vec<u32>> {
        if count == 0 {
            return bytes.is_empty().then(Vec::new);
        }
        let (&k, body) = bytes.split_first()?;
        // Each value takes at least one bit: a higher count is wrong, and must not allocate memory.
        if k > 31 || count > body.len() * 8 {
            return None;
        }
        let mut bits = BitReader { bytes: body, at: 0 };
        let mut hashes = Vec::with_capacity(count);
        let mut next = 0u64;
        for _ in 0..count {
            let hash = next.checked_add(bits.gap(u32::from(k))?)?;
            hashes.push(u32::try_from(hash).ok()?);
            next = hash + 1;
        }
        Some(hashes)
    }

    struct BitWriter {
        bytes: Vec<u8>,
        pending: u64,
        held: u32,
    }

    impl BitWriter {
        /// Appends the low `count` (at most 32) bits of a value, lowest first.
        fn push(&mut self, value: u64, count: u32) {
            self.pending |= value << self.held;
            self.held += count;
            while self.held >= 8 {
                self.bytes.push(self.pending as u8);
                self.pending >>= 8;
                self.held -= 8;
            }
        }

        fn finish(mut self) -> Vec<u8> {
            if self.held > 0 {
                self.bytes.push(self.pending as u8);
            }
            self.bytes
        }
    }

    struct BitReader<'a> {
        bytes: &'a [u8],
        at: usize,
    }

    impl BitReader<'_> {
        /// The next value: ones up to a zero, then `k` (at most 31) bits. None at the end.
        fn gap(&mut self, k: u32) -> Option<u64> {
            let mut quotient = 0;
            loop {
                // The window has at least 57 bits: enough for 25 ones, the zero and 31 bits, so one round is the rule.
                let window = self.window();
                let ones = window.trailing_ones().min(32);
                let whole = ones <= 25;
                self.at += if whole { ones + 1 + k } else { ones } as usize;
                if self.at > self.bytes.len() * 8 {
                    return None;
                }
                quotient += u64::from(ones);
                if whole {
                    return Some((quotient << k) | ((window >> (ones + 1)) & ((1 << k) - 1)));
                }
            }
        }

        /// The next bits, at least 57; zeros follow the last one.
        fn window(&self) -> u64 {
            let rest = &self.bytes[self.at / 8..];
            let bytes = rest.first_chunk().copied().unwrap_or_else(|| {
                let mut padded = [0; 8];
                padded[..rest.len()].copy_from_slice(rest);
                padded
            });
            u64::from_le_bytes(bytes) >> (self.at % 8)
        }
    }

    #[cfg(test)]
    mod tests {
        use proptest::prelude::*;

        proptest! {
            #[test]
            fn decoding_reverses_encoding(set in prop::collection::btree_set(any::<u32>(), 0..600)) {
                let sorted: Vec<u32> = set.into_iter().collect();
                prop_assert_eq!(super::decode(&super::encode(&sorted), sorted.len()), Some(sorted));
            }

            #[test]
            fn any_bytes_decode_to_ascending_hashes_or_to_none(bytes in prop::collection::vec(any::<u8>(), 0..80), count in 0usize..5000) {
                if let Some(hashes) = super::decode(&bytes, count) {
                    prop_assert!(hashes.windows(2).all(|pair| pair[0] < pair[1]));
                }
            }
        }

        #[test]
        fn the_smallest_and_the_largest_hash_are_encoded() {
            for sorted in [vec![0], vec![u32::MAX], vec![0, u32::MAX], (0..100).collect()] {
                assert_eq!(super::decode(&super::encode(&sorted), sorted.len()), Some(sorted));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_position_bucket_is_that_of_the_first_occurrence() {
        let set = ShingleSet::new([(9, 0), (5, 1), (9, 7)].into_iter());
        assert_eq!((set.hashes(), set.position_buckets()), (&[5, 9][..], &[1, 0][..]));
    }

    #[test]
    fn a_long_text_is_sampled_evenly_below_the_bound() {
        let set = ShingleSet::new((0..20_000u32).map(|i| (i.wrapping_mul(0x9E37_79B1), 3)));
        assert!(set.hashes().len() <= SIGNATURE_SHINGLES_MAX && set.hashes().len() > SIGNATURE_SHINGLES_MAX / 4);
        assert!(set.hashes().iter().all(|&hash| is_sampled(set.rate(), hash)));
    }

    #[test]
    fn a_set_is_the_same_after_encoding_and_decoding() {
        let set = ShingleSet::new((0..553u32).map(|i| (i.wrapping_mul(0x9E37_79B1), (i % 16) as u8)));
        let bytes = postcard::to_stdvec(&set).expect("serialises");
        assert_eq!(postcard::from_bytes::<ShingleSet>(&bytes).expect("reads"), set);
    }
}
