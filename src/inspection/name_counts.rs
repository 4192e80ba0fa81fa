//! How often each of many names occurs.

use std::collections::HashMap;
use std::fmt;

/// The greatest number of names that are counted.
const COUNTED_NAMES_MAX: usize = 10_000;

/// How many names are shown.
const SHOWN_NAMES: usize = 5;

/// Counts names. A feed may have any number of them, so only the first ones are kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct NameCounts {
    counts: HashMap<String, u64>,
    overflowed: bool,
}

impl NameCounts {
    /// Counts a name once more.
    pub(super) fn add(&mut self, name: &str) {
        if let Some(count) = self.counts.get_mut(name) {
            *count += 1;
        } else if self.counts.len() < COUNTED_NAMES_MAX {
            self.counts.insert(name.to_owned(), 1);
        } else {
            self.overflowed = true;
        }
    }

    /// Whether nothing was counted.
    pub(super) fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }
}

impl fmt::Display for NameCounts {
    /// The number of names, and the most frequent ones.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut names: Vec<_> = self.counts.iter().collect();
        names.sort_unstable_by(|(a, a_count), (b, b_count)| b_count.cmp(a_count).then_with(|| a.cmp(b)));
        let shown: Vec<_> = names.iter().take(SHOWN_NAMES).map(|(name, count)| format!("{name} {count}")).collect();
        let or_more = if self.overflowed { " or more" } else { "" };
        let rest = if names.len() > SHOWN_NAMES { ", …" } else { "" };
        write!(f, "{}{or_more}: {}{rest}", names.len(), shown.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_frequent_names_are_shown_and_the_number_kept_is_bounded() {
        let mut names = NameCounts::default();
        for (name, count) in [("d", 1), ("b", 4), ("a", 4), ("c", 2), ("e", 1)] {
            (0..count).for_each(|_| names.add(name));
        }
        assert_eq!(names.to_string(), "5: a 4, b 4, c 2, d 1, e 1");
        (0..2 * COUNTED_NAMES_MAX).for_each(|number| names.add(&format!("{number}.example")));
        names.add("a");
        assert_eq!(names.to_string(), "10000 or more: a 5, b 4, c 2, 0.example 1, 1.example 1, …");
    }
}
