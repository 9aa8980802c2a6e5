//! The interface of what takes messages from the queue: the mapping with the gate behind it, or a baseline.

use std::time::Duration;

use lifecycle::Timestamp;

/// Something that takes messages from the queue and acts on them.
pub(crate) trait Consumer {
    /// Ends what has ended, begins what is due.
    fn turn(&mut self);
    /// When it has to be looked at again, if nothing else happens.
    fn next(&self) -> Option<Timestamp>;
    /// Whether nothing is under way.
    fn is_idle(&self) -> bool;
    /// What it used.
    fn bill(&self) -> Bill;
}

/// What AWS charges for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bill {
    /// Lambda requests.
    pub invocations: u64,
    /// How long Lambda ran, over all invocations.
    pub busy: Duration,
    /// State transitions of Step Functions.
    pub transitions: u64,
    /// Requests to SQS.
    pub queue_requests: u64,
}
