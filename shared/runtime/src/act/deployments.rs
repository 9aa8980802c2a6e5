//! What `CodeDeploy` began for launches: why it failed, and its end. Its own hook is never touched.

mod read;

use std::collections::BTreeSet;

use futures_util::future::join_all;
use lifecycle::Timestamp;
use tokio::sync::OnceCell;
use tracing::{info, warn};

use self::read::Which;

use crate::error::CallError;
use crate::handler::Invocation;
use crate::look::{Fate, Look};
use crate::telemetry::deployment::{Deployment, idle_hooks};

/// The deployments for the launches of one batch, read once, when the first look asks for its own.
pub(crate) struct Deployments<'a> {
    since: Option<Timestamp>,
    instances: BTreeSet<String>,
    invocation: &'a Invocation<'a>,
    all: OnceCell<Read>,
    running: OnceCell<Read>,
}

/// What could be read of them.
struct Read {
    known: Option<Vec<Deployment>>,
    /// Whether a later look would see more.
    more: bool,
}

/// What a look knows of the deployments for its launch.
#[derive(Debug, Default)]
pub(super) struct Own {
    /// The newest first. What cannot be read delays no verdict: it is missing, and a log line says why.
    pub(super) known: Option<Vec<Deployment>>,
    /// Whether there may be one that was not seen.
    pub(super) more: bool,
}

impl<'a> Deployments<'a> {
    /// Those that were begun since the first of these launches; none where no beginning is known.
    pub(super) fn of_all(looks: &[Look], invocation: &'a Invocation<'a>) -> Self {
        let since = looks.iter().filter_map(Look::launched_at).min();
        let instances = looks.iter().map(|look| look.instance.to_string()).collect();
        Self { since, instances, invocation, all: OnceCell::new(), running: OnceCell::new() }
    }

    /// Those for the launch of this instance alone, whatever became of them.
    pub(super) async fn of(&self, look: &Look) -> Own {
        self.own(look, &self.all, Which::All).await
    }

    /// Those that still run.
    pub(super) async fn running(&self, look: &Look) -> Own {
        self.own(look, &self.running, Which::Running).await
    }

    async fn own(&self, look: &Look, cell: &OnceCell<Read>, which: Which) -> Own {
        // Without a hook of CodeDeploy nothing is deployed because of a launch (AWS-FACTS 3.1).
        let (Some(since), false) = (self.since, look.codedeploy_hooks.as_ref().is_some_and(Vec::is_empty)) else {
            return Own::default();
        };
        let read = cell.get_or_init(|| self.read(since, which)).await;
        let own = |all: &Vec<Deployment>| -> Vec<Deployment> {
            all.iter().filter(|deployment| deployment.instance == look.instance.as_str()).cloned().collect()
        };
        let known = read.known.as_ref().map(own);
        // Each hook begins one.
        let hooks = look.codedeploy_hooks.as_ref().map_or(1, Vec::len);
        let more = read.more && known.as_ref().is_none_or(|known| known.len() < hooks);
        Own { known, more }
    }

    async fn read(&self, since: Timestamp, which: Which) -> Read {
        match read::deployments(since, which, &self.instances, self.invocation).await {
            Ok((known, all)) => Read { known, more: !all },
            Err(error) => {
                warn!(%error, "what CodeDeploy did for these launches is not known");
                Read { known: None, more: !error.denied() }
            }
        }
    }

    /// Tells of hooks that hold the instance, and for which nothing was begun.
    pub(super) async fn tell_idle_hooks(&self, look: &Look, waited: u64) {
        let own = self.of(look).await;
        let known = own.known.as_deref().filter(|_| !own.more);
        for warning in idle_hooks(look, known, Some(waited)) {
            warn!(instance = %look.instance, group = look.group, "{warning}");
        }
    }

    /// Stops those that still run: the instance is going, and its deployment would wait for it for up to an hour
    /// (AWS-FACTS 3.3). What AWS did not let us read or stop now is left to the message of the launch, which comes back.
    pub(super) async fn stop(&self, look: &Look, own: &Own) -> Fate {
        let running = own.known.iter().flatten().filter(|deployment| deployment.running);
        let again = join_all(running.map(|deployment| self.stop_one(look, &deployment.id))).await;
        if own.more || again.contains(&true) { Fate::Unfinished } else { Fate::Settled }
    }

    /// Whether it is worth trying again.
    async fn stop_one(&self, look: &Look, id: &str) -> bool {
        // Else the deployment group's own setting may roll back, which is another deployment to the same instance.
        let call = self.invocation.aws.codedeploy.stop_deployment().deployment_id(id).auto_rollback_enabled(false);
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
pub(super) fn left(own: &Own) -> Fate {
    let running = own.known.iter().flatten().any(|deployment| deployment.running);
    if own.more || running { Fate::Unfinished } else { Fate::Settled }
}
