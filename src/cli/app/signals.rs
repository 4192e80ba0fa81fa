//! SIGTERM and SIGINT.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::failure::Failure;
use super::print::print_note;

/// The signals that end a process.
pub(in crate::cli) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Listens from now on; to be called within a runtime.
    pub(in crate::cli) fn listen() -> Result<Self, Failure> {
        let listen = |kind| signal(kind).map_err(|error| cannot_listen(&error));
        Ok(Self { terminate: listen(SignalKind::terminate())?, interrupt: listen(SignalKind::interrupt())? })
    }

    /// Waits for the next one.
    pub(in crate::cli) async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// A flag that the first signal raises; a second signal ends the process at once. For commands that block.
pub(in crate::cli) fn stop_flag() -> Result<Arc<AtomicBool>, Failure> {
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

/// Ends the process at a signal, with the command that continues: for work that blocks and that a crash does not harm.
#[derive(Clone)]
pub(in crate::cli) struct ExitAtSignal {
    command: Arc<str>,
    is_held: Arc<AtomicBool>,
}

impl ExitAtSignal {
    /// Listens from now on; `command` is the command that continues.
    pub(in crate::cli) fn listen(command: &str) -> Result<Self, Failure> {
        let exit = Self { command: command.into(), is_held: Arc::new(AtomicBool::new(true)) };
        let listening = exit.clone();
        on_a_thread(async move |mut signals| {
            loop {
                signals.next().await;
                if listening.is_held.load(Ordering::Relaxed) {
                    listening.exit();
                }
            }
        })?;
        Ok(exit)
    }

    /// Whether it ends the process; while it does not, somebody else handles signals.
    pub(in crate::cli) fn hold(&self, is_held: bool) {
        self.is_held.store(is_held, Ordering::Relaxed);
    }

    /// How to continue, for people.
    pub(in crate::cli) fn remedy(&self) -> String {
        let environment = std::env::vars_os().any(|(name, _)| name.to_string_lossy().starts_with("WIREFOLD_"));
        let with = if environment { " in the same environment" } else { "" };
        format!("to continue, run{with}: {}", self.command)
    }

    /// Ends the process as if by a signal.
    pub(in crate::cli) fn exit(&self) -> ! {
        print_note(format_args!("stopped; {}", self.remedy()));
        std::process::exit(130);
    }
}

fn cannot_listen(error: &io::Error) -> Failure {
    Failure::Other(format!("cannot listen for signals: {error}"))
}

fn on_a_thread(act: impl AsyncFnOnce(Signals) + Send + 'static) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| cannot_listen(&error))?;
    let signals = {
        let _within = runtime.enter();
        Signals::listen()?
    };
    std::thread::spawn(move || runtime.block_on(act(signals)));
    Ok(())
}
