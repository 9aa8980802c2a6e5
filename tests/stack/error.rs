//! Why the local stack could not start.

use std::io;
use std::path::PathBuf;

/// Why the local stack could not start, with what its parts printed.
#[derive(Debug, thiserror::Error)]
pub enum StackError {
    /// There is no build.
    #[error("{} is missing: run `make build`", .0.display())]
    NotBuilt(PathBuf),
    /// A question that only a deployed stack can answer.
    #[error("the stack is not deployed: call `deploy` first")]
    NotDeployed,
    /// A program of `.venv` could not be started.
    #[error("a tool of .venv did not start ({source}): run `make setup`")]
    Tool {
        /// What the system said.
        source: io::Error,
    },
    /// The server did not come up.
    #[error("ministack did not answer at {endpoint}; its log ends:\n{log}")]
    Silent {
        /// Where it was expected.
        endpoint: String,
        /// The last lines of its log.
        log: String,
    },
    /// A tool ended with an error.
    #[error("{command} failed:\n{output}\nministack's log ends:\n{log}")]
    Failed {
        /// The command line.
        command: String,
        /// Everything it printed.
        output: String,
        /// The last lines of ministack's log.
        log: String,
    },
    /// The server did not take an event.
    #[error(transparent)]
    Events(#[from] crate::fleet::door::put_events::PutError),
    /// The server answered with an error, or not at all.
    #[error("{operation} failed: {answer}")]
    Api {
        /// The operation, as on the wire.
        operation: &'static str,
        /// What came back.
        answer: String,
    },
}
