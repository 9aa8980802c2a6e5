//! The deployments that `CodeDeploy` began for the launches of one batch.

use std::collections::BTreeSet;

use lifecycle::Timestamp;
use tokio::sync::OnceCell;
use tracing::warn;

use super::codedeploy::{self, Which};
use crate::context::Context;
use crate::facts::{KnownDeployments, LaunchDeployment};
use crate::look::Decided;

/// Reads the deployments for the launches of one batch: once, when the first look asks for its own.
pub(crate) struct BatchDeployments<'a> {
    /// When the first of the launches began; `CodeDeploy` is not asked if no beginning is known.
    since: Option<Timestamp>,
    instances: BTreeSet<String>,
    context: &'a Context<'a>,
    all: OnceCell<KnownDeployments>,
    running: OnceCell<KnownDeployments>,
}

impl<'a> BatchDeployments<'a> {
    pub(crate) fn of(decided: &[Decided], context: &'a Context<'a>) -> Self {
        let since = decided.iter().filter_map(Decided::launched_at).min();
        let instances = decided.iter().map(|decided| decided.look.instance.to_string()).collect();
        Self { since, instances, context, all: OnceCell::new(), running: OnceCell::new() }
    }

    /// The deployments for the launch of this instance alone, whatever became of them.
    pub(crate) async fn read_all_of(&self, decided: &Decided) -> KnownDeployments {
        if has_none(decided) { KnownDeployments::default() } else { self.read_of(decided, &self.all, Which::All).await }
    }

    /// Those of them that still run.
    pub(crate) async fn read_running_of(&self, decided: &Decided) -> KnownDeployments {
        if has_none(decided) { KnownDeployments::default() } else { self.read_left_of(decided).await }
    }

    /// The same, whatever hooks the group has now: `CodeDeploy` takes its hook away from a group that a green one replaces
    /// (aws-facts 14), and what it had begun runs on.
    pub(crate) async fn read_left_of(&self, decided: &Decided) -> KnownDeployments {
        self.read_of(decided, &self.running, Which::Running).await
    }

    async fn read_of(&self, decided: &Decided, cell: &OnceCell<KnownDeployments>, which: Which) -> KnownDeployments {
        let Some(since) = self.since else { return KnownDeployments::default() };
        let read = cell.get_or_init(|| self.read(since, which)).await;
        let instance = decided.look.instance.as_str();
        let is_own = |deployment: &&LaunchDeployment| deployment.instance == instance;
        let listed: Option<Vec<_>> = read.listed.as_ref().map(|all| all.iter().filter(is_own).cloned().collect());
        // Each hook begins one deployment.
        let expected = decided.look.codedeploy_hooks().map_or(1, |hooks| hooks.len().max(1));
        let incomplete = read.incomplete && listed.as_ref().is_none_or(|listed| listed.len() < expected);
        KnownDeployments { listed, incomplete }
    }

    async fn read(&self, since: Timestamp, which: Which) -> KnownDeployments {
        let read = codedeploy::read_deployments(since, which, &self.instances, self.context).await;
        read.unwrap_or_else(|error| {
            warn!(%error, "what CodeDeploy did for these launches is not known");
            KnownDeployments { listed: None, incomplete: !error.is_denied() }
        })
    }
}

/// Without a hook of `CodeDeploy` no deployment begins because of a launch (aws-facts 3.1).
fn has_none(decided: &Decided) -> bool {
    decided.look.codedeploy_hooks().is_some_and(<[_]>::is_empty)
}
