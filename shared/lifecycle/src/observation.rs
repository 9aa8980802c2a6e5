//! AWS's answers about one waiting instance, as data.

use std::time::Duration;

use serde::Serialize;

use crate::event::Destination;
pub use crate::reading::Reading;
use crate::run::Run;
use crate::timestamp::Timestamp;

/// What one look knows about one instance. Each field says whether AWS was asked, and whether it answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// When the lifecycle action began.
    pub beginning: Beginning,
    /// Where the instance is going, if the launch event says so.
    pub destination: Option<Destination>,
    /// How long until the next look, if no nudge comes before.
    pub tick: Duration,
    /// The lifecycle state of the instance.
    pub lifecycle_state: Reading<LifecycleState>,
    /// When Systems Manager last heard from the instance.
    pub ping: Reading<Ping>,
    /// The runs on the instance, newest first. They may include runs from before this lifecycle action;
    /// [`Observation::own_runs`] leaves those out.
    pub runs: Reading<Vec<Run>>,
    /// The launch hooks of the instance's group.
    pub hooks: Reading<GroupHooks>,
    /// Whether SSM has refused, in this look, to send this instance a run: it does not know the instance, cannot reach
    /// it, or does not support its platform (aws-facts 6.2). Any other refusal says nothing about the instance.
    pub takes_no_run: bool,
    /// Whether the blue/green deployment that has copied the instance's group still runs. It is read only if the policy
    /// depends on it ([`crate::green`]).
    pub is_copied_now: Reading<bool>,
}

impl Observation {
    /// An observation for which nothing has been read yet.
    #[must_use]
    pub fn new(beginning: Beginning, destination: Option<Destination>, tick: Duration) -> Self {
        Self {
            beginning,
            destination,
            tick,
            lifecycle_state: Reading::Unread,
            ping: Reading::Unread,
            runs: Reading::Unread,
            hooks: Reading::Unread,
            takes_no_run: false,
            is_copied_now: Reading::Unread,
        }
    }

    /// Where the instance is going, if it was seen in a wait state.
    #[must_use]
    pub fn waits_for(&self) -> Option<Destination> {
        match self.lifecycle_state.known()? {
            LifecycleState::Waiting(destination) => Some(*destination),
            LifecycleState::Before | LifecycleState::Elsewhere | LifecycleState::Absent | LifecycleState::Gone => None,
        }
    }

    /// The runs of this lifecycle action, newest first: requested after it began (if that is known), and not for the
    /// other destination.
    ///
    /// A report from an instance's way into the warm pool must not let it out of the pool again. The destination is
    /// compared as well as the time, because a scaling activity that was read a moment too early still shows the launch
    /// into the pool.
    pub fn own_runs(&self) -> impl DoubleEndedIterator<Item = &Run> {
        let runs = self.runs.known().map(Vec::as_slice).unwrap_or_default();
        runs.iter().filter(|run| {
            let since = match self.beginning {
                Beginning::At(began) | Beginning::SoonAfter(began) => run.requested >= began,
                Beginning::Unknown => true,
            };
            since && (run.destination.is_none() || self.waits_for().is_none() || run.destination == self.waits_for())
        })
    }

    /// When the lifecycle action began, or the launch shortly before it; nothing if neither is known.
    #[must_use]
    pub fn began(&self) -> Option<Timestamp> {
        match self.beginning {
            Beginning::At(moment) | Beginning::SoonAfter(moment) => Some(moment),
            Beginning::Unknown => None,
        }
    }

    /// Our hook on the group, if it was read and the group has it.
    #[must_use]
    pub fn our_hook(&self) -> Option<Hook> {
        self.hooks.known()?.ours
    }

    /// Whether one of the reads failed. Such a look decides nothing.
    #[must_use]
    pub fn has_failed_read(&self) -> bool {
        let policy = self.hooks.failed() || self.is_copied_now.failed();
        self.lifecycle_state.failed() || self.ping.failed() || self.runs.failed() || policy
    }
}

