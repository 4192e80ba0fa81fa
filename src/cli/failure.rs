//! Why a command did not do what it was asked to, and the exit code that says so.

use std::process::ExitCode;

use crate::config::ConfigError;
use crate::eval::LineError;
use crate::http::BindError;
use crate::local::LocalError;
use crate::pipeline::port::PortError;

/// A command that failed. Its message says what was wrong, where, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The settings are wrong; nothing was started.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// So are they, in a way that only their user notices.
    #[error("{0}")]
    Settings(String),
    /// A file.
    #[error(transparent)]
    Local(#[from] LocalError),
    /// A line of a file that is read for scores or samples.
    #[error(transparent)]
    Line(#[from] LineError),
    /// The broker or the network.
    #[error(transparent)]
    Kafka(#[from] PortError),
    /// The address of the pages for operators.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// Standard output.
    #[error("cannot write to standard output: {0}")]
    Output(#[source] std::io::Error),
    /// It was told to stop before it was done; the message says how to go on.
    #[error("{0}")]
    Interrupted(String),
    /// Anything else, in words.
    #[error("{0}")]
    Other(String),
}

impl Failure {
    /// What went wrong with standard output. A reader that has seen enough (`| head`) is no failure.
    pub(super) fn output(error: std::io::Error) -> Result<(), Self> {
        if error.kind() == std::io::ErrorKind::BrokenPipe { Ok(()) } else { Err(Self::Output(error)) }
    }

    /// 2 where the command line or the settings are wrong, 130 where it was told to stop, as shells have it, else 1.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Config(_) | Self::Settings(_) => 2,
            Self::Interrupted(_) => 130,
            _ => 1,
        })
    }
}
