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
pub(crate) fn within<T>(
    what: impl fmt::Display,
    time: Duration,
    calls: &Attempts,
    work: impl Future<Output = T>,
) -> impl Future<Output = Result<T, Problem>> {
    let what = what.to_string();
    let end = budget::within(what.clone(), time, calls, catch_panic(what, work));
    async move { end.await.map_err(Problem::new)? }
}

/// Does some work. A panic in it is a problem like any other; what the work may have left half done is not used again.
pub(crate) fn catch_panic<T>(
    what: impl fmt::Display,
    work: impl Future<Output = T>,
) -> impl Future<Output = Result<T, Problem>> {
    // On the heap, for the reason that `budget::within` gives.
    let end = AssertUnwindSafe(Box::pin(work)).catch_unwind();
    async move {
        let told = |panic: Box<dyn Any + Send>| format!("{what}: panicked with {:?}", read_message(panic.as_ref()));
        end.await.map_err(|panic| Problem::new(told(panic)))
    }
}

fn read_message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message")
}
