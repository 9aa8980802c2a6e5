//! Which deployments were blue/green and have copied a group.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_codedeploy::types::{DeploymentCreator, DeploymentInfo, DeploymentType, GreenFleetProvisioningAction};

use crate::context::Context;
use crate::observe::judge_deployments;

/// Whether each of these deployments was blue/green and has copied its group; nothing of those that could not be read.
pub(crate) async fn find_copies(ids: BTreeSet<String>, context: &Context<'_>) -> BTreeMap<String, bool> {
    judge_deployments(ids, has_copied, context).await
}

/// What a launch began is none, though its deployment group may be one for blue/green.
fn has_copied(info: &DeploymentInfo) -> bool {
    let style = info.deployment_style.as_ref().and_then(|style| style.deployment_type.as_ref());
    let told = info.blue_green_deployment_configuration.as_ref();
    let action = told.and_then(|told| told.green_fleet_provisioning_option.as_ref()?.action.as_ref());
    let copies = action.is_none_or(|action| *action == GreenFleetProvisioningAction::CopyAutoScalingGroup);
    style == Some(&DeploymentType::BlueGreen) && copies && info.creator != Some(DeploymentCreator::Autoscaling)
}
