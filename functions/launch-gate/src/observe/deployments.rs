//! `BatchGetDeployments`: what `CodeDeploy` says of deployments.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_codedeploy::types::DeploymentInfo;
use futures_util::future::join_all;
use runtime::CallError;

use super::failed::log_failed_read;
use crate::context::Context;

/// The most deployments of one call (aws-facts 5).
pub(crate) const DEPLOYMENTS_PER_CALL: usize = 25;

/// Whether this holds for each of these deployments; nothing of those that could not be read. It does not hold for one
/// that AWS does not know.
pub(crate) async fn judge_deployments(
    ids: BTreeSet<String>,
    holds: impl Fn(&DeploymentInfo) -> bool,
    context: &Context<'_>,
) -> BTreeMap<String, bool> {
    let ids: Vec<String> = ids.into_iter().collect();
    let calls = ids.chunks(DEPLOYMENTS_PER_CALL).map(|ids| async move { (ids, get_deployments(ids, context).await) });
    let mut judged = BTreeMap::new();
    for (ids, answer) in join_all(calls).await {
        let Ok(infos) = answer.inspect_err(log_failed_read) else { continue };
        judged.extend(ids.iter().map(|id| (id.clone(), false)));
        judged.extend(infos.into_iter().filter_map(|info| Some((info.deployment_id.clone()?, holds(&info)))));
    }
    judged
}

/// At most [`DEPLOYMENTS_PER_CALL`] deployments.
pub(crate) async fn get_deployments(ids: &[String], context: &Context<'_>) -> Result<Vec<DeploymentInfo>, CallError> {
    let call = context.aws.codedeploy.batch_get_deployments().set_deployment_ids(Some(ids.to_vec()));
    let answer = call.send().await.map_err(|error| CallError::new("BatchGetDeployments", ids.join(" "), &error))?;
    Ok(answer.deployments_info.unwrap_or_default())
}
