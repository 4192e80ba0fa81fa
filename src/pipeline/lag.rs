//! How far a partition is from its end.

use std::collections::BTreeMap;
use std::time::Duration;

use super::port::TopicPartition;
use crate::record::Millis;

/// How often the lag of each partition is looked up.
const EVERY: Duration = Duration::from_secs(5);

/// Looks lags up now and then, and tells records from the control records that end transactions.
#[derive(Debug)]
pub(super) struct LagWatch {
    due: super::Every,
    /// Position and end of each partition at the last look.
    seen: BTreeMap<TopicPartition, (i64, i64)>,
}

impl LagWatch {
    pub(super) fn new() -> Self {
        Self { due: super::Every::new(EVERY), seen: BTreeMap::new() }
    }

    pub(super) fn is_due(&mut self, now: Millis) -> bool {
        self.due.is_due(now)
    }

    /// Records between a position and the end of its partition. Where neither has moved since the last look, polling brought
    /// nothing although something stands there: control records, or records of aborted transactions.
    pub(super) fn messages(&mut self, partition: &TopicPartition, next: i64, end: i64) -> u64 {
        let before = self.seen.insert(partition.clone(), (next, end));
        if before == Some((next, end)) { 0 } else { u64::try_from(end - next).unwrap_or(0) }
    }

    pub(super) fn forget(&mut self, partition: &TopicPartition) {
        self.seen.remove(partition);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_polling_never_brings_is_no_lag() {
        let mut watch = LagWatch::new();
        let partition = TopicPartition { topic: "log".into(), partition: 0 };
        let mut look = |next, end| watch.messages(&partition, next, end);
        assert_eq!(look(5, 9), 4);
        assert_eq!(look(8, 9), 1);
        assert_eq!(look(8, 9), 0);
        assert_eq!(look(8, 12), 4);
        assert_eq!(look(12, 12), 0);
    }
}
