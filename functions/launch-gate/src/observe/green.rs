//! `BatchGetDeployments`: whether the blue/green deployment that has copied a group still runs. While it does, the launches
//! of the group have no revision yet, and none is asked for (aws-facts 14).

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_codedeploy::types::{DeploymentInfo, DeploymentStatus};
use futures_util::future::join_all;
use lifecycle::decide;
use lifecycle::decision::Action;
use lifecycle::green::find_copying_deployment;
use lifecycle::observation::Reading;
use runtime::CallError;

use super::failed::log_failed_read;
use crate::context::Context;
use crate::look::Look;

/// The most deployments of one call (aws-facts 5).
const IDS_PER_CALL: usize = 25;

/// A deployment that is in one of these has not given its revision to all instances.
const RUNNING: [DeploymentStatus; 4] =
    [DeploymentStatus::Created, DeploymentStatus::Queued, DeploymentStatus::InProgress, DeploymentStatus::Ready];

/// Asks launches of copied groups only for what stands before a deployment, while their deployment runs. If AWS could not
/// be read, such a look decides nothing.
pub(crate) async fn ask_green_launches_less(looks: &mut [Look], context: &Context<'_>) {
    let needs = |look: &Look| needs_deployment(look, context).map(str::to_owned);
    let ids: BTreeSet<String> = looks.iter().filter_map(needs).collect();
    let running = read_running(ids, context).await;
    for look in looks {
        let Some(id) = needs_deployment(look, context) else { continue };
        look.seen.is_copied_now = running.get(id).map_or(Reading::Failed, |runs| Reading::Known(*runs));
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

/// Whether each of these deployments runs; nothing of those that could not be read. One that AWS does not know does not
/// run: then the group only has such a name.
async fn read_running(ids: BTreeSet<String>, context: &Context<'_>) -> BTreeMap<String, bool> {
    let ids: Vec<String> = ids.into_iter().collect();
    let calls = ids.chunks(IDS_PER_CALL).map(|ids| async move { (ids, get_deployments(ids, context).await) });
    let mut known = BTreeMap::new();
    for (ids, answer) in join_all(calls).await {
        let Ok(infos) = answer.inspect_err(log_failed_read) else { continue };
        let running =
            infos.into_iter().filter(|info| info.status.as_ref().is_some_and(|status| RUNNING.contains(status)));
        let running: BTreeSet<String> = running.filter_map(|info| info.deployment_id).collect();
        known.extend(ids.iter().map(|id| (id.clone(), running.contains(id))));
    }
    known
}

async fn get_deployments(ids: &[String], context: &Context<'_>) -> Result<Vec<DeploymentInfo>, CallError> {
    let call = context.aws.codedeploy.batch_get_deployments().set_deployment_ids(Some(ids.to_vec()));
    let answer = call.send().await.map_err(|error| CallError::new("BatchGetDeployments", ids.join(" "), &error))?;
    Ok(answer.deployments_info.unwrap_or_default())
}
