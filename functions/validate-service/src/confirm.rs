//! `GetDeploymentTarget`: whether `CodeDeploy` is really asking. Without this check anybody who may invoke this function
//! could have any instance looked at.

use std::time::Duration;

use aws_sdk_codedeploy::types::{LifecycleEventStatus as Status, TargetStatus};
use runtime::CallError;
use runtime::clients::Clients;
use tokio::time::sleep;

use crate::answer::Inconclusive;
use crate::request::Request;

/// How often `CodeDeploy` is asked. The script already runs, but `CodeDeploy` may say only a moment later that its
/// lifecycle event is in progress; AWS does not document how soon.
const TRIES: u32 = 10;
/// The pause between two tries.
const PAUSE: Duration = Duration::from_secs(2);

/// How far the lifecycle event of a request has come.
enum EventState {
    InProgress,
    /// Not begun, as far as `CodeDeploy` shows.
    NotYet,
    /// There is nothing to validate, and why.
    Never(String),
}

/// Returns if the instance is a target of the deployment and the lifecycle event is in progress on it.
pub(crate) async fn confirm(request: &Request, aws: &Clients) -> Result<(), Inconclusive> {
    for _ in 0..TRIES {
        match read_event_state(request, aws).await? {
            EventState::InProgress => return Ok(()),
            EventState::NotYet => sleep(PAUSE).await,
            EventState::Never(why) => return Err(Inconclusive(why)),
        }
    }
    let Request { deployment_id, instance_id, lifecycle_event, .. } = request;
    Err(Inconclusive(format!(
        "{lifecycle_event} of {deployment_id} has not begun on {instance_id}: ask from its script"
    )))
}

async fn read_event_state(request: &Request, aws: &Clients) -> Result<EventState, CallError> {
    let Request { deployment_id, instance_id, lifecycle_event, .. } = request;
    let call = aws.codedeploy.get_deployment_target().deployment_id(deployment_id).target_id(instance_id.as_str());
    let answer = call.send().await.map_err(|error| CallError::new("GetDeploymentTarget", instance_id, &error));
    let target = match answer {
        Ok(answer) => answer.deployment_target.and_then(|target| target.instance_target),
        Err(error) if error.is("DeploymentNotStartedException") => return Ok(EventState::NotYet),
        Err(error) if UNKNOWN.iter().any(|code| error.is(code)) => None,
        Err(error) => return Err(error),
    };
    let Some(target) = target else {
        return Ok(EventState::Never(format!("{instance_id} is not a target of {deployment_id}")));
    };
    let events = target.lifecycle_events.unwrap_or_default();
    let event = events.into_iter().find(|event| event.lifecycle_event_name.as_ref() == Some(lifecycle_event));
    let Some(event) = event else {
        return Ok(EventState::Never(format!(
            "{deployment_id} has no lifecycle event {lifecycle_event} on {instance_id}"
        )));
    };
    Ok(match event.status {
        Some(Status::InProgress) => EventState::InProgress,
        Some(Status::Pending) | None if target.status != Some(TargetStatus::Failed) => EventState::NotYet,
        status => {
            let status = status.as_ref().map_or("not to run", Status::as_str);
            EventState::Never(format!(
                "{lifecycle_event} of {deployment_id} on {instance_id} is {status}, not in progress"
            ))
        }
    })
}

/// The error codes for a deployment or a target that does not exist ([BOTO codedeploy:GetDeploymentTarget]).
const UNKNOWN: [&str; 5] = [
    "DeploymentDoesNotExistException",
    "DeploymentTargetDoesNotExistException",
    "InvalidDeploymentIdException",
    "InvalidDeploymentTargetIdException",
    "InvalidInstanceNameException",
];
