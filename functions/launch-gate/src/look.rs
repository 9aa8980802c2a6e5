//! One look at one instance: who asked for it, what is known, what was decided, and how far it has come.

use std::time::Duration;

use lifecycle::decision::{Action, Decision, Heartbeat, LifecycleResult};
use lifecycle::event::{Destination, LaunchAction};
use lifecycle::history::History;
use lifecycle::identity::{InstanceId, Token};
use lifecycle::observation::{Beginning, LifecycleState, Observation, Reading};
use lifecycle::policy::{Mode, Policy};
use lifecycle::run::Purpose;
use lifecycle::timing::deadline;
use lifecycle::{Timestamp, decide};

use crate::facts::{Activity, GroupInstance, OpenLaunch};
use crate::message::{Message, MessageKind};

/// The schedule of the sweep in the template. The next look at an instance that only the sweep knows comes after it.
const SWEEP_INTERVAL: Duration = Duration::from_mins(1);

/// One look at one instance, before its decision.
#[derive(Debug)]
pub(crate) struct Look {
    pub(crate) instance: InstanceId,
    /// The group, from the launch message or from `DescribeAutoScalingInstances`.
    pub(crate) group: Option<String>,
    /// Names exactly this lifecycle action, if a launch message told of it.
    pub(crate) token: Option<Token>,
    pub(crate) policy: Policy,
    /// What is wrong with the policy in the hook or in the launch message, whichever was read last.
    pub(crate) policy_warning: Option<String>,
    /// What else the group's owner should know.
    pub(crate) warnings: Vec<String>,
    pub(crate) seen: Observation,
    /// The messages that asked for this look; none if the sweep found the instance.
    pub(crate) messages: Vec<Message>,
    /// The command whose run has ended, as a nudge says; or the last one that is remembered.
    pub(crate) command: Option<String>,
}

impl Look {
    pub(crate) fn of_launch(action: LaunchAction, policy: Policy, tick: Duration) -> Self {
        let seen = Observation::new(Beginning::At(action.began), action.destination, tick);
        Self { token: action.token, ..Self::new(action.instance, Some(action.group), policy, seen) }
    }

    pub(crate) fn of_nudge(instance: InstanceId, policy: Policy, tick: Duration) -> Self {
        Self::new(instance, None, policy, Observation::new(Beginning::Unknown, None, tick))
    }

    /// A look at an instance that the sweep found waiting.
    pub(crate) fn of_sweep(found: GroupInstance, began: Timestamp, policy: Policy) -> Self {
        let mut seen = Observation::new(Beginning::SoonAfter(began), None, SWEEP_INTERVAL);
        // A group may be listed as it was a moment ago. One that waits for the pool then may wait for service by now, and a
        // CONTINUE without a token would complete that: so its state is read by itself.
        if found.state != LifecycleState::Waiting(Destination::Pool) {
            seen.lifecycle_state = Reading::Known(found.state);
        }
        Self::new(found.instance, Some(found.group), policy, seen)
    }

    fn new(instance: InstanceId, group: Option<String>, policy: Policy, seen: Observation) -> Self {
        let (warnings, messages) = (Vec::new(), Vec::new());
        let (policy_warning, command) = (None, None);
        Self { instance, group, token: None, policy, policy_warning, warnings, seen, messages, command }
    }

    /// Whether a launch message asked for this look.
    pub(crate) fn has_launch_message(&self) -> bool {
        self.messages.iter().any(|message| matches!(message.kind, MessageKind::Launch { .. }))
    }

    /// Where the instance is going: as it was seen to wait, or else as the launch message says.
    pub(crate) fn destination(&self) -> Option<Destination> {
        self.seen.waits_for().or(self.seen.destination)
    }

    /// The names of `CodeDeploy`'s launch hooks on the group, if its hooks were read.
    pub(crate) fn codedeploy_hooks(&self) -> Option<&[String]> {
        Some(&self.seen.hooks.known()?.of_codedeploy)
    }

