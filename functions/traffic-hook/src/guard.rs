//! Whatever happens inside, there is an end, and in time.

use std::any::Any;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use runtime::clients::LastFailure;
use tokio::time::timeout;

use crate::verdict::Reason;

/// Does some work within a time. `what` is done is told with the reason, and so is the last failure of its calls, which
/// is what the time was lost on.
pub(crate) async fn within<T>(
    what: impl fmt::Display,
    time: Duration,
    last: &LastFailure,
    work: impl Future<Output = T>,
) -> Result<T, Reason> {
    match timeout(time, caught(&what, work)).await {
        Ok(end) => end,
        Err(_) => Err(Reason::new(format!("{what}: not done within {:.0} s{}", time.as_secs_f64(), last.told()))),
    }
}

/// Does some work; a panic is a reason like any other. Nothing that the work may have left half done is looked at again.
pub(crate) async fn caught<T>(what: impl fmt::Display, work: impl Future<Output = T>) -> Result<T, Reason> {
    // On the heap: the futures of the SDK are large, and are moved into each other.
    let end = AssertUnwindSafe(Box::pin(work)).catch_unwind().await;
    end.map_err(|panic| Reason::new(format!("{what}: panicked with {:?}", said(panic.as_ref()))))
}

fn said(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message")
}
