//! The gate: settles Auto Scaling launch lifecycle actions, with CONTINUE when the instance is ready, and early with
//! ABANDON when it cannot become ready.
//!
//! One invocation goes through these parts in order. [`handle`] takes a batch of messages, gathers what else is in the
//! queue, and sorts all into looks.
//! `observe` reads AWS for them, the core decides, `act` carries the decisions out, `evidence` reads what a log line tells
//! beside the decision, and `telemetry` writes the lines. A process remembers when its last batch ended, which says how
//! long to gather, which launches it has told of without completing them, and when it last looked at an instance and kept
//! it alive. None of it decides anything.

mod act;
mod batch;
mod config;
mod context;
mod event;
mod evidence;
mod facts;
mod gather;
mod handler;
mod invocation;
mod look;
mod message;
mod moments;
mod observe;
mod response;
mod self_test;
pub mod telemetry;
#[cfg(test)]
mod tests;
mod told;

pub use config::Config;
pub use event::{GateAnswer, GateEvent};
pub use handler::{Gate, handle};
pub use invocation::Invocation;
pub use self_test::{Passed, SelfTest};
