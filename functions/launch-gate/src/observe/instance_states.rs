//! `DescribeAutoScalingInstances`: the lifecycle states of instances.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_autoscaling::types::AutoScalingInstanceDetails;
use futures_util::future::join_all;
use lifecycle::identity::InstanceId;
use lifecycle::observation::{LifecycleState, Reading};
use runtime::CallError;

use super::failed::log_failed_read;
use crate::context::Context;
use crate::facts::GroupInstance;

/// The most instance ids of one call (aws-facts 2.4).
const IDS_PER_CALL: usize = 50;
/// The most records of one page (aws-facts 2.4).
const RECORDS_PER_PAGE: i32 = 50;

/// The states of these instances; nothing for an instance that is in no group. AWS leaves out ids that it does not know.
pub(super) async fn read_states(
    ids: BTreeSet<InstanceId>,
    context: &Context<'_>,
) -> BTreeMap<InstanceId, Reading<Option<GroupInstance>>> {
    let ids: Vec<_> = ids.into_iter().collect();
    let calls = ids.chunks(IDS_PER_CALL).map(|ids| async move { (ids, describe_instances(ids, context).await) });
    let mut states = BTreeMap::new();
    for (ids, answer) in join_all(calls).await {
        let Ok(found) = answer.inspect_err(log_failed_read) else { continue };
        states.extend(ids.iter().map(|id| (id.clone(), Reading::Known(None))));
        states.extend(found.into_iter().map(|found| (found.instance.clone(), Reading::Known(Some(found)))));
    }
    states
}

async fn describe_instances(ids: &[InstanceId], context: &Context<'_>) -> Result<Vec<GroupInstance>, CallError> {
    let ids = Some(ids.iter().map(ToString::to_string).collect());
    let call = context.aws.autoscaling.describe_auto_scaling_instances().set_instance_ids(ids);
    let pages = call.into_paginator().page_size(RECORDS_PER_PAGE).items().send();
    let details: Result<Vec<AutoScalingInstanceDetails>, _> = pages.collect().await;
    let details = details.map_err(|error| CallError::new("DescribeAutoScalingInstances", "a batch", &error))?;
    Ok(details.into_iter().filter_map(read_instance).collect())
}

fn read_instance(details: AutoScalingInstanceDetails) -> Option<GroupInstance> {
    Some(GroupInstance {
        instance: details.instance_id?.try_into().ok()?,
        group: details.auto_scaling_group_name?,
        state: LifecycleState::parse(details.lifecycle_state.as_deref().unwrap_or_default()),
    })
}
