//! Merges partitions into one sequence: by time stamp, then by the index of the partition, then by offset.

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeSet, BinaryHeap};

use crate::stream::port::ConsumerRecord;

/// Merges the records of several partitions by comparing the first record of each.
///
/// The next record depends on these first records alone, so a merge that starts where another one stopped continues like
/// it. Where the time stamps of a partition do not ascend, a record behind a later one comes right after it: the order is
/// that of the running maximum.
#[derive(Debug)]
pub(super) struct Merge {
    heads: BinaryHeap<Reverse<Head>>,
    awaited: BTreeSet<usize>,
}

/// The first record of a partition.
#[derive(Debug)]
struct Head {
    index: usize,
    record: ConsumerRecord,
}

impl Head {
    fn key(&self) -> (i64, usize) {
        (self.record.timestamp.0, self.index)
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
    pub(super) fn new(partitions: usize) -> Self {
        Self { heads: BinaryHeap::with_capacity(partitions), awaited: (0..partitions).collect() }
    }

    /// The indices of partitions whose next record, or end, must be known before the merge can continue.
    pub(super) fn awaited(&self) -> Vec<usize> {
        self.awaited.iter().copied().collect()
    }

    /// The next record of an awaited partition.
    pub(super) fn supply(&mut self, index: usize, record: ConsumerRecord) {
        if self.awaited.remove(&index) {
            self.heads.push(Reverse(Head { index, record }));
        }
    }

    /// An awaited partition has no more records.
    pub(super) fn end(&mut self, index: usize) {
        self.awaited.remove(&index);
    }

    /// The next record; none while a partition is awaited, and at the end.
    pub(super) fn peek(&self) -> Option<&ConsumerRecord> {
        self.heads.peek().filter(|_| self.awaited.is_empty()).map(|Reverse(head)| &head.record)
    }

    /// Takes the next record, with the index of its partition, which is awaited from now on.
    pub(super) fn pop(&mut self) -> Option<(usize, ConsumerRecord)> {
        self.peek()?;
        let Reverse(Head { index, record }) = self.heads.pop()?;
        self.awaited.insert(index);
        Some((index, record))
    }

    /// Every partition has ended, and every record was taken.
    pub(super) fn is_ended(&self) -> bool {
        self.awaited.is_empty() && self.heads.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::record::Millis;
    use crate::stream::port::TopicPartition;

    fn record(index: usize, offset: usize, timestamp: i64) -> ConsumerRecord {
        ConsumerRecord {
            from: TopicPartition { topic: "articles".into(), partition: index as i32 },
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
            for index in merge.awaited() {
                match partitions[index].get(next[index]) {
                    _ if look % patience[index] != 0 => {}
                    Some(&timestamp) => {
                        merge.supply(index, record(index, next[index], timestamp));
                        next[index] += 1;
                    }
                    None => merge.end(index),
                }
            }
            while let Some((index, record)) = merge.pop() {
                order.push((index, record.offset as usize));
            }
        }
        order
    }

    /// The same by sorting everything.
    fn sorted(partitions: &[Vec<i64>]) -> Vec<(usize, usize)> {
        let mut all = Vec::new();
        for (index, timestamps) in partitions.iter().enumerate() {
            let mut latest = i64::MIN;
            for (offset, &timestamp) in timestamps.iter().enumerate() {
                latest = latest.max(timestamp);
                all.push((latest, index, offset));
            }
        }
        all.sort_unstable();
        all.into_iter().map(|(_, index, offset)| (index, offset)).collect()
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
            for &(index, offset) in before {
                from[index] = offset + 1;
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
        assert_eq!(merge.pop().map(|(index, _)| index), Some(0));
        assert!(merge.pop().is_none() && merge.awaited() == [0]);
    }
}
