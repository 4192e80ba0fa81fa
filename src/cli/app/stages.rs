//! Stages on threads of their own, and their orderly end.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tracing::{error, info, warn};

use super::failure::Failure;
use super::signals::{ExitAtSignal, Signals};
use crate::record::Millis;
use crate::stream::event::Stage;
use crate::stream::port::PortError;
use crate::stream::{Clock, SystemClock};
use crate::telemetry::Health;

/// How long a poll of the service waits for the first record: a stop is noticed after this time at the latest.
pub(in crate::cli) const POLL_WAIT: Duration = Duration::from_millis(100);

/// How often the stages of the service are checked.
pub(in crate::cli) const LOOK_AFTER_EVERY: Duration = Duration::from_secs(1);

/// What happened while stages run.
pub(in crate::cli) enum Ended {
    /// A stage has ended.
    Stage(Stage, Result<(), PortError>),
    /// No stage is left.
    All,
    /// A signal asks the process to end.
    Signal,
}

/// The running stages of this process.
pub(in crate::cli) struct Stages {
    stop: Arc<AtomicBool>,
    ended: UnboundedSender<(Stage, Result<(), PortError>)>,
    ends: UnboundedReceiver<(Stage, Result<(), PortError>)>,
    running: usize,
}

impl Stages {
    /// No stage yet.
    pub(in crate::cli) fn new() -> Self {
        let (ended, ends) = unbounded_channel();
        Self { stop: Arc::default(), ended, ends, running: 0 }
    }

    /// Runs a stage until it ends by itself or the flag that it is given is raised.
    pub(in crate::cli) fn start(
        &mut self,
        stage: Stage,
        run: impl FnOnce(&AtomicBool) -> Result<(), PortError> + Send + 'static,
    ) -> Result<(), Failure> {
        let (stop, ended) = (self.stop.clone(), self.ended.clone());
        let run = move || {
            let end = run(&stop);
            // Nobody receives it when the process is about to exit.
            let _ = ended.send((stage, end));
        };
        thread::Builder::new()
            .name(stage.name().to_owned())
            .spawn(run)
            .map_err(|error| Failure::Other(format!("cannot start a thread: {error}")))?;
        self.running += 1;
        Ok(())
    }

    /// Waits until a stage ends or a signal comes; calls `tick` in every period meanwhile.
    pub(in crate::cli) async fn next_end(&mut self, signals: &mut Signals, period: Duration, tick: impl Fn()) -> Ended {
        if self.running == 0 {
            return Ended::All;
        }
        let mut ticks = tokio::time::interval(period);
        loop {
            tokio::select! {
                () = signals.next() => return Ended::Signal,
                Some((stage, end)) = self.ends.recv() => {
                    self.running -= 1;
                    return Ended::Stage(stage, end);
                }
                _ = ticks.tick() => tick(),
            }
        }
    }

    /// Tells every stage to stop and waits until all have; returns the first failure. A second signal, or a stage that
    /// exceeds the deadline, ends the process: as `exit` does, where the work can be continued.
    pub(in crate::cli) async fn drain(
        &mut self,
        signals: &mut Signals,
        deadline: Duration,
        exit: Option<&ExitAtSignal>,
    ) -> Option<Failure> {
        info!(?deadline, "stopping: open batches are finished, published and committed");
        self.stop.store(true, Ordering::Relaxed);
        let drained = async {
            let mut failure = None;
            while self.running > 0
                && let Some((_, end)) = self.ends.recv().await
            {
                self.running -= 1;
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
                error!("stopping took longer than serve.drain_deadline; what was not committed will be done again");
                exit.map_or_else(|| std::process::exit(1), ExitAtSignal::exit);
            }
        }
    }
}

/// Ends the process when a stage hangs in a call of the client library: only a new process, which fences this one, can
/// continue.
pub(in crate::cli) fn exit_if_stuck(health: &Health) {
    let probe = health.livez();
    if !probe.ok {
        error!(reason = probe.text.trim_end(), "a stage hangs");
        std::process::exit(1);
    }
}

/// The runtime of signals and health pages; the stages have threads of their own.
pub(in crate::cli) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(|error| Failure::Other(format!("cannot start the runtime: {error}")))
}

/// The current time.
pub(in crate::cli) fn now() -> Millis {
    SystemClock.now()
}

/// Starts the threads that make signatures.
pub(in crate::cli) fn start_thread_pool(threads: NonZeroUsize) -> Result<(), Failure> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads.get())
        .thread_name(|number| format!("signatures-{number}"))
        .build_global()
        .map_err(|error| Failure::Other(format!("cannot start the threads that make signatures: {error}")))
}
