//! The time that one invocation has.

use std::fmt;
use std::time::Duration;

use lifecycle::Timestamp;
use tokio::time::timeout;

use crate::clients::Attempts;
use crate::process::Clock;

/// When the invocation of this context is cut off by the function's time-out.
#[must_use]
pub fn read_deadline(context: &lambda_runtime::Context) -> Timestamp {
    Timestamp::from_millis(i64::try_from(context.deadline).unwrap_or(i64::MAX))
}

/// The time of one invocation. A part of it, the reserve, is kept for the answer. What is left is measured whenever it is
/// asked for, because each step takes what the steps before it have left.
pub struct Budget<'a> {
    clock: &'a Clock,
    began: Timestamp,
    deadline: Timestamp,
    reserve: Duration,
}

impl<'a> Budget<'a> {
    /// The time from now to `deadline`, of which `reserve` is kept for the answer.
    pub fn until(deadline: Timestamp, reserve: Duration, clock: &'a Clock) -> Self {
        Self { clock, began: clock(), deadline, reserve }
    }

    /// How much time is left for the work, before the reserve.
    #[must_use]
    pub fn left(&self) -> Duration {
        self.left_with_reserve().saturating_sub(self.reserve)
    }

    /// How much time is left until the function's time-out, the reserve included.
    #[must_use]
    pub fn left_with_reserve(&self) -> Duration {
        self.deadline.since((self.clock)())
    }

    /// How long the invocation has taken so far.
    #[must_use]
    pub fn taken(&self) -> Duration {
        (self.clock)().since(self.began)
    }

    /// Does some work in the time that is left before the reserve.
    ///
    /// # Errors
    /// As [`within`].
    pub fn within<T>(
        &self,
        what: impl fmt::Display,
        calls: &Attempts,
        work: impl Future<Output = T>,
    ) -> impl Future<Output = Result<T, String>> {
        within(what, self.left(), calls, work)
    }
}

/// Does some work within `time`.
///
/// # Errors
/// When the work has not ended by then. The text names `what` was to be done, and the last failure of its `calls`, since
/// retries are what took the time.
pub fn within<T>(
    what: impl fmt::Display,
    time: Duration,
    calls: &Attempts,
    work: impl Future<Output = T>,
) -> impl Future<Output = Result<T, String>> {
    // On the heap: the futures of the SDK are large, and each async function around one would hold it again.
    let end = timeout(time, Box::pin(work));
    async move {
        let told = |_| format!("{what}: not done within {:.0} s{}", time.as_secs_f64(), calls.tell_last_failure());
        end.await.map_err(told)
    }
}
