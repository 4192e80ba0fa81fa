//! Which text is known under a uri.

use std::collections::HashMap;
use std::mem;

use xxhash_rust::xxh3::xxh3_64;

/// How many uris a generation holds: a uri is remembered for at least as many others.
const REMEMBERED_URIS_MAX: usize = 1_000_000;

/// For each uri the hash of the text that it had when it was last taken. The memory is bounded: what was not asked for
/// longest is forgotten.
#[derive(Debug, Default)]
pub(super) struct KnownTexts {
    recent: HashMap<u64, u64>,
    older: HashMap<u64, u64>,
}

impl KnownTexts {
    /// The hash of the text that is known under a uri.
    pub(super) fn get(&mut self, uri: &str) -> Option<u64> {
        let key = xxh3_64(uri.as_bytes());
        if let Some(&text) = self.recent.get(&key) {
            return Some(text);
        }
        let text = self.older.remove(&key)?;
        self.insert_key(key, text);
        Some(text)
    }

    /// Remembers the text of a uri.
    pub(super) fn insert(&mut self, uri: &str, text: u64) {
        self.insert_key(xxh3_64(uri.as_bytes()), text);
    }

    fn insert_key(&mut self, key: u64, text: u64) {
        if self.recent.len() >= REMEMBERED_URIS_MAX {
            self.older = mem::take(&mut self.recent);
        }
        self.recent.insert(key, text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_asked_for_longest_is_forgotten() {
        let mut known = KnownTexts::default();
        known.insert("urn:a", 1);
        known.insert("urn:b", 2);
        known.insert("urn:b", 3);
        for number in 0..REMEMBERED_URIS_MAX as u64 {
            known.insert_key(number, 0);
        }
        assert_eq!(known.get("urn:a"), Some(1), "it is in the older generation, and asked for");
        for number in 0..REMEMBERED_URIS_MAX as u64 {
            known.insert_key(!number, 0);
        }
        assert_eq!((known.get("urn:a"), known.get("urn:b")), (Some(1), None));
        assert!(known.recent.len() <= REMEMBERED_URIS_MAX && known.older.len() <= REMEMBERED_URIS_MAX);
    }
}
