//! Chooses the checks of the service: those of the request, or else those of the group's policy.

use lifecycle::policy::{AgentPolicy, Policy, Requirement};
use runtime::CallError;
use runtime::clients::Clients;
use runtime::environment::ReadinessSettings;
use serde_json::json;

use crate::answer::NoReport;
use crate::request::Request;

/// The policy of the run.
pub(crate) async fn read_policy(
    request: &Request,
    aws: &Clients,
    config: &ReadinessSettings,
) -> Result<Policy, NoReport> {
    let mut policy = match &request.checks {
        Some(checks) => Policy::parse(&json!({"checks": checks}).to_string(), &config.default_policy)?,
        None => read_group_policy(request, aws, config).await?,
    };
    // The CodeDeploy agent runs the script that asks, so it works. How user data ended concerned the launch, which is over.
    policy.agent = AgentPolicy::Ignored;
    policy.user_data = Requirement::Ignored;
    Ok(policy)
}

async fn read_group_policy(request: &Request, aws: &Clients, config: &ReadinessSettings) -> Result<Policy, NoReport> {
    let instance = request.instance_id.as_str();
    let call = aws.autoscaling.describe_auto_scaling_instances().instance_ids(instance);
    let found = call.send().await.map_err(|error| CallError::new("DescribeAutoScalingInstances", instance, &error))?;
    let group = found.auto_scaling_instances.into_iter().flatten().find_map(|found| found.auto_scaling_group_name);
    let metadata = match &group {
        Some(group) => read_metadata(group, aws, config).await?,
        None => None,
    };
    // launch-gate uses the stack's default if the metadata is wrong, because a typing error must not terminate a fleet. Here
    // the default could check nothing and answer healthy, so a wrong policy is an error.
    let metadata = metadata.filter(|text| !text.trim().is_empty()).unwrap_or_else(|| "{}".to_owned());
    let policy = Policy::parse(&metadata, &config.default_policy);
    policy.map_err(|error| {
        NoReport::Inconclusive(format!("the metadata of the group's hook {} is wrong: {error}", config.hook))
    })
}

async fn read_metadata(group: &str, aws: &Clients, config: &ReadinessSettings) -> Result<Option<String>, CallError> {
    let call = aws.autoscaling.describe_lifecycle_hooks().auto_scaling_group_name(group);
    let hooks = call.lifecycle_hook_names(&config.hook).send().await;
    let hooks = hooks.map_err(|error| CallError::new("DescribeLifecycleHooks", group, &error))?;
    Ok(hooks.lifecycle_hooks.into_iter().flatten().find_map(|hook| hook.notification_metadata))
}
