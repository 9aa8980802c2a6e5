//! A deployment that `CodeDeploy` began for a launch, as the settled line tells of it.

use serde::Serialize;

use crate::look::Look;

/// One deployment, on one instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(clippy::struct_field_names, reason = "it is the field's own word")]
pub(crate) struct Deployment {
    pub(crate) id: String,
    #[serde(skip)]
    pub(crate) instance: String,
    pub(crate) application: String,
    pub(crate) deployment_group: String,
    /// As the API spells it: `InProgress`, `Failed`.
    pub(crate) status: String,
    #[serde(flatten)]
    pub(crate) failed: Option<FailedEvent>,
    #[serde(skip)]
    pub(crate) running: bool,
}

/// The lifecycle event that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct FailedEvent {
    pub(crate) lifecycle_event: String,
    /// `ScriptFailed`, `ScriptTimedOut`, `UnknownError` (AWS-FACTS 5).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) script: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<String>,
    /// The last 2048 characters at most (AWS-FACTS 5).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) log_tail: Option<String>,
}

/// The hooks of `CodeDeploy` that held the instance, and for which it began nothing: nobody answers the hook of a
/// deployment group that is deleted (AWS-FACTS 3.4), so each launch waits for its time-out.
pub(crate) fn idle_hooks(look: &Look, deployments: Option<&[Deployment]>, waited: Option<u64>) -> Vec<String> {
    let (Some(deployments), Some(LONG_ENOUGH..)) = (deployments, waited) else { return Vec::new() };
    let began = |hook: &str| deployments.iter().any(|deployment| is_of(hook, &deployment.deployment_group));
    let hooks = look.codedeploy_hooks.iter().flatten().filter(|hook| !began(hook));
    hooks.map(|hook| idle(hook, look.group.as_deref().unwrap_or_default())).collect()
}

/// The name of a hook has that of its deployment group, and a UUID (AWS-FACTS 3.1).
fn is_of(hook: &str, deployment_group: &str) -> bool {
    let start = format!("-hook-{deployment_group}-");
    hook.find(&start).is_some_and(|at| hook.len() == at + start.len() + UUID)
}

const UUID: usize = 36;
/// Seconds within which CodeDeploy has begun, with room to spare: AWS publishes no number.
const LONG_ENOUGH: u64 = 120;

fn idle(hook: &str, group: &str) -> String {
    format!(
        "CodeDeploy began no deployment for its hook {hook}; if its deployment group is deleted, delete it too: aws \
         autoscaling delete-lifecycle-hook --auto-scaling-group-name {group} --lifecycle-hook-name {hook}"
    )
}
