//! One command on one instance, with the whole status vocabulary (AWS-FACTS 6.3).

use std::collections::BTreeMap;

use lifecycle::Timestamp;

use super::Fleet;
use super::commands::Command;
use super::refused::Refused;

/// How an invocation stands.
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

    /// Counts towards `MaxErrors`; undelivered ones do not (AWS-FACTS 6.3).
    pub(crate) fn is_error(self) -> bool {
        matches!(self, Self::Failed | Self::ExecutionTimedOut)
    }
}

pub(crate) struct Invocation {
    pub(crate) state: RunState,
    /// -1 until the run has ended (AWS-FACTS 6.4).
    pub(crate) code: i64,
    pub(crate) started: Option<Timestamp>,
    pub(crate) ended: Option<Timestamp>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// What the run will have said when it ends by itself.
    pub(super) coming: Option<Said>,
}

/// What a run says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) code: i64,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Default for Invocation {
    fn default() -> Self {
        Self {
            state: RunState::Pending,
            code: -1,
            started: None,
            ended: None,
            stdout: String::new(),
            stderr: String::new(),
            coming: None,
        }
    }
}

impl Invocation {
    /// The first 24,000 and 8,000 characters are kept, the head and not the tail (AWS-FACTS 6.4).
    pub(super) fn end(&mut self, now: Timestamp, state: RunState, said: Option<Said>) {
        self.state = state;
        self.ended = Some(now);
        if let Some(said) = said {
            self.code = said.code;
            self.stdout = head(&said.stdout, 24_000);
            self.stderr = head(&said.stderr, 8_000);
        }
    }

    /// What `ListCommandInvocations` shows: standard output, then standard error, 2,500 characters in all (AWS-FACTS
    /// 6.4). The SSM Agent sends no more than 2,400 and shares them out (amazon-ssm-agent, iohandler, `TruncateOutput`):
    /// where both are long each keeps half, so that even a report at the head may be cut.
    pub(crate) fn output(&self) -> String {
        let title = if self.stderr.is_empty() { "" } else { "\n----------ERROR-------\n" };
        let room = 2_400 - title.len();
        let (out, error) = (self.stdout.len(), self.stderr.len());
        let (out, error) = match (out > room / 2, error > room / 2) {
            _ if out + error < room => (out, error),
            (true, true) => ((room - 2 * CUT_MARK) / 2, (room - 2 * CUT_MARK) / 2),
            (true, false) => (room - CUT_MARK - error, error),
            (false, _) => (out, room - CUT_MARK - out),
        };
        format!("{}{title}{}", head(&self.stdout, out), head(&self.stderr, error))
    }
}

/// What the agent writes where it cut, which counts too.
const CUT_MARK: usize = 23;

fn head(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

/// Where a list is read on, newest first: what is older than this place in the order of sending.
pub(crate) type Before = Option<usize>;

impl Fleet {
    /// The invocation, once it can be seen: the API is eventually consistent (AWS-FACTS 6.4).
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
