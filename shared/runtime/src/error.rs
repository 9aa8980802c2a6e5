//! What a failed call of AWS means.

use std::fmt;

use aws_sdk_ssm::error::{ProvideErrorMetadata, SdkError};

/// A call that failed after the SDK's own retries. It is never a verdict: the caller decides nothing.
#[derive(Debug, thiserror::Error)]
#[error("{call} for {subject} failed: {cause}")]
pub struct CallError {
    call: &'static str,
    subject: String,
    code: Option<String>,
    cause: String,
}

impl CallError {
    /// The failure of `call`, an operation of AWS by its name, on `subject`.
    pub fn new<E, R>(call: &'static str, subject: impl fmt::Display, error: &SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        R: fmt::Debug,
    {
        let code = error.code().map(str::to_owned);
        Self { call, subject: subject.to_string(), code, cause: tell(error) }
    }

    /// Whether AWS says that the lifecycle action is not open. The error code is not in the service model and is used for
    /// other mistakes too, so the message decides (aws-facts 2.4).
    #[must_use]
    pub fn is_no_active_action(&self) -> bool {
        self.is("ValidationError") && self.cause.contains("No active Lifecycle Action found")
    }

    /// Whether AWS does not know the Auto Scaling group, or does not know it any more.
    #[must_use]
    pub fn is_unknown_group(&self) -> bool {
        self.is("ValidationError") && self.cause.contains("not found")
    }

    /// Whether SSM does not know one of the instances, or cannot reach it (aws-facts 6.1, 6.2).
    #[must_use]
    pub fn is_unreachable_instance(&self) -> bool {
        self.is("InvalidInstanceId")
    }

    /// Whether SSM refuses the whole request because of one of its instances (aws-facts 6.2).
    #[must_use]
    pub fn is_caused_by_one_instance(&self) -> bool {
        self.is_unreachable_instance() || self.is("UnsupportedPlatformType") || self.is("DuplicateInstanceId")
    }

    /// Whether the deployment has ended by itself, or is not known any more.
    #[must_use]
    pub fn is_deployment_over(&self) -> bool {
        self.is("DeploymentAlreadyCompletedException") || self.is("DeploymentDoesNotExistException")
    }

    /// Whether the role does not allow the call. To ask again changes nothing.
    #[must_use]
    pub fn is_denied(&self) -> bool {
        self.is("AccessDeniedException") || self.is("AccessDenied")
    }

    /// Whether AWS refuses it because of too many requests.
    #[must_use]
    pub fn is_throttled(&self) -> bool {
        self.has_any(&["Throttl", "TooManyRequests", "RequestLimitExceeded"])
    }

    /// Whether the same call may succeed a moment later: AWS throttles, has failed itself, or did not answer.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        self.code.is_none() || self.is_throttled() || self.has_any(&["Internal", "ServiceUnavailable"])
    }

    fn has_any(&self, parts: &[&str]) -> bool {
        self.code.as_deref().is_some_and(|code| parts.iter().any(|part| code.contains(part)))
    }

    /// Whether AWS answered with this error code.
    #[must_use]
    pub fn is(&self, code: &str) -> bool {
        self.code.as_deref() == Some(code)
    }
}

/// The error in AWS's own words: its code and its message. An error without a code is told with its causes; then AWS did
/// not answer, or something else answered.
pub fn tell<E, R>(error: &SdkError<E, R>) -> String
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: fmt::Debug,
{
    match (error.code(), error.message()) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (Some(code), None) => code.to_owned(),
        (None, _) => tell_chain(error),
    }
}

/// The error and its causes, each once.
pub fn tell_chain(error: &(dyn std::error::Error + '_)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let mut causes: Vec<String> = causes.map(ToString::to_string).collect();
    causes.dedup();
    causes.join(": ")
}
