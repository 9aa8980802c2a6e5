//! `PutLifecycleEventHookExecutionStatus`: sends the answer, with one call of the SDK.

use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_sdk_codedeploy::types::LifecycleEventStatus;
use runtime::CallError;
use serde::Serialize;

use crate::clients::Calls;
use crate::guard::within;
use crate::validation::Status;

/// What came of sending the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Delivery {
    /// `CodeDeploy` took it.
    Accepted,
    /// The lifecycle event had an answer before: the one of an attempt or invocation whose own answer was lost, or the
    /// deployment is over. Either way it does not wait.
    AlreadyCompleted,
    /// `CodeDeploy` does not know the lifecycle event, and will not know it later.
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
/// The most time that is kept for the answer, however long validation takes.
const RESERVE: Duration = Duration::from_secs(20);
/// The most time that is kept after the answer, for the log line and the response.
const MARGIN: Duration = Duration::from_secs(1);

/// How much of an invocation's `time` is kept for the answer: a third, but at most 20 s.
pub(crate) fn reserve_for_answer(time: Duration) -> Duration {
    RESERVE.min(time / 3)
}

/// How long the answer may take of the time that is `left`: all but 1 s, or all but a fifth if that is less.
pub(crate) fn time_to_answer(left: Duration) -> Duration {
    left.saturating_sub(MARGIN.min(left / 5))
}

/// Answers within `time`, retries included. They are the SDK's: what is sent twice has one invocation id.
///
/// # Errors
/// Why the answer is [`Delivery::Lost`].
pub(crate) async fn put_answer(
    deployment: &str,
    execution: &str,
    status: Status,
    calls: &Calls,
    time: Duration,
) -> Result<Delivery, String> {
    let call = calls.codedeploy.put_lifecycle_event_hook_execution_status().deployment_id(deployment);
    let call = call.lifecycle_event_hook_execution_id(execution).status(spell_status(status)).customize();
    let attempts = aws_sdk_codedeploy::Config::builder().timeout_config(attempt_timeouts(time));
    let what = format!("{CALL} for {deployment}");
    // Not the SDK's own operation time-out: it would be the last failure, and hide why there was no answer before.
    match within(what, time, &calls.attempts.codedeploy, call.config_override(attempts).send()).await {
        Ok(Ok(_)) => Ok(Delivery::Accepted),
        Ok(Err(error)) => {
            let error = CallError::new(CALL, deployment, &error);
            read_refusal(&error).ok_or_else(|| error.to_string())
        }
        Err(problem) => Err(problem.text),
    }
}

const CALL: &str = "PutLifecycleEventHookExecutionStatus";

fn spell_status(status: Status) -> LifecycleEventStatus {
    match status {
        Status::Succeeded => LifecycleEventStatus::Succeeded,
        Status::Failed => LifecycleEventStatus::Failed,
    }
}

/// There is time for three at least.
fn attempt_timeouts(time: Duration) -> TimeoutConfig {
    let attempt = ATTEMPT.min(time / 3);
    TimeoutConfig::builder().connect_timeout(attempt).operation_attempt_timeout(attempt).build()
}

/// Errors after which nobody waits for an answer (aws-facts 4.2).
fn read_refusal(error: &CallError) -> Option<Delivery> {
    let refusals = [
        "DeploymentDoesNotExistException",
        "InvalidDeploymentIdException",
        "InvalidLifecycleEventHookExecutionIdException",
        "UnsupportedActionForDeploymentTypeException",
    ];
    if error.is("LifecycleEventAlreadyCompletedException") {
        return Some(Delivery::AlreadyCompleted);
    }
    refusals.iter().any(|code| error.is(code)).then_some(Delivery::Refused)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use runtime::Timestamp;
    use runtime::budget::Budget;
    use runtime::process::Clock;

    use super::*;

    fn times(seconds: u64) -> (Duration, Duration) {
        let (now, clock): (_, Clock) = (Timestamp::from_millis(0), Arc::new(|| Timestamp::from_millis(0)));
        let time = Duration::from_secs(seconds);
        let budget = Budget::until(now + time, reserve_for_answer(time), &clock);
        (budget.left(), time_to_answer(budget.left_with_reserve()))
    }

    #[test]
    fn the_answer_keeps_twenty_seconds_or_a_third() {
        let seconds = Duration::from_secs;
        assert_eq!(times(300), (seconds(280), seconds(299)));
        assert_eq!(times(60), (seconds(40), seconds(59)));
        assert_eq!(times(3), (seconds(2), Duration::from_millis(2400)));
        assert_eq!(times(0), (Duration::ZERO, Duration::ZERO));
    }
}
