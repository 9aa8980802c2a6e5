//! `DescribeScalingActivities`: when launches began and how they ended. AWS has no call that lists open lifecycle actions
//! (aws-facts 2.4).

use std::collections::BTreeMap;

use aws_sdk_autoscaling::types::{Activity as Listed, ScalingActivityStatusCode};
use lifecycle::Timestamp;
use lifecycle::identity::InstanceId;
use runtime::CallError;

use crate::context::Context;
use crate::facts::Activity;

/// The most activities of one page (aws-facts 2.4).
const ACTIVITIES_PER_PAGE: i32 = 100;
/// The most pages that are read: enough for 1,000 launches of one group at once. Activities in progress come first.
const MOST_PAGES: usize = 10;

/// The newest launch activities of the group, of as many of these instances as have one.
pub(crate) async fn read_activities(
    group: &str,
    mut instances: Vec<&InstanceId>,
    context: &Context<'_>,
) -> Result<BTreeMap<InstanceId, Activity>, CallError> {
    let call = context.aws.autoscaling.describe_scaling_activities().auto_scaling_group_name(group);
    let mut pages = call.into_paginator().page_size(ACTIVITIES_PER_PAGE).send();
    let mut found = BTreeMap::new();
    for _ in 0..MOST_PAGES {
        let Some(page) = pages.next().await else { break };
        let page = page.map_err(|error| CallError::new("DescribeScalingActivities", group, &error))?;
        for listed in page.activities.unwrap_or_default() {
            let description = listed.description.as_deref().unwrap_or_default();
            let launched = |id: &&InstanceId| description.starts_with("Launching") && description.contains(id.as_str());
            let Some(position) = instances.iter().position(launched) else { continue };
            found.extend(read_activity(&listed).map(|activity| (instances.swap_remove(position).clone(), activity)));
        }
        if instances.is_empty() {
            break;
        }
    }
    Ok(found)
}

fn read_activity(listed: &Listed) -> Option<Activity> {
    let began = Timestamp::from_millis(listed.start_time?.to_millis().ok()?);
    let ended = listed.end_time.and_then(|at| at.to_millis().ok()).map(Timestamp::from_millis);
    let succeeded = listed.status_code == Some(ScalingActivityStatusCode::Successful);
    Some(Activity { began, ended, succeeded, message: listed.status_message.clone().unwrap_or_default() })
}
