//! `PutLifecycleEventHookExecutionStatus`: the answer, in one call of the SDK.

use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_sdk_codedeploy::types::LifecycleEventStatus;
use runtime::CallError;
use serde::Serialize;

use crate::clients::Calls;
use crate::guard::within;
use crate::verdict::Status;

/// What came of answering.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Outcome {
    /// `CodeDeploy` took it.
    Accepted,
    /// The lifecycle event had an answer before: the one of an attempt or invocation whose own answer was lost, or the
    /// deployment is over. Either way it does not wait.
    AlreadyCompleted,
    /// `CodeDeploy` knows no such question, and will not know it later.
    Refused,
    /// The deployment does not exist any more, so nothing was answered.
    Gone,
    /// It is not known whether the answer arrived. The invocation fails, and Lambda makes it again.
    Lost,
    /// Returned to ECS, as the function's own answer.
    Returned,
}

/// An attempt that takes longer is made again.
const ATTEMPT: Duration = Duration::from_secs(4);

/// Answers within `time`, retries included. They are the SDK's: what is sent twice has one invocation id.
///
/// # Errors
/// Why the answer is [`Outcome::Lost`].
pub(crate) async fn put(
    deployment: &str,
    execution: &str,
    status: Status,
    calls: &Calls,
    time: Duration,
) -> Result<Outcome, String> {
    let call = calls.codedeploy.put_lifecycle_event_hook_execution_status().deployment_id(deployment);
    let call = call.lifecycle_event_hook_execution_id(execution).status(spelt(status)).customize();
    let attempts = aws_sdk_codedeploy::Config::builder().timeout_config(attempts(time));
    let what = format!("{CALL} for {deployment}");
    // Not the SDK's own operation time-out: it would be the last failure, and hide why there was no answer before.
    match within(what, time, &calls.last.codedeploy, call.config_override(attempts).send()).await {
        Ok(Ok(_)) => Ok(Outcome::Accepted),
        Ok(Err(error)) => {
            let error = CallError::new(CALL, deployment, &error);
            over(&error).ok_or_else(|| error.to_string())
        }
        Err(reason) => Err(reason.text),
    }
}

const CALL: &str = "PutLifecycleEventHookExecutionStatus";

fn spelt(status: Status) -> LifecycleEventStatus {
    match status {
        Status::Succeeded => LifecycleEventStatus::Succeeded,
        Status::Failed => LifecycleEventStatus::Failed,
    }
}

/// There is time for three at least.
fn attempts(time: Duration) -> TimeoutConfig {
    let attempt = ATTEMPT.min(time / 3);
    TimeoutConfig::builder().connect_timeout(attempt).operation_attempt_timeout(attempt).build()
}

/// Errors after which nobody waits for an answer (AWS-FACTS 4.2).
fn over(error: &CallError) -> Option<Outcome> {
    let refusals = [
        "DeploymentDoesNotExistException",
        "InvalidDeploymentIdException",
        "InvalidLifecycleEventHookExecutionIdException",
        "UnsupportedActionForDeploymentTypeException",
    ];
    if error.is("LifecycleEventAlreadyCompletedException") {
        return Some(Outcome::AlreadyCompleted);
    }
    refusals.iter().any(|code| error.is(code)).then_some(Outcome::Refused)
}
