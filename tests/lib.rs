//! What the tests, the demo and the benchmarks stand on.
//!
//! [`fleet`] is the simulated part of AWS that no emulator has. It knows nothing of Launchgate.

pub mod fleet;
pub mod stack;
