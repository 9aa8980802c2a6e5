//! How many calls of a kind that cannot be batched are sent at once.

use crate::context::AT_ONCE;

/// One alone, then two at once, and so on. Once AWS throttles, one at a time: then the SDK's pauses before its retries
/// are the pace.
#[derive(Debug)]
pub(super) struct Pace(usize);

impl Pace {
    pub(super) fn new() -> Self {
        Self(1)
    }

    /// How many to send next.
    pub(super) fn at_once(&self) -> usize {
        self.0
    }

    /// Notes whether AWS has throttled any so far.
    pub(super) fn note(&mut self, throttled: bool) {
        self.0 = if throttled { 1 } else { AT_ONCE.min(2 * self.0) };
    }
}
