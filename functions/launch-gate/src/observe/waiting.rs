//! `DescribeAutoScalingGroups` and `DescribeWarmPool`: every instance that waits.
//!
//! A page holds 100 groups with all their instances, where `DescribeAutoScalingInstances` holds 50 instances. Whether a
//! group's instances include those of its warm pool is unconfirmed (aws-facts 2.4), so the pool is read too.

use aws_sdk_autoscaling::types::{AutoScalingGroup, Instance};
use futures_util::future::try_join_all;
use lifecycle::observation::LifecycleState;
use runtime::CallError;

use crate::context::Context;
use crate::facts::GroupInstance;

/// The most groups of one page (aws-facts 2.4).
const GROUPS_PER_PAGE: i32 = 100;
/// The most instances of a pool of one page (aws-facts 2.4).
const POOLED_PER_PAGE: i32 = 50;

/// Every instance of every group of the account that is in a wait state of a launch.
pub(super) async fn read_waiting(context: &Context<'_>) -> Result<Vec<GroupInstance>, CallError> {
    let call = context.aws.autoscaling.describe_auto_scaling_groups();
    let pages = call.into_paginator().page_size(GROUPS_PER_PAGE).items().send();
    let groups: Result<Vec<AutoScalingGroup>, _> = pages.collect().await;
    let groups = groups.map_err(|error| CallError::new("DescribeAutoScalingGroups", "the account", &error))?;
    let pools = groups.iter().filter(|group| group.warm_pool_configuration.is_some());
    let pooled =
        try_join_all(pools.filter_map(|group| group.auto_scaling_group_name()).map(|group| read_pool(group, context)));
    let mut waiting: Vec<_> = pooled.await?.into_iter().flatten().collect();
    for AutoScalingGroup { auto_scaling_group_name: name, instances, .. } in groups {
        let instances = instances.unwrap_or_default().into_iter();
        waiting.extend(instances.filter_map(|instance| read_instance(instance, name.as_deref()?)));
    }
    waiting.sort_unstable_by(|one, other| one.instance.cmp(&other.instance));
    waiting.dedup_by(|one, other| one.instance == other.instance);
    Ok(waiting)
}

async fn read_pool(group: &str, context: &Context<'_>) -> Result<Vec<GroupInstance>, CallError> {
    let call = context.aws.autoscaling.describe_warm_pool().auto_scaling_group_name(group);
    let pages = call.into_paginator().page_size(POOLED_PER_PAGE).items().send();
    let pooled: Result<Vec<Instance>, _> = pages.collect().await;
    match pooled.map_err(|error| CallError::new("DescribeWarmPool", group, &error)) {
        Ok(pooled) => Ok(pooled.into_iter().filter_map(|instance| read_instance(instance, group)).collect()),
        Err(error) if error.is_unknown_group() => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

fn read_instance(instance: Instance, group: &str) -> Option<GroupInstance> {
    let state = LifecycleState::parse(instance.lifecycle_state.as_ref()?.as_str());
    let instance = instance.instance_id?.try_into().ok()?;
    let waits = matches!(state, LifecycleState::Waiting(_));
    waits.then(|| GroupInstance { instance, group: group.to_owned(), state })
}
