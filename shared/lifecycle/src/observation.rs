//! What AWS said about one waiting instance, as data.

use std::time::Duration;

use serde::Serialize;

use crate::Timestamp;
use crate::event::Phase;
use crate::report::Report;

/// One look's knowledge. Each part says whether it was read at all: a read that failed is not an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// When the lifecycle action began.
    pub beginning: Beginning,
    /// What the instance is launched into, where the event said so.
    pub phase: Option<Phase>,
    /// How long until the next look, if nothing nudges.
    pub tick: Duration,
    /// Where the instance is.
    pub presence: Reading<Presence>,
    /// When Systems Manager last heard from it.
    pub ping: Reading<Ping>,
    /// The runs on it since the beginning (or lately, if that is unknown), newest first.
    pub runs: Reading<Vec<Run>>,
    /// Our hook on its group; nothing if the group has none.
    pub hook: Reading<Option<Hook>>,
    /// Whether only the run of one command was looked at: enough to see that it is ready, and for nothing else.
    pub glance: bool,
    /// Whether `CodeDeploy` has a hook beside ours, and may end the launch with it.
    pub shared: bool,
}

impl Observation {
    /// Nothing read yet.
    #[must_use]
    pub fn new(beginning: Beginning, phase: Option<Phase>, tick: Duration) -> Self {
        Self {
            beginning,
            phase,
            tick,
            presence: Reading::Unread,
            ping: Reading::Unread,
            runs: Reading::Unread,
            hook: Reading::Unread,
            glance: false,
            shared: false,
        }
    }

    /// The state that the instance waits in, if it was seen to wait.
    #[must_use]
    pub fn waits_in(&self) -> Option<Phase> {
        match self.presence.known()? {
            Presence::Waiting(phase) => Some(*phase),
            Presence::Before(_) | Presence::Elsewhere(_) | Presence::Absent | Presence::Gone => None,
        }
    }

    /// The runs that were asked for since this lifecycle action began, if that is known, and not in the other phase,
    /// newest first. What an instance said on its way into the pool does not let it out again, even where a scaling
    /// activity that was read a moment too late says that it is still on its way in.
    pub(crate) fn own_runs(&self) -> impl DoubleEndedIterator<Item = &Run> {
        let runs = self.runs.known().map(Vec::as_slice).unwrap_or_default();
        runs.iter().filter(|run| {
            let since = match self.beginning {
                Beginning::At(began) | Beginning::SoonAfter(began) => run.requested >= began,
                Beginning::Unknown => true,
            };
            since && (run.phase.is_none() || self.waits_in().is_none() || run.phase == self.waits_in())
        })
    }

    /// Whether AWS refused one of the reads: then this look decides nothing.
    #[must_use]
    pub fn unreadable(&self) -> bool {
        self.presence.failed() || self.ping.failed() || self.runs.failed() || self.hook.failed()
    }
}

/// What is known about the beginning of a lifecycle action. AWS has no call that lists open actions (AWS-FACTS 2.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Beginning {
    /// Its own message says when.
    At(Timestamp),
    /// The scaling activity says when the launch began, which is a little before the action.
    SoonAfter(Timestamp),
    /// A nudge does not know.
    Unknown,
}

/// An answer of AWS, or why there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading<T> {
    /// Nobody asked yet.
    Unread,
    /// AWS was asked and did not answer (throttled, timed out, failed). This is never a verdict.
    Failed,
    /// The answer.
    Known(T),
}

impl<T> Reading<T> {
    /// The answer, if there is one.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unread | Self::Failed => None,
        }
    }

    /// Whether nobody asked yet.
    pub fn unread(&self) -> bool {
        matches!(self, Self::Unread)
    }

    /// Whether AWS was asked and did not answer.
    pub fn failed(&self) -> bool {
        matches!(self, Self::Failed)
    }
}

/// Where an instance is (AWS-FACTS 2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Presence {
    /// `Pending:Wait` or `Warmed:Pending:Wait`.
    Waiting(Phase),
    /// In a state that comes before a wait state. The answer may be one step behind the event.
    Before(String),
    /// In any other state that is not an end.
    Elsewhere(String),
    /// In no group: not listed yet, or not any more.
    Absent,
    /// Terminating or terminated.
    Gone,
}

