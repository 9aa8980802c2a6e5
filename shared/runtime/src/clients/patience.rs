//! Retries for whoever has somebody waiting, and all the time that it is given. They are the SDK's, and nobody else's.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_sdk_ssm::config::interceptors::FinalizerInterceptorContextRef;
use aws_sdk_ssm::config::retry::{RetryPartition, TokenBucket};
use aws_sdk_ssm::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_ssm::error::BoxError;

use crate::error::chain;

/// The SDK's standard retries. What ends them is the time that a call is given, not their number.
#[must_use]
pub fn patient() -> RetryConfig {
    RetryConfig::standard()
        .with_max_attempts(1_000)
        .with_initial_backoff(Duration::from_millis(200))
        .with_max_backoff(Duration::from_secs(2))
}

/// The SDK's own quota of retries is one for all calls of a process: what was throttled before would have spent what the
/// next call needs.
#[must_use]
pub fn without_quota(name: &'static str) -> RetryPartition {
    RetryPartition::custom(name).token_bucket(TokenBucket::unlimited()).build()
}

/// What the last call of a client failed with, retries included; nothing after one that succeeded.
#[derive(Clone, Debug, Default)]
pub struct LastFailure(Arc<Mutex<Option<String>>>);

impl LastFailure {
    /// To end a sentence with.
    #[must_use]
    pub fn told(&self) -> String {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.as_ref().map(|last| format!("; the last answer was: {last}")).unwrap_or_default()
    }
}

impl Intercept for LastFailure {
    fn name(&self) -> &'static str {
        "last failure"
    }

    fn read_after_attempt(
        &self,
        attempt: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let failure = attempt.output_or_error().and_then(Result::err).map(|error| chain(error));
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = failure;
        Ok(())
    }
}
