//! `DescribeLifecycleHooks`: our hook on groups, and those of `CodeDeploy` beside it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_sdk_autoscaling::types::LifecycleHook;
use futures_util::future::join_all;
use lifecycle::observation::{Hook, Reading};

use super::{GroupHooks, OurHook, unreadable};
use crate::error::CallError;
use crate::handler::Invocation;

/// How the names begin of the launch hooks that `CodeDeploy` puts on groups (AWS-FACTS 3.1).
const OF_CODEDEPLOY: &str = "CodeDeploy-managed-automatic-launch-deployment-hook-";

/// The hooks of these groups; none of a group that is gone.
pub(super) async fn hooks(
    groups: BTreeSet<String>,
    invocation: &Invocation<'_>,
) -> BTreeMap<String, Reading<GroupHooks>> {
    let calls = groups.into_iter().map(|group| async move {
        let hook = described(&group, invocation).await;
        (group, hook)
    });
    let mut hooks = BTreeMap::new();
    for (group, answer) in join_all(calls).await {
        match answer {
            Ok(hook) => drop(hooks.insert(group, Reading::Known(hook))),
            Err(error) if error.no_such_group() => drop(hooks.insert(group, Reading::Known(GroupHooks::default()))),
            Err(error) => unreadable(&error),
        }
    }
    hooks
}

async fn described(group: &str, invocation: &Invocation<'_>) -> Result<GroupHooks, CallError> {
    let call = invocation.aws.autoscaling.describe_lifecycle_hooks().auto_scaling_group_name(group);
    // All of them: a group has 50 at most (AWS-FACTS 2.2), and those of CodeDeploy have names that nobody knows.
    let answer = call.send().await;
    let answer = answer.map_err(|error| CallError::new("DescribeLifecycleHooks", group, &error))?;
    let (ours, others): (Vec<_>, Vec<_>) = answer
        .lifecycle_hooks
        .unwrap_or_default()
        .into_iter()
        .partition(|hook| hook.lifecycle_hook_name() == Some(&invocation.config.hook));
    let names = others.into_iter().filter_map(|hook| hook.lifecycle_hook_name);
    let of_codedeploy = names.filter(|name| name.starts_with(OF_CODEDEPLOY)).collect();
    Ok(GroupHooks { ours: ours.into_iter().next().map(self::ours), of_codedeploy })
}

fn ours(hook: LifecycleHook) -> OurHook {
    // Both are always answered; the fall-backs are the defaults of AWS (AWS-FACTS 2.2).
    let heartbeat = seconds(hook.heartbeat_timeout).unwrap_or(Duration::from_hours(1));
    let global = seconds(hook.global_timeout).unwrap_or(Duration::from_hours(48).min(heartbeat * 100));
    OurHook {
        timing: Hook { heartbeat_timeout: heartbeat, global_timeout: global },
        metadata: hook.notification_metadata,
    }
}

fn seconds(value: Option<i32>) -> Option<Duration> {
    value.and_then(|value| u64::try_from(value).ok()).map(Duration::from_secs)
}
