//! `DescribeAutoScalingInstances`: where instances are.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_autoscaling::types::AutoScalingInstanceDetails;
use futures_util::future::join_all;
use lifecycle::identity::InstanceId;
use lifecycle::observation::{Presence, Reading};

use super::unreadable;
use crate::error::CallError;
use crate::handler::Invocation;
use crate::look::Found;

/// The most ids of one call, and the most records of one page (AWS-FACTS 2.4).
const CHUNK: usize = 50;
const MOST: i32 = 50;

/// Where these instances are; nothing for one that is in no group. AWS ignores ids that it does not know.
pub(super) async fn presences(
    ids: BTreeSet<InstanceId>,
    invocation: &Invocation<'_>,
) -> BTreeMap<InstanceId, Reading<Option<Found>>> {
    let ids: Vec<_> = ids.into_iter().collect();
    let calls = ids.chunks(CHUNK).map(|ids| async move { (ids, described(ids, invocation).await) });
    let mut presences = BTreeMap::new();
    for (ids, answer) in join_all(calls).await {
        let Ok(found) = answer.inspect_err(unreadable) else { continue };
        presences.extend(ids.iter().map(|id| (id.clone(), Reading::Known(None))));
        presences.extend(found.into_iter().map(|found| (found.instance.clone(), Reading::Known(Some(found)))));
    }
    presences
}

/// Every instance of every group that waits in a launch.
pub(super) async fn waiting(invocation: &Invocation<'_>) -> Result<Vec<Found>, CallError> {
    let mut found = described(&[], invocation).await?;
    found.retain(|found| matches!(found.presence, Presence::Waiting(_)));
    Ok(found)
}

/// The instances with these ids, or all that there are.
async fn described(ids: &[InstanceId], invocation: &Invocation<'_>) -> Result<Vec<Found>, CallError> {
    let ids = (!ids.is_empty()).then(|| ids.iter().map(ToString::to_string).collect());
    let call = invocation.aws.autoscaling.describe_auto_scaling_instances().set_instance_ids(ids);
    let pages = call.into_paginator().page_size(MOST).items().send();
    let details: Result<Vec<AutoScalingInstanceDetails>, _> = pages.collect().await;
    let details = details.map_err(|error| CallError::new("DescribeAutoScalingInstances", "a batch", &error))?;
    Ok(details.into_iter().filter_map(found).collect())
}

fn found(details: AutoScalingInstanceDetails) -> Option<Found> {
    Some(Found {
        instance: details.instance_id?.try_into().ok()?,
        group: details.auto_scaling_group_name?,
        presence: Presence::of(details.lifecycle_state.as_deref().unwrap_or_default()),
    })
}
