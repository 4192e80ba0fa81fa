//! What is wrong with the settings, all of it at once.

use std::fmt;
use std::path::PathBuf;

/// Where a value was typed, ordered by layer and line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// Nowhere: it is the default.
    Default,
    /// Nowhere: it was found at start, here.
    Found(&'static str),
    /// In a file, on this line (from 1).
    File(PathBuf, usize),
    /// In this variable of the environment.
    Environment(String),
    /// In this argument of the command line.
    Argument(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Found(place) => f.write_str(place),
            Self::File(path, line) => write!(f, "{}:{line}", path.display()),
            Self::Environment(name) => f.write_str(name),
            Self::Argument(argument) => f.write_str(argument),
        }
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub origin: Origin,
    /// What is wrong, and what is expected.
    pub message: String,
}

/// All that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// At least one.
    pub problems: Vec<Problem>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Problem { origin, message } in &self.problems {
            writeln!(f, "{origin}: {message}")?;
        }
        match self.problems.len() {
            1 => f.write_str("1 error in the settings; nothing was started"),
            count => write!(f, "{count} errors in the settings; nothing was started"),
        }
    }
}

impl std::error::Error for ConfigError {}
