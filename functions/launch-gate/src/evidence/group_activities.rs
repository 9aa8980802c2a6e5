//! The scaling activities of a group since a moment, for its breaker.

use aws_sdk_autoscaling::types::{Activity as Listed, Filter};
use lifecycle::Timestamp;
use lifecycle::breaker::Activity;
use runtime::CallError;

use crate::context::Context;

/// The most activities of one page (aws-facts 2.4).
const PER_PAGE: i32 = 100;
/// The most pages that are read. A failed launch has two activities: itself, and the termination of its instance.
const MOST_PAGES: usize = 20;

/// The activities that began since then, those in progress first, and whether they are all.
pub(crate) async fn read_group_activities(
    group: &str,
    since: Timestamp,
    context: &Context<'_>,
) -> Result<(Vec<Activity>, bool), CallError> {
    let since = Timestamp::from_millis(since.millis().div_euclid(1_000) * 1_000);
    let filter = Filter::builder().name("StartTimeLowerBound").values(since.to_string()).build();
    let call = context.aws.autoscaling.describe_scaling_activities().auto_scaling_group_name(group).filters(filter);
    let mut pages = call.into_paginator().page_size(PER_PAGE).send();
    let mut activities = Vec::new();
    for _ in 0..MOST_PAGES {
        let Some(page) = pages.next().await else { return Ok((activities, true)) };
        let page = page.map_err(|error| CallError::new("DescribeScalingActivities", group, &error))?;
        activities.extend(page.activities.unwrap_or_default().into_iter().filter_map(read_activity));
        if page.next_token.is_none() {
            return Ok((activities, true));
        }
    }
    Ok((activities, false))
}

fn read_activity(listed: Listed) -> Option<Activity> {
    let began = Timestamp::from_millis(listed.start_time?.to_millis().ok()?);
    let ended = listed.end_time.and_then(|time| time.to_millis().ok()).map(Timestamp::from_millis);
    Some(Activity {
        description: listed.description.unwrap_or_default(),
        cause: listed.cause.unwrap_or_default(),
        status: listed.status_code.map(|status| status.as_str().to_owned()).unwrap_or_default(),
        message: listed.status_message.unwrap_or_default(),
        began,
        ended,
    })
}
