//! What the three functions share: AWS clients, the time of an invocation, the environment, the interface of the SSM
//! documents, log lines and metrics.
//!
//! It knows nothing of any one function.

pub mod budget;
pub mod clients;
pub mod documents;
pub mod emf;
pub mod environment;
mod error;
pub mod lines;
pub mod process;

pub use error::{CallError, tell, tell_chain};
pub use lifecycle::Timestamp;

/// The version of this release. It stands once, in the `Cargo.toml` of the workspace.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
