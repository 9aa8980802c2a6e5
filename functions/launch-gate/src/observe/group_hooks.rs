//! `DescribeLifecycleHooks`: our hook on groups, and those of `CodeDeploy` beside it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_sdk_autoscaling::types::LifecycleHook;
use futures_util::future::join_all;
use lifecycle::observation::{GroupHooks, Hook, Reading};
use runtime::CallError;

use super::failed::log_failed_read;
use crate::context::Context;
use crate::facts::ListedHooks;

/// How the names of `CodeDeploy`'s launch hooks begin (aws-facts 3.1).
const OF_CODEDEPLOY: &str = "CodeDeploy-managed-automatic-launch-deployment-hook-";

/// The hooks of these groups. A group that does not exist any more has none.
pub(crate) async fn read_hooks(
    groups: BTreeSet<String>,
    context: &Context<'_>,
) -> BTreeMap<String, Reading<ListedHooks>> {
    let calls = groups.into_iter().map(|group| async move {
        let answer = describe_hooks(&group, context).await;
        (group, answer)
    });
    let mut hooks = BTreeMap::new();
    for (group, answer) in join_all(calls).await {
        match answer {
            Ok(listed) => {
                context.memory.groups.note_hooks(&group, &listed, context.now());
                hooks.insert(group, Reading::Known(listed));
            }
            Err(error) if error.is_unknown_group() => {
                hooks.insert(group, Reading::Known(ListedHooks::default()));
            }
            Err(error) => log_failed_read(&error),
        }
    }
    hooks
}

/// One call reads all hooks of the group, at most 50 (aws-facts 2.4): the names of `CodeDeploy`'s hooks are not known
/// beforehand.
async fn describe_hooks(group: &str, context: &Context<'_>) -> Result<ListedHooks, CallError> {
    let answer = context.aws.autoscaling.describe_lifecycle_hooks().auto_scaling_group_name(group).send().await;
    let answer = answer.map_err(|error| CallError::new("DescribeLifecycleHooks", group, &error))?;
    let our_name = Some(context.config.readiness.hook.as_str());
    let (ours, others): (Vec<_>, Vec<_>) =
        answer.lifecycle_hooks.unwrap_or_default().into_iter().partition(|hook| hook.lifecycle_hook_name() == our_name);
    let names = others.into_iter().filter_map(|hook| hook.lifecycle_hook_name);
    let of_codedeploy = names.filter(|name| name.starts_with(OF_CODEDEPLOY)).collect();
    let ours = ours.into_iter().next();
    let hooks = GroupHooks { ours: ours.as_ref().map(read_hook), of_codedeploy };
    Ok(ListedHooks { hooks, metadata: ours.and_then(|hook| hook.notification_metadata) })
}

/// AWS always answers both times. The fall-backs are its defaults (aws-facts 2.2).
fn read_hook(hook: &LifecycleHook) -> Hook {
    let heartbeat_timeout = read_seconds(hook.heartbeat_timeout).unwrap_or(Duration::from_hours(1));
    let global = read_seconds(hook.global_timeout);
    let global_timeout = global.unwrap_or(Duration::from_hours(48).min(heartbeat_timeout * 100));
    Hook { heartbeat_timeout, global_timeout }
}

fn read_seconds(value: Option<i32>) -> Option<Duration> {
    value.and_then(|value| u64::try_from(value).ok()).map(Duration::from_secs)
}
