//! Closes clients whose destructor may hang.

use std::ops::Deref;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// How long a client may take to close. A consumer leaves its group, a producer rolls back: milliseconds on a healthy
/// cluster. After that the process goes on, and the time-outs of the broker clean up after the client.
const CLOSE_WITHIN: Duration = Duration::from_secs(10);

/// A client that is dropped on a thread of its own, with a deadline.
pub(super) struct CloseWithTimeout<T: Send + 'static>(Option<T>);

impl<T: Send + 'static> CloseWithTimeout<T> {
    pub(super) fn new(client: T) -> Self {
        Self(Some(client))
    }
}

impl<T: Send + 'static> Deref for CloseWithTimeout<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.as_ref().expect("the client is there until it is dropped")
    }
}

impl<T: Send + 'static> Drop for CloseWithTimeout<T> {
    fn drop(&mut self) {
        let client = self.0.take();
        let (closed, wait) = mpsc::channel();
        let spawned = thread::Builder::new().name("kafka-close".to_owned()).spawn(move || {
            drop(client);
            // Nobody receives it after the deadline.
            let _ = closed.send(());
        });
        if spawned.is_ok() && wait.recv_timeout(CLOSE_WITHIN).is_err() {
            tracing::warn!("a Kafka client has not closed within {CLOSE_WITHIN:?}; going on without it");
        }
    }
}
