//! Why a call to AWS failed: which, on what, with which code.

use std::fmt;

use aws_sdk_ssm::error::{ProvideErrorMetadata, SdkError};

/// A call that failed after the SDK's own retries. It is never a verdict: whoever made it decides nothing.
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
        Self { call, subject: subject.to_string(), code, cause: told(error) }
    }

    /// AWS says that the lifecycle action is not open. The code is not in the service model and is used for other
    /// mistakes too, so the message decides (AWS-FACTS 2.4).
    pub(crate) fn no_active_action(&self) -> bool {
        self.is("ValidationError") && self.cause.contains("No active Lifecycle Action found")
    }

    /// AWS does not know the Auto Scaling group (any more).
    pub(crate) fn no_such_group(&self) -> bool {
        self.is("ValidationError") && self.cause.contains("not found")
    }

    /// SSM does not know one of the instances, or cannot reach it (AWS-FACTS 6.1, 6.2).
    pub(crate) fn unreachable_instance(&self) -> bool {
        self.is("InvalidInstanceId")
    }

    /// One of the instances makes SSM refuse the request as a whole (AWS-FACTS 6.2).
    pub(crate) fn spoilt_by_one(&self) -> bool {
        self.unreachable_instance() || self.is("UnsupportedPlatformType") || self.is("DuplicateInstanceId")
    }

    /// The deployment has come to an end by itself, or is not known any more.
    pub(crate) fn deployment_over(&self) -> bool {
        self.is("DeploymentAlreadyCompletedException") || self.is("DeploymentDoesNotExistException")
    }

    /// AWS does not let us: asking again changes nothing.
    pub(crate) fn denied(&self) -> bool {
        self.is("AccessDeniedException") || self.is("AccessDenied")
    }

    /// Whether AWS answered with this error code.
    #[must_use]
    pub fn is(&self, code: &str) -> bool {
        self.code.as_deref() == Some(code)
    }
}

/// An error in AWS's own words, its code and message; any other with its causes: AWS did not answer, or not as AWS does.
pub fn told<E, R>(error: &SdkError<E, R>) -> String
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: fmt::Debug,
{
    match (error.code(), error.message()) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (Some(code), None) => code.to_owned(),
        (None, _) => chain(error),
    }
}

/// An error and its causes, each once.
pub fn chain(error: &(dyn std::error::Error + '_)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let mut causes: Vec<String> = causes.map(ToString::to_string).collect();
    causes.dedup();
    causes.join(": ")
}
