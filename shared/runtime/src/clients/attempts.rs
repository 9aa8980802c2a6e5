//! Watches the attempts that the SDK makes, retries included.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_ssm::config::interceptors::{BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef};
use aws_sdk_ssm::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_ssm::error::BoxError;

use crate::error::tell_chain;

/// What became of the attempts that it watches. It is an interceptor: give a clone to a client, or to one call. Clones
/// share what they have seen.
#[derive(Clone, Debug, Default)]
pub struct Attempts(Arc<Seen>);

#[derive(Debug, Default)]
struct Seen {
    made: AtomicU32,
    unanswered: AtomicU32,
    last_failure: Mutex<Option<String>>,
}

impl Attempts {
    /// How many requests have left.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.0.made.load(Ordering::Relaxed)
    }

    /// Whether AWS may have carried out an attempt without our hearing of it: there was no answer, or a 5xx.
    #[must_use]
    pub fn any_unanswered(&self) -> bool {
        self.0.unanswered.load(Ordering::Relaxed) > 0
    }

    /// "; the last answer was: …", or empty if the last attempt succeeded. Appended to error messages.
    #[must_use]
    pub fn tell_last_failure(&self) -> String {
        let last = self.0.last_failure.lock().unwrap_or_else(PoisonError::into_inner);
        last.as_ref().map(|last| format!("; the last answer was: {last}")).unwrap_or_default()
    }
}

impl Intercept for Attempts {
    fn name(&self) -> &'static str {
        "attempts"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.0.made.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    fn read_after_attempt(
        &self,
        attempt: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if attempt.response().is_none_or(|response| response.status().is_server_error()) {
            self.0.unanswered.fetch_add(1, Ordering::Relaxed);
        }
        let failure = attempt.output_or_error().and_then(Result::err).map(|error| tell_chain(error));
        *self.0.last_failure.lock().unwrap_or_else(PoisonError::into_inner) = failure;
        Ok(())
    }
}
