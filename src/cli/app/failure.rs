//! Why a command failed, and the exit code for it.

use std::process::ExitCode;

use crate::config::ConfigError;
use crate::evaluation::LineError;
use crate::files::FileError;
use crate::http::BindError;
use crate::replay::{Refusal, ReplayError};
use crate::stream::port::PortError;

/// A command that failed. Its message says what was wrong, where, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The settings are wrong; nothing was started.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The command line or the settings are wrong, in a way that only the command notices.
    #[error("{0}")]
    Settings(String),
    /// A file cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// A line of a label file or of a result cannot be used.
    #[error(transparent)]
    Line(#[from] LineError),
    /// The broker or the network failed.
    #[error("{0}")]
    Kafka(PortError),
    /// The address of the health pages cannot be used.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// Standard output cannot be written.
    #[error("cannot write to standard output: {0}")]
    Output(#[source] std::io::Error),
    /// The command would lose or mix up something. The message says what to do.
    #[error("{0}")]
    Refused(String),
    /// A signal stopped the command before it was done; the message says how to continue.
    #[error("{0}")]
    Interrupted(String),
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

impl From<PortError> for Failure {
    fn from(error: PortError) -> Self {
        match error {
            PortError::Refused(refusal) => Self::Refused(refusal.to_string()),
            error => Self::Kafka(error),
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal.to_string())
    }
}

impl From<ReplayError> for Failure {
    fn from(error: ReplayError) -> Self {
        match error {
            ReplayError::Refused(refusal) => refusal.into(),
            ReplayError::Failed(error) => error.into(),
        }
    }
}

impl Failure {
    /// The result of a failed write to standard output. A reader that has closed the pipe (`| head`) is no failure.
    pub(in crate::cli) fn output(error: std::io::Error) -> Result<(), Self> {
        if error.kind() == std::io::ErrorKind::BrokenPipe { Ok(()) } else { Err(Self::Output(error)) }
    }

    /// The same failure, with a line on how to continue.
    pub(in crate::cli) fn with_remedy(self, remedy: &str) -> Self {
        match self {
            Self::Kafka(error) => Self::Other(format!("{error}\n{remedy}")),
            other => other,
        }
    }

    /// 2 where the command line or the settings are wrong, 3 where the command was refused, 130 where a signal stopped it,
    /// else 1.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Config(_) | Self::Settings(_) => 2,
            Self::Refused(_) => 3,
            Self::Interrupted(_) => 130,
            _ => 1,
        })
    }
}
