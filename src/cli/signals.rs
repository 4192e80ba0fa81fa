//! SIGTERM and SIGINT.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::signal::unix::{Signal, SignalKind, signal};

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

/// Ends the process at the first signal, for commands that block and that a crash does not harm: `again` goes on.
pub(super) fn exit_at_signal(again: &str) -> io::Result<()> {
    let again = again.to_owned();
    on_a_thread(async move |mut signals| {
        signals.next().await;
        eprintln!("stopped; go on with: {again}");
        std::process::exit(130);
    })
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
