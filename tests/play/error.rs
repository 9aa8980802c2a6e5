//! Why a play could not start or end.

use std::io;

use crate::fleet::story::StoryError;
use crate::stack::StackError;
use crate::timeline::TimelineError;

/// Why a play could not start, or did not end.
#[derive(Debug, thiserror::Error)]
pub enum PlayError {
    /// The story file is not there.
    #[error("{path}: {source}")]
    NoFile {
        /// The path that was asked for.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// The story file cannot be told.
    #[error("{path}: {source}")]
    Story {
        /// The path that was asked for.
        path: String,
        /// What is wrong with it.
        source: StoryError,
    },
    /// The local stack is not there.
    #[error(transparent)]
    Stack(#[from] StackError),
    /// The fleet or a sandbox could not be started.
    #[error("the fleet could not be started, or its files not written: {0}")]
    Fleet(#[from] io::Error),
    /// A call of the AWS CLI failed.
    #[error("aws {command} failed: {output}")]
    Cli {
        /// The arguments.
        command: String,
        /// What it printed.
        output: String,
    },
    /// The revision that every launch gets did not succeed.
    #[error("the first deployment did not succeed")]
    FirstDeployment,
    /// The picture could not be drawn or written.
    #[error(transparent)]
    Timeline(#[from] TimelineError),
    /// Some launches had not ended in time.
    #[error("not settled after {seconds} s: {open}")]
    Open {
        /// How long was waited.
        seconds: u64,
        /// The stories of the instances that still wait.
        open: String,
    },
}
