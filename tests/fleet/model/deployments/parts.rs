//! The parts of a deployment: its targets, their lifecycle events, and the status of each.

use std::collections::BTreeMap;

use lifecycle::Timestamp;
use serde_json::Value;

use super::super::tags::TagFilter;

/// The status of a target, and of each lifecycle event ([BOTO codedeploy:TargetStatus, `LifecycleEventStatus`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::enum_variant_names, reason = "AWS names them")]
pub(crate) enum Progress {
    Pending,
    InProgress,
    Succeeded,
    Failed,
    Skipped,
}

impl Progress {
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::InProgress => "InProgress",
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
            Self::Skipped => "Skipped",
        }
    }

    pub(crate) const fn ended(self) -> bool {
        !matches!(self, Self::Pending | Self::InProgress)
    }
}

/// What becomes of a deployment ([BOTO codedeploy:DeploymentStatus]); the fleet creates and starts in one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DeploymentStatus {
    InProgress,
    Succeeded,
    Failed,
    Stopped,
}

impl DeploymentStatus {
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::InProgress => "InProgress",
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
            Self::Stopped => "Stopped",
        }
    }

    /// As the state-change events spell it (aws-facts 1.8).
    pub(in super::super) const fn in_event(self) -> &'static str {
        match self {
            Self::InProgress => "START",
            Self::Succeeded => "SUCCESS",
            Self::Failed => "FAILURE",
            Self::Stopped => "STOP",
        }
    }
}

/// Who wanted a deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Creator {
    User,
    /// `CodeDeploy`, for an instance that its hook holds (aws-facts 3.2).
    AutoScaling {
        hook: String,
    },
}

impl Creator {
    pub(crate) const fn text(&self) -> &'static str {
        match self {
            Self::User => "user",
            Self::AutoScaling { .. } => "autoscaling",
        }
    }
}

/// What `CreateDeployment` says.
#[derive(Clone)]
pub(crate) struct DeploymentMembers {
    pub(crate) application: String,
    pub(crate) group: String,
    pub(crate) revision: Value,
    pub(crate) description: Option<String>,
    /// Leaves out the instances that have the revision already.
    pub(crate) only_outdated: bool,
    /// The instances of a blue/green deployment whose green fleet exists already.
    pub(crate) fleet: Option<NamedFleet>,
}

/// What `CreateDeployment` names as the green fleet: Auto Scaling groups, and tags.
#[derive(Clone, Debug, Default)]
pub(crate) struct NamedFleet {
    pub(crate) scaling: Vec<String>,
    pub(crate) tags: Vec<TagFilter>,
}

pub(crate) struct Deployment {
    pub(crate) id: String,
    pub(crate) members: DeploymentMembers,
    pub(crate) creator: Creator,
    pub(crate) platform: String,
    pub(crate) status: DeploymentStatus,
    pub(crate) created: Timestamp,
    pub(crate) completed: Option<Timestamp>,
    /// The code and the message of `errorInformation`.
    pub(crate) error: Option<(&'static str, String)>,
    pub(crate) targets: BTreeMap<String, Target>,
    /// Whether it is a blue/green deployment.
    pub(crate) is_green: bool,
    /// The group that it copies, if it does.
    pub(crate) blue: Option<String>,
}

pub(crate) struct Target {
    pub(crate) status: Progress,
    pub(crate) updated: Timestamp,
    pub(crate) events: Vec<LifecycleEvent>,
    /// The traffic that a Lambda or ECS target shifts.
    pub(crate) shift: Option<Shift>,
}

/// What shifts, and who is asked about it.
#[derive(Clone, Default)]
pub(crate) struct Shift {
    /// The members of the `AppSpec`'s resource, such as `Name`, `Alias`, `CurrentVersion` and `TargetVersion`.
    pub(crate) properties: BTreeMap<String, Value>,
    pub(super) hooks: BTreeMap<String, String>,
    /// The executions that hook functions were asked about, and the places of their events. An answer to one that is
    /// over is refused as late, not as unknown (aws-facts 4.2).
    pub(super) asked: Vec<(String, usize)>,
}

pub(crate) struct LifecycleEvent {
    pub(crate) name: &'static str,
    pub(crate) status: Progress,
    pub(crate) start: Option<Timestamp>,
    pub(crate) end: Option<Timestamp>,
    pub(crate) diagnostics: Option<Diagnostics>,
}

/// Why a lifecycle event failed ([BOTO codedeploy:Diagnostics]).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Diagnostics {
    pub(crate) code: String,
    pub(crate) script: String,
    pub(crate) message: String,
    pub(crate) log: String,
}

/// One lifecycle event of one target of one deployment.
#[derive(Clone)]
pub(in super::super) struct EventId {
    pub(in super::super) deployment: String,
    pub(in super::super) target: String,
    pub(in super::super) number: usize,
}

impl Target {
    pub(in super::super) fn new(now: Timestamp, events: &[&'static str]) -> Self {
        let event = |name: &&'static str| LifecycleEvent {
            name,
            status: Progress::Pending,
            start: None,
            end: None,
            diagnostics: None,
        };
        Self { status: Progress::Pending, updated: now, events: events.iter().map(event).collect(), shift: None }
    }

    /// What has not run never will (aws-facts 5.1: it reads Skipped then).
    pub(super) fn end(&mut self, now: Timestamp, status: Progress) {
        self.status = status;
        self.updated = now;
        for event in self.events.iter_mut().filter(|event| !event.status.ended()) {
            let begun = event.status == Progress::InProgress;
            event.status = if begun { Progress::Failed } else { Progress::Skipped };
            event.end = begun.then_some(now);
        }
    }
}
