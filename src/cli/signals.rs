//! SIGTERM and SIGINT.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::Failure;

/// The signals that end a process.
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Listens from now on; to be called within a runtime.
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Waits for the next one.
    pub(super) async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// A flag that the first signal raises; the second one ends the process at once. For commands that block.
pub(super) fn stop_flag() -> io::Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    let raised = stop.clone();
    on_a_thread(async move |mut signals| {
        signals.next().await;
        raised.store(true, Ordering::Relaxed);
        signals.next().await;
        std::process::exit(1);
    })?;
    Ok(stop)
}

/// Ends the process at a signal with what to do then: for work that blocks and that a crash does not harm.
#[derive(Clone)]
pub(super) struct ExitAtSignal {
    again: Arc<str>,
    holds: Arc<AtomicBool>,
}

impl ExitAtSignal {
    /// From now on; `again` is the command that goes on.
    pub(super) fn listen(again: &str) -> Result<Self, Failure> {
        let exit = Self { again: again.into(), holds: Arc::new(AtomicBool::new(true)) };
        let listening = exit.clone();
        on_a_thread(async move |mut signals| {
            loop {
                signals.next().await;
                if listening.holds.load(Ordering::Relaxed) {
                    listening.exit();
                }
            }
        })
        .map_err(|error| Failure::Other(format!("cannot listen for signals: {error}")))?;
        Ok(exit)
    }

    /// Whether it listens; somebody else does so meanwhile.
    pub(super) fn hold(&self, holds: bool) {
        self.holds.store(holds, Ordering::Relaxed);
    }

    /// What to do, for people.
    pub(super) fn remedy(&self) -> String {
        let environment = std::env::vars_os().any(|(name, _)| name.to_string_lossy().starts_with("WIREFOLD_"));
        let with = if environment { ", in the same environment, with" } else { " with" };
        format!("go on{with}: {}", self.again)
    }

    /// Ends the process as if by a signal.
    pub(super) fn exit(&self) -> ! {
        eprintln!("stopped; {}", self.remedy());
        std::process::exit(130);
    }
}

fn on_a_thread(act: impl AsyncFnOnce(Signals) + Send + 'static) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let signals = {
        let _within = runtime.enter();
        Signals::listen()?
    };
    std::thread::spawn(move || runtime.block_on(act(signals)));
    Ok(())
}
