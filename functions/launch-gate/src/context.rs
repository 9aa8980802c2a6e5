//! The clients, the memory and the clock that one invocation works with.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use lifecycle::Timestamp;
use runtime::clients::{Attempts, Clients};
use runtime::process::{Clock, Lines};

use crate::config::Config;
use crate::memory::Memory;

/// What the parts of one invocation share.
pub(crate) struct Context<'a> {
    pub(crate) config: &'a Config,
    pub(crate) aws: Clients,
    pub(crate) memory: &'a Memory,
    pub(crate) clock: &'a Clock,
    pub(crate) lines: &'a Lines,
    /// The most time for one call, or for one list of many pages: a third of that of the invocation.
    pub(crate) share: Duration,
    /// Every attempt of this invocation to call AWS.
    pub(crate) calls: Attempts,
    /// Whether AWS has throttled a verdict of this invocation.
    pub(crate) throttled: AtomicBool,
}

impl Context<'_> {
    /// The time.
    pub(crate) fn now(&self) -> Timestamp {
        (self.clock)()
    }
}

/// The most calls at once of a kind that cannot be batched. Auto Scaling has one request bucket for the whole account
/// (aws-facts 2.4), and to wait for a turn costs less than to be throttled.
pub(crate) const AT_ONCE: usize = 16;
