//! The line of a group that a blue/green deployment has copied without our hook.

use lifecycle::event::DeploymentSuccess;
use runtime::emf::{Metrics, describe_metrics};
use runtime::lines;
use serde::Serialize;
use serde_json::Value;

use super::names::{NAMESPACE, UNGATED};
use super::shell::quote_word;
use crate::context::Context;

#[derive(Debug, Serialize)]
struct UngatedLine<'a> {
    message: &'static str,
    group: &'a str,
    deployment: &'a str,
    application: &'a str,
    deployment_group: &'a str,
    hook: &'a str,
    /// The command that opts the group in. The policy is the owner's to fill in: that of the group before went with it.
    command: String,
    ungated_groups: u8,
    #[serde(rename = "_aws")]
    aws: Value,
}

const METRICS: [Metrics<'_>; 1] = [Metrics { by: &["hook"], fields: &[("ungated_groups", "Count")] }];

/// Writes the line.
pub(crate) fn write_ungated_line(success: &DeploymentSuccess, group: &str, context: &Context<'_>) {
    let hook = context.config.readiness.hook.as_str();
    let line = UngatedLine {
        message: UNGATED,
        group,
        deployment: &success.deployment,
        application: &success.application,
        deployment_group: &success.deployment_group,
        hook,
        command: format!(
            "aws autoscaling put-lifecycle-hook --auto-scaling-group-name {} --lifecycle-hook-name {hook} \
             --lifecycle-transition autoscaling:EC2_INSTANCE_LAUNCHING --heartbeat-timeout 600 --default-result ABANDON \
             --notification-metadata '{{}}'",
            quote_word(group)
        ),
        ungated_groups: 1,
        aws: describe_metrics(NAMESPACE, context.now(), &METRICS),
    };
    lines::write(&line, context.lines);
}
