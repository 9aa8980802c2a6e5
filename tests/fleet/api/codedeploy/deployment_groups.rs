//! Operations on deployment groups.

use std::collections::BTreeSet;

use lifecycle::Timestamp;
use serde_json::{Value, json};

use super::super::super::model::applications::{
    Application, DeploymentGroup, DeploymentGroupChanges, DeploymentGroupMembers,
};
use super::super::super::{Fleet, Refused};
use super::super::Outcome;
use super::super::bounds::ANY;
use super::super::members::Members;
use super::{one_page, optional, required};

/// What applies where none is given ([BOTO codedeploy:CreateDeploymentGroupInput.deploymentConfigName]).
const DEFAULT_CONFIG: &str = "CodeDeployDefault.OneAtATime";

pub(in super::super) fn create(fleet: &mut Fleet, _: Timestamp, members: &Members<'_>) -> Outcome {
    let (application, name) = named(members, "deploymentGroupName")?;
    let role = members.owned("serviceRoleArn", &ANY)?;
    let role = role.ok_or_else(|| Refused::new("RoleRequiredException", "serviceRoleArn is required"))?;
    let config = optional(members, "deploymentConfigName", "DeploymentConfigName")?.unwrap_or(DEFAULT_CONFIG);
    let scaling = scaling(members)?.unwrap_or_default();
    let (application, name, config) = (application.to_owned(), name.to_owned(), config.to_owned());
    let id = fleet.create_deployment_group(DeploymentGroupMembers { application, name, role, config, scaling })?;
    Ok(json!({"deploymentGroupId": id}))
}

pub(in super::super) fn update(fleet: &mut Fleet, _: Timestamp, members: &Members<'_>) -> Outcome {
    let (application, current) = named(members, "currentDeploymentGroupName")?;
    let changes = DeploymentGroupChanges {
        name: optional(members, "newDeploymentGroupName", "DeploymentGroupName")?.map(str::to_owned),
        role: members.owned("serviceRoleArn", &ANY)?,
        config: optional(members, "deploymentConfigName", "DeploymentConfigName")?.map(str::to_owned),
        scaling: scaling(members)?,
    };
    fleet.update_deployment_group(application, current, changes)?;
    Ok(json!({"hooksNotCleanedUp": []}))
}

pub(in super::super) fn delete(fleet: &mut Fleet, _: Timestamp, members: &Members<'_>) -> Outcome {
    let (application, name) = named(members, "deploymentGroupName")?;
    fleet.delete_deployment_group(application, name);
    Ok(json!({"hooksNotCleanedUp": []}))
}

pub(in super::super) fn get(fleet: &mut Fleet, _: Timestamp, members: &Members<'_>) -> Outcome {
    let (application, name) = named(members, "deploymentGroupName")?;
    let group = fleet.deployment_group(application, name)?;
    Ok(json!({"deploymentGroupInfo": group_json(fleet.application(application)?, group)}))
}

pub(in super::super) fn list(fleet: &mut Fleet, _: Timestamp, members: &Members<'_>) -> Outcome {
    one_page(members)?;
    let application = fleet.application(required(members, "applicationName", "ApplicationName")?)?;
    let names: Vec<_> = application.groups.keys().collect();
    Ok(json!({"applicationName": application.name, "deploymentGroups": names}))
}

fn named<'a>(members: &Members<'a>, group: &str) -> Result<(&'a str, &'a str), Refused> {
    let application = required(members, "applicationName", "ApplicationName")?;
    Ok((application, required(members, group, "DeploymentGroupName")?))
}

/// None where the member is absent, which is not the same as empty (AWS-FACTS 3.4).
fn scaling(members: &Members<'_>) -> Result<Option<BTreeSet<String>>, Refused> {
    let given = members.entries().any(|(name, value)| name == "autoScalingGroups" && !value.is_null());
    let names = members.texts("autoScalingGroups", usize::MAX, &ANY)?;
    Ok(given.then(|| names.into_iter().collect()))
}

fn group_json(application: &Application, group: &DeploymentGroup) -> Value {
    json!({
        "applicationName": application.name, "deploymentGroupId": group.id, "deploymentGroupName": group.name,
        "deploymentConfigName": group.config, "serviceRoleArn": group.role,
        "autoScalingGroups": hooks_json(group.scaling.iter()), "computePlatform": application.platform,
        "deploymentStyle": {"deploymentType": "IN_PLACE", "deploymentOption": "WITHOUT_TRAFFIC_CONTROL"},
        "outdatedInstancesStrategy": "UPDATE", "terminationHookEnabled": false,
    })
}

/// [BOTO codedeploy:AutoScalingGroup]
fn hooks_json<'a>(hooks: impl Iterator<Item = (&'a String, &'a String)>) -> Value {
    hooks.map(|(group, hook)| json!({"name": group, "hook": hook})).collect()
}
