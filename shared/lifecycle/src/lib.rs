//! The pure core of Launchgate: what happened (events), what is seen (observation), what the group's owner wants
//! (policy) and what to do (decision).
//!
//! Nothing here is async, reaches AWS, reads a clock or the environment, or draws a random number: the time is an
//! argument. That is what makes the whole decision table testable as values.

mod timestamp;

pub use timestamp::Timestamp;
