//! The shell around the core: it reads AWS ([`observe`]), asks the core, acts, and tells.
//!
//! `observe` is the only part that reads AWS for a decision, `act` the only one that changes anything. Nothing is
//! remembered between invocations.

mod act;
pub mod clients;
mod comment;
pub mod config;
mod error;
mod handler;
mod inbox;
mod input;
mod look;
mod observe;
pub mod run;
mod self_test;
pub mod telemetry;
#[cfg(test)]
mod tests;
mod tls;

use std::sync::Arc;

pub use error::{CallError, chain, told};
pub use handler::{Gate, handle};
pub use input::{Input, Output};
pub use lifecycle::Timestamp;
pub use self_test::{Passed, SelfTest};

/// The time. A function's `main` reads the clock of the machine; a test moves its own.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;
