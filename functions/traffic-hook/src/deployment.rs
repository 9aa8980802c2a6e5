//! What is being deployed: `GetDeployment`, `ListDeploymentTargets`, `BatchGetDeploymentTargets` (aws-facts 5).

use std::fmt;
use std::time::Duration;

use aws_sdk_codedeploy::operation::get_deployment::GetDeploymentError;
use aws_sdk_codedeploy::types::{
    ComputePlatform, DeploymentInfo, DeploymentStatus, DeploymentTarget, LambdaFunctionInfo, LifecycleEvent,
    LifecycleEventStatus,
};
use runtime::budget::Budget;
use runtime::tell;

use crate::clients::Calls;
use crate::guard::within;
use crate::validation::Problem;

/// Where a deployment goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Platform {
    Lambda,
    Ecs,
    /// EC2 and on-premises, which have no traffic hooks; or a platform that this code does not know.
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
/// The most targets of one `BatchGetDeploymentTargets` (aws-facts 5).
const TARGETS_PER_CALL: usize = 25;

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
    let what = format!("reading the targets of {id}");
    match within(what, time, attempts, get_targets(id, calls)).await.flatten() {
        Ok(targets) => deployment.add_targets(&targets),
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

async fn get_targets(id: &str, calls: &Calls) -> Result<Vec<DeploymentTarget>, Problem> {
    let mut targets = Vec::new();
    for ids in list_target_ids(id, calls).await?.chunks(TARGETS_PER_CALL) {
        let call = calls.codedeploy.batch_get_deployment_targets().deployment_id(id);
        let answer = call.set_target_ids(Some(ids.to_vec())).send().await;
        let failed = |error| Problem::new(format!("BatchGetDeploymentTargets for {id} failed: {}", tell(&error)));
        targets.extend(answer.map_err(failed)?.deployment_targets.unwrap_or_default());
    }
    Ok(targets)
}

/// There is no paginator in the SDK.
async fn list_target_ids(id: &str, calls: &Calls) -> Result<Vec<String>, Problem> {
    let (mut ids, mut token) = (Vec::new(), None);
    loop {
        let call = calls.codedeploy.list_deployment_targets().deployment_id(id).set_next_token(token);
        let failed = |error| Problem::new(format!("ListDeploymentTargets for {id} failed: {}", tell(&error)));
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

    fn add_targets(&mut self, targets: &[DeploymentTarget]) {
        self.lifecycle_event = targets.iter().find_map(find_event_in_progress);
        let lambda = targets.iter().filter_map(|target| target.lambda_target.as_ref()?.lambda_function_info.as_ref());
        self.functions = lambda.filter_map(read_function).collect();
    }
}

fn read_function(info: &LambdaFunctionInfo) -> Option<Function> {
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    Some(Function { name: given(&info.function_name)?, version: given(&info.target_version)? })
}

/// The lifecycle event that this hook is asked about: it is not in the payload (aws-facts 4.2).
fn find_event_in_progress(target: &DeploymentTarget) -> Option<String> {
    let lambda = target.lambda_target.as_ref().and_then(|target| target.lifecycle_events.as_deref());
    let ecs = target.ecs_target.as_ref().and_then(|target| target.lifecycle_events.as_deref());
    let runs = |event: &&LifecycleEvent| event.status == Some(LifecycleEventStatus::InProgress);
    lambda.or(ecs)?.iter().find(runs)?.lifecycle_event_name.clone()
}
