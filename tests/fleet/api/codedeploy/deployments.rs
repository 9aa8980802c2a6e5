//! Operations on deployments.

use lifecycle::Timestamp;
use serde_json::{Value, json};

use super::super::super::model::deployments::{Deployment, DeploymentMembers, NamedFleet, Progress};
use super::super::super::{Fleet, Refused};
use super::super::Outcome;
use super::super::bounds::ANY;
use super::super::members::Members;
use super::super::times::epoch;
use super::deployment_groups::tags_in;
use super::{blue_green, one_page, optional, required};

/// aws-facts 5.
const MOST_IN_A_BATCH: usize = 25;

pub(in super::super) fn create(fleet: &mut Fleet, now: Timestamp, members: &Members<'_>) -> Outcome {
    let application = required(members, "applicationName", "ApplicationName")?.to_owned();
    let group = required(members, "deploymentGroupName", "DeploymentGroupName")?.to_owned();
    let given = members.entries().find(|(name, value)| *name == "revision" && value.is_object());
    let (_, revision) = given
        .ok_or_else(|| Refused::new("RevisionRequiredException", "the fleet keeps no default revision: give one"))?;
    let description = members.owned("description", &ANY)?;
    let only_outdated = members.flag("updateOutdatedInstancesOnly")?.unwrap_or(false);
    let green = named_fleet(members)?;
    let wanted =
        DeploymentMembers { application, group, revision: revision.clone(), description, only_outdated, fleet: green };
    Ok(json!({"deploymentId": fleet.create_deployment(now, wanted)?}))
}

/// The green fleet of a blue/green deployment that copies no group.
fn named_fleet(members: &Members<'_>) -> Result<Option<NamedFleet>, Refused> {
    let Some(named) = members.structure("targetInstances")? else { return Ok(None) };
    let tags = tags_in(&named, "tagFilters")?.unwrap_or_default();
    Ok(Some(NamedFleet { scaling: named.texts("autoScalingGroups", usize::MAX, &ANY)?, tags }))
}

pub(in super::super) fn get(fleet: &mut Fleet, _: Timestamp, members: &Members<'_>) -> Outcome {
    let deployment = fleet.deployment(required(members, "deploymentId", "DeploymentId")?)?;
    Ok(json!({"deploymentInfo": info(deployment)}))
}

pub(in super::super) fn batch_get(fleet: &mut Fleet, _: Timestamp, members: &Members<'_>) -> Outcome {
    let ids = members.texts("deploymentIds", usize::MAX, &ANY)?;
    if ids.len() > MOST_IN_A_BATCH {
        let message = format!("The maximum number of deployment ids is {MOST_IN_A_BATCH}");
        return Err(Refused::new("BatchLimitExceededException", message));
    }
    let known = ids.iter().filter_map(|id| fleet.deployments.get(id)).map(info);
    Ok(json!({"deploymentsInfo": known.collect::<Vec<_>>()}))
}

pub(in super::super) fn stop(fleet: &mut Fleet, now: Timestamp, members: &Members<'_>) -> Outcome {
    fleet.stop_deployment(now, required(members, "deploymentId", "DeploymentId")?)?;
    Ok(json!({"status": "Succeeded", "statusMessage": "No more commands will be scheduled for execution"}))
}

/// The newest first; ids only.
pub(in super::super) fn list(fleet: &mut Fleet, _: Timestamp, members: &Members<'_>) -> Outcome {
    one_page(members)?;
    let application = optional(members, "applicationName", "ApplicationName")?;
    let group = optional(members, "deploymentGroupName", "DeploymentGroupName")?;
    match (application, group) {
        (Some(application), Some(group)) => drop(fleet.deployment_group(application, group)?.id.len()),
        (None, None) => {}
        (Some(_), None) => return Err(missing("DeploymentGroupName")),
        (None, Some(_)) => return Err(missing("ApplicationName")),
    }
    let statuses = members.texts("includeOnlyStatuses", usize::MAX, &ANY)?;
    let (from, to) = created_within(members)?;
    let chosen = fleet.deployment_order.iter().rev().filter_map(|id| fleet.deployments.get(id)).filter(|deployment| {
        let named = &deployment.members;
        let seconds = deployment.created.millis().div_euclid(1000);
        group.is_none_or(|group| named.group == group)
            && application.is_none_or(|application| named.application == application)
            && (statuses.is_empty() || statuses.iter().any(|status| status == deployment.status.text()))
            && from.is_none_or(|from| from <= seconds)
            && to.is_none_or(|to| seconds <= to)
    });
    Ok(json!({"deployments": chosen.map(|deployment| &deployment.id).collect::<Vec<_>>()}))
}

fn missing(what: &str) -> Refused {
    let message = "applicationName and deploymentGroupName are given together or not at all";
    Refused::new(&format!("{what}RequiredException"), message)
}

/// Whole seconds since 1970.
fn created_within(members: &Members<'_>) -> Result<(Option<i64>, Option<i64>), Refused> {
    let Some(range) = members.structure("createTimeRange")? else { return Ok((None, None)) };
    let end = |name: &str| {
        let given = range.entries().find(|(key, _)| *key == name).and_then(|(_, value)| value.as_f64());
        given.map(|seconds| format!("{seconds:.0}").parse().unwrap_or_default())
    };
    Ok((end("start"), end("end")))
}

fn info(deployment: &Deployment) -> Value {
    let members = &deployment.members;
    let count = |progress| deployment.targets.values().filter(|target| target.status == progress).count();
    let error = deployment.error.as_ref().map(|(code, message)| json!({"code": code, "message": message}));
    let mut info = json!({
        "applicationName": members.application, "deploymentGroupName": members.group, "deploymentId": deployment.id,
        "revision": members.revision, "status": deployment.status.text(), "createTime": epoch(deployment.created),
        "startTime": epoch(deployment.created), "completeTime": deployment.completed.map(epoch),
        "creator": deployment.creator.text(), "computePlatform": deployment.platform, "errorInformation": error,
        "deploymentStyle": blue_green::style_json(deployment.is_green),
        "description": members.description, "updateOutdatedInstancesOnly": members.only_outdated,
        "ignoreApplicationStopFailures": false, "deploymentOverview": {
            "Pending": count(Progress::Pending), "InProgress": count(Progress::InProgress),
            "Succeeded": count(Progress::Succeeded), "Failed": count(Progress::Failed),
            "Skipped": count(Progress::Skipped), "Ready": 0,
        },
    });
    if let Some(members) = info.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    info
}
