//! The program: parses the command line, runs the command, answers with an exit code.

use std::process::ExitCode;

use clap::Parser;
use mimalloc::MiMalloc;
use wirefold::cli::{Cli, print_note, run};

/// Signatures are made on many threads and live and die on others, for months: the system's allocator is slower at that
/// and gives less back.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Whether standard output was closed (`>&-`). The runtime of Rust then opens `/dev/null` in its place, so that results would
/// be lost without an error.
#[cfg(target_os = "linux")]
mod closed_stdout {
    use std::os::fd::BorrowedFd;
    use std::sync::atomic::{AtomicBool, Ordering};

    const STDOUT: i32 = 1;
    const BAD_DESCRIPTOR: i32 = 9;

    pub(super) static IS_CLOSED: AtomicBool = AtomicBool::new(false);

    #[used]
    #[expect(unsafe_code, reason = "only the linker can have a function called before the runtime of Rust")]
    #[unsafe(link_section = ".init_array")]
    static BEFORE_MAIN: extern "C" fn() = look;

    extern "C" fn look() {
        #[expect(unsafe_code, reason = "the descriptor may be closed, and is not used but to find that out")]
        let copy = unsafe { BorrowedFd::borrow_raw(STDOUT) }.try_clone_to_owned();
        let is_closed = copy.is_err_and(|error| error.raw_os_error() == Some(BAD_DESCRIPTOR));
        IS_CLOSED.store(is_closed, Ordering::Relaxed);
    }
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    #[cfg(target_os = "linux")]
    if cli.prints_results() && closed_stdout::IS_CLOSED.load(std::sync::atomic::Ordering::Relaxed) {
        print_note("cannot write to standard output: it is closed");
        return ExitCode::FAILURE;
    }
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            print_note(&failure);
            failure.exit_code()
        }
    }
}
