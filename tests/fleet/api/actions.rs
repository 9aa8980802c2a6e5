//! Operations on lifecycle actions.

use lifecycle::Timestamp;
use serde_json::json;

use super::super::model::actions::{ActionResult, Named};
use super::super::{Fleet, Refused};
use super::Outcome;
use super::bounds::{ANY, HOOK_NAME, RESOURCE_NAME, SCALING_INSTANCE, TOKEN};
use super::members::Members;

pub(super) fn complete(fleet: &mut Fleet, now: Timestamp, members: &Members<'_>) -> Outcome {
    let given = members.required("LifecycleActionResult", &ANY)?;
    // A plain string in the model (aws-facts 2.4).
    let result = ActionResult::parse(given).ok_or_else(|| {
        Refused::validation(format!("Invalid LifecycleActionResult {given}: it is CONTINUE or ABANDON"))
    })?;
    let (group, hook) = names(members)?;
    fleet.asked_for_hook(hook);
    fleet.complete(now, group, hook, &named(members)?, result)?;
    Ok(json!({}))
}

pub(super) fn heartbeat(fleet: &mut Fleet, now: Timestamp, members: &Members<'_>) -> Outcome {
    let (group, hook) = names(members)?;
    fleet.asked_for_hook(hook);
    fleet.heartbeat(now, group, hook, &named(members)?)?;
    Ok(json!({}))
}

fn names<'a>(members: &Members<'a>) -> Result<(&'a str, &'a str), Refused> {
    Ok((members.required("AutoScalingGroupName", &RESOURCE_NAME)?, members.required("LifecycleHookName", &HOOK_NAME)?))
}

fn named<'a>(members: &Members<'a>) -> Result<Named<'a>, Refused> {
    let token = members.text("LifecycleActionToken", &TOKEN)?.map(Named::Token);
    let instance = members.text("InstanceId", &SCALING_INSTANCE)?.map(Named::Instance);
    token.or(instance).ok_or_else(|| Refused::validation("Either LifecycleActionToken or InstanceId is required"))
}
