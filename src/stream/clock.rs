//! Time, as the stages see it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::record::Millis;

/// After being fenced, or after its writer failed, a stage waits this long before it opens a new writer: long enough for
/// the group to assign the partition to another instance, so that two instances do not fence each other in turn.
pub(super) const REOPEN_AFTER: Duration = Duration::from_secs(3);

/// Tells the time: the service reads the system's clock, a simulation its own.
pub trait Clock {
    /// The current time.
    fn now(&self) -> Millis;
}

/// The clock of the system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Millis {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

/// A period after which something is due again.
#[derive(Debug)]
pub(super) struct Every {
    period: Duration,
    next: Millis,
}

impl Every {
    pub(super) fn new(period: Duration) -> Self {
        Self { period, next: Millis::MIN }
    }

    /// Whether it is due now; if so, it is due again after the period.
    pub(super) fn is_due(&mut self, now: Millis) -> bool {
        let due = now >= self.next;
        if due {
            self.next = now.plus(self.period);
        }
        due
    }
}
