//! The gate: settles Auto Scaling launch lifecycle actions, with CONTINUE when the instance is ready, and early with
//! ABANDON when it cannot become ready.
//!
//! One invocation goes through these parts in order. [`handle`] takes a batch of messages, gathers what else is in the
//! queue, and sorts all into looks. `observe` reads AWS for them, the core decides, and `act` carries the decisions out.
//! `evidence` reads what a log line tells beside the decision, and `telemetry` writes the lines. Only the core decides.
//!
//! A process remembers a little between invocations: when its last batch ended, of which launches it has written a line,
//! when it last kept each instance alive and looked at it, and when a launch began. This saves calls; without it nothing
//! is decided otherwise.

mod act;
mod batch;
mod breaker;
mod config;
mod context;
mod event;
mod evidence;
mod facts;
mod gather;
mod green_fleet;
mod handler;
mod invocation;
mod look;
mod memory;
mod message;
mod observe;
mod response;
mod self_test;
pub mod telemetry;
#[cfg(test)]
mod tests;

pub use config::Config;
pub use event::{GateAnswer, GateEvent};
pub use handler::{Gate, handle};
pub use invocation::Invocation;
pub use self_test::{Passed, SelfTest};
