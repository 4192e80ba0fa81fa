//! The command line. One file a command, with its arguments; `app` has what commands share.

mod app;
mod cluster;
mod command_line;
mod completions;
mod config;
mod diff;
mod eval;
mod explain;
mod inspect;
mod man;
mod produce;
mod promote;
mod replay;
mod sample;
mod serve;
mod tail;
mod topics;

pub use app::{Failure, print_note};
pub use command_line::{Cli, run};
