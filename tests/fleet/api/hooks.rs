//! Operations on lifecycle hooks.

use std::time::Duration;

use lifecycle::Timestamp;
use serde_json::{Map, Value, json};

use super::super::model::actions::ActionResult;
use super::super::model::hooks::{Hook, HookMembers};
use super::super::model::states::Transition;
use super::super::{Fleet, Refused};
use super::Outcome;
use super::bounds::{ANY, HOOK_NAME, METADATA, NAME};
use super::members::Members;

pub(super) fn put(fleet: &mut Fleet, _: Timestamp, members: &Members<'_>) -> Outcome {
    let group = members.required("AutoScalingGroupName", &NAME)?;
    fleet.put_hook(group, read(members)?)?;
    Ok(json!({}))
}

/// The members of a hook, which a group's own list of hooks has as well (aws-facts 2.4).
pub(super) fn read(members: &Members<'_>) -> Result<HookMembers, Refused> {
    let heartbeat = members.number("HeartbeatTimeout", 30..=7200)?;
    Ok(HookMembers {
        name: members.required("LifecycleHookName", &HOOK_NAME)?.to_owned(),
        transition: members.word("LifecycleTransition", Transition::parse)?,
        heartbeat: heartbeat.and_then(|seconds| u64::try_from(seconds).ok()).map(Duration::from_secs),
        default: members.word("DefaultResult", ActionResult::parse)?,
        metadata: members.owned("NotificationMetadata", &METADATA)?,
        target: members.owned("NotificationTargetARN", &ANY)?.filter(|target| !target.is_empty()),
        role: members.owned("RoleARN", &NAME)?,
    })
}

pub(super) fn describe(fleet: &mut Fleet, _: Timestamp, members: &Members<'_>) -> Outcome {
    let group = fleet.group(members.required("AutoScalingGroupName", &NAME)?)?;
    let names = members.texts("LifecycleHookNames", 50, &HOOK_NAME)?;
    let hooks = group.hooks.values().filter(|hook| names.is_empty() || names.contains(&hook.name));
    Ok(json!({"LifecycleHooks": hooks.map(|hook| hook_json(&group.name, hook)).collect::<Vec<_>>()}))
}

fn hook_json(group: &str, hook: &Hook) -> Value {
    let mut described = json!({
        "LifecycleHookName": hook.name, "AutoScalingGroupName": group, "LifecycleTransition": hook.transition.text(),
        "HeartbeatTimeout": hook.heartbeat.as_secs(), "GlobalTimeout": hook.global_timeout().as_secs(),
        "DefaultResult": hook.default.text(),
    });
    let options =
        [("NotificationMetadata", &hook.metadata), ("NotificationTargetARN", &hook.target), ("RoleARN", &hook.role)];
    let given: Map<String, Value> =
        options.into_iter().filter_map(|(name, value)| Some((name.to_owned(), json!(value.as_ref()?)))).collect();
    if let Some(described) = described.as_object_mut() {
        described.extend(given);
    }
    described
}

pub(super) fn delete(fleet: &mut Fleet, now: Timestamp, members: &Members<'_>) -> Outcome {
    fleet.delete_hook(
        now,
        members.required("AutoScalingGroupName", &NAME)?,
        members.required("LifecycleHookName", &HOOK_NAME)?,
    )?;
    Ok(json!({}))
}
