//! Reads what a log line tells beside the decision: when the launch began and how it ended, what the last runs wrote, and
//! what `CodeDeploy` did; and what a breaker judges. It reads after the decision, and changes nothing.

mod codedeploy;
mod deployments;
mod green;
mod group_activities;
mod launch_activity;
mod run_output;

pub(crate) use self::deployments::BatchDeployments;
pub(crate) use self::green::find_copies;
pub(crate) use self::group_activities::read_group_activities;
pub(crate) use self::launch_activity::{read_launch_activities, tell_launch};

use crate::context::Context;
use crate::facts::KnownDeployments;
use crate::look::Decided;

/// What is kept of an instance that is about to vanish, beside its report.
#[derive(Debug, Default)]
pub(crate) struct Evidence {
    /// What its last runs wrote to standard error.
    pub(crate) output: Option<String>,
    /// What `CodeDeploy` began for its launch.
    pub(crate) deployments: KnownDeployments,
}

impl Evidence {
    /// Reads both, side by side. The instance still exists.
    pub(crate) async fn read(decided: &Decided, deployments: &BatchDeployments<'_>, context: &Context<'_>) -> Self {
        let (output, deployments) =
            tokio::join!(run_output::read_run_output(decided, context), deployments.read_all_of(decided));
        Self { output, deployments }
    }
}
