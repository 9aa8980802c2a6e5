//! The pure core of Launchgate.
//!
//! It holds what happened ([`event`]), what AWS said ([`observation`]), what the group's owner wants ([`policy`]), what to
//! do about it ([`decide()`]), what repairs have mended ([`mended`]) and when a group should launch no more ([`breaker`]).
//! Nothing here is async, reaches AWS, reads a clock or the environment, or draws a random number; the time is an
//! argument. So every decision can be tested as a value.

pub mod breaker;
pub mod decide;
pub mod decision;
pub mod event;
#[cfg(test)]
mod fixtures;
pub mod green;
pub mod history;
pub mod identity;
pub mod mended;
pub mod next_reads;
pub mod observation;
mod ping;
pub mod policy;
mod reading;
mod reads;
pub mod report;
pub mod run;
mod timestamp;
pub mod timing;

pub use decide::decide;
pub use timestamp::Timestamp;
