//! Partitions as one sequence: by time stamp, then by the partition's place, then by offset.

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeSet, BinaryHeap};

use super::port::Inbound;

/// Merges the records of several partitions by looking at the first record of each.
///
/// What comes next depends on these first records alone, so a merge that begins anew where another one stopped goes on as
/// it would have. Where the time stamps of a partition do not ascend, a record that lies behind a later one comes right
/// after it: the order is that of the running maximum.
#[derive(Debug)]
pub struct Merge {
    heads: BinaryHeap<Reverse<Head>>,
    awaited: BTreeSet<usize>,
}

/// The first record of a partition.
#[derive(Debug)]
struct Head {
    place: usize,
    record: Inbound,
}

impl Head {
    fn key(&self) -> (i64, usize) {
        (self.record.timestamp.0, self.place)
    }
}

impl Ord for Head {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl PartialOrd for Head {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Head {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Head {}

impl Merge {
    /// A merge of so many partitions, each at its beginning.
    #[must_use]
    pub fn new(partitions: usize) -> Self {
        Self { heads: BinaryHeap::with_capacity(partitions), awaited: (0..partitions).collect() }
    }

    /// The places of partitions whose next record, or end, has to be known before the merge can go on.
    #[must_use]
    pub fn awaited(&self) -> Vec<usize> {
        self.awaited.iter().copied().collect()
    }

    /// The next record of an awaited partition.
    pub fn supply(&mut self, place: usize, record: Inbound) {
        if self.awaited.remove(&place) {
            self.heads.push(Reverse(Head { place, record }));
        }
    }

    /// An awaited partition has no more records.
    pub fn end(&mut self, place: usize) {
        self.awaited.remove(&place);
    }

    /// The next record, left where it is; none while something is awaited, and at the end.
    #[must_use]
    pub fn peek(&self) -> Option<&Inbound> {
        self.heads.peek().filter(|_| self.awaited.is_empty()).map(|Reverse(head)| &head.record)
    }

    /// The next record with its partition's place, which is awaited from now on.
    pub fn pop(&mut self) -> Option<(usize, Inbound)> {
        self.peek()?;
        let Reverse(Head { place, record }) = self.heads.pop()?;
        self.awaited.insert(place);
        Some((place, record))
    }

    /// Every partition has ended, and every record was taken.
    #[must_use]
    pub fn is_ended(&self) -> bool {
        self.awaited.is_empty() && self.heads.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::pipeline::port::TopicPartition;
    use crate::record::Millis;

    fn record(place: usize, offset: usize, timestamp: i64) -> Inbound {
        Inbound {
            from: TopicPartition { topic: "articles".into(), partition: place as i32 },
            offset: offset as i64,
            timestamp: Millis(timestamp),
            key: None,
            value: None,
            headers: Vec::new(),
        }
    }

    /// Merges these partitions from these offsets on; an awaited one brings its record only with every so many-th look.
    fn merged(partitions: &[Vec<i64>], from: &[usize], patience: &[usize]) -> Vec<(usize, usize)> {
        let mut merge = Merge::new(partitions.len());
        let mut next = from.to_vec();
        let mut order = Vec::new();
        let mut look = 0;
        while !merge.is_ended() {
            look += 1;
            for place in merge.awaited() {
                match partitions[place].get(next[place]) {
                    _ if look % patience[place] != 0 => {}
                    Some(&timestamp) => {
                        merge.supply(place, record(place, next[place], timestamp));
                        next[place] += 1;
                    }
                    None => merge.end(place),
                }
            }
            while let Some((place, record)) = merge.pop() {
                order.push((place, record.offset as usize));
            }
        }
        order
    }

    /// The same by sorting everything.
    fn sorted(partitions: &[Vec<i64>]) -> Vec<(usize, usize)> {
        let mut all = Vec::new();
        for (place, timestamps) in partitions.iter().enumerate() {
            let mut latest = i64::MIN;
            for (offset, &timestamp) in timestamps.iter().enumerate() {
                latest = latest.max(timestamp);
                all.push((latest, place, offset));
            }
        }
        all.sort_unstable();
        all.into_iter().map(|(_, place, offset)| (place, offset)).collect()
    }

    proptest! {
        #[test]
        fn the_order_is_that_of_sorting_everything_whatever_the_speeds_of_the_partitions(
            partitions in prop::collection::vec(prop::collection::vec(0..20_i64, 0..30), 1..6),
            patience in prop::collection::vec(1..5_usize, 6),
        ) {
            prop_assert_eq!(merged(&partitions, &vec![0; partitions.len()], &patience), sorted(&partitions));
        }

        #[test]
        fn a_merge_begun_anew_anywhere_goes_on_as_it_would_have(
            partitions in prop::collection::vec(prop::collection::vec(0..20_i64, 0..30), 1..6),
            stop in 0..150_usize,
        ) {
            let whole = sorted(&partitions);
            let (before, after) = whole.split_at(stop.min(whole.len()));
            let mut from = vec![0; partitions.len()];
            for &(place, offset) in before {
                from[place] = offset + 1;
            }
            prop_assert_eq!(merged(&partitions, &from, &[1; 6]), after);
        }
    }

    #[test]
    fn nothing_comes_while_a_partition_is_awaited() {
        let mut merge = Merge::new(2);
        merge.supply(0, record(0, 0, 5));
        assert!(merge.peek().is_none() && merge.pop().is_none() && merge.awaited() == [1]);
        merge.supply(1, record(1, 0, 7));
        assert_eq!(merge.pop().map(|(place, _)| place), Some(0));
        assert!(merge.pop().is_none() && merge.awaited() == [0]);
    }
}
