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

/// While it lives, the first signal ends the process: for work that blocks and that a crash does not harm.
pub(super) struct ExitAtSignal(Arc<AtomicBool>);

impl ExitAtSignal {
    /// From now on; `again` is the command that goes on.
    pub(super) fn listen(again: &str) -> Result<Self, Failure> {
        let holds = Arc::new(AtomicBool::new(true));
        let (again, watched) = (again.to_owned(), holds.clone());
        on_a_thread(async move |mut signals| {
            signals.next().await;
            if watched.load(Ordering::Relaxed) {
                eprintln!("stopped; go on with: {again}");
                std::process::exit(130);
            }
        })
        .map_err(|error| Failure::Other(format!("cannot listen for signals: {error}")))?;
        Ok(Self(holds))
    }
}

impl Drop for ExitAtSignal {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
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
