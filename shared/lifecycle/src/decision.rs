//! What to do about one waiting instance, and why.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::run::Loss;

/// The outcome of one decision: an action, the rule that chose it, and its reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What to do.
    pub action: Action,
    /// The row of the decision table that applied.
    pub rule: Rule,
    /// Why: the best diagnosis that is known.
    pub reason: Reason,
    /// Whether to send a heartbeat as well, so that the hook does not time out before the look after next.
    pub heartbeat: Heartbeat,
}

/// Whether a look sends a heartbeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heartbeat {
    /// It does not.
    No,
    /// It does.
    Due,
    /// It does if AWS accepts the run that it starts: after the deadline only a launch that can be looked at is kept alive.
    IfRunAccepted,
}

/// Everything the gate can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Nothing: look again at the next tick.
    Wait,
    /// Start a readiness run.
    Probe {
        /// For how long it waits on the instance at most.
        wait: Duration,
        /// Whether a repair may follow. The run then ends with the first repairable finding instead of waiting.
        offered: bool,
    },
    /// Run the install document, which waits on the instance for at most this long until it may begin.
    Repair(Duration),
    /// The same, to start the agent because everything else is ready (`"agent": "last"`).
    StartAgent(Duration),
    /// Complete the lifecycle action.
    Complete(LifecycleResult),
    /// Nothing, and do not look again: the lifecycle action is not open any more.
    Settle,
}

impl Action {
    /// Whether the owner's policy must have been read in the same look.
    pub(crate) fn needs_policy(self) -> bool {
        matches!(self, Self::Complete(_)) || self.mends()
    }

    /// Whether it starts a run that changes the instance.
    #[must_use]
    pub fn mends(self) -> bool {
        matches!(self, Self::Repair(_) | Self::StartAgent(_))
    }
}

/// The result of a lifecycle action (aws-facts 2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LifecycleResult {
    /// The instance goes on into service or into the pool.
    Continue,
    /// The instance is terminated, and replaced if the group needs it.
    Abandon,
}

impl LifecycleResult {
    /// As the Auto Scaling API writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Continue => "CONTINUE",
            Self::Abandon => "ABANDON",
        }
    }
}

/// The rows of the decision table (ARCHITECTURE.md#the-decision-table), in the order in which they are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// The instance is not in a wait state of our hook.
    NotWaiting,
    /// AWS could not be read: this look decides nothing.
    Unreadable,
    /// 1: a ready report newer than this action.
    Ready,
    /// 2: the deadline has passed.
    Deadline,
    /// 3: SSM has no fresh ping.
    NoPing,
    /// 4: no run yet, or one in progress.
    Run,
    /// 5: a run was lost.
    LostRun,
    /// 6: a finding that no repair can mend.
    Fatal,
    /// 7: a finding that a repair may mend.
    Repairable,
    /// 8: a finding that passes by itself.
    Transient,
}

/// Why a decision was made: a stable code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The instance is ready.
    Ready,
    /// It is not in a wait state.
    NoLongerWaiting,
    /// Its wait state cannot be seen yet.
    NotYetWaiting,
    /// It terminates or is terminated.
    Gone,
    /// Its group has no hook of ours.
    NotHooked,
    /// A read of AWS failed.
    AwsUnreadable,
    /// The SSM Agent has not registered.
    SsmNotRegistered,
    /// SSM has lost the instance, or has not heard from it since it was started.
    SsmPingStale,
    /// No run has been started yet.
    NoRunYet,
    /// A run is in progress.
    RunInProgress,
    /// A repair is in progress or has just ended.
    Repairing,
    /// SSM refuses to send the instance a run.
    TakesNoRun,
    /// Runs end without a report.
    Lost(Loss),
    /// A finding, by its code.
    Finding(String),
}

impl Reason {
    /// The stable code that logs and metrics carry.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Ready => "ready",
            Self::NoLongerWaiting => "no-longer-waiting",
            Self::NotYetWaiting => "not-yet-waiting",
            Self::Gone => "instance-gone",
            Self::NotHooked => "not-hooked",
            Self::AwsUnreadable => "aws-unreadable",
            Self::SsmNotRegistered => "ssm-not-registered",
            Self::SsmPingStale => "ssm-ping-stale",
            Self::NoRunYet => "no-run-yet",
            Self::RunInProgress => "run-in-progress",
            Self::Repairing => "repairing",
            Self::TakesNoRun => "instance-takes-no-run",
            Self::Lost(loss) => loss.code(),
            Self::Finding(code) => code,
        }
    }
}

impl Loss {
    /// The stable code that logs and metrics carry.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Undelivered => "run-undelivered",
            Self::TimedOut => "run-timed-out",
            Self::Cancelled => "run-cancelled",
            Self::Refused => "run-refused",
            Self::Broken => "probe-broken",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
