//! Operations on the instances of groups.

use std::collections::BTreeMap;
use std::time::Duration;

use lifecycle::Timestamp;
use serde_json::{Value, json};

use super::super::Fleet;
use super::super::model::instances::Instance;
use super::bounds::SCALING_INSTANCE;
use super::members::Members;
use super::{Outcome, activities, page};

/// At most 50 ids, unknown ones silently ignored (aws-facts 2.4).
pub(super) fn describe(fleet: &mut Fleet, _: Timestamp, members: &Members<'_>) -> Outcome {
    let ids = members.texts("InstanceIds", 50, &SCALING_INSTANCE)?;
    let most = members.number("MaxRecords", 1..=50)?.unwrap_or(50);
    let found: Vec<&Instance> = if ids.is_empty() {
        fleet.instances.values().collect()
    } else {
        ids.iter().filter_map(|id| fleet.instances.get(id)).collect()
    };
    page::of("AutoScalingInstances", found.into_iter(), |instance| instance_json(fleet, instance), members, most)
}

fn instance_json(fleet: &Fleet, instance: &Instance) -> Value {
    let nothing = BTreeMap::new();
    let template = fleet.groups.get(&instance.group).map_or(&nothing, |group| &group.template);
    let mut described = member_json(instance, template);
    if let Some(described) = described.as_object_mut() {
        described.insert("AutoScalingGroupName".to_owned(), json!(instance.group));
        // This operation writes health in capitals ([BOTO autoscaling:AutoScalingInstanceDetails.HealthStatus]).
        described.insert("HealthStatus".to_owned(), json!(health(instance).to_uppercase()));
    }
    described
}

/// An instance as its group and its warm pool list it.
pub(super) fn member_json(instance: &Instance, template: &BTreeMap<String, String>) -> Value {
    let mut described = json!({
        "InstanceId": instance.id, "InstanceType": "t3.micro", "AvailabilityZone": instance.zone,
        "LifecycleState": instance.state.text(), "HealthStatus": health(instance), "ProtectedFromScaleIn": false,
    });
    if let (false, Some(described)) = (template.is_empty(), described.as_object_mut()) {
        described.insert("LaunchTemplate".to_owned(), json!(template));
    }
    described
}

fn health(instance: &Instance) -> &'static str {
    if instance.healthy { "Healthy" } else { "Unhealthy" }
}

pub(super) fn terminate(fleet: &mut Fleet, now: Timestamp, members: &Members<'_>) -> Outcome {
    let id = members.required("InstanceId", &SCALING_INSTANCE)?;
    let decrement = members.flag("ShouldDecrementDesiredCapacity")?.unwrap_or(false);
    let activity = fleet.terminate_by_user(now, id, decrement)?;
    let activity = activity.and_then(|key| fleet.activities.get(&key));
    let described = activity.map(|activity| activities::activity_json(&activity.told(now, Duration::ZERO)));
    Ok(json!({"Activity": described}))
}
