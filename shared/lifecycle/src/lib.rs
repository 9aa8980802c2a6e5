//! The pure core of Launchgate: what happened ([`event`]), what is seen ([`observation`]), what the group's owner wants
//! ([`policy`]), what to do about it ([`decide()`]) and what has been mended ([`mended`]).
//!
//! Nothing here is async, reaches AWS, reads a clock or the environment, or draws a random number: the time is an
//! argument. That is what makes the whole decision table testable as values.

pub mod decide;
pub mod decision;
pub mod event;
#[cfg(test)]
mod fixtures;
pub mod identity;
pub mod mended;
pub mod observation;
pub mod policy;
pub mod reads;
pub mod report;
mod timestamp;

pub use decide::decide;
pub use timestamp::Timestamp;
