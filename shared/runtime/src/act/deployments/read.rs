//! `ListDeployments`, `BatchGetDeployments`, `ListDeploymentTargets`, `BatchGetDeploymentTargets`: there is no filter for
//! an instance or a creator (AWS-FACTS 5).

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_codedeploy::primitives::DateTime;
use aws_sdk_codedeploy::types::{
    DeploymentCreator, DeploymentInfo, DeploymentStatus, InstanceTarget, LifecycleEventStatus, TimeRange,
};
use futures_util::future::join_all;
use futures_util::stream::{self, StreamExt};
use lifecycle::Timestamp;
use tokio::time::timeout;
use tracing::warn;

use super::super::AT_ONCE;
use crate::error::CallError;
use crate::handler::Invocation;
use crate::telemetry::deployment::{Deployment, FailedEvent};

/// The most deployments of one `BatchGetDeployments` (AWS-FACTS 5).
const MOST: usize = 25;
/// Of more than these only the newest are looked at: an account may deploy all day, and a line can wait for no more.
const NEWEST: usize = 200;
/// A verdict waits no longer for the list, and for what the targets say: where AWS throttles, hundreds of calls take
/// minutes, and the verdicts of the neighbours wait as well.
const FOR_THE_LIST: Duration = Duration::from_secs(2);
const FOR_THE_TARGETS: Duration = Duration::from_secs(3);
/// The clocks of AWS are not ours.
const EARLIER: Duration = Duration::from_mins(1);

/// Which deployments are wanted.
#[derive(Clone, Copy, Debug)]
pub(super) enum Which {
    /// All that were begun, whatever became of them: those that are over say why.
    All,
    /// Those that may be stopped.
    Running,
}

const RUNNING: [DeploymentStatus; 3] =
    [DeploymentStatus::Created, DeploymentStatus::Queued, DeploymentStatus::InProgress];

/// The deployments that `CodeDeploy` began for a launch since a moment, each on its one instance; and whether these are
/// all, each with its target. Nothing if not even the list was there in time.
pub(super) async fn deployments(
    since: Timestamp,
    which: Which,
    instances: &BTreeSet<String>,
    invocation: &Invocation<'_>,
) -> Result<(Option<Vec<Deployment>>, bool), CallError> {
    let Ok(listed) = timeout(FOR_THE_LIST, begun(since, which, invocation)).await else {
        warn!("the deployments were not listed within {} s", FOR_THE_LIST.as_secs());
        return Ok((None, false));
    };
    let (begun, listed) = listed?;
    let mut targets = stream::iter(begun).map(|info| on_its_instance(info, instances, invocation)).buffered(AT_ONCE);
    let mut read: Vec<Result<_, CallError>> = Vec::new();
    let reading = async {
        while let Some(target) = targets.next().await {
            read.push(target);
        }
    };
    let finished = timeout(FOR_THE_TARGETS, reading).await.is_ok();
    let all = finished && listed < NEWEST && read.iter().all(Result::is_ok);
    let told = read.into_iter().filter_map(|read| read.inspect_err(unknown).ok()?);
    Ok((Some(told.collect()), all))
}

/// Those that were begun for a launch, and how many were listed.
async fn begun(
    since: Timestamp,
    which: Which,
    invocation: &Invocation<'_>,
) -> Result<(Vec<DeploymentInfo>, usize), CallError> {
    let listed = ids(since, which, invocation).await?;
    let batches = join_all(listed.chunks(MOST).map(|ids| infos(ids, invocation))).await;
    let mut begun = batches.into_iter().collect::<Result<Vec<_>, _>>()?.concat();
    begun.retain(|info| info.creator == Some(DeploymentCreator::Autoscaling));
    Ok((begun, listed.len()))
}

async fn infos(ids: &[String], invocation: &Invocation<'_>) -> Result<Vec<DeploymentInfo>, CallError> {
    let call = invocation.aws.codedeploy.batch_get_deployments().set_deployment_ids(Some(ids.to_vec()));
    let answer = call.send().await.map_err(|error| CallError::new("BatchGetDeployments", ids.join(" "), &error))?;
    Ok(answer.deployments_info.unwrap_or_default())
}

