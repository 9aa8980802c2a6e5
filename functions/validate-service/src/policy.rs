//! What must be true of the service: what the request says, else what the policy of the instance's group says.

use lifecycle::policy::{Checks, Policy, Requirement};
use runtime::CallError;
use runtime::clients::Clients;
use serde_json::json;

use crate::answer::Inconclusive;
use crate::config::Config;
use crate::request::Request;

/// The policy of the run, and what a person should know of it.
pub(crate) async fn policy(
    request: &Request,
    aws: &Clients,
    config: &Config,
) -> Result<(Policy, Vec<String>), Inconclusive> {
    let mut policy = match &request.checks {
        Some(checks) => Policy::parse(&json!({"checks": checks}).to_string(), &config.default_policy)?,
        None => of_group(request, aws, config).await?,
    };
    // The agent runs the script that asks, and how user data ended is a question of the launch, which is over.
    policy.agent = Requirement::Ignored;
    policy.user_data = Requirement::Ignored;
    let nothing = "neither the request nor the group's policy names checks: only the instance itself is looked at";
    let told = (policy.checks == Checks::default()).then(|| nothing.to_owned());
    Ok((policy, told.into_iter().collect()))
}

async fn of_group(request: &Request, aws: &Clients, config: &Config) -> Result<Policy, Inconclusive> {
    let instance = request.instance_id.as_str();
    let call = aws.autoscaling.describe_auto_scaling_instances().instance_ids(instance);
    let found = call.send().await.map_err(|error| CallError::new("DescribeAutoScalingInstances", instance, &error))?;
    let group = found.auto_scaling_instances.into_iter().flatten().find_map(|found| found.auto_scaling_group_name);
    let metadata = match &group {
        Some(group) => metadata(group, aws, config).await?,
        None => None,
    };
    // The gate falls back on the stack's default, since a typing error must not terminate a fleet. Here it would check
    // nothing, and say healthy.
    let metadata = metadata.filter(|text| !text.trim().is_empty()).unwrap_or_else(|| "{}".to_owned());
    let policy = Policy::parse(&metadata, &config.default_policy);
    policy.map_err(|error| Inconclusive(format!("the metadata of the group's hook {} is wrong: {error}", config.hook)))
}

async fn metadata(group: &str, aws: &Clients, config: &Config) -> Result<Option<String>, CallError> {
    let call = aws.autoscaling.describe_lifecycle_hooks().auto_scaling_group_name(group);
    let hooks = call.lifecycle_hook_names(&config.hook).send().await;
    let hooks = hooks.map_err(|error| CallError::new("DescribeLifecycleHooks", group, &error))?;
    Ok(hooks.lifecycle_hooks.into_iter().flatten().find_map(|hook| hook.notification_metadata))
}
