//! Problems in the settings, reported all at once.

use std::fmt;
use std::path::PathBuf;

/// Where a value comes from, ordered by layer and line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum ValueOrigin {
    /// The defaults.
    Default,
    /// Found at start, from the thing named here.
    Found(&'static str),
    /// A file, on this line (from 1).
    File(PathBuf, usize),
    /// This variable of the environment.
    Environment(String),
    /// This argument of the command line.
    Argument(String),
}

impl fmt::Display for ValueOrigin {
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

/// One problem in the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigProblem {
    /// Where the wrong value comes from.
    pub origin: ValueOrigin,
    /// What is wrong, and what is expected.
    pub message: String,
}

/// All problems in the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// At least one problem, ordered by origin.
    pub problems: Vec<ConfigProblem>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for ConfigProblem { origin, message } in &self.problems {
            writeln!(f, "{origin}: {message}")?;
        }
        match self.problems.len() {
            1 => f.write_str("1 error in the settings; nothing was started"),
            count => write!(f, "{count} errors in the settings; nothing was started"),
        }
    }
}

impl std::error::Error for ConfigError {}
