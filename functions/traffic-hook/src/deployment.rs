//! What is being deployed: `GetDeployment`, `ListDeploymentTargets`, `BatchGetDeploymentTargets` (AWS-FACTS 5).

use std::fmt;
use std::time::Duration;

use aws_sdk_codedeploy::operation::get_deployment::GetDeploymentError;
use aws_sdk_codedeploy::types::{
    ComputePlatform, DeploymentInfo, DeploymentStatus, DeploymentTarget, LambdaFunctionInfo, LifecycleEvent,
    LifecycleEventStatus,
};
use runtime::told;

use crate::budget::Budget;
use crate::clients::Calls;
use crate::guard::within;
use crate::verdict::Reason;

/// Where a deployment goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Platform {
    Lambda,
    Ecs,
    /// EC2 and on-premises, or one that came after this was written: neither has traffic hooks.
    Other(String),
}

impl Platform {
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Lambda => "Lambda",
            Self::Ecs => "ECS",
            Self::Other(name) => name,
        }
    }
}

/// A version of a function that is about to have the traffic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) version: String,
}

impl fmt::Display for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.name, self.version)
    }
}

/// A deployment, as far as its hook cares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Deployment {
    pub(crate) platform: Platform,
    /// The status it has ended with.
    pub(crate) over: Option<String>,
    pub(crate) lifecycle_event: Option<String>,
    pub(crate) functions: Vec<Function>,
    /// Why the last two are not known.
    pub(crate) unread: Option<Reason>,
}

/// On ECS the targets say nothing but the name of the lifecycle event, so they are not worth more of the time.
const FOR_A_NAME: Duration = Duration::from_secs(10);
/// The most targets of one `BatchGetDeploymentTargets` (AWS-FACTS 5).
const MOST: usize = 25;

/// The deployment of this id; none if `CodeDeploy` does not know it (any more).
pub(crate) async fn read(id: &str, calls: &Calls, budget: &Budget<'_>) -> Result<Option<Deployment>, Reason> {
    let last = &calls.last.codedeploy;
    let what = format!("reading the deployment {id}");
    let info = within(what, budget.to_validate(), last, info(id, calls)).await??;
    let Some(mut deployment) = info.map(|info| known(&info)) else { return Ok(None) };
    let time = match (&deployment.over, &deployment.platform) {
        (Some(_), _) | (None, Platform::Other(_)) => return Ok(Some(deployment)),
        (None, Platform::Lambda) => budget.to_validate(),
        (None, Platform::Ecs) => budget.to_validate().min(FOR_A_NAME),
    };
    let what = format!("reading the targets of {id}");
    match within(what, time, last, targets(id, calls)).await.flatten() {
        Ok(targets) => deployment.aims_at(&targets),
        Err(reason) => deployment.unread = Some(reason),
    }
    Ok(Some(deployment))
}

async fn info(id: &str, calls: &Calls) -> Result<Option<DeploymentInfo>, Reason> {
    match calls.codedeploy.get_deployment().deployment_id(id).send().await {
        Ok(answer) => answer.deployment_info.map(Some).ok_or_else(|| nothing_told(id)),
        Err(error)
            if error.as_service_error().is_some_and(GetDeploymentError::is_deployment_does_not_exist_exception) =>
        {
            Ok(None)
        }
        Err(error) => Err(Reason::new(format!("GetDeployment for {id} failed: {}", told(&error)))),
    }
}

fn nothing_told(id: &str) -> Reason {
    Reason::new(format!("GetDeployment for {id} told nothing"))
}

fn known(info: &DeploymentInfo) -> Deployment {
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

async fn targets(id: &str, calls: &Calls) -> Result<Vec<DeploymentTarget>, Reason> {
    let mut targets = Vec::new();
    for ids in target_ids(id, calls).await?.chunks(MOST) {
        let call = calls.codedeploy.batch_get_deployment_targets().deployment_id(id);
        let answer = call.set_target_ids(Some(ids.to_vec())).send().await;
        let failed = |error| Reason::new(format!("BatchGetDeploymentTargets for {id} failed: {}", told(&error)));
        targets.extend(answer.map_err(failed)?.deployment_targets.unwrap_or_default());
    }
    Ok(targets)
}

/// There is no paginator in the SDK.
async fn target_ids(id: &str, calls: &Calls) -> Result<Vec<String>, Reason> {
    let (mut ids, mut token) = (Vec::new(), None);
    loop {
        let call = calls.codedeploy.list_deployment_targets().deployment_id(id).set_next_token(token);
        let failed = |error| Reason::new(format!("ListDeploymentTargets for {id} failed: {}", told(&error)));
        let page = call.send().await.map_err(failed)?;
        ids.extend(page.target_ids.unwrap_or_default());
        token = page.next_token.filter(|token| !token.is_empty());
        if token.is_none() {
            return Ok(ids);
        }
    }
}

impl Deployment {
    /// One of ECS itself, of which `CodeDeploy` knows nothing.
    pub(crate) fn of_ecs() -> Self {
        Self { platform: Platform::Ecs, over: None, lifecycle_event: None, functions: Vec::new(), unread: None }
    }

    fn aims_at(&mut self, targets: &[DeploymentTarget]) {
        self.lifecycle_event = targets.iter().find_map(in_progress);
        let lambda = targets.iter().filter_map(|target| target.lambda_target.as_ref()?.lambda_function_info.as_ref());
        self.functions = lambda.filter_map(function).collect();
    }
}

fn function(info: &LambdaFunctionInfo) -> Option<Function> {
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    Some(Function { name: given(&info.function_name)?, version: given(&info.target_version)? })
}

/// The lifecycle event that this hook is asked about: it is not in the payload (AWS-FACTS 4.2).
fn in_progress(target: &DeploymentTarget) -> Option<String> {
    let lambda = target.lambda_target.as_ref().and_then(|target| target.lifecycle_events.as_deref());
    let ecs = target.ecs_target.as_ref().and_then(|target| target.lifecycle_events.as_deref());
    let runs = |event: &&LifecycleEvent| event.status == Some(LifecycleEventStatus::InProgress);
    lambda.or(ecs)?.iter().find(runs)?.lifecycle_event_name.clone()
}
