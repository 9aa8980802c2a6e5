//! One command on one instance, with all statuses that SSM has (aws-facts 6.3).

mod cut_off;

use std::collections::BTreeMap;

use lifecycle::Timestamp;

pub(super) use self::cut_off::CutOff;
use super::super::repair::Mends;
use super::Fleet;
use super::commands::Command;
use super::refused::Refused;
use super::steps::{StepRun, StepState};

/// The status of an invocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RunState {
    Pending,
    Delayed,
    InProgress,
    Cancelling,
    Success,
    Failed,
    Cancelled,
    DeliveryTimedOut,
    ExecutionTimedOut,
    Undeliverable,
    Terminated,
}

impl RunState {
    /// The coarse word. Those of `Undeliverable` and `Terminated` are UNCONFIRMED.
    pub(crate) const fn status(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::Delayed => "Delayed",
            Self::InProgress => "InProgress",
            Self::Cancelling => "Cancelling",
            Self::Success => "Success",
            Self::Failed | Self::Undeliverable => "Failed",
            Self::Cancelled | Self::Terminated => "Cancelled",
            Self::DeliveryTimedOut | Self::ExecutionTimedOut => "TimedOut",
        }
    }

    /// A plugin knows fewer words.
    pub(crate) const fn plugin_status(self) -> &'static str {
        match self {
            Self::Delayed => "Pending",
            Self::Cancelling => "InProgress",
            Self::Pending
            | Self::InProgress
            | Self::Success
            | Self::Failed
            | Self::Cancelled
            | Self::DeliveryTimedOut
            | Self::ExecutionTimedOut
            | Self::Undeliverable
            | Self::Terminated => self.status(),
        }
    }

    pub(crate) const fn details(self) -> &'static str {
        match self {
            Self::InProgress => "In Progress",
            Self::DeliveryTimedOut => "Delivery Timed Out",
            Self::ExecutionTimedOut => "Execution Timed Out",
            Self::Undeliverable => "Undeliverable",
            Self::Terminated => "Terminated",
            Self::Pending | Self::Delayed | Self::Cancelling | Self::Success | Self::Failed | Self::Cancelled => {
                self.status()
            }
        }
    }

    /// Not yet on the instance.
    pub(crate) fn undelivered(self) -> bool {
        matches!(self, Self::Pending | Self::Delayed)
    }

    /// On the instance.
    pub(crate) fn runs(self) -> bool {
        matches!(self, Self::InProgress | Self::Cancelling)
    }

    pub(crate) fn ended(self) -> bool {
        !self.undelivered() && !self.runs()
    }

    /// Counts towards `MaxErrors`; undelivered ones do not (aws-facts 6.3).
    pub(crate) fn is_error(self) -> bool {
        matches!(self, Self::Failed | Self::ExecutionTimedOut)
    }
}

pub(crate) struct Invocation {
    pub(crate) state: RunState,
    pub(crate) started: Option<Timestamp>,
    pub(crate) ended: Option<Timestamp>,
    /// One for each step of the document, in order.
    pub(crate) steps: Vec<StepRun>,
    /// What the step that runs will have come to when it ends by itself.
    pub(super) coming: Option<Coming>,
    /// Whether it waits for another repair of its instance.
    pub(super) waits_turn: bool,
    /// Which repair of its instance it is, or which readiness run; the first is 0.
    pub(super) attempt: usize,
    /// Whether the agent has accepted it and others run first.
    pub(super) queued: bool,
    /// Why SSM does not hear from it, if it does not.
    pub(super) cut_off: Option<CutOff>,
}

/// What a step says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) code: i64,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// What a step says, when, and what it changes on the instance.
pub(super) struct Coming {
    pub(super) at: Timestamp,
    pub(super) said: Said,
    pub(super) mends: Mends,
}

impl Invocation {
    pub(super) fn of(steps: usize) -> Self {
        Self {
            state: RunState::Pending,
            started: None,
            ended: None,
            steps: (0..steps).map(|_| StepRun::new()).collect(),
            coming: None,
            waits_turn: false,
            attempt: 0,
            queued: false,
            cut_off: None,
        }
    }

    /// The place of the step that runs, or is the next to run.
    pub(super) fn current(&self) -> Option<usize> {
        self.steps.iter().position(|step| !step.state.ended())
    }

    /// The exit code of the step that ran last; -1 until one has ended.
    pub(super) fn code(&self) -> i64 {
        let ran = self.steps.iter().rev().find(|step| step.state.ended() && step.state != StepState::Skipped);
        ran.map_or(-1, |step| step.code)
    }

    pub(super) fn end(&mut self, now: Timestamp, state: RunState) {
        self.state = state;
        self.ended = Some(now);
        for step in &mut self.steps {
            step.ended.get_or_insert(now);
        }
    }

    /// `Status` and `StatusDetails` of the step at this place. A skipped one is shown as `Success` (UNCONFIRMED: the
    /// API has no word for it). One that did not run stands as the run does.
    pub(crate) fn step_status(&self, at: usize) -> (&'static str, &'static str) {
        let state = self.told_step(at).map_or(StepState::Pending, |step| step.state);
        let state = match state {
            StepState::Pending if self.untold() && at == 0 => self.state,
            StepState::Success | StepState::Skipped => RunState::Success,
            StepState::Failed => RunState::Failed,
            StepState::TimedOut => RunState::ExecutionTimedOut,
            StepState::Pending if self.state.runs() => RunState::Pending,
            StepState::Pending | StepState::InProgress => self.state,
        };
        (state.plugin_status(), state.details())
    }
}

/// Where a list is read on, newest first: what is older than this place in the order of sending.
pub(crate) type Before = Option<usize>;

impl Fleet {
    /// The invocation, once it can be seen: the API is eventually consistent (aws-facts 6.4).
    pub(crate) fn invocation(
        &self,
        now: Timestamp,
        command: &str,
        instance: &str,
    ) -> Result<(&Command, &Invocation), Refused> {
        let seen = self.seen_command(now, command);
        let found = seen.and_then(|command| Some((command, command.invocations.get(instance)?)));
        found.ok_or_else(|| Refused::new("InvocationDoesNotExist", ""))
    }

    pub(crate) fn seen_command(&self, now: Timestamp, command: &str) -> Option<&Command> {
        self.commands.get(command).filter(|command| command.requested + self.settings.invocations_seen_after <= now)
    }

    /// One page of what `wanted` picks, newest first, and where to read on.
    pub(crate) fn invocations_page(
        &self,
        now: Timestamp,
        before: Before,
        most: usize,
        wanted: impl Fn(&Command, &str, &Invocation) -> bool,
    ) -> (Vec<(&Command, &str, &Invocation)>, Before) {
        let mut page = Vec::new();
        let end = before.unwrap_or(self.invocations.len()).min(self.invocations.len());
        for (place, (command, instance)) in self.invocations.iter().enumerate().take(end).rev() {
            let Ok((command, invocation)) = self.invocation(now, command, instance) else {
                continue;
            };
            if !wanted(command, instance, invocation) {
                continue;
            }
            if page.len() == most {
                return (page, Some(place + 1));
            }
            page.push((command, instance.as_str(), invocation));
        }
        (page, None)
    }
}

/// The invocations of a command by instance.
pub(crate) type Invocations = BTreeMap<String, Invocation>;