/// What is known about the beginning of a lifecycle action. AWS has no call that lists open actions (aws-facts 2.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Beginning {
    /// The launch event says when the action began.
    At(Timestamp),
    /// The scaling activity says when the launch began. The action began a little later.
    SoonAfter(Timestamp),
    /// Not known: a nudge names only an instance.
    Unknown,
}

/// The lifecycle state of an instance, as far as the decision distinguishes (aws-facts 2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LifecycleState {
    /// `Pending:Wait` or `Warmed:Pending:Wait`.
    Waiting(Destination),
    /// A state that comes before a wait state. The answer of AWS may be one step behind its event.
    Before,
    /// Any other state in which the instance exists.
    Elsewhere,
    /// In no group: not listed yet, or not any more.
    Absent,
    /// Terminating or terminated.
    Gone,
}

impl LifecycleState {
    /// Reads a lifecycle state as `DescribeAutoScalingInstances` writes it.
    #[must_use]
    pub fn parse(state: &str) -> Self {
        match state {
            "Pending:Wait" => Self::Waiting(Destination::Service),
            "Warmed:Pending:Wait" => Self::Waiting(Destination::Pool),
            "Pending" | "Warmed:Pending" | "Warmed:Stopped" | "Warmed:Running" | "Warmed:Hibernated" => Self::Before,
            other if other.trim_start_matches("Warmed:").starts_with("Terminat") => Self::Gone,
            _ => Self::Elsewhere,
        }
    }
}

/// When Systems Manager last heard from an instance (aws-facts 6.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ping {
    /// Never: the SSM Agent has not registered.
    Never,
    /// At this moment.
    Heard {
        /// Whether `PingStatus` is `Online`.
        online: bool,
        /// `LastPingDateTime`.
        at: Timestamp,
    },
}

/// The launch hooks of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupHooks {
    /// The hook that makes the group ours.
    pub ours: Option<Hook>,
    /// The names of the hooks that `CodeDeploy` put on the group. `CodeDeploy` may end a launch with such a hook.
    pub of_codedeploy: Vec<String>,
}

/// The time limits of our hook (aws-facts 2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hook {
    /// Without a heartbeat for this long, AWS applies the hook's default result.
    pub heartbeat_timeout: Duration,
    /// Heartbeats do not help beyond this: the smaller of 48 h and 100 × the heartbeat timeout.
    pub global_timeout: Duration,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lifecycle_states_are_waiting_elsewhere_or_gone() {
        assert_eq!(LifecycleState::parse("Pending:Wait"), LifecycleState::Waiting(Destination::Service));
        assert_eq!(LifecycleState::parse("Warmed:Pending:Wait"), LifecycleState::Waiting(Destination::Pool));
        for gone in ["Terminating", "Terminating:Wait", "Terminated", "Warmed:Terminating:Wait", "Warmed:Terminated"] {
            assert_eq!(LifecycleState::parse(gone), LifecycleState::Gone, "{gone}");
        }
        for before in ["Pending", "Warmed:Pending", "Warmed:Stopped", "Warmed:Running", "Warmed:Hibernated"] {
            assert_eq!(LifecycleState::parse(before), LifecycleState::Before, "{before}");
        }
        for elsewhere in ["Pending:Proceed", "InService", "Warmed:Pending:Proceed", "Standby", "SomethingNew"] {
            assert_eq!(LifecycleState::parse(elsewhere), LifecycleState::Elsewhere, "{elsewhere}");
        }
    }

    #[test]
    fn one_failed_read_is_enough_to_decide_nothing() {
        let blank = Observation::new(Beginning::Unknown, None, Duration::from_secs(15));
        assert!(!blank.has_failed_read());
        assert!(Observation { lifecycle_state: Reading::Failed, ..blank.clone() }.has_failed_read());
        assert!(Observation { ping: Reading::Failed, ..blank.clone() }.has_failed_read());
        assert!(Observation { runs: Reading::Failed, ..blank.clone() }.has_failed_read());
        assert!(Observation { hooks: Reading::Failed, ..blank.clone() }.has_failed_read());
        assert!(Observation { is_copied_now: Reading::Failed, ..blank }.has_failed_read());
    }
}
