//! The inverted index over sketches: from a hash to the live articles that have it.

/// The slot of an article in the index. Its number means nothing, so dumps for comparing states leave it out.
#[derive(Clone, Copy)]
pub(crate) struct Slot(u32);

impl std::fmt::Debug for Slot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Slot")
    }
}

/// Postings of the indexed articles, four bytes each.
///
/// Articles are numbered densely, by slot, and there are as many buckets as there may be slots. The number of a bucket is
/// the upper part of the (scrambled) hash, so an entry needs only the lower part, and the rest of its 32 bits is just enough
/// for a slot (quotienting: Knuth, The Art of Computer Programming 3, 6.4, exercise 13).
///
/// When an article leaves, only its slot is marked, so its sketch need not be kept. Its entries are skipped until the next
/// sweep drops them; only then can the slot be used again.
#[derive(Debug, Clone)]
pub(crate) struct Index {
    /// Binary logarithm of the number of buckets, which is also the highest number of slots.
    bits: u32,
    /// Entries in the order of insertion: the rest of the hash in the upper bits, the slot in the lower.
    buckets: Vec<Vec<u32>>,
    /// `seq` of the article in each slot; [`EMPTY`] where it has left.
    articles: Vec<u64>,
    /// Slots whose articles have left since the last sweep.
    left: Vec<u32>,
    /// Slots without entries.
    free: Vec<u32>,
}

const EMPTY: u64 = u64::MAX;

const BITS_MIN: u32 = 6;

/// Sketches hold the smallest hashes of their articles: this factor spreads them over the buckets (Fibonacci hashing).
const SCRAMBLE: u32 = 0x9E37_79B1;
/// The inverse of [`SCRAMBLE`].
const UNSCRAMBLE: u32 = 0x0E8B_2F51;

/// One in so many slots may be empty before a sweep: little memory is lost, and the work for each article is small.
const SWEEP_SHARE: usize = 8;

impl Default for Index {
    fn default() -> Self {
        Self {
            bits: BITS_MIN,
            buckets: vec![Vec::new(); 1 << BITS_MIN],
            articles: Vec::new(),
            left: Vec::new(),
            free: Vec::new(),
        }
    }
}

impl Index {
    /// Indexes an article under the distinct hashes of its sketch.
    pub(crate) fn insert(&mut self, seq: u64, sketch: &[u32]) -> Slot {
        let slot = self.free.pop().unwrap_or_else(|| {
            if self.articles.len() == 1 << self.bits {
                self.double();
            }
            self.articles.push(EMPTY);
            self.articles.len() as u32 - 1
        });
        self.articles[slot as usize] = seq;
        for &hash in sketch {
            let (bucket, rest) = self.place(hash);
            push(&mut self.buckets[bucket], rest << self.bits | slot);
        }
        Slot(slot)
    }

    /// Removes the article in this slot.
    pub(crate) fn remove(&mut self, Slot(slot): Slot) {
        self.articles[slot as usize] = EMPTY;
        self.left.push(slot);
        if self.left.len() > self.articles.len() / SWEEP_SHARE {
            self.sweep();
        }
    }

