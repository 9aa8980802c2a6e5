//! `DescribeLifecycleHooks`: our hook on groups.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_sdk_autoscaling::types::LifecycleHook;
use futures_util::future::join_all;
use lifecycle::observation::{Hook, Reading};

use super::{OurHook, unreadable};
use crate::error::CallError;
use crate::handler::Invocation;

/// Our hook on these groups; nothing for a group that has none, or that is gone.
pub(super) async fn hooks(
    groups: BTreeSet<String>,
    invocation: &Invocation<'_>,
) -> BTreeMap<String, Reading<Option<OurHook>>> {
    let calls = groups.into_iter().map(|group| async move {
        let hook = described(&group, invocation).await;
        (group, hook)
    });
    let mut hooks = BTreeMap::new();
    for (group, answer) in join_all(calls).await {
        match answer {
            Ok(hook) => drop(hooks.insert(group, Reading::Known(hook))),
            Err(error) if error.no_such_group() => drop(hooks.insert(group, Reading::Known(None))),
            Err(error) => unreadable(&error),
        }
    }
    hooks
}

async fn described(group: &str, invocation: &Invocation<'_>) -> Result<Option<OurHook>, CallError> {
    let call = invocation.aws.autoscaling.describe_lifecycle_hooks().auto_scaling_group_name(group);
    let answer = call.lifecycle_hook_names(&invocation.config.hook).send().await;
    let answer = answer.map_err(|error| CallError::new("DescribeLifecycleHooks", group, &error))?;
    Ok(answer.lifecycle_hooks.unwrap_or_default().into_iter().next().map(ours))
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
