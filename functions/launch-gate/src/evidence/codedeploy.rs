//! Reads `CodeDeploy`: `ListDeployments`, `BatchGetDeployments`, `ListDeploymentTargets`, `BatchGetDeploymentTargets`.
//! None of these can filter by instance or by creator (aws-facts 5).

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_codedeploy::primitives::DateTime;
use aws_sdk_codedeploy::types::{
    DeploymentCreator, DeploymentInfo, DeploymentStatus, InstanceTarget, LifecycleEventStatus, TimeRange,
};
use futures_util::future::join_all;
use futures_util::stream::{self, StreamExt};
use lifecycle::Timestamp;
use runtime::CallError;
use tokio::time::timeout;
use tracing::warn;

use crate::context::{AT_ONCE, Context};
use crate::facts::{FailedEvent, KnownDeployments, LaunchDeployment};
use crate::observe::{DEPLOYMENTS_PER_CALL, get_deployments};

/// The most deployments that are looked at, the newest first: an account may deploy all day, and a line cannot wait for
/// all of them.
const NEWEST: usize = 200;
/// How long a verdict waits for the list. While AWS throttles, hundreds of calls take minutes, and the verdicts of the
/// neighbours wait as well.
const FOR_THE_LIST: Duration = Duration::from_secs(2);
/// How long a verdict waits for the targets.
const FOR_THE_TARGETS: Duration = Duration::from_secs(3);
/// How much earlier than the launch a deployment may seem to begin: the clocks of AWS differ.
const CLOCK_TOLERANCE: Duration = Duration::from_mins(1);

/// Which deployments to read.
#[derive(Clone, Copy, Debug)]
pub(super) enum Which {
    /// All, also those that have ended: they say why.
    All,
    /// Those that can be stopped.
    Running,
}

const RUNNING: [DeploymentStatus; 3] =
    [DeploymentStatus::Created, DeploymentStatus::Queued, DeploymentStatus::InProgress];

/// The deployments that `CodeDeploy` began for launches since a moment, each on one of these instances alone. Nothing is
/// listed if not even the list came in time.
pub(super) async fn read_deployments(
    since: Timestamp,
    which: Which,
    instances: &BTreeSet<String>,
    context: &Context<'_>,
) -> Result<KnownDeployments, CallError> {
    let Ok(listed) = timeout(FOR_THE_LIST, list_for_launches(since, which, context)).await else {
        warn!("the deployments were not listed within {} s", FOR_THE_LIST.as_secs());
        return Ok(KnownDeployments { listed: None, incomplete: true });
    };
    let (infos, listed) = listed?;
    let mut targets =
        stream::iter(infos).map(|info| read_if_on_one_instance(info, instances, context)).buffered(AT_ONCE);
    let mut read: Vec<Result<_, CallError>> = Vec::new();
    let reading = async {
        while let Some(target) = targets.next().await {
            read.push(target);
        }
    };
    let finished = timeout(FOR_THE_TARGETS, reading).await.is_ok();
    let complete = finished && listed < NEWEST && read.iter().all(Result::is_ok);
    let known = read.into_iter().filter_map(|read| read.inspect_err(log_unknown_target).ok()?);
    Ok(KnownDeployments { listed: Some(known.collect()), incomplete: !complete })
}

/// The deployments that were begun for launches, and how many deployments were listed.
async fn list_for_launches(
    since: Timestamp,
    which: Which,
    context: &Context<'_>,
) -> Result<(Vec<DeploymentInfo>, usize), CallError> {
    let ids = list_ids(since, which, context).await?;
    let batches = join_all(ids.chunks(DEPLOYMENTS_PER_CALL).map(|ids| get_deployments(ids, context))).await;
    let mut infos = batches.into_iter().collect::<Result<Vec<_>, _>>()?.concat();
    infos.retain(|info| info.creator == Some(DeploymentCreator::Autoscaling));
    Ok((infos, ids.len()))
}

fn log_unknown_target(error: &CallError) {
    warn!(%error, "the target of a deployment is not known");
}

/// The ids of the newest deployments, the newest first.
async fn list_ids(since: Timestamp, which: Which, context: &Context<'_>) -> Result<Vec<String>, CallError> {
    let start = DateTime::from_millis((since - CLOCK_TOLERANCE).millis());
    let call = context.aws.codedeploy.list_deployments().create_time_range(TimeRange::builder().start(start).build());
    let call = match which {
        Which::All => call,
        Which::Running => call.set_include_only_statuses(Some(RUNNING.to_vec())),
    };
    let mut pages = call.into_paginator().items().send();
    let mut ids = Vec::new();
    // The number is compared first: at exactly 200 ids one more `next` would read one more page.
    while ids.len() < NEWEST
        && let Some(id) = pages.next().await
    {
        ids.push(id.map_err(|error| CallError::new("ListDeployments", "the account", &error))?);
    }
    Ok(ids)
}

/// The deployment, if one of these instances is its only target.
async fn read_if_on_one_instance(
    info: DeploymentInfo,
    instances: &BTreeSet<String>,
    context: &Context<'_>,
) -> Result<Option<LaunchDeployment>, CallError> {
    let id = info.deployment_id.clone().unwrap_or_default();
    let only = list_only_target(&id, context).await?.filter(|instance| instances.contains(instance));
    let Some(instance) = only else { return Ok(None) };
    // The target of a deployment that runs or has succeeded tells nothing more than its status.
    let has_failed = matches!(info.status, Some(DeploymentStatus::Failed | DeploymentStatus::Stopped));
    let target = if has_failed { get_target(&id, &instance, context).await? } else { None };
    Ok(Some(read_deployment(id, instance, info, target)))
}

fn read_deployment(
    id: String,
    instance: String,
    info: DeploymentInfo,
    target: Option<InstanceTarget>,
) -> LaunchDeployment {
    let running = info.status.as_ref().is_some_and(|status| RUNNING.contains(status));
    LaunchDeployment {
        id,
        instance,
        application: info.application_name.unwrap_or_default(),
        deployment_group: info.deployment_group_name.unwrap_or_default(),
        status: info.status.map(|status| status.as_str().to_owned()).unwrap_or_default(),
        failed: target.and_then(read_failed_event),
        running,
    }
}

async fn list_only_target(id: &str, context: &Context<'_>) -> Result<Option<String>, CallError> {
    let call = context.aws.codedeploy.list_deployment_targets().deployment_id(id);
    let listed = call.send().await.map_err(|error| CallError::new("ListDeploymentTargets", id, &error))?;
    let mut ids = listed.target_ids.unwrap_or_default();
    Ok(ids.pop().filter(|_| ids.is_empty() && listed.next_token.is_none()))
}

async fn get_target(id: &str, instance: &str, context: &Context<'_>) -> Result<Option<InstanceTarget>, CallError> {
    let call = context.aws.codedeploy.batch_get_deployment_targets().deployment_id(id).target_ids(instance);
    let answer = call.send().await.map_err(|error| CallError::new("BatchGetDeploymentTargets", id, &error))?;
    Ok(answer.deployment_targets.into_iter().flatten().find_map(|target| target.instance_target))
}

/// The first lifecycle event that failed, with what the CodeDeploy agent said about it.
fn read_failed_event(target: InstanceTarget) -> Option<FailedEvent> {
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
