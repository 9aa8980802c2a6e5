//! Operations on Auto Scaling groups.

use std::collections::BTreeMap;

use lifecycle::Timestamp;
use serde_json::{Map, Value, json};

use super::super::model::groups::{Group, GroupMembers};
use super::super::model::sizes;
use super::super::{Fleet, Refused};
use super::bounds::{ANY, NAME};
use super::members::Members;
use super::{Outcome, hooks, instances, page, warm_pool};

/// [BOTO autoscaling:ProcessNames; aws-facts 2.4]
const PROCESSES: [&str; 9] = [
    "Launch",
    "Terminate",
    "AddToLoadBalancer",
    "AlarmNotification",
    "AZRebalance",
    "HealthCheck",
    "InstanceRefresh",
    "ReplaceUnhealthy",
    "ScheduledActions",
];

pub(super) fn create(fleet: &mut Fleet, now: Timestamp, members: &Members<'_>) -> Outcome {
    let read = read_group(fleet, members)?;
    let name = read.name.clone();
    let hooks = members.list("LifecycleHookSpecificationList", 50)?;
    let hooks: Vec<_> = hooks.iter().map(hooks::read).collect::<Result<_, _>>()?;
    fleet.create_group(now, read)?;
    // Hooks of the list exist before the first instance does (aws-facts 2.1).
    for hook in hooks {
        if let Err(refused) = fleet.put_hook(&name, hook) {
            fleet.delete_group(now, &name, true)?;
            return Err(refused);
        }
    }
    Ok(Value::Null)
}

fn read_group(fleet: &Fleet, members: &Members<'_>) -> Result<GroupMembers, Refused> {
    let size = |name| members.size(name)?.ok_or_else(|| Refused::validation(format!("{name} is required")));
    let (min, max) = (size("MinSize")?, size("MaxSize")?);
    let desired = members.size("DesiredCapacity")?.unwrap_or(min);
    sizes::check(min, max, desired)?;
    let subnets = members.owned("VPCZoneIdentifier", &ANY)?;
    let zones = zones(fleet, members, subnets.is_some())?;
    Ok(GroupMembers {
        name: members.required("AutoScalingGroupName", &NAME)?.to_owned(),
        min,
        max,
        desired,
        zones,
        subnets,
        template: template(members)?,
        configuration: members.owned("LaunchConfigurationName", &NAME)?,
        tags: members.list("Tags", usize::MAX)?.iter().map(texts).collect(),
    })
}

/// Without zones they are those of the subnets, and the fleet makes them up.
fn zones(fleet: &Fleet, members: &Members<'_>, subnets: bool) -> Result<Vec<String>, Refused> {
    let zones = members.texts("AvailabilityZones", usize::MAX, &NAME)?;
    if !zones.is_empty() {
        return Ok(zones);
    }
    if !subnets {
        return Err(Refused::validation("At least one Availability Zone or VPC Subnet is required."));
    }
    Ok(["a", "b"].iter().map(|letter| format!("{}{letter}", fleet.settings.region)).collect())
}

/// What is launched is never looked at, only that something is.
fn template(members: &Members<'_>) -> Result<BTreeMap<String, String>, Refused> {
    if let Some(template) = members.structure("LaunchTemplate")? {
        return Ok(texts(&template));
    }
    if members.structure("MixedInstancesPolicy")?.is_none()
        && members.text("LaunchConfigurationName", &NAME)?.is_none()
        && members.text("InstanceId", &NAME)?.is_none()
    {
        return Err(Refused::validation(
            "Valid requests must contain either LaunchTemplate, LaunchConfigurationName, InstanceId or MixedInstancesPolicy parameter.",
        ));
    }
    Ok(BTreeMap::new())
}

fn texts(members: &Members<'_>) -> BTreeMap<String, String> {
    members.entries().filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
}

pub(super) fn update(fleet: &mut Fleet, now: Timestamp, members: &Members<'_>) -> Outcome {
    let name = members.required("AutoScalingGroupName", &NAME)?;
    fleet.resize(now, name, members.size("MinSize")?, members.size("MaxSize")?, members.size("DesiredCapacity")?)?;
    let group = fleet.group_mut(name)?;
    if let Some(template) = members.structure("LaunchTemplate")? {
        group.template = texts(&template);
    }
    if let Some(subnets) = members.owned("VPCZoneIdentifier", &ANY)? {
        group.subnets = Some(subnets);
    }
    Ok(Value::Null)
}

