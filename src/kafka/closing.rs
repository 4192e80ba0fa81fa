//! Clients whose destructor may hang.

use std::ops::Deref;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// How long a client may take to leave. A consumer says goodbye to its group, a producer rolls back: milliseconds on
/// a healthy cluster. Without one the process goes on, and the broker's own time-outs clear up after the client.
const CLOSE_WITHIN: Duration = Duration::from_secs(10);

/// A client that is dropped on a thread of its own, with a deadline.
pub(super) struct Closing<T: Send + 'static>(Option<T>);

impl<T: Send + 'static> Closing<T> {
    pub(super) fn new(client: T) -> Self {
        Self(Some(client))
    }
}

impl<T: Send + 'static> Deref for Closing<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.as_ref().expect("the client is there until it is dropped")
    }
}

impl<T: Send + 'static> Drop for Closing<T> {
    fn drop(&mut self) {
        let client = self.0.take();
        let (closed, wait) = mpsc::channel();
        let spawned = thread::Builder::new().name("kafka-close".to_owned()).spawn(move || {
            drop(client);
            // Nobody listens after the deadline.
            let _ = closed.send(());
        });
        if spawned.is_ok() && wait.recv_timeout(CLOSE_WITHIN).is_err() {
            tracing::warn!("a Kafka client has not closed within {CLOSE_WITHIN:?}; going on without it");
        }
    }
}
