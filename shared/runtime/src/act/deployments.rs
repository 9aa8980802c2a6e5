//! What `CodeDeploy` began for launches: why it failed, and its end. Its own hook is never touched.

mod read;

use futures_util::future::join_all;
use lifecycle::Timestamp;
use tokio::sync::OnceCell;
use tracing::{info, warn};

use crate::error::CallError;
use crate::handler::Invocation;
use crate::look::{Fate, Look};
use crate::telemetry::deployment::Deployment;

/// The deployments for the launches of one batch, read once, when the first look asks for its own.
pub(crate) struct Deployments<'a> {
    since: Option<Timestamp>,
    invocation: &'a Invocation<'a>,
    read: OnceCell<Read>,
}

/// What could be read of them.
#[derive(Default)]
struct Read {
    known: Option<Vec<Deployment>>,
    /// Whether a later look would see more.
    more: bool,
}

impl<'a> Deployments<'a> {
    /// Those that were begun `since` a moment; none where no beginning is known.
    pub(super) fn since(since: Option<Timestamp>, invocation: &'a Invocation<'a>) -> Self {
        Self { since, invocation, read: OnceCell::new() }
    }

    /// Those for the launch of this instance alone, the newest first. What cannot be read delays no verdict: it is
    /// missing, and a log line says why.
    pub(super) async fn of(&self, look: &Look) -> Option<Vec<Deployment>> {
        // Without a hook of CodeDeploy nothing is deployed because of a launch (AWS-FACTS 3.1).
        let (Some(since), false) = (self.since, look.codedeploy_hooks.as_ref().is_some_and(Vec::is_empty)) else {
            return None;
        };
        let all = self.read.get_or_init(|| self.all(since)).await.known.as_ref()?;
        Some(all.iter().filter(|deployment| deployment.instance == look.instance.as_str()).cloned().collect())
    }

    async fn all(&self, since: Timestamp) -> Read {
        match read::deployments(since, self.invocation).await {
            Ok((known, all)) => Read { known: Some(known), more: !all },
            Err(error) => {
                warn!(%error, "what CodeDeploy did for these launches is not known");
                Read { known: None, more: !error.denied() }
            }
        }
    }

    /// Stops those that still run: the instance is going, and its deployment would wait for it for up to an hour
    /// (AWS-FACTS 3.3). What AWS did not let us read or stop now is left to the message of the launch, which comes back.
    pub(super) async fn stop(&self, look: &Look, deployments: Option<&[Deployment]>) -> Fate {
        let running = deployments.unwrap_or_default().iter().filter(|deployment| deployment.running);
        let again = join_all(running.map(|deployment| self.stop_one(look, &deployment.id))).await;
        let again = again.contains(&true) || self.read.get().is_some_and(|read| read.more);
        if again { Fate::Unfinished } else { Fate::Settled }
    }

    /// Whether it is worth trying again.
    async fn stop_one(&self, look: &Look, id: &str) -> bool {
        let call = self.invocation.aws.codedeploy.stop_deployment().deployment_id(id);
        match call.send().await.map_err(|error| CallError::new("StopDeployment", id, &error)) {
            Ok(_) => info!(instance = %look.instance, deployment = id, "deployment stopped: its instance is gone"),
            Err(error) if error.deployment_over() => {}
            Err(error) => {
                warn!(%error, instance = %look.instance, "the deployment of an instance that is gone runs on");
                return !error.denied();
            }
        }
        false
    }
}

/// Whose action is not open any more may be gone by our own hand, and only still described as waiting. While its deployment
/// runs, a later look finds out.
pub(super) fn left(deployments: Option<&[Deployment]>) -> Fate {
    let running = deployments.is_some_and(|all| all.iter().any(|deployment| deployment.running));
    if running { Fate::Unfinished } else { Fate::Settled }
}
