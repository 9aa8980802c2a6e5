//! The SDK's time and sleep by tokio's clock, which the tests pause.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_sdk_ssm::config::{AsyncSleep, Sleep};
use aws_smithy_async::time::TimeSource;
use tokio::time::Instant;

/// The time by tokio's clock. The SDK's rate limiter counts by it.
#[derive(Debug)]
pub(super) struct TokioTime(pub(super) Instant);

impl TimeSource for TokioTime {
    fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_hours(497_048) + self.0.elapsed()
    }
}

/// Sleeps on tokio's clock, which the tests pause.
#[derive(Debug)]
pub(super) struct TokioSleep;

impl AsyncSleep for TokioSleep {
    fn sleep(&self, duration: Duration) -> Sleep {
        Sleep::new(tokio::time::sleep(duration))
    }
}

/// Sleeps for ever.
#[derive(Debug)]
pub(super) struct NeverSleep;

impl AsyncSleep for NeverSleep {
    fn sleep(&self, _: Duration) -> Sleep {
        Sleep::new(std::future::pending())
    }
}
