//! `BatchGetDeployments`: whether the blue/green deployment that has copied a group still runs. While it does, the launches
//! of the group have no revision yet, and none is asked for (aws-facts 14).

use std::collections::BTreeSet;

use aws_sdk_codedeploy::types::{DeploymentInfo, DeploymentStatus};
use lifecycle::decide;
use lifecycle::decision::Action;
use lifecycle::green::find_copying_deployment;
use lifecycle::observation::Reading;

use super::deployments::judge_deployments;
use crate::context::Context;
use crate::look::Look;

/// A deployment that is in one of these has not given its revision to all instances.
const RUNNING: [DeploymentStatus; 4] =
    [DeploymentStatus::Created, DeploymentStatus::Queued, DeploymentStatus::InProgress, DeploymentStatus::Ready];

/// Asks launches of copied groups only for what stands before a deployment, while their deployment runs. If AWS could not
/// be read, such a look decides nothing.
pub(crate) async fn ask_green_launches_less(looks: &mut [Look], context: &Context<'_>) {
    let needed = looks.iter().map(|look| needs_deployment(look, context).map(str::to_owned));
    let needed: Vec<Option<String>> = needed.collect();
    let ids: BTreeSet<String> = needed.iter().flatten().cloned().collect();
    let running = judge_deployments(ids, is_running, context).await;
    for (look, id) in looks.iter_mut().zip(needed) {
        let Some(id) = id else { continue };
        look.seen.is_copied_now = running.get(&id).map_or(Reading::Failed, |runs| Reading::Known(*runs));
        if look.seen.is_copied_now == Reading::Known(true) {
            look.policy.checks = look.policy.checks.before_a_deployment();
        }
    }
}

/// The deployment that has copied the group, if it matters to this look whether it still runs.
fn needs_deployment<'a>(look: &'a Look, context: &Context<'_>) -> Option<&'a str> {
    let id = find_copying_deployment(look.group.as_deref()?)?;
    let acts = || match decide(&look.seen, &look.policy, context.now()).action {
        Action::Probe { .. } | Action::Repair(_) | Action::StartAgent(_) | Action::Complete(_) => true,
        Action::Wait | Action::Settle => false,
    };
    (look.policy.checks.ask_for_a_revision() && acts()).then_some(id)
}

/// One that AWS does not know does not run: then the group only has such a name.
fn is_running(info: &DeploymentInfo) -> bool {
    info.status.as_ref().is_some_and(|status| RUNNING.contains(status))
}
