//! What became of the records of one transaction.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use rdkafka::ClientContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{DeliveryResult, Message};
use rdkafka::producer::ProducerContext;

use super::notices::notice;

/// The delivery reports of one transaction, gathered on the producer's polling thread.
///
/// Each transaction has its own, so a report that comes after its transaction was given up harms nobody.
pub(super) struct Deliveries {
    state: Mutex<State>,
    reported: Condvar,
}

#[derive(Default)]
struct State {
    offsets: Vec<i64>,
    reported: usize,
    failure: Option<Failed>,
}

/// The first record that was not delivered.
#[derive(Debug, Clone, Copy)]
pub(super) struct Failed {
    /// Its place in the transaction.
    pub(super) index: usize,
    /// Why.
    pub(super) code: RDKafkaErrorCode,
}

/// What a wait ended with.
#[derive(Debug)]
pub(super) enum Waited {
    /// Every record is stored, at these offsets.
    Delivered(Vec<i64>),
    /// One is not.
    Failed(Failed),
    /// Some have not been heard of.
    TimedOut,
}

impl Deliveries {
    pub(super) fn of(records: usize) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(State { offsets: vec![-1; records], ..State::default() }),
            reported: Condvar::new(),
        })
    }

    /// The token that the record at `index` carries.
    pub(super) fn receipt(self: &Arc<Self>, index: usize) -> Receipt {
        Receipt { deliveries: Arc::clone(self), index }
    }

    /// Waits until `records` reports are in, one of them says no, or the deadline is past.
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

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Says whose delivery a report is about.
pub(super) struct Receipt {
    deliveries: Arc<Deliveries>,
    index: usize,
}

/// Hands each report to the transaction it belongs to.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Postman;

impl ClientContext for Postman {
    fn error(&self, error: KafkaError, reason: &str) {
        notice(&error, reason);
    }
}

impl ProducerContext for Postman {
    type DeliveryOpaque = Box<Receipt>;

    fn delivery(&self, result: &DeliveryResult<'_>, receipt: Box<Receipt>) {
        let result = match result {
            Ok(message) => Ok(message.offset()),
            Err((error, _)) => Err(error.rdkafka_error_code().unwrap_or(RDKafkaErrorCode::Fail)),
        };
        receipt.deliveries.report(receipt.index, result);
    }
}
