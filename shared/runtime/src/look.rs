//! One look at one instance: who asked for it, what is known, and what became of it.

use std::time::Duration;

use lifecycle::Timestamp;
use lifecycle::decision::Decision;
use lifecycle::event::{LaunchAction, Phase};
use lifecycle::identity::{InstanceId, Token};
use lifecycle::observation::{Beginning, Observation, Presence, Reading};
use lifecycle::policy::Policy;

use crate::observe::Activity;

/// The schedule in the template: the next look that is sure to come to an instance that only the sweep knows.
const SWEEP_INTERVAL: Duration = Duration::from_mins(1);

/// One look at one instance.
#[derive(Debug)]
pub(crate) struct Look {
    pub(crate) instance: InstanceId,
    /// Known from the launch message, or from the instance's presence.
    pub(crate) group: Option<String>,
    /// Names exactly the lifecycle action, if a launch message told of it.
    pub(crate) token: Option<Token>,
    pub(crate) policy: Policy,
    /// What the group's owner should know.
    pub(crate) warnings: Vec<String>,
    pub(crate) seen: Observation,
    pub(crate) decision: Option<Decision>,
    /// The scaling activity of the launch, where a line needs it.
    pub(crate) activity: Option<Activity>,
    /// The launch hooks of `CodeDeploy` on the group, if its hooks were read.
    pub(crate) codedeploy_hooks: Option<Vec<String>>,
    pub(crate) mail: Vec<Mail>,
    /// The command whose run is said to have ended.
    pub(crate) hint: Option<String>,
    pub(crate) fate: Fate,
}

/// A message that asked for a look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mail {
    pub(crate) id: String,
    pub(crate) kind: MailKind,
}

/// What kind of message asked for a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MailKind {
    /// The lifecycle action itself. It is the timer: while the action is open it comes back every tick.
    Launch {
        /// How often it has been received, this time included.
        receives: u32,
    },
    /// It only said "look now".
    Nudge,
    /// It said "look at everything that waits".
    Sweep {
        /// How often it has been received, this time included.
        receives: u32,
    },
}

/// How far a look has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Not looked at to the end: time ran out, or AWS could not be read.
    Unfinished,
    /// The lifecycle action is open.
    Open,
    /// The lifecycle action is not open any more.
    Settled,
}

impl Look {
    pub(crate) fn of_launch(action: LaunchAction, policy: Policy, tick: Duration) -> Self {
        let seen = Observation::new(Beginning::At(action.began), action.phase, tick);
        Self { token: action.token, ..Self::new(action.instance, Some(action.group), policy, seen) }
    }

    pub(crate) fn of_nudge(instance: InstanceId, policy: Policy, tick: Duration) -> Self {
        Self::new(instance, None, policy, Observation::new(Beginning::Unknown, None, tick))
    }

    /// A look at an instance that the sweep found waiting.
    pub(crate) fn of_sweep(found: Found, began: Timestamp, policy: Policy) -> Self {
        let mut seen = Observation::new(Beginning::SoonAfter(began), None, SWEEP_INTERVAL);
        seen.presence = Reading::Known(found.presence);
        Self::new(found.instance, Some(found.group), policy, seen)
    }

    fn new(instance: InstanceId, group: Option<String>, policy: Policy, seen: Observation) -> Self {
        let (warnings, mail) = (Vec::new(), Vec::new());
        Self {
            instance,
            group,
            token: None,
            policy,
            warnings,
            seen,
            decision: None,
            activity: None,
            codedeploy_hooks: None,
            mail,
            hint: None,
            fate: Fate::Unfinished,
        }
    }

    /// Whether a launch message asked for this look.
    pub(crate) fn has_launch_message(&self) -> bool {
        self.mail.iter().any(|mail| matches!(mail.kind, MailKind::Launch { .. }))
    }

    /// What the instance is launched into, as it was seen or else as the message of the launch told.
    pub(crate) fn phase(&self) -> Option<Phase> {
        self.seen.waits_in().or(self.seen.phase)
    }

    /// When the launch began, as near as anything says: for telling, not for deciding.
    pub(crate) fn launched_at(&self) -> Option<Timestamp> {
        let told = || self.seen.runs.known()?.iter().find_map(|run| run.launched);
        self.began().or_else(told).or(self.activity.as_ref().map(|activity| activity.began))
    }

    /// When the lifecycle action began, if that is known.
    pub(crate) fn began(&self) -> Option<Timestamp> {
        match self.seen.beginning {
            Beginning::At(moment) | Beginning::SoonAfter(moment) => Some(moment),
            Beginning::Unknown => None,
        }
    }
}

/// An instance as `DescribeAutoScalingInstances` lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) instance: InstanceId,
    pub(crate) group: String,
    pub(crate) presence: Presence,
}
