//! The two loops of the service: [`SignLoop`] and [`FoldLoop`]. They know no Kafka (see [`port`]), no metrics
//! (see [`observe`]) and no threads: whoever runs them calls `step` until it is time to stop.

mod dead_letter;
pub mod failpoint;
mod fold_loop;
mod lag;
pub mod merge;
pub mod observe;
mod placed;
pub mod port;
mod restore;
mod sign_loop;
pub mod sort;

pub use dead_letter::{dead_letter, refused_at};
pub use fold_loop::{FoldLoop, FoldSettings, public};
pub use placed::{Placed, place};
pub(crate) use restore::Note;
pub use sign_loop::{Input, SignLoop, SignSettings, Signing};

use crate::record::Millis;
use std::time::Duration;

/// Tells the time; the service reads the system's clock, a simulation its own.
pub trait Clock {
    /// Now.
    fn now(&self) -> Millis;
}

/// What a step found to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Nothing came.
    Idle,
    /// Something was done.
    Worked,
    /// All that there is to read was read, and what came of it is committed.
    Ended,
}

/// How long a loop that was fenced, or whose writer failed, waits before it opens a new writer: long enough for its
/// group to say that the partition is another's now, so that two instances do not fence each other in turn.
const REOPEN_AFTER: Duration = Duration::from_secs(3);

/// The header of a signature that a replay has read ahead of its range: it is folded, and nothing is published of it.
const WARMUP: &str = "wirefold.warmup";

/// The header that carries a trace on (W3C Trace Context).
const TRACEPARENT: &str = "traceparent";

/// The longest value of that header that is carried on; the specification's have 55 bytes.
const TRACEPARENT_BYTES_MAX: usize = 64;

/// The headers of an outbound record that carry the trace of an inbound one on.
fn traced(record: &port::Inbound) -> Vec<(String, Option<Vec<u8>>)> {
    let is_trace = |(name, value): &&(String, Option<Vec<u8>>)| {
        name == TRACEPARENT && value.as_ref().is_none_or(|value| value.len() <= TRACEPARENT_BYTES_MAX)
    };
    record.headers.iter().filter(is_trace).take(1).cloned().collect()
}

/// When something is done that is done now and then.
#[derive(Debug)]
struct Every {
    period: Duration,
    next: Millis,
}

impl Every {
    fn new(period: Duration) -> Self {
        Self { period, next: Millis::MIN }
    }

    fn is_due(&mut self, now: Millis) -> bool {
        let due = now >= self.next;
        if due {
            self.next = now.plus(self.period);
        }
        due
    }
}
