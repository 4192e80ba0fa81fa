//! Stages on threads of their own, and their end in good order.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tracing::{error, info, warn};

use super::Failure;
use super::signals::{ExitAtSignal, Signals};
use crate::pipeline::Clock;
use crate::pipeline::observe::Stage;
use crate::pipeline::port::PortError;
use crate::record::Millis;
use crate::telemetry::Health;

/// How a stage ended.
pub(super) type End = (Stage, Result<(), PortError>);

/// The stages of this process that run.
pub(super) struct Stages {
    stop: Arc<AtomicBool>,
    ended: UnboundedSender<End>,
    ends: UnboundedReceiver<End>,
    running: usize,
}

impl Stages {
    /// None yet.
    pub(super) fn new() -> Self {
        let (ended, ends) = unbounded_channel();
        Self { stop: Arc::default(), ended, ends, running: 0 }
    }

    /// Runs a stage until it ends by itself or the flag that it is given is raised.
    pub(super) fn start(
        &mut self,
        stage: Stage,
        run: impl FnOnce(&AtomicBool) -> Result<(), PortError> + Send + 'static,
    ) -> Result<(), Failure> {
        let (stop, ended) = (self.stop.clone(), self.ended.clone());
        let run = move || {
            let end = run(&stop);
            // Nobody listens any more when the process is on its way out.
            let _ = ended.send((stage, end));
        };
        thread::Builder::new()
            .name(stage.name().to_owned())
            .spawn(run)
            .map_err(|error| Failure::Other(format!("cannot start a thread: {error}")))?;
        self.running += 1;
        Ok(())
    }

    /// The next stage that ends; none when all have.
    pub(super) async fn next_end(&mut self) -> Option<End> {
        if self.running == 0 {
            return None;
        }
        let end = self.ends.recv().await;
        self.running -= 1;
        end
    }

    /// Tells every stage to stop, and waits until all have; the first failure is given back. A second signal, or a stage
    /// that takes longer than it may, ends the process.
    ///
    /// `exit` says how, where the work can be gone on with.
    pub(super) async fn drain(
        &mut self,
        signals: &mut Signals,
        deadline: Duration,
        exit: Option<&ExitAtSignal>,
    ) -> Option<Failure> {
        info!(?deadline, "stopping: what is begun is finished, published and committed");
        self.stop.store(true, Ordering::Relaxed);
        let drained = async {
            let mut failure = None;
            while let Some((_, end)) = self.next_end().await {
                failure = failure.or(end.err().map(Failure::from));
            }
            failure
        };
        tokio::select! {
            failure = drained => failure,
            () = signals.next() => {
                warn!("second signal: exiting at once");
                exit.map_or_else(|| std::process::exit(1), ExitAtSignal::exit);
            }
            () = tokio::time::sleep(deadline) => {
                error!("the drain took longer than serve.drain_deadline; what was not committed will be done again");
                exit.map_or_else(|| std::process::exit(1), ExitAtSignal::exit);
            }
        }
    }
}

/// Ends the process when a loop hangs in a call into the client library: only a new process, which fences this one, gets on.
pub(super) fn exit_if_stuck(health: &Health) {
    let probe = health.livez();
    if !probe.ok {
        error!(reason = probe.text.trim_end(), "a stage hangs");
        std::process::exit(1);
    }
}

/// The system's clock.
pub(super) struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Millis {
        now()
    }
}

/// Now, by the system's clock.
pub(super) fn now() -> Millis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// How many threads sign.
pub(super) fn sign_on(threads: std::num::NonZeroUsize) -> Result<(), Failure> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads.get())
        .thread_name(|number| format!("sign-{number}"))
        .build_global()
        .map_err(|error| Failure::Other(format!("cannot start the threads that sign: {error}")))
}
