//! Reports on standard output, for people and for programs, and notes on standard error.

use std::fmt::Display;
use std::io::{self, Write};

use serde::Serialize;

use super::failure::Failure;
use crate::record::StoryId;

/// Prints a report for people.
pub(in crate::cli) fn print(report: &impl Display) -> Result<(), Failure> {
    write!(io::stdout().lock(), "{report}").or_else(Failure::output)
}

/// Prints a report as one JSON object.
pub(in crate::cli) fn print_json(report: &impl Serialize) -> Result<(), Failure> {
    let json = serde_json::to_string_pretty(report).map_err(|error| Failure::Other(error.to_string()))?;
    writeln!(io::stdout().lock(), "{json}").or_else(Failure::output)
}

/// How many digits of the id of a story are shown to people: enough to tell the stories of a run apart.
pub(in crate::cli) const STORY_DIGITS: usize = 12;

/// The beginning of the id of a story.
pub(in crate::cli) fn beginning(story: StoryId) -> String {
    story.to_string().chars().take(STORY_DIGITS).collect()
}

/// Prints a note on standard error. Where it cannot be written, as on a full disk, the work goes on without it.
pub fn print_note(note: impl Display) {
    let _unwritten = writeln!(io::stderr().lock(), "{note}");
}
