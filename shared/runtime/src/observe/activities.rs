//! `DescribeScalingActivities`: when launches began and how they ended. AWS has no call that lists open lifecycle
//! actions (AWS-FACTS 2.4).

use std::collections::BTreeMap;

use aws_sdk_autoscaling::types::Activity as Told;
use lifecycle::Timestamp;
use lifecycle::identity::InstanceId;

use crate::error::CallError;
use crate::handler::Invocation;

/// The most activities of one page (AWS-FACTS 2.4).
const MOST: i32 = 100;
/// Pages that are turned at most: 1,000 launches of one group at once. Those in progress come first.
const PAGES: usize = 10;

/// The newest launch activity of an instance.
#[derive(Clone, Debug)]
pub(crate) struct Activity {
    pub(crate) began: Timestamp,
    pub(crate) ended: bool,
    /// Why a launch ended, in AWS's words (AWS-FACTS 1.3); empty while it goes on.
    pub(crate) message: String,
}

/// The newest launch activities of the group, of as many of these instances as have one.
pub(crate) async fn activities(
    group: &str,
    mut instances: Vec<&InstanceId>,
    invocation: &Invocation<'_>,
) -> Result<BTreeMap<InstanceId, Activity>, CallError> {
    let call = invocation.aws.autoscaling.describe_scaling_activities().auto_scaling_group_name(group);
    let mut pages = call.into_paginator().page_size(MOST).send();
    let mut found = BTreeMap::new();
    for _ in 0..PAGES {
        let Some(page) = pages.next().await else { break };
        let page = page.map_err(|error| CallError::new("DescribeScalingActivities", group, &error))?;
        for told in page.activities.unwrap_or_default() {
            let description = told.description.as_deref().unwrap_or_default();
            let launched = |id: &&InstanceId| description.starts_with("Launching") && description.contains(id.as_str());
            let Some(position) = instances.iter().position(launched) else { continue };
            found.extend(activity(&told).map(|activity| (instances.swap_remove(position).clone(), activity)));
        }
        if instances.is_empty() {
            break;
        }
    }
    Ok(found)
}

fn activity(told: &Told) -> Option<Activity> {
    let began = Timestamp::from_millis(told.start_time?.to_millis().ok()?);
    let ended = told.end_time.is_some();
    Some(Activity { began, ended, message: told.status_message.clone().unwrap_or_default() })
}
