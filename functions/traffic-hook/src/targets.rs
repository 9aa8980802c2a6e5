//! The targets of a deployment: `ListDeploymentTargets` and `BatchGetDeploymentTargets` (aws-facts 5). They are asked for
//! again until they tell what is deployed, because a hook may be invoked earlier than that is known (aws-facts 4.2).

use std::fmt;
use std::time::Duration;

use aws_sdk_codedeploy::types::{DeploymentTarget, LambdaTarget, LifecycleEvent, LifecycleEventStatus};
use runtime::CallError;
use tokio::time::sleep;

use crate::clients::Calls;
use crate::guard::within;
use crate::platform::Platform;
use crate::validation::Problem;

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

/// What the targets tell.
pub(crate) struct Targets {
    /// The lifecycle event that this hook is asked about: it is not in the payload (aws-facts 4.2).
    pub(crate) lifecycle_event: Option<String>,
    /// On Lambda one for each target, on ECS none.
    pub(crate) functions: Vec<Function>,
}

/// Why the targets could not be read.
enum Untold {
    /// They are not known yet. The text says what is missing.
    Yet(String),
    /// `CodeDeploy` refused to tell.
    Refused(Problem),
}

/// The pause before the targets are asked for again.
const PAUSE: Duration = Duration::from_secs(2);
/// The most targets of one `BatchGetDeploymentTargets` (aws-facts 5).
const TARGETS_PER_CALL: usize = 25;

/// Reads the targets of this deployment within `time`; on Lambda until each names its function and the version.
pub(crate) async fn read_targets(
    id: &str,
    platform: &Platform,
    calls: &Calls,
    time: Duration,
) -> Result<Targets, Problem> {
    let mut missing = None;
    let what = format!("reading the targets of {id}");
    let reading = ask_until_told(id, platform, calls, &mut missing);
    let end = within(what, time, &calls.attempts.codedeploy, reading).await;
    end.map_err(|late| tell_missing(late, missing.as_deref(), id)).flatten()
}

/// `missing` is what the last answer lacked.
async fn ask_until_told(
    id: &str,
    platform: &Platform,
    calls: &Calls,
    missing: &mut Option<String>,
) -> Result<Targets, Problem> {
    loop {
        match ask(id, platform, calls).await {
            Ok(targets) => return Ok(targets),
            Err(Untold::Refused(problem)) => return Err(problem),
            Err(Untold::Yet(why)) => *missing = Some(why),
        }
        sleep(PAUSE).await;
    }
}

fn tell_missing(late: Problem, missing: Option<&str>, id: &str) -> Problem {
    let Some(missing) = missing else { return late };
    Problem::new(format!("{}; {missing}: see aws deploy list-deployment-targets --deployment-id {id}", late.text))
}

async fn ask(id: &str, platform: &Platform, calls: &Calls) -> Result<Targets, Untold> {
    let ids = list_target_ids(id, calls).await?;
    if ids.is_empty() {
        return Err(Untold::Yet("CodeDeploy names no target yet".to_owned()));
    }
    let targets = get_targets(id, &ids, calls).await?;
    let functions = if *platform == Platform::Lambda { read_functions(&targets)? } else { Vec::new() };
    Ok(Targets { lifecycle_event: targets.iter().find_map(find_event_in_progress), functions })
}

async fn get_targets(id: &str, ids: &[String], calls: &Calls) -> Result<Vec<DeploymentTarget>, Untold> {
    let mut targets = Vec::new();
    for ids in ids.chunks(TARGETS_PER_CALL) {
        let call = calls.codedeploy.batch_get_deployment_targets().deployment_id(id);
        let answer = call.set_target_ids(Some(ids.to_vec())).send().await;
        let answer = answer.map_err(|error| grade(&CallError::new("BatchGetDeploymentTargets", id, &error)))?;
        targets.extend(answer.deployment_targets.unwrap_or_default());
    }
    Ok(targets)
}

/// There is no paginator in the SDK.
async fn list_target_ids(id: &str, calls: &Calls) -> Result<Vec<String>, Untold> {
    let (mut ids, mut token) = (Vec::new(), None);
    loop {
        let call = calls.codedeploy.list_deployment_targets().deployment_id(id).set_next_token(token);
        let page = call.send().await.map_err(|error| grade(&CallError::new("ListDeploymentTargets", id, &error)))?;
        ids.extend(page.target_ids.unwrap_or_default());
        token = page.next_token.filter(|token| !token.is_empty());
        if token.is_none() {
            return Ok(ids);
        }
    }
}

/// Both calls may be refused because the deployment has not started (aws-facts 4.2).
fn grade(error: &CallError) -> Untold {
    if error.is("DeploymentNotStartedException") {
        return Untold::Yet("CodeDeploy has not started the deployment yet".to_owned());
    }
    Untold::Refused(Problem::new(error.to_string()))
}

fn read_functions(targets: &[DeploymentTarget]) -> Result<Vec<Function>, Untold> {
    let functions =
        targets.iter().map(|target| read_function(target.lambda_target.as_ref()?)).collect::<Option<Vec<_>>>();
    let told = functions.filter(|functions| !functions.is_empty());
    let untold = || Untold::Yet("CodeDeploy does not tell yet which version of which function it deploys".to_owned());
    told.ok_or_else(untold)
}

fn read_function(target: &LambdaTarget) -> Option<Function> {
    let info = target.lambda_function_info.as_ref()?;
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    Some(Function { name: given(&info.function_name)?, version: given(&info.target_version)? })
}

fn find_event_in_progress(target: &DeploymentTarget) -> Option<String> {
    let lambda = target.lambda_target.as_ref().and_then(|target| target.lifecycle_events.as_deref());
    let ecs = target.ecs_target.as_ref().and_then(|target| target.lifecycle_events.as_deref());
    let runs = |event: &&LifecycleEvent| event.status == Some(LifecycleEventStatus::InProgress);
    lambda.or(ecs)?.iter().find(runs)?.lifecycle_event_name.clone()
}
