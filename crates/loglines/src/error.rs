//! What can go wrong. [`LogError`]'s token and stream errors are the caller's
//! to turn into AWS's; the others are this machine's.

use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("another neargate uses the log lines in {}", .0.display())]
    InUse(PathBuf),
    #[error("{}: {source}", .path.display())]
    Io { path: PathBuf, source: std::io::Error },
    #[error("the log writer's thread cannot be started: {0}")]
    Thread(std::io::Error),
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogError {
    /// Nothing of the request was kept.
    #[error("the events could not be written: {0}")]
    Write(String),
    #[error("the log lines could not be read: {0}")]
    Read(String),
    /// AWS: InvalidParameterException.
    #[error("The specified nextToken is invalid.")]
    InvalidToken,
    #[error("the log lines are closed")]
    Closed,
}
