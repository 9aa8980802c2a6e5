//! What is being deployed: `GetDeployment` (aws-facts 5), and its targets.

use std::time::Duration;

use aws_sdk_codedeploy::operation::get_deployment::GetDeploymentError;
use aws_sdk_codedeploy::types::{ComputePlatform, DeploymentInfo, DeploymentStatus};
use runtime::budget::Budget;
use runtime::tell;

use crate::clients::Calls;
use crate::guard::within;
use crate::platform::Platform;
use crate::targets::{Function, read_targets};
use crate::validation::Problem;

/// A deployment, as far as validation needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Deployment {
    pub(crate) platform: Platform,
    /// The status it has ended with.
    pub(crate) over: Option<String>,
    pub(crate) lifecycle_event: Option<String>,
    pub(crate) functions: Vec<Function>,
    /// Why the last two are not known.
    pub(crate) unread: Option<Problem>,
}

/// On ECS the targets say nothing but the name of the lifecycle event, so they are not worth more of the time.
const FOR_A_NAME: Duration = Duration::from_secs(10);

/// The deployment of this id; none if `CodeDeploy` does not know it (any more).
pub(crate) async fn read_deployment(
    id: &str,
    calls: &Calls,
    budget: &Budget<'_>,
) -> Result<Option<Deployment>, Problem> {
    let attempts = &calls.attempts.codedeploy;
    let what = format!("reading the deployment {id}");
    let info = within(what, budget.left(), attempts, get_info(id, calls)).await??;
    let Some(mut deployment) = info.map(|info| read_info(&info)) else { return Ok(None) };
    let time = match (&deployment.over, &deployment.platform) {
        (Some(_), _) | (None, Platform::Other(_)) => return Ok(Some(deployment)),
        (None, Platform::Lambda) => budget.left(),
        (None, Platform::Ecs) => budget.left().min(FOR_A_NAME),
    };
    match read_targets(id, &deployment.platform, calls, time).await {
        Ok(targets) => {
            deployment.lifecycle_event = targets.lifecycle_event;
            deployment.functions = targets.functions;
        }
        Err(reason) => deployment.unread = Some(reason),
    }
    Ok(Some(deployment))
}

async fn get_info(id: &str, calls: &Calls) -> Result<Option<DeploymentInfo>, Problem> {
    match calls.codedeploy.get_deployment().deployment_id(id).send().await {
        Ok(answer) => answer.deployment_info.map(Some).ok_or_else(|| tell_empty_answer(id)),
        Err(error)
            if error.as_service_error().is_some_and(GetDeploymentError::is_deployment_does_not_exist_exception) =>
        {
            Ok(None)
        }
        Err(error) => Err(Problem::new(format!("GetDeployment for {id} failed: {}", tell(&error)))),
    }
}

fn tell_empty_answer(id: &str) -> Problem {
    Problem::new(format!("GetDeployment for {id} told nothing"))
}

fn read_info(info: &DeploymentInfo) -> Deployment {
    let platform = match &info.compute_platform {
        Some(ComputePlatform::Lambda) => Platform::Lambda,
        Some(ComputePlatform::Ecs) => Platform::Ecs,
        Some(other) => Platform::Other(other.as_str().to_owned()),
        None => Platform::Other("unknown".to_owned()),
    };
    let ends = [DeploymentStatus::Succeeded, DeploymentStatus::Failed, DeploymentStatus::Stopped];
    let over = info.status.as_ref().filter(|status| ends.contains(status)).map(|status| status.as_str().to_owned());
    Deployment { platform, over, lifecycle_event: None, functions: Vec::new(), unread: None }
}

impl Deployment {
    /// One of ECS itself, of which `CodeDeploy` knows nothing.
    pub(crate) fn of_ecs() -> Self {
        Self { platform: Platform::Ecs, over: None, lifecycle_event: None, functions: Vec::new(), unread: None }
    }
}