    /// `seq` of the articles that have `hash`, the latest entry first.
    pub(crate) fn lookup(&self, hash: u32) -> impl Iterator<Item = u64> + '_ {
        let (bucket, rest) = self.place(hash);
        let slots = (1 << self.bits) - 1;
        let found = self.buckets[bucket].iter().rev().filter(move |&&entry| entry >> self.bits == rest);
        found.map(move |&entry| self.articles[(entry & slots) as usize]).filter(|&seq| seq != EMPTY)
    }

    /// The bucket of a hash, and the rest of the hash, which does not follow from the bucket.
    fn place(&self, hash: u32) -> (usize, u32) {
        let scrambled = hash.wrapping_mul(SCRAMBLE);
        let rest_bits = u32::BITS - self.bits;
        ((scrambled >> rest_bits) as usize, scrambled & ((1 << rest_bits) - 1))
    }

    /// Splits each bucket in two, by the uppermost bit of the rest of the hash.
    fn double(&mut self) {
        let slot_mask = (1 << self.bits) - 1;
        let mut buckets = Vec::with_capacity(2 * self.buckets.len());
        for bucket in std::mem::take(&mut self.buckets) {
            let mut halves = [Vec::new(), Vec::new()];
            for entry in bucket {
                let rest = entry & !slot_mask;
                push(&mut halves[(entry >> (u32::BITS - 1)) as usize], rest << 1 | entry & slot_mask);
            }
            buckets.extend(halves);
        }
        self.buckets = buckets;
        self.bits += 1;
    }

    /// Drops the entries of articles that have left, and frees memory that an unusually busy day has taken.
    fn sweep(&mut self) {
        let slot_mask = (1 << self.bits) - 1;
        for bucket in &mut self.buckets {
            bucket.retain(|entry| self.articles[(entry & slot_mask) as usize] != EMPTY);
            bucket.shrink_to(bucket.len() + growth(bucket.len()));
        }
        self.free.append(&mut self.left);
    }

    /// All postings, for comparing states.
    pub(crate) fn dump(&self) -> std::collections::BTreeMap<u32, Vec<u64>> {
        let mut postings = std::collections::BTreeMap::new();
        for (number, bucket) in self.buckets.iter().enumerate() {
            for &entry in bucket {
                let scrambled = (number as u32) << (u32::BITS - self.bits) | entry >> self.bits;
                let seq = self.articles[(entry & ((1 << self.bits) - 1)) as usize];
                if seq != EMPTY {
                    postings.entry(scrambled.wrapping_mul(UNSCRAMBLE)).or_insert_with(Vec::new).push(seq);
                }
            }
        }
        for seqs in postings.values_mut() {
            seqs.sort_unstable();
        }
        postings
    }
}

/// The room by which a full bucket of this length grows: less than doubling, since there are very many buckets.
fn growth(len: usize) -> usize {
    8.max(len / 8)
}

fn push(bucket: &mut Vec<u32>, entry: u32) {
    if bucket.len() == bucket.capacity() {
        bucket.reserve_exact(growth(bucket.len()));
    }
    bucket.push(entry);
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn unscrambling_reverses_scrambling() {
        assert_eq!(SCRAMBLE.wrapping_mul(UNSCRAMBLE), 1);
    }

    proptest! {
        #[test]
        fn the_index_is_a_map_from_hash_to_articles(
            // Few articles that come and go, or many, so that the buckets double.
            articles in prop::sample::select(vec![12u64, 300]),
            hashes in prop::sample::select(vec![20u32, u32::MAX]),
            steps in prop::collection::vec((any::<bool>(), any::<u64>(), prop::collection::vec(any::<u32>(), 0..6)), 0..800),
        ) {
            let mut index = Index::default();
            let mut model: BTreeMap<u64, (Slot, BTreeSet<u32>)> = BTreeMap::new();
            for (insert, seq, sketch) in steps {
                let seq = seq % articles;
                if let Some((slot, _)) = model.remove(&seq) {
                    index.remove(slot);
                }
                if insert {
                    let sketch: BTreeSet<u32> = sketch.into_iter().map(|hash| hash % hashes).collect();
                    let slot = index.insert(seq, &sketch.iter().copied().collect::<Vec<_>>());
                    model.insert(seq, (slot, sketch));
                }
            }
            let mut expected: BTreeMap<u32, Vec<u64>> = BTreeMap::new();
            for (&seq, (_, sketch)) in &model {
                for &hash in sketch {
                    expected.entry(hash).or_default().push(seq);
                }
            }
            for (&hash, seqs) in &expected {
                let mut found: Vec<u64> = index.lookup(hash).collect();
                found.sort_unstable();
                prop_assert_eq!(&found, seqs);
            }
            prop_assert_eq!(index.lookup(hashes).count(), 0);
            prop_assert_eq!(index.dump(), expected);
            let entries: usize = index.buckets.iter().map(Vec::len).sum();
            prop_assert!(index.articles.len() <= 2 * articles as usize && entries <= 6 * 2 * articles as usize);
        }
    }
}
