//! How far a partition is from its end.

use std::collections::BTreeMap;
use std::time::Duration;

use super::clock::Every;
use super::port::TopicPartition;
use crate::record::Millis;

/// How often the lag of each partition is looked up.
const EVERY: Duration = Duration::from_secs(5);

/// After this long without a record, although there are some, a fetch is started again: client libraries have lost
/// partitions on pause, resume and seek, and starting a fetch again does no harm.
const STUCK_AFTER: Duration = Duration::from_secs(30);

/// Measures lags, tells records from the control records that end transactions, and finds partitions whose fetch is stuck.
#[derive(Debug)]
pub(super) struct LagWatch {
    due: Every,
    seen: BTreeMap<TopicPartition, Measured>,
}

/// A partition when its lag was last measured.
#[derive(Debug)]
struct Measured {
    next: i64,
    end: i64,
    /// When the offset was last seen to move.
    moved: Millis,
    /// The end when the fetch was last started again.
    refetched_at: Option<i64>,
}

impl LagWatch {
    pub(super) fn new() -> Self {
        Self { due: Every::new(EVERY), seen: BTreeMap::new() }
    }

    pub(super) fn is_due(&mut self, now: Millis) -> bool {
        self.due.is_due(now)
    }

    /// Records between an offset and the end of its partition. Where neither has moved since the last time, polling returned
    /// nothing although offsets are left: control records, or records of aborted transactions.
    pub(super) fn messages(&mut self, partition: &TopicPartition, next: i64, end: i64, now: Millis) -> u64 {
        let look = Measured { next, end, moved: now, refetched_at: None };
        let Some(before) = self.seen.get_mut(partition) else {
            self.seen.insert(partition.clone(), look);
            return u64::try_from(end - next).unwrap_or(0);
        };
        let unmoved = (before.next, before.end) == (next, end);
        if before.next == next {
            before.end = end;
        } else {
            *before = look;
        }
        if unmoved { 0 } else { u64::try_from(end - next).unwrap_or(0) }
    }

    /// Whether the fetch of a partition should be started again: nothing has come for long, and the partition has grown since
    /// that was last done.
    pub(super) fn is_stuck(&mut self, partition: &TopicPartition, now: Millis) -> bool {
        let Some(look) = self.seen.get_mut(partition) else { return false };
        let stuck = look.end > look.next && now >= look.moved.plus(STUCK_AFTER) && look.refetched_at < Some(look.end);
        if stuck {
            look.refetched_at = Some(look.end);
        }
        stuck
    }

    pub(super) fn forget(&mut self, partition: &TopicPartition) {
        self.seen.remove(partition);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn partition() -> TopicPartition {
        TopicPartition { topic: "log".into(), partition: 0 }
    }

    #[test]
    fn what_polling_never_brings_is_no_lag() {
        let mut watch = LagWatch::new();
        let mut look = |next, end| watch.messages(&partition(), next, end, Millis(0));
        assert_eq!(look(5, 9), 4);
        assert_eq!(look(8, 9), 1);
        assert_eq!(look(8, 9), 0);
        assert_eq!(look(8, 12), 4);
        assert_eq!(look(12, 12), 0);
    }

    #[test]
    fn a_fetch_that_brings_nothing_for_long_is_refetched_at_once_for_each_new_end() {
        let mut watch = LagWatch::new();
        let mut look = |next, end, seconds: i64| {
            watch.messages(&partition(), next, end, Millis(seconds * 1000));
            watch.is_stuck(&partition(), Millis(seconds * 1000))
        };
        assert!(!look(5, 9, 0) && !look(5, 9, 29));
        assert!(look(5, 9, 30) && !look(5, 9, 35));
        assert!(look(5, 11, 40) && !look(5, 11, 100));
        assert!(!look(11, 11, 105) && !look(11, 11, 500));
    }
}
