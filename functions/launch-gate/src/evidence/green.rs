//! `BatchGetDeployments`: which deployments were blue/green and have copied a group.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_codedeploy::types::{DeploymentCreator, DeploymentInfo, DeploymentType, GreenFleetProvisioningAction};
use futures_util::future::join_all;
use runtime::CallError;
use tracing::warn;

use crate::context::Context;

/// The most deployments of one call (aws-facts 5).
const IDS_PER_CALL: usize = 25;

/// Whether each of these deployments was blue/green and has copied its group; nothing of those that could not be read.
pub(crate) async fn find_copies(ids: BTreeSet<String>, context: &Context<'_>) -> BTreeMap<String, bool> {
    let ids: Vec<String> = ids.into_iter().collect();
    let calls = ids.chunks(IDS_PER_CALL).map(|ids| async move { (ids, get_copies(ids, context).await) });
    let mut known = BTreeMap::new();
    for (ids, answer) in join_all(calls).await {
        match answer {
            Ok(copies) => known.extend(ids.iter().map(|id| (id.clone(), copies.contains(id)))),
            Err(error) => warn!(%error, "it is not known yet whether these deployments have copied a group"),
        }
    }
    known
}

async fn get_copies(ids: &[String], context: &Context<'_>) -> Result<BTreeSet<String>, CallError> {
    let call = context.aws.codedeploy.batch_get_deployments().set_deployment_ids(Some(ids.to_vec()));
    let answer = call.send().await.map_err(|error| CallError::new("BatchGetDeployments", ids.join(" "), &error))?;
    let copies = answer.deployments_info.unwrap_or_default().into_iter().filter(has_copied);
    Ok(copies.filter_map(|info| info.deployment_id).collect())
}

/// What a launch began is none, though its deployment group may be one for blue/green.
fn has_copied(info: &DeploymentInfo) -> bool {
    let style = info.deployment_style.as_ref().and_then(|style| style.deployment_type.as_ref());
    let told = info.blue_green_deployment_configuration.as_ref();
    let action = told.and_then(|told| told.green_fleet_provisioning_option.as_ref()?.action.as_ref());
    let copies = action.is_none_or(|action| *action == GreenFleetProvisioningAction::CopyAutoScalingGroup);
    style == Some(&DeploymentType::BlueGreen) && copies && info.creator != Some(DeploymentCreator::Autoscaling)
}
