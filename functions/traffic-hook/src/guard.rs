//! Runs work within a time limit; a panic or a time-out becomes a [`Problem`].

use std::any::Any;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use runtime::budget;
use runtime::clients::Attempts;

use crate::validation::Problem;

/// Does some work within `time`. The problem names `what` was to be done, and the last failure of its `calls`.
pub(crate) async fn within<T>(
    what: impl fmt::Display,
    time: Duration,
    calls: &Attempts,
    work: impl Future<Output = T>,
) -> Result<T, Problem> {
    budget::within(&what, time, calls, catch_panic(&what, work)).await.map_err(Problem::new)?
}

/// Does some work. A panic in it is a problem like any other; what the work may have left half done is not used again.
pub(crate) async fn catch_panic<T>(what: impl fmt::Display, work: impl Future<Output = T>) -> Result<T, Problem> {
    // On the heap: the futures of the SDK are large, and are moved into each other.
    let end = AssertUnwindSafe(Box::pin(work)).catch_unwind().await;
    end.map_err(|panic| Problem::new(format!("{what}: panicked with {:?}", read_message(panic.as_ref()))))
}

fn read_message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message")
}