fn unknown(error: &CallError) {
    warn!(%error, "the target of a deployment is not known");
}

/// Newest first.
async fn ids(since: Timestamp, which: Which, invocation: &Invocation<'_>) -> Result<Vec<String>, CallError> {
    let start = DateTime::from_millis((since - EARLIER).millis());
    let call =
        invocation.aws.codedeploy.list_deployments().create_time_range(TimeRange::builder().start(start).build());
    let call = match which {
        Which::All => call,
        Which::Running => call.set_include_only_statuses(Some(RUNNING.to_vec())),
    };
    let mut pages = call.into_paginator().items().send();
    let mut ids = Vec::new();
    while let (true, Some(id)) = (ids.len() < NEWEST, pages.next().await) {
        ids.push(id.map_err(|error| CallError::new("ListDeployments", "the account", &error))?);
    }
    Ok(ids)
}

/// None if it has other targets too, or another.
async fn on_its_instance(
    info: DeploymentInfo,
    instances: &BTreeSet<String>,
    invocation: &Invocation<'_>,
) -> Result<Option<Deployment>, CallError> {
    let id = info.deployment_id.clone().unwrap_or_default();
    let only = only_target(&id, invocation).await?.filter(|instance| instances.contains(instance));
    let Some(instance) = only else { return Ok(None) };
    // One that runs, or has succeeded, has nothing to tell beside its status.
    let ended_ill = matches!(info.status, Some(DeploymentStatus::Failed | DeploymentStatus::Stopped));
    let target = if ended_ill { target(&id, &instance, invocation).await? } else { None };
    Ok(Some(told(id, instance, info, target)))
}

fn told(id: String, instance: String, info: DeploymentInfo, target: Option<InstanceTarget>) -> Deployment {
    let running = info.status.as_ref().is_some_and(|status| RUNNING.contains(status));
    Deployment {
        id,
        instance,
        application: info.application_name.unwrap_or_default(),
        deployment_group: info.deployment_group_name.unwrap_or_default(),
        status: info.status.map(|status| status.as_str().to_owned()).unwrap_or_default(),
        failed: target.and_then(failed),
        running,
    }
}

async fn only_target(id: &str, invocation: &Invocation<'_>) -> Result<Option<String>, CallError> {
    let call = invocation.aws.codedeploy.list_deployment_targets().deployment_id(id);
    let listed = call.send().await.map_err(|error| CallError::new("ListDeploymentTargets", id, &error))?;
    let mut ids = listed.target_ids.unwrap_or_default();
    Ok(ids.pop().filter(|_| ids.is_empty() && listed.next_token.is_none()))
}

async fn target(id: &str, instance: &str, invocation: &Invocation<'_>) -> Result<Option<InstanceTarget>, CallError> {
    let call = invocation.aws.codedeploy.batch_get_deployment_targets().deployment_id(id).target_ids(instance);
    let answer = call.send().await.map_err(|error| CallError::new("BatchGetDeploymentTargets", id, &error))?;
    Ok(answer.deployment_targets.into_iter().flatten().find_map(|target| target.instance_target))
}

/// The first lifecycle event that failed, with what the agent said about it.
fn failed(target: InstanceTarget) -> Option<FailedEvent> {
    let events = target.lifecycle_events.into_iter().flatten();
    let event = events.into_iter().find(|event| event.status == Some(LifecycleEventStatus::Failed))?;
    let said = event.diagnostics;
    let text = |text: Option<String>| text.filter(|text| !text.is_empty());
    Some(FailedEvent {
        lifecycle_event: event.lifecycle_event_name.unwrap_or_default(),
        code: said.as_ref().and_then(|said| said.error_code.as_ref()).map(|code| code.as_str().to_owned()),
        script: text(said.as_ref().and_then(|said| said.script_name.clone())),
        message: text(said.as_ref().and_then(|said| said.message.clone())),
        log_tail: text(said.and_then(|said| said.log_tail)),
    })
}
