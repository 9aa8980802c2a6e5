//! `StopDeployment`: ends what `CodeDeploy` began for an instance that is going. `CodeDeploy`'s own hook is never
//! touched.

use futures_util::future::join_all;
use runtime::CallError;
use tracing::{info, warn};

use crate::context::Context;
use crate::facts::KnownDeployments;
use crate::look::{Look, Progress};

/// Stops the deployments of this launch that still run: without their instance they would hang for up to an hour
/// (aws-facts 3.3). If AWS did not let us read or stop one now, the launch message comes back for it.
pub(super) async fn stop_deployments(look: &Look, deployments: &KnownDeployments, context: &Context<'_>) -> Progress {
    let stops = deployments.running().map(|deployment| stop_deployment(look, &deployment.id, context));
    let again = join_all(stops).await;
    if deployments.incomplete || again.contains(&true) { Progress::Unfinished } else { Progress::Settled }
}

/// The action is closed, perhaps by our own ABANDON. If its deployment still runs, look again to stop it.
pub(super) fn judge_closed(deployments: &KnownDeployments) -> Progress {
    let runs_on = deployments.running().next().is_some();
    if deployments.incomplete || runs_on { Progress::Unfinished } else { Progress::Settled }
}

/// Stops one deployment. Returns whether it is worth trying again.
async fn stop_deployment(look: &Look, id: &str, context: &Context<'_>) -> bool {
    // A rollback would be another deployment to the same instance, so the deployment group's own setting is overridden.
    let call = context.aws.codedeploy.stop_deployment().deployment_id(id).auto_rollback_enabled(false);
    match call.send().await.map_err(|error| CallError::new("StopDeployment", id, &error)) {
        Ok(_) => {
            info!(instance = %look.instance, deployment = id, "deployment stopped: its instance is gone");
            false
        }
        Err(error) if error.is_deployment_over() => false,
        Err(error) => {
            warn!(%error, instance = %look.instance, "the deployment of an instance that is gone runs on");
            !error.is_denied()
        }
    }
}
