//! `DescribeScalingActivities`.

use lifecycle::Timestamp;
use serde_json::{Map, Value, json};

use super::super::Fleet;
use super::super::model::activities::Told;
use super::bounds::{ANY, NAME};
use super::members::Members;
use super::{Outcome, page};
use crate::fleet::Refused;

/// Which activities are asked for.
#[derive(Default)]
struct Filters {
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    /// Any of these; all if there is none.
    statuses: Vec<String>,
}

impl Filters {
    /// Times of the start, in ISO 8601, and the status, which needs the name of a group (aws-facts 2.4).
    fn read(members: &Members<'_>, has_group: bool) -> Result<Self, Refused> {
        let mut filters = Self::default();
        for filter in members.list("Filters", usize::MAX)? {
            let values = filter.texts("Values", usize::MAX, &ANY)?;
            match (filter.required("Name", &ANY)?, has_group) {
                ("StartTimeLowerBound", _) => filters.from = Some(read_time(&values)?),
                ("StartTimeUpperBound", _) => filters.to = Some(read_time(&values)?),
                ("Status", true) => filters.statuses = values,
                (name, _) => return Err(Refused::validation(format!("{name} is not a valid filter name here"))),
            }
        }
        Ok(filters)
    }

    fn take(&self, told: &Told<'_>) -> bool {
        let began = told.activity.began;
        let in_time = self.from.is_none_or(|from| from <= began) && self.to.is_none_or(|to| began <= to);
        in_time && (self.statuses.is_empty() || self.statuses.iter().any(|status| status == told.status))
    }
}

fn read_time(values: &[String]) -> Result<Timestamp, Refused> {
    let time = values.first().and_then(|text| Timestamp::parse(text));
    time.ok_or_else(|| Refused::validation(format!("{values:?} is not a time in ISO 8601")))
}

/// At most 100 a page (aws-facts 2.4).
pub(super) fn describe(fleet: &mut Fleet, now: Timestamp, members: &Members<'_>) -> Outcome {
    let ids = members.texts("ActivityIds", usize::MAX, &ANY)?;
    let group = members.text("AutoScalingGroupName", &NAME)?;
    if let Some(group) = group {
        fleet.group(group)?;
    }
    let filters = Filters::read(members, group.is_some())?;
    let meant = |told: &Told<'_>| {
        let activity = told.activity;
        let named = group.is_none_or(|group| activity.group == group) && (ids.is_empty() || ids.contains(&activity.id));
        named && filters.take(told)
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