    /// Whether `CodeDeploy` has a launch hook on the group, as far as is known.
    pub(crate) fn has_codedeploy_hook(&self) -> bool {
        self.codedeploy_hooks().is_some_and(|hooks| !hooks.is_empty())
    }

    /// Asks the core what to do.
    pub(crate) fn decide(self, now: Timestamp) -> Decided {
        let decision = decide(&self.seen, &self.policy, now);
        Decided {
            look: self,
            decision,
            at: now,
            held: false,
            activity: None,
            has_no_activity: false,
            failure: None,
            progress: Progress::Unfinished,
        }
    }
}

/// A look with its decision.
#[derive(Debug)]
pub(crate) struct Decided {
    pub(crate) look: Look,
    pub(crate) decision: Decision,
    /// When it was decided.
    pub(crate) at: Timestamp,
    /// Whether AWS has accepted a heartbeat of this look: our hook holds the instance.
    pub(crate) held: bool,
    /// The scaling activity of the launch, if a line needs it.
    pub(crate) activity: Option<Activity>,
    /// Whether AWS was asked for it and lists none.
    pub(crate) has_no_activity: bool,
    /// How this look has seen the launch fail, if it has.
    pub(crate) failure: Option<Failure>,
    pub(crate) progress: Progress,
}

/// How a look has seen its launch fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// AWS has accepted our ABANDON. The activity of the launch may tell its end later.
    Abandoned,
    /// The instance is gone, or our ABANDON may have been accepted, or would have been sent if the policy enforced it. The
    /// activity of the launch tells how it ended.
    Told,
}

/// How far a look has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// Not carried out to the end: the time was over, or AWS did not answer.
    Unfinished,
    /// Carried out; the lifecycle action is open.
    Open,
    /// Carried out; the lifecycle action is closed.
    Settled,
}

impl Decided {
    /// The runs that the decision was made upon. Lines and evidence tell of these and no others.
    pub(crate) fn history(&self) -> History<'_> {
        History::of(&self.look.seen, self.at)
    }

    /// When the launch began, as exactly as anything says. Only lines and comments use it; decisions do not.
    pub(crate) fn launched_at(&self) -> Option<Timestamp> {
        let commented = || self.look.seen.runs.known()?.iter().find_map(|run| run.launched);
        self.look.seen.began().or_else(commented).or(self.activity.as_ref().map(|activity| activity.began))
    }

    /// Decides again, because SSM has just refused to send the instance a run.
    pub(crate) fn decide_without_run(&mut self, now: Timestamp) {
        self.look.seen.takes_no_run = true;
        self.decision = decide(&self.look.seen, &self.look.policy, now);
        self.at = now;
    }

    /// Whether the scaling activity tells how the launch has ended.
    pub(crate) fn is_end_told(&self) -> bool {
        self.activity.as_ref().is_some_and(|activity| activity.ended.is_some())
    }

    /// The launch, if the look leaves it open and our hook is known to hold it.
    pub(crate) fn tell_open_launch(&self) -> Option<OpenLaunch> {
        let look = &self.look;
        let ours = look.has_launch_message() || look.token.is_some() || look.seen.our_hook().is_some();
        let history = self.history();
        (ours && self.progress != Progress::Settled).then(|| OpenLaunch {
            group: look.group.clone(),
            began: self.launched_at(),
            rule: self.decision.rule,
            reason: self.decision.reason.clone(),
            runs: history.count(Purpose::Readiness),
            repairs: history.count(Purpose::Repair),
            deadline: deadline(&look.seen, &look.policy),
        })
    }

    /// Whether the policy says to carry decisions out.
    pub(crate) fn is_enforced(&self) -> bool {
        self.look.policy.mode == Mode::Enforce
    }

    /// Whether the launch goes on.
    pub(crate) fn continues(&self) -> bool {
        self.decision.action == Action::Complete(LifecycleResult::Continue)
    }

    /// Whether a heartbeat of this kind is to be sent.
    pub(crate) fn wants_heartbeat(&self, kind: Heartbeat) -> bool {
        self.is_enforced() && self.decision.heartbeat == kind
    }
}
