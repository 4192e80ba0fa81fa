//! Delivery reports of the records of one transaction.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use rdkafka::ClientContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{DeliveryResult, Message};
use rdkafka::producer::ProducerContext;

use super::log_context::log_error;

/// The delivery reports of one transaction, collected on the polling thread of the producer.
///
/// Each transaction has its own, so a report that comes after its transaction was given up does no harm.
pub(super) struct Deliveries {
    state: Mutex<DeliveryState>,
    reported: Condvar,
}

#[derive(Default)]
struct DeliveryState {
    offsets: Vec<i64>,
    reported: usize,
    failure: Option<Failed>,
}

/// The first record that was not delivered.
#[derive(Debug, Clone, Copy)]
pub(super) struct Failed {
    /// Its index in the transaction.
    pub(super) index: usize,
    /// Why.
    pub(super) code: RDKafkaErrorCode,
}

/// How a wait ended.
#[derive(Debug)]
pub(super) enum Waited {
    /// Every record is stored, at these offsets.
    Delivered(Vec<i64>),
    /// One is not.
    Failed(Failed),
    /// Some reports are missing.
    TimedOut,
}

impl Deliveries {
    pub(super) fn of(records: usize) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(DeliveryState { offsets: vec![-1; records], ..DeliveryState::default() }),
            reported: Condvar::new(),
        })
    }

    /// The handle that the record at `index` carries.
    pub(super) fn handle(self: &Arc<Self>, index: usize) -> DeliveryHandle {
        DeliveryHandle { deliveries: Arc::clone(self), index }
    }

    /// Waits until `records` reports are in, one of them is a failure, or the deadline is past.
    pub(super) fn wait(&self, records: usize, deadline: Instant) -> Waited {
        let mut state = self.lock();
        loop {
            if let Some(failed) = state.failure {
                return Waited::Failed(failed);
            }
            if state.reported >= records {
                return Waited::Delivered(state.offsets.clone());
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Waited::TimedOut;
            }
            (state, _) = self.reported.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// How many reports are in.
    pub(super) fn reported(&self) -> usize {
        self.lock().reported
    }

    fn report(&self, index: usize, result: Result<i64, RDKafkaErrorCode>) {
        let mut state = self.lock();
        state.reported += 1;
        match result {
            Ok(offset) => state.offsets[index] = offset,
            Err(code) => {
                state.failure.get_or_insert(Failed { index, code });
            }
        }
        self.reported.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, DeliveryState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Assigns a delivery report to its record.
pub(super) struct DeliveryHandle {
    deliveries: Arc<Deliveries>,
    index: usize,
}

/// Passes each report to the transaction that it belongs to.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct DeliveryCallback;

impl ClientContext for DeliveryCallback {
    fn error(&self, error: KafkaError, reason: &str) {
        log_error(&error, reason);
    }
}

impl ProducerContext for DeliveryCallback {
    type DeliveryOpaque = Box<DeliveryHandle>;

    fn delivery(&self, result: &DeliveryResult<'_>, handle: Box<DeliveryHandle>) {
        let result = match result {
            Ok(message) => Ok(message.offset()),
            Err((error, _)) => Err(error.rdkafka_error_code().unwrap_or(RDKafkaErrorCode::Fail)),
        };
        handle.deliveries.report(handle.index, result);
    }
}
