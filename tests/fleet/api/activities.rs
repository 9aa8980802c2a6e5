//! `DescribeScalingActivities`.

use lifecycle::Timestamp;
use serde_json::{Map, Value, json};

use super::super::Fleet;
use super::super::model::activities::Told;
use super::bounds::{ANY, NAME};
use super::members::Members;
use super::{Outcome, page};

/// At most 100 a page (aws-facts 2.4).
pub(super) fn describe(fleet: &mut Fleet, now: Timestamp, members: &Members<'_>) -> Outcome {
    let ids = members.texts("ActivityIds", usize::MAX, &ANY)?;
    let group = members.text("AutoScalingGroupName", &NAME)?;
    if let Some(group) = group {
        fleet.group(group)?;
    }
    let meant = |Told { activity, .. }: &Told<'_>| {
        group.is_none_or(|group| activity.group == group) && (ids.is_empty() || ids.contains(&activity.id))
    };
    let activities = fleet.seen_activities(now).into_iter().filter(meant);
    page::of(
        "Activities",
        activities,
        |told| activity_json(&told),
        members,
        members.number("MaxRecords", 1..=100)?.unwrap_or(100),
    )
}

pub(super) fn activity_json(told: &Told<'_>) -> Value {
    let activity = told.activity;
    let details = json!({"Subnet ID": "subnet-0123456789abcdef0", "Availability Zone": activity.zone}).to_string();
    let mut described = json!({
        "ActivityId": activity.id, "AutoScalingGroupName": activity.group, "Description": activity.description,
        "Cause": activity.cause, "StartTime": activity.began, "StatusCode": told.status,
        "Progress": told.progress, "Details": details,
    });
    let options =
        [("EndTime", told.ended.map(|at| json!(at))), ("StatusMessage", told.message.map(|text| json!(text)))];
    let given: Map<String, Value> =
        options.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
    if let Some(described) = described.as_object_mut() {
        described.extend(given);
    }
    described
}
