//! Retries for a function that somebody waits for. The SDK makes them; nothing here retries by itself.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_ssm::config::retry::{RetryPartition, TokenBucket};

/// An attempt that is not connected within this time is made again.
pub(super) const CONNECT: Duration = Duration::from_secs(3);
/// An attempt that is not answered within this time is made again.
const ATTEMPT: Duration = Duration::from_secs(5);

/// The SDK's standard retries. The time that a call is given ends them, not their number.
#[must_use]
pub fn patient_retries() -> RetryConfig {
    RetryConfig::standard()
        .with_max_attempts(1_000)
        .with_initial_backoff(Duration::from_millis(200))
        .with_max_backoff(Duration::from_secs(2))
}

/// How long one attempt of a patient call may take: 3 s to connect, 5 s in all.
#[must_use]
pub fn patient_timeouts() -> TimeoutConfig {
    TimeoutConfig::builder().connect_timeout(CONNECT).operation_attempt_timeout(ATTEMPT).build()
}

/// What the SDK learns of failures and throttles, a client with this partition keeps to itself. Without one, all clients of
/// a service in the process share it.
#[must_use]
pub fn own_partition() -> RetryPartition {
    RetryPartition::custom("own").build()
}

/// All calls of the process share one SDK retry bucket, which earlier throttles may have emptied. Clients with this
/// partition get their own, without a limit.
#[must_use]
pub fn own_retry_bucket(name: &'static str) -> RetryPartition {
    RetryPartition::custom(name).token_bucket(TokenBucket::unlimited()).build()
}
