//! Operations on the targets of deployments, and on the answers of hook functions.

use std::time::Duration;

use lifecycle::Timestamp;
use serde_json::{Value, json};

use super::super::super::model::deployments::{Deployment, LifecycleEvent, Target};
use super::super::super::{Fleet, Refused};
use super::super::Outcome;
use super::super::bounds::ANY;
use super::super::members::Members;
use super::super::times::epoch;
use super::{one_page, required};

/// aws-facts 5.
const MOST_IN_A_BATCH: usize = 25;
/// The label of an instance of the replacement environment (aws-facts 5).
const GREEN: &str = "Green";

pub(in super::super) fn list(fleet: &mut Fleet, now: Timestamp, members: &Members<'_>) -> Outcome {
    one_page(members)?;
    let deployment = started(fleet, now, members)?;
    if is_younger(deployment, now, fleet.settings.codedeploy.shift_listed_after) {
        return Ok(json!({"targetIds": []}));
    }
    let filters = members.structure("targetFilters")?;
    let asked = |name| filters.as_ref().map_or(Ok(Vec::new()), |filters| filters.texts(name, usize::MAX, &ANY));
    let (statuses, labels) = (asked("TargetStatus")?, asked("ServerInstanceLabel")?);
    // The blue instances of a blue/green deployment are no targets here.
    if deployment.is_green && !labels.is_empty() && !labels.iter().any(|label| label == GREEN) {
        return Ok(json!({"targetIds": []}));
    }
    let chosen = deployment
        .targets
        .iter()
        .filter(|(_, target)| statuses.is_empty() || statuses.iter().any(|status| status == target.status.text()));
    Ok(json!({"targetIds": chosen.map(|(name, _)| name).collect::<Vec<_>>()}))
}

pub(in super::super) fn get(fleet: &mut Fleet, now: Timestamp, members: &Members<'_>) -> Outcome {
    let deployment = started(fleet, now, members)?;
    let target = members.owned("targetId", &ANY)?;
    let target = target.ok_or_else(|| Refused::new("DeploymentTargetIdRequiredException", "targetId is required"))?;
    Ok(json!({"deploymentTarget": target_json(fleet, now, deployment, &target)?}))
}

pub(in super::super) fn batch_get(fleet: &mut Fleet, now: Timestamp, members: &Members<'_>) -> Outcome {
    let deployment = started(fleet, now, members)?;
    let targets = members.texts("targetIds", usize::MAX, &ANY)?;
    if targets.len() > MOST_IN_A_BATCH {
        let message = format!("The maximum number of targets is {MOST_IN_A_BATCH}");
        return Err(Refused::new("DeploymentTargetListSizeExceededException", message));
    }
    let found: Result<Vec<_>, _> = targets.iter().map(|target| target_json(fleet, now, deployment, target)).collect();
    Ok(json!({"deploymentTargets": found?}))
}

/// `PutLifecycleEventHookExecutionStatus` takes two of the statuses of its model (aws-facts 4.2).
pub(in super::super) fn put_hook_status(fleet: &mut Fleet, now: Timestamp, members: &Members<'_>) -> Outcome {
    let deployment = required(members, "deploymentId", "DeploymentId")?.to_owned();
    let execution = members.owned("lifecycleEventHookExecutionId", &ANY)?.unwrap_or_default();
    let succeeded = match members.text("status", &ANY)? {
        Some("Succeeded") => true,
        Some("Failed") => false,
        other => {
            let message = format!("{} is neither Succeeded nor Failed", other.unwrap_or("no status"));
            return Err(Refused::new("InvalidLifecycleEventHookExecutionStatusException", message));
        }
    };
    fleet.put_hook_status(now, &deployment, &execution, succeeded)?;
    Ok(json!({"lifecycleEventHookExecutionId": execution}))
}

/// The deployment of the request. One that shifts traffic has no targets before it has started (aws-facts 4.2).
fn started<'a>(fleet: &'a Fleet, now: Timestamp, members: &Members<'_>) -> Result<&'a Deployment, Refused> {
    let deployment = fleet.deployment(required(members, "deploymentId", "DeploymentId")?)?;
    if is_younger(deployment, now, fleet.settings.codedeploy.shift_starts_after) {
        let message = format!("The deployment {} has not started", deployment.id);
        return Err(Refused::new("DeploymentNotStartedException", message));
    }
    Ok(deployment)
}

/// Whether a deployment that shifts traffic was created less than this ago. An instance is a target at once.
fn is_younger(deployment: &Deployment, now: Timestamp, age: Duration) -> bool {
    deployment.platform != "Server" && now.since(deployment.created) < age
}

fn target_json(fleet: &Fleet, now: Timestamp, deployment: &Deployment, name: &str) -> Result<Value, Refused> {
    let target = deployment.targets.get(name).ok_or_else(|| {
        let message = format!("The deployment {} has no target {name}", deployment.id);
        Refused::new("DeploymentTargetDoesNotExistException", message)
    })?;
    let mut told = json!({
        "deploymentId": deployment.id, "targetId": name, "status": target.status.text(),
        "lastUpdatedAt": epoch(target.updated), "lifecycleEvents": target.events.iter().map(event_json).collect::<Vec<_>>(),
    });
    let (kind, member, more) = kind(fleet, now, deployment, name, target);
    if let (Some(told), Value::Object(more)) = (told.as_object_mut(), more) {
        told.extend(more.into_iter().filter(|(_, value)| !value.is_null()));
    }
    Ok(json!({"deploymentTargetType": kind, member: told}))
}

/// The type, the member it is in, and what only this type has.
fn kind(
    fleet: &Fleet,
    now: Timestamp,
    deployment: &Deployment,
    name: &str,
    target: &Target,
) -> (&'static str, &'static str, Value) {
    let property = |name: &str| target.shift.as_ref().and_then(|shift| shift.properties.get(name)).cloned();
    match deployment.platform.as_str() {
        "Lambda" if is_younger(deployment, now, fleet.settings.codedeploy.shift_told_after) => {
            ("LambdaTarget", "lambdaTarget", json!({"lambdaFunctionInfo": {}}))
        }
        "Lambda" => {
            let info = json!({
                "functionName": property("Name"), "functionAlias": property("Alias"), "targetVersionWeight": 0.0,
                "currentVersion": property("CurrentVersion"), "targetVersion": property("TargetVersion"),
            });
            ("LambdaTarget", "lambdaTarget", json!({"lambdaFunctionInfo": info}))
        }
        "ECS" => ("ECSTarget", "ecsTarget", json!({"taskSetsInfo": []})),
        _ => {
            let label = deployment.is_green.then_some(GREEN);
            let told = json!({"targetArn": fleet.instance_arn(name), "instanceLabel": label});
            ("InstanceTarget", "instanceTarget", told)
        }
    }
}

/// What is not known yet is absent.
fn event_json(event: &LifecycleEvent) -> Value {
    let mut told = json!({
        "lifecycleEventName": event.name, "status": event.status.text(), "startTime": event.start.map(epoch),
        "endTime": event.end.map(epoch), "diagnostics": event.diagnostics.as_ref().map(|diagnostics| json!({
            "errorCode": diagnostics.code, "scriptName": diagnostics.script, "message": diagnostics.message,
            "logTail": diagnostics.log,
        })),
    });
    if let Some(members) = told.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    told
}