pub(super) fn delete(fleet: &mut Fleet, now: Timestamp, members: &Members<'_>) -> Outcome {
    let force = members.flag("ForceDelete")?.unwrap_or(false);
    fleet.delete_group(now, members.required("AutoScalingGroupName", &NAME)?, force)?;
    Ok(Value::Null)
}

pub(super) fn set_desired(fleet: &mut Fleet, now: Timestamp, members: &Members<'_>) -> Outcome {
    let name = members.required("AutoScalingGroupName", &NAME)?;
    let desired = members.size("DesiredCapacity")?.ok_or_else(|| Refused::validation("DesiredCapacity is required"))?;
    fleet.resize(now, name, None, None, Some(desired))?;
    Ok(Value::Null)
}

pub(super) fn suspend(fleet: &mut Fleet, now: Timestamp, members: &Members<'_>) -> Outcome {
    set_suspended(fleet, now, members, true)
}

pub(super) fn resume(fleet: &mut Fleet, now: Timestamp, members: &Members<'_>) -> Outcome {
    set_suspended(fleet, now, members, false)
}

/// No list means all (aws-facts 2.4).
fn set_suspended(fleet: &mut Fleet, now: Timestamp, members: &Members<'_>, suspend: bool) -> Outcome {
    let mut processes = members.texts("ScalingProcesses", usize::MAX, &NAME)?;
    if let Some(unknown) = processes.iter().find(|process| !PROCESSES.contains(&process.as_str())) {
        return Err(Refused::validation(format!("{unknown} is not a valid Process Name")));
    }
    if processes.is_empty() {
        processes = PROCESSES.iter().map(|&process| process.to_owned()).collect();
    }
    fleet.set_suspended(now, members.required("AutoScalingGroupName", &NAME)?, &processes, suspend)?;
    Ok(Value::Null)
}

pub(super) fn describe(fleet: &mut Fleet, _: Timestamp, members: &Members<'_>) -> Outcome {
    let names = members.texts("AutoScalingGroupNames", usize::MAX, &NAME)?;
    let whole = members.flag("IncludeInstances")?.unwrap_or(true);
    let groups = fleet.groups.values().filter(|group| names.is_empty() || names.contains(&group.name));
    let most = members.number("MaxRecords", 1..=100)?.unwrap_or(50);
    page::of("AutoScalingGroups", groups, |group| group_json(fleet, group, whole), members, most)
}

fn group_json(fleet: &Fleet, group: &Group, whole: bool) -> Value {
    let of_group =
        fleet.instances.values().filter(|instance| whole && instance.group == group.name && !instance.state.ended());
    let suspended: Vec<Value> =
        group.suspended.iter().map(|(process, why)| json!({"ProcessName": process, "SuspensionReason": why})).collect();
    let mut described = json!({
        "AutoScalingGroupName": group.name, "AutoScalingGroupARN": group.arn,
        "MinSize": group.min, "MaxSize": group.max, "DesiredCapacity": group.desired, "DefaultCooldown": 300,
        "AvailabilityZones": group.zones, "LoadBalancerNames": [], "TargetGroupARNs": [],
        "HealthCheckType": "EC2", "HealthCheckGracePeriod": 0,
        "Instances": of_group.map(|instance| instances::member_json(instance, &group.template)).collect::<Vec<_>>(),
        "CreatedTime": group.created, "SuspendedProcesses": suspended, "EnabledMetrics": [],
        "VPCZoneIdentifier": group.subnets.clone().unwrap_or_default(),
        "Tags": group.tags.iter().map(|tag| tag_json(&group.name, tag)).collect::<Vec<_>>(),
        "TerminationPolicies": ["Default"], "NewInstancesProtectedFromScaleIn": false,
    });
    if let Some(described) = described.as_object_mut() {
        described.extend(options(group));
    }
    described
}

/// Members that only some groups have.
fn options(group: &Group) -> Map<String, Value> {
    let mut options = Map::new();
    if !group.template.is_empty() {
        options.insert("LaunchTemplate".to_owned(), json!(group.template));
    }
    if let Some(configuration) = &group.configuration {
        options.insert("LaunchConfigurationName".to_owned(), json!(configuration));
    }
    if let Some(pool) = &group.warm_pool {
        options.insert("WarmPoolConfiguration".to_owned(), warm_pool::configuration(pool));
    }
    options
}

fn tag_json(group: &str, tag: &BTreeMap<String, String>) -> Value {
    let mut described =
        json!({"ResourceId": group, "ResourceType": "auto-scaling-group", "PropagateAtLaunch": "false"});
    if let Some(described) = described.as_object_mut() {
        described.extend(tag.iter().map(|(key, value)| (key.clone(), json!(value))));
    }
    described
}
