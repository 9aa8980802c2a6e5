//! Warns of launch hooks that `CodeDeploy` has left on a group.
//!
//! Nobody answers the hook of a deployment group that was deleted (aws-facts 3.4), so each launch waits for its
//! time-out, also after we have continued it.

use tracing::warn;

use super::shell::quote_word;
use crate::context::Context;
use crate::evidence::BatchDeployments;
use crate::facts::LaunchDeployment;
use crate::look::{Decided, Look};

/// Seconds after the launch at which the sweep asks why an instance still waits. The sweep comes every minute, so exactly
/// one sweep asks.
const ASKED_AT: std::ops::Range<u64> = 180..240;
/// Seconds within which `CodeDeploy` begins a deployment. AWS publishes no number; this leaves room to spare.
const BEGINS_WITHIN: u64 = 120;
/// The length of the UUID at the end of a hook's name.
const UUID_LENGTH: usize = 36;

/// Warns of idle hooks on the groups of instances that the sweep has found waiting for minutes.
pub(crate) async fn warn_of_idle_hooks(all: &[Decided], deployments: &BatchDeployments<'_>, context: &Context<'_>) {
    for decided in all.iter().filter(|decided| decided.look.messages.is_empty()) {
        let waited = decided.launched_at().map(|began| context.now().since(began).as_secs());
        let Some(waited) = waited.filter(|waited| ASKED_AT.contains(waited)) else { continue };
        if decided.look.has_codedeploy_hook() {
            let known = deployments.read_all_of(decided).await;
            for warning in list_idle_hooks(&decided.look, known.complete(), Some(waited)) {
                warn!(instance = %decided.look.instance, group = decided.look.group, "{warning}");
            }
        }
    }
}

/// A warning for each hook of `CodeDeploy` that held the instance and for which no deployment was begun. There is none if
/// `deployments` are not all known, or the launch has not `waited` for 120 s.
pub(super) fn list_idle_hooks(
    look: &Look,
    deployments: Option<&[LaunchDeployment]>,
    waited: Option<u64>,
) -> Vec<String> {
    let (Some(deployments), Some(BEGINS_WITHIN..)) = (deployments, waited) else { return Vec::new() };
    let has_begun = |hook: &str| deployments.iter().any(|deployment| is_hook_of(hook, &deployment.deployment_group));
    let hooks = look.codedeploy_hooks().unwrap_or_default().iter().filter(|hook| !has_begun(hook));
    hooks.map(|hook| tell_idle_hook(hook, look.group.as_deref().unwrap_or_default())).collect()
}

/// The name of a hook holds the name of its deployment group and ends with a UUID (aws-facts 3.1).
fn is_hook_of(hook: &str, deployment_group: &str) -> bool {
    let start = format!("-hook-{deployment_group}-");
    hook.find(&start).is_some_and(|at| hook.len() == at + start.len() + UUID_LENGTH)
}

fn tell_idle_hook(hook: &str, group: &str) -> String {
    let (group, name) = (quote_word(group), quote_word(hook));
    format!(
        "CodeDeploy began no deployment for its hook {hook}; if its deployment group is deleted, delete it too: aws \
         autoscaling delete-lifecycle-hook --auto-scaling-group-name {group} --lifecycle-hook-name {name}"
    )
}
