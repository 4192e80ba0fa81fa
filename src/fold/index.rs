//! The inverted index over sketches: from a hash to the live articles that have it.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasherDefault, Hasher};

/// Hashes are uniform already; hashing them again would only cost. Nothing depends on the order of such a map.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct PassHasher(u64);

impl Hasher for PassHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 << 8) | u64::from(byte);
        }
    }

    fn write_u32(&mut self, hash: u32) {
        // The table takes its bucket from the low bits and its tag from the high ones.
        self.0 = u64::from(hash).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}

/// A map keyed by shingle hashes.
pub(crate) type HashKeyed<V> = HashMap<u32, V, BuildHasherDefault<PassHasher>>;

/// Postings of the indexed articles.
///
/// Most hashes belong to one article: a posting is its `seq` in 31 bits, or the number of a list.
/// What is in the index is a function of the live articles; only the numbers of the lists are not, and they stay inside.
#[derive(Debug, Clone, Default)]
pub(crate) struct Index {
    postings: HashKeyed<u32>,
    /// Oldest articles first, as a rule: they are taken out first, and that must not cost the length of the list.
    lists: Vec<VecDeque<u32>>,
    free: Vec<u32>,
}

const LIST: u32 = 1 << 31;

/// `seq` as the index keeps it. Live articles span far less than 2^31 decisions, so it names one of them.
fn short(seq: u64) -> u32 {
    (seq % u64::from(LIST)) as u32
}

/// The `seq` near `next` (the next one to be given) whose short form this is.
fn long(short: u32, next: u64) -> u64 {
    let span = u64::from(LIST);
    let candidate = next - next % span + u64::from(short);
    if candidate >= next { candidate.saturating_sub(span) } else { candidate }
}

impl Index {
    pub(crate) fn insert(&mut self, seq: u64, sketch: &[u32]) {
        let seq = short(seq);
        for &hash in sketch {
            let Some(posting) = self.postings.get_mut(&hash) else {
                self.postings.insert(hash, seq);
                continue;
            };
            if *posting & LIST == 0 {
                let number = self.free.pop().unwrap_or_else(|| {
                    self.lists.push(VecDeque::new());
                    self.lists.len() as u32 - 1
                });
                self.lists[number as usize].extend([*posting, seq]);
                *posting = LIST | number;
            } else {
                self.lists[(*posting & !LIST) as usize].push_back(seq);
            }
        }
    }

    pub(crate) fn remove(&mut self, seq: u64, sketch: &[u32]) {
        let seq = short(seq);
        for &hash in sketch {
            let Some(posting) = self.postings.get_mut(&hash) else { continue };
            if *posting & LIST == 0 {
                if *posting == seq {
                    self.postings.remove(&hash);
                }
                continue;
            }
            let number = *posting & !LIST;
            let list = &mut self.lists[number as usize];
            if let Some(at) = list.iter().position(|&other| other == seq) {
                list.remove(at);
            }
            if list.len() == 1 {
                *posting = list[0];
                *list = VecDeque::new();
                self.free.push(number);
            }
        }
        // A day of burst must not hold its memory for ever.
        if self.postings.len() < self.postings.capacity() / 8 {
            self.postings.shrink_to_fit();
        }
    }

    /// The articles that have `hash`, in no particular order; `next` is the next `seq` to be given.
    pub(crate) fn lookup(&self, hash: u32, next: u64) -> impl ExactSizeIterator<Item = u64> + '_ {
        let posting = self.postings.get(&hash).copied();
        let list = posting.filter(|posting| posting & LIST != 0).map(|posting| &self.lists[(posting & !LIST) as usize]);
        let count = list.map_or(usize::from(posting.is_some()), VecDeque::len);
        (0..count).map(move |at| long(list.map_or_else(|| posting.unwrap_or_default(), |list| list[at]), next))
    }

    /// Every posting, for comparing states.
    pub(crate) fn dump(&self, next: u64) -> std::collections::BTreeMap<u32, Vec<u64>> {
        self.postings
            .keys()
            .map(|&hash| {
                let mut seqs: Vec<u64> = self.lookup(hash, next).collect();
                seqs.sort_unstable();
                (hash, seqs)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_index_is_a_map_from_hash_to_articles(
            base in prop::sample::select(vec![0u64, 1 << 31, (1 << 33) - 5]),
            steps in prop::collection::vec((any::<bool>(), 0u64..12, prop::collection::btree_set(0u32..20, 0..6)), 0..80),
        ) {
            let mut index = Index::default();
            let mut model: BTreeMap<u64, BTreeSet<u32>> = BTreeMap::new();
            for (insert, seq, sketch) in steps {
                let seq = base + seq;
                if insert && !model.contains_key(&seq) {
                    index.insert(seq, &sketch.iter().copied().collect::<Vec<_>>());
                    model.insert(seq, sketch);
                } else if let Some(sketch) = model.remove(&seq) {
                    index.remove(seq, &sketch.into_iter().collect::<Vec<_>>());
                }
            }
            let mut expected: BTreeMap<u32, Vec<u64>> = BTreeMap::new();
            for (&seq, sketch) in &model {
                for &hash in sketch {
                    expected.entry(hash).or_default().push(seq);
                }
            }
            prop_assert_eq!(index.dump(base + 12), expected);
        }
    }
}