impl Presence {
    /// Reads a lifecycle state of `DescribeAutoScalingInstances`.
    #[must_use]
    pub fn of(state: &str) -> Self {
        match state {
            "Pending:Wait" => Self::Waiting(Phase::Service),
            "Warmed:Pending:Wait" => Self::Waiting(Phase::Pool),
            "Pending" | "Warmed:Pending" | "Warmed:Stopped" | "Warmed:Running" | "Warmed:Hibernated" => {
                Self::Before(state.to_owned())
            }
            other if other.trim_start_matches("Warmed:").starts_with("Terminat") => Self::Gone,
            other => Self::Elsewhere(other.to_owned()),
        }
    }
}

/// When Systems Manager last heard from an instance (AWS-FACTS 6.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ping {
    /// Never: the SSM Agent has not registered.
    Never,
    /// At this moment, and whether SSM still calls it `Online`.
    Heard {
        /// `PingStatus` is `Online`.
        online: bool,
        /// `LastPingDateTime`.
        at: Timestamp,
    },
}

/// Our hook, as far as it matters here (AWS-FACTS 2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hook {
    /// Without a heartbeat for this long, AWS applies the hook's default result.
    pub heartbeat_timeout: Duration,
    /// No heartbeat helps beyond this: the smaller of 48 h and 100 × the heartbeat timeout.
    pub global_timeout: Duration,
}

/// One execution of one of our documents on one instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Which document.
    pub errand: Errand,
    /// The command that it belongs to.
    pub command: String,
    /// The step that printed its report, where it has several; of one without a report the last that ran.
    pub step: Option<String>,
    /// When the launch began for which its command was sent, as near as the command says.
    pub launched: Option<Timestamp>,
    /// What the instance was launched into then, if the command says.
    pub phase: Option<Phase>,
    /// When it was asked for.
    pub requested: Timestamp,
    /// How it stands.
    pub state: RunState,
}

/// What a run is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Errand {
    /// To see whether the instance is ready.
    Readiness,
    /// To mend what can be mended.
    Repair,
}

/// How a run stands (AWS-FACTS 6.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunState {
    /// Sent, and not yet taken by the instance.
    Sent,
    /// Taken by the instance.
    Running,
    /// Ended, with a report.
    Reported {
        /// When it ended.
        at: Timestamp,
        /// What it says.
        report: Report,
    },
    /// Ended without a report that can be read.
    Lost {
        /// When it was seen to have ended.
        at: Timestamp,
        /// How it ended.
        loss: Loss,
    },
}

/// Why a run left no report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Loss {
    /// The instance never took it.
    Undelivered,
    /// It was cut off by a time-out.
    TimedOut,
    /// Somebody cancelled it, or its command was terminated.
    Cancelled,
    /// SSM refuses it for this instance: access denied, invalid platform.
    Refused,
    /// It ended, and its output is no report: the probe itself broke.
    Broken,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lifecycle_states_are_waiting_elsewhere_or_gone() {
        assert_eq!(Presence::of("Pending:Wait"), Presence::Waiting(Phase::Service));
        assert_eq!(Presence::of("Warmed:Pending:Wait"), Presence::Waiting(Phase::Pool));
        for gone in ["Terminating", "Terminating:Wait", "Terminated", "Warmed:Terminating:Wait", "Warmed:Terminated"] {
            assert_eq!(Presence::of(gone), Presence::Gone, "{gone}");
        }
        for before in ["Pending", "Warmed:Pending", "Warmed:Stopped", "Warmed:Running", "Warmed:Hibernated"] {
            assert_eq!(Presence::of(before), Presence::Before(before.into()), "{before}");
        }
        for elsewhere in ["Pending:Proceed", "InService", "Warmed:Pending:Proceed", "Standby", "SomethingNew"] {
            assert_eq!(Presence::of(elsewhere), Presence::Elsewhere(elsewhere.into()), "{elsewhere}");
        }
    }

    #[test]
    fn one_failed_read_makes_a_look_unreadable() {
        let blank = Observation::new(Beginning::Unknown, None, Duration::from_secs(15));
        assert!(!blank.unreadable());
        assert!(Observation { presence: Reading::Failed, ..blank.clone() }.unreadable());
        assert!(Observation { ping: Reading::Failed, ..blank.clone() }.unreadable());
        assert!(Observation { runs: Reading::Failed, ..blank.clone() }.unreadable());
        assert!(Observation { hook: Reading::Failed, ..blank }.unreadable());
    }
}
