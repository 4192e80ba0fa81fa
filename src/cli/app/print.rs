//! Reports on standard output, for people and for programs, and notes on standard error.

use std::fmt::Display;
use std::io::{self, Write};

use serde::Serialize;

use super::failure::Failure;

/// Prints a report for people.
pub(in crate::cli) fn print(report: &impl Display) -> Result<(), Failure> {
    write!(io::stdout().lock(), "{report}").or_else(Failure::output)
}

/// Prints a report as one JSON object.
pub(in crate::cli) fn print_json(report: &impl Serialize) -> Result<(), Failure> {
    let json = serde_json::to_string_pretty(report).map_err(|error| Failure::Other(error.to_string()))?;
    writeln!(io::stdout().lock(), "{json}").or_else(Failure::output)
}

/// Prints a note on standard error. Where it cannot be written, as on a full disk, the work goes on without it.
pub fn print_note(note: impl Display) {
    let _unwritten = writeln!(io::stderr().lock(), "{note}");
}
