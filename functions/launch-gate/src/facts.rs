//! What AWS says about groups, launches and deployments, as data that several parts pass on.

use lifecycle::Timestamp;
use lifecycle::decision::{Reason, Rule};
use lifecycle::identity::InstanceId;
use lifecycle::observation::{GroupHooks, LifecycleState};
use serde::Serialize;

/// An instance of a group, as `DescribeAutoScalingInstances` lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GroupInstance {
    pub(crate) instance: InstanceId,
    pub(crate) group: String,
    pub(crate) state: LifecycleState,
}

/// The launch hooks of a group, and the metadata of ours, which is the group's policy.
#[derive(Clone, Debug, Default)]
pub(crate) struct ListedHooks {
    pub(crate) hooks: GroupHooks,
    pub(crate) metadata: Option<String>,
}

/// The newest launch activity of an instance, as `DescribeScalingActivities` lists it.
#[derive(Clone, Debug)]
pub(crate) struct Activity {
    pub(crate) began: Timestamp,
    pub(crate) ended: Option<Timestamp>,
    /// Whether it ended with the instance in service, or in the warm pool.
    pub(crate) succeeded: bool,
    /// Why the launch ended, in AWS's words (aws-facts 1.3); empty while it goes on.
    pub(crate) message: String,
}

/// A launch that a look has left open, and what the look tells of it.
#[derive(Clone, Debug)]
pub(crate) struct OpenLaunch {
    pub(crate) group: Option<String>,
    pub(crate) began: Option<Timestamp>,
    pub(crate) rule: Rule,
    pub(crate) reason: Reason,
    pub(crate) runs: usize,
    pub(crate) repairs: usize,
    pub(crate) deadline: Option<Timestamp>,
}

/// One deployment that `CodeDeploy` began for the launch of one instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct LaunchDeployment {
    pub(crate) id: String,
    #[serde(skip)]
    pub(crate) instance: String,
    pub(crate) application: String,
    pub(crate) deployment_group: String,
    /// The status as the API spells it: `InProgress`, `Failed`.
    pub(crate) status: String,
    #[serde(flatten)]
    pub(crate) failed: Option<FailedEvent>,
    #[serde(skip)]
    pub(crate) running: bool,
}

/// Deployments, as far as they could be read. What cannot be read delays no verdict; a log line says why.
#[derive(Clone, Debug, Default)]
pub(crate) struct KnownDeployments {
    /// The newest first; nothing if `CodeDeploy` was not asked or did not answer.
    pub(crate) listed: Option<Vec<LaunchDeployment>>,
    /// Whether a deployment may be missing that a later look could read.
    pub(crate) incomplete: bool,
}

impl KnownDeployments {
    /// The deployments that still run.
    pub(crate) fn running(&self) -> impl Iterator<Item = &LaunchDeployment> {
        self.listed.iter().flatten().filter(|deployment| deployment.running)
    }

    /// The deployments, if surely none is missing.
    pub(crate) fn complete(&self) -> Option<&[LaunchDeployment]> {
        self.listed.as_deref().filter(|_| !self.incomplete)
    }
}

/// The lifecycle event of a deployment that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct FailedEvent {
    pub(crate) lifecycle_event: String,
    /// `ScriptFailed`, `ScriptTimedOut`, `UnknownError` (aws-facts 5).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) script: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<String>,
    /// The end of the script's output, at most 2,048 characters (aws-facts 5).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) log_tail: Option<String>,
}
