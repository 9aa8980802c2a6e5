//! What the tests, the storms, the demo and the benchmarks share.
//!
//! [`fleet`] simulates the parts of AWS that no emulator has; it knows nothing of Launchgate. [`wire`] lets the SDK's
//! clients call it without a connection, [`queue`] carries messages to a function in process. [`stack`] deploys the
//! template into an emulator, [`play`] runs stories on that stack, [`timeline`] draws what happened, and
//! [`dashboard`] the template's dashboard with its log lines.

pub mod dashboard;
pub mod fleet;
mod picture;
pub mod play;
pub mod queue;
pub mod stack;
pub mod timeline;
pub mod wire;
