//! Record headers that the stages write and read.

use super::port::{ConsumerRecord, Headers};

/// Marks a signature that a replay reads before its range: it is clustered, and nothing is published of it.
pub(super) const WARMUP: &str = "wirefold.warmup";

/// Carries a trace (W3C Trace Context).
const TRACEPARENT: &str = "traceparent";

/// The longest trace header that is copied; those of the specification have 55 bytes.
const TRACEPARENT_BYTES_MAX: usize = 64;

/// The headers that continue the trace of a record.
pub(super) fn trace_of(record: &ConsumerRecord) -> Headers {
    let is_trace = |(name, value): &&(String, Option<Vec<u8>>)| {
        name == TRACEPARENT && value.as_ref().is_none_or(|value| value.len() <= TRACEPARENT_BYTES_MAX)
    };
    record.headers.iter().filter(is_trace).take(1).cloned().collect()
}

/// Whether the record of a log is warm-up.
pub(crate) fn is_warmup(record: &ConsumerRecord) -> bool {
    record.headers.iter().any(|(name, _)| name == WARMUP)
}
