//! `GetDeploymentTarget`: whether `CodeDeploy` is really asking. Without this check anybody who may invoke this function
//! could have any instance looked at.

use aws_sdk_codedeploy::types::{LifecycleEventStatus as Status, TargetStatus};
use runtime::CallError;
use runtime::clients::Clients;

use crate::answer::NoReport;
use crate::request::Request;

/// Returns if the instance is a target of the deployment and the lifecycle event is in progress on it. An event that has
/// not begun is asked for again: the script already runs, but `CodeDeploy` may say so only a moment later, and AWS does
/// not document how soon.
pub(crate) async fn confirm(request: &Request, aws: &Clients) -> Result<(), NoReport> {
    let Request { deployment_id, instance_id, lifecycle_event, .. } = request;
    let call = aws.codedeploy.get_deployment_target().deployment_id(deployment_id).target_id(instance_id.as_str());
    let answer = call.send().await.map_err(|error| CallError::new("GetDeploymentTarget", instance_id, &error));
    let not_yet = || {
        NoReport::Pending(format!(
            "{lifecycle_event} of {deployment_id} has not begun on {instance_id}: ask from its script"
        ))
    };
    let never = NoReport::Inconclusive;
    let target = match answer {
        Ok(answer) => answer.deployment_target.and_then(|target| target.instance_target),
        Err(error) if error.is("DeploymentNotStartedException") => return Err(not_yet()),
        Err(error) if UNKNOWN.iter().any(|code| error.is(code)) => None,
        Err(error) => return Err(error.into()),
    };
    let target = target.ok_or_else(|| never(format!("{instance_id} is not a target of {deployment_id}")))?;
    let events = target.lifecycle_events.unwrap_or_default();
    let event = events.into_iter().find(|event| event.lifecycle_event_name.as_ref() == Some(lifecycle_event));
    let unknown = || never(format!("{deployment_id} has no lifecycle event {lifecycle_event} on {instance_id}"));
    match event.ok_or_else(unknown)?.status {
        Some(Status::InProgress) => Ok(()),
        Some(Status::Pending) | None if target.status != Some(TargetStatus::Failed) => Err(not_yet()),
        status => {
            let status = status.as_ref().map_or("not to run", Status::as_str);
            Err(never(format!("{lifecycle_event} of {deployment_id} on {instance_id} is {status}, not in progress")))
        }
    }
}

/// The error codes for a deployment or a target that does not exist ([BOTO codedeploy:GetDeploymentTarget]).
const UNKNOWN: [&str; 5] = [
    "DeploymentDoesNotExistException",
    "DeploymentTargetDoesNotExistException",
    "InvalidDeploymentIdException",
    "InvalidDeploymentTargetIdException",
    "InvalidInstanceNameException",
];
