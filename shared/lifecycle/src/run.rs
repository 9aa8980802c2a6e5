//! One execution of one of our SSM documents on one instance.

use std::borrow::Cow;
use std::time::Duration;

use serde::Serialize;

use crate::event::Destination;
use crate::report::Report;
use crate::timestamp::Timestamp;

/// A run that the instance has not taken within this time is lost. SSM itself would keep it pending for its delivery
/// time-out plus the time-out of the document (aws-facts 6.2).
const SENT_FOR: Duration = Duration::from_secs(90);
/// A run that has not ended this long after its own wait is lost: its checks take up to 20 s, and a minute is added. That
/// is less than its step's time limit, because to call a run lost too early only costs another run. If the SSM Agent dies
/// after it took the run, SSM lists the run as in progress (aws-facts 6.2). A run that only waits behind other commands
/// (aws-facts 17) may still report; then it is not lost any more.
const READINESS_FOR: Duration = Duration::from_secs(80);
/// The same for a repair. What it installs ends 390 s after its wait; metadata may take 30 s, Distributor 69 s (if it
/// answers, aws-facts 17), the start of the agent 175 s; the rest is for the delivery. Of Distributor that never answers
/// the run has no end; it holds no turn, so the next repair can work.
const REPAIR_FOR: Duration = Duration::from_mins(12);
/// The longest wait of a run whose comment does not tell its wait.
const LONGEST_WAIT: Duration = Duration::from_mins(5);

/// One execution of one of our documents on one instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// What the run is for, which says which document it executes.
    pub purpose: Purpose,
    /// The id of the SSM command that started it.
    pub command: String,
    /// The name of the step that printed the report. Without a report: the last step that printed anything.
    pub step: Option<String>,
    /// What that step printed, if it is no report: at most 2,500 characters. If the SSM Agent itself fails, the reason
    /// stands only here (aws-facts 17).
    pub output: Option<String>,
    /// When the earliest launch began that the command was sent for, if the command's comment says so.
    pub launched: Option<Timestamp>,
    /// Where the instance was going when the command was sent, if the command's comment says so.
    pub destination: Option<Destination>,
    /// How long the run may wait on the instance, if the command's comment says so.
    pub wait: Option<Duration>,
    /// When the command was sent.
    pub requested: Timestamp,
    /// How far the run has come.
    pub state: RunState,
}

impl Run {
    /// A run that was just sent.
    #[must_use]
    pub fn sent(purpose: Purpose, command: String, requested: Timestamp) -> Self {
        Self {
            purpose,
            command,
            step: None,
            output: None,
            launched: None,
            destination: None,
            wait: None,
            requested,
            state: RunState::Sent,
        }
    }

    /// The report, and when the run ended; nothing while the run is in progress, or if it left no report.
    #[must_use]
    pub fn report(&self) -> Option<(Timestamp, &Report)> {
        match &self.state {
            RunState::Reported { at, report } => Some((*at, report)),
            RunState::Sent | RunState::Running | RunState::Lost { .. } => None,
        }
    }

    /// When the run ended, with or without a report.
    #[must_use]
    pub fn ended_at(&self) -> Option<Timestamp> {
        match self.state {
            RunState::Reported { at, .. } | RunState::Lost { at, .. } => Some(at),
            RunState::Sent | RunState::Running => None,
        }
    }

    /// The run as it stands `now`: lost, if it must have ended and SSM still lists it as in progress.
    #[must_use]
    pub fn at(&self, now: Timestamp) -> Cow<'_, Self> {
        let wait = self.wait.unwrap_or(LONGEST_WAIT);
        let (limit, loss) = match (&self.state, self.purpose) {
            (RunState::Sent, _) => (SENT_FOR, Loss::Undelivered),
            (RunState::Running, Purpose::Readiness) => (wait.saturating_add(READINESS_FOR), Loss::TimedOut),
            (RunState::Running, Purpose::Repair | Purpose::StartAgent) => {
                (wait.saturating_add(REPAIR_FOR), Loss::TimedOut)
            }
            (RunState::Reported { .. } | RunState::Lost { .. }, _) => return Cow::Borrowed(self),
        };
        let at = self.requested + limit;
        if now < at {
            return Cow::Borrowed(self);
        }
        Cow::Owned(Self { state: RunState::Lost { at, loss }, ..self.clone() })
    }

    /// Whether it is a readiness run that may still end by itself: until it has, there is nothing to do.
    #[must_use]
    pub fn is_awaited(&self, now: Timestamp) -> bool {
        self.purpose == Purpose::Readiness && self.at(now).is_in_progress()
    }

    /// Whether the run has not ended yet.
    #[must_use]
    pub fn is_in_progress(&self) -> bool {
        self.ended_at().is_none()
    }
}

/// What a run is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// To find out whether the instance is ready.
    Readiness,
    /// To mend what the last report says can be mended.
    Repair,
    /// To start the agent because everything else is ready (`"agent": "last"`). It executes the document of a repair.
    StartAgent,
}

impl Purpose {
    /// Whether the run executes the document of a repair.
    #[must_use]
    pub fn mends(self) -> bool {
        match self {
            Self::Readiness => false,
            Self::Repair | Self::StartAgent => true,
        }
    }
}

/// How far a run has come (aws-facts 6.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunState {
    /// The command was sent; the instance has not taken it yet.
    Sent,
    /// The instance has taken it. It may not have begun: the SSM Agent runs five commands at once, and tells five more
    /// that it has taken as in progress (aws-facts 17).
    Running,
    /// It ended, and its report can be read.
    Reported {
        /// When it ended.
        at: Timestamp,
        /// Its report.
        report: Report,
    },
    /// It ended without a report that can be read.
    Lost {
        /// When it ended, as SSM lists it.
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
    /// A time limit ended it.
    TimedOut,
    /// Somebody cancelled it, or SSM ended its command.
    Cancelled,
    /// SSM refuses the document for this instance: access denied, or a platform that the document does not support.
    Refused,
    /// It ended by itself, and its output is no report.
    Broken,
}
