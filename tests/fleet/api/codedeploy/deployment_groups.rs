//! Operations on deployment groups.

use std::collections::BTreeSet;

use lifecycle::Timestamp;
use serde_json::{Value, json};

use super::super::super::model::applications::green_fleet::Style;
use super::super::super::model::applications::{
    Application, DeploymentGroup, DeploymentGroupChanges, DeploymentGroupMembers,
};
use super::super::super::model::tags::{Compares, TagFilter};
use super::super::super::{Fleet, Refused};
use super::super::Outcome;
use super::super::bounds::ANY;
use super::super::members::Members;
use super::super::times::epoch;
use super::{blue_green, one_page, optional, required};

/// What applies where none is given ([BOTO codedeploy:CreateDeploymentGroupInput.deploymentConfigName]).
const DEFAULT_CONFIG: &str = "CodeDeployDefault.OneAtATime";

pub(in super::super) fn create(fleet: &mut Fleet, _: Timestamp, members: &Members<'_>) -> Outcome {
    let (application, name) = named(members, "deploymentGroupName")?;
    let role = members.owned("serviceRoleArn", &ANY)?;
    let role = role.ok_or_else(|| Refused::new("RoleRequiredException", "serviceRoleArn is required"))?;
    let config = optional(members, "deploymentConfigName", "DeploymentConfigName")?.unwrap_or(DEFAULT_CONFIG);
    let scaling = scaling(members)?.unwrap_or_default();
    let tags = tags(members)?.unwrap_or_default();
    let (application, name, config) = (application.to_owned(), name.to_owned(), config.to_owned());
    let green = blue_green::read(members)?.and_then(Style::green);
    let group = DeploymentGroupMembers { application, name, role, config, scaling, tags, green };
    let id = fleet.create_deployment_group(group)?;
    Ok(json!({"deploymentGroupId": id}))
}

pub(in super::super) fn update(fleet: &mut Fleet, now: Timestamp, members: &Members<'_>) -> Outcome {
    let (application, current) = named(members, "currentDeploymentGroupName")?;
    let changes = DeploymentGroupChanges {
        name: optional(members, "newDeploymentGroupName", "DeploymentGroupName")?.map(str::to_owned),
        role: members.owned("serviceRoleArn", &ANY)?,
        config: optional(members, "deploymentConfigName", "DeploymentConfigName")?.map(str::to_owned),
        scaling: scaling(members)?,
        tags: tags(members)?,
        style: blue_green::read(members)?,
    };
    fleet.update_deployment_group(now, application, current, changes)?;
    Ok(json!({"hooksNotCleanedUp": []}))
}

pub(in super::super) fn delete(fleet: &mut Fleet, now: Timestamp, members: &Members<'_>) -> Outcome {
    let (application, name) = named(members, "deploymentGroupName")?;
    fleet.delete_deployment_group(now, application, name);
    Ok(json!({"hooksNotCleanedUp": []}))
}

pub(in super::super) fn get(fleet: &mut Fleet, _: Timestamp, members: &Members<'_>) -> Outcome {
    let (application, name) = named(members, "deploymentGroupName")?;
    let group = fleet.deployment_group(application, name)?;
    Ok(json!({"deploymentGroupInfo": group_json(fleet, fleet.application(application)?, group)}))
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

/// None where the member is absent, which is not the same as empty (aws-facts 3.4).
fn scaling(members: &Members<'_>) -> Result<Option<BTreeSet<String>>, Refused> {
    let given = members.entries().any(|(name, value)| name == "autoScalingGroups" && !value.is_null());
    let names = members.texts("autoScalingGroups", usize::MAX, &ANY)?;
    Ok(given.then(|| names.into_iter().collect()))
}

fn tags(members: &Members<'_>) -> Result<Option<Vec<TagFilter>>, Refused> {
    tags_in(members, "ec2TagFilters")
}

pub(super) fn tags_in(members: &Members<'_>, list: &str) -> Result<Option<Vec<TagFilter>>, Refused> {
    let given = members.entries().any(|(name, value)| name == list && !value.is_null());
    let filters = members.list(list, usize::MAX)?;
    let filters: Result<Vec<_>, Refused> = filters.iter().map(tag).collect();
    Ok(given.then_some(filters?))
}

fn tag(filter: &Members<'_>) -> Result<TagFilter, Refused> {
    let invalid = |refused: Refused| Refused::new("InvalidTagFilterException", refused.message);
    let compares = filter.word("Type", compares).map_err(invalid)?.unwrap_or(Compares::Both);
    let key = filter.owned("Key", &ANY)?.unwrap_or_default();
    Ok(TagFilter { key, value: filter.owned("Value", &ANY)?.unwrap_or_default(), compares })
}

fn compares(word: &str) -> Option<Compares> {
    match word {
        "KEY_ONLY" => Some(Compares::Key),
        "VALUE_ONLY" => Some(Compares::Value),
        "KEY_AND_VALUE" => Some(Compares::Both),
        _ => None,
    }
}

fn tag_json(tag: &TagFilter) -> Value {
    let compares = match tag.compares {
        Compares::Key => "KEY_ONLY",
        Compares::Value => "VALUE_ONLY",
        Compares::Both => "KEY_AND_VALUE",
    };
    json!({"Key": tag.key, "Value": tag.value, "Type": compares})
}

fn group_json(fleet: &Fleet, application: &Application, group: &DeploymentGroup) -> Value {
    let last = group.last_successful.as_ref().and_then(|id| fleet.deployments.get(id));
    json!({
        "ec2TagFilters": group.tags.iter().map(tag_json).collect::<Vec<_>>(),
        "lastSuccessfulDeployment": last.map(|deployment| json!({
            "deploymentId": deployment.id, "status": deployment.status.text(), "createTime": epoch(deployment.created),
            "endTime": deployment.completed.map(epoch),
        })),
        "targetRevision": last.map(|deployment| &deployment.members.revision),
        "applicationName": application.name, "deploymentGroupId": group.id, "deploymentGroupName": group.name,
        "deploymentConfigName": group.config, "serviceRoleArn": group.role,
        "autoScalingGroups": hooks_json(group.scaling.iter()), "computePlatform": application.platform,
        "deploymentStyle": blue_green::style_json(group.green.is_some()),
        "blueGreenDeploymentConfiguration": group.green.as_ref().map(blue_green::fleet_json),
        "outdatedInstancesStrategy": "UPDATE", "terminationHookEnabled": false,
    })
}

/// [BOTO codedeploy:AutoScalingGroup]
fn hooks_json<'a>(hooks: impl Iterator<Item = (&'a String, &'a String)>) -> Value {
    hooks.map(|(group, hook)| json!({"name": group, "hook": hook})).collect()
}
