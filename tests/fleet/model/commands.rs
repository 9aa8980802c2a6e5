//! SSM commands. A command is sent to all its instances or to none, is delivered in waves, and has one status that sums
//! up its invocations (aws-facts 6.2, 6.3).

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use lifecycle::Timestamp;

use super::Fleet;
use super::documents::DocumentVersion;
use super::invocations::{Invocation, Invocations, RunState};
use super::parameters::Given;
use super::refused::Refused;
use super::steps::Step;

/// The status of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CommandState {
    Pending,
    InProgress,
    Cancelling,
    Success,
    Cancelled,
    DeliveryTimedOut,
    Failed,
    Incomplete,
}

impl CommandState {
    /// The coarse word; that of `Incomplete` is UNCONFIRMED.
    pub(crate) const fn status(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::InProgress => "InProgress",
            Self::Cancelling => "Cancelling",
            Self::Success => "Success",
            Self::Cancelled => "Cancelled",
            Self::DeliveryTimedOut => "TimedOut",
            Self::Failed | Self::Incomplete => "Failed",
        }
    }

    pub(crate) const fn details(self) -> &'static str {
        match self {
            Self::InProgress => "In Progress",
            Self::DeliveryTimedOut => "Delivery Timed Out",
            Self::Incomplete => "Incomplete",
            Self::Pending | Self::Cancelling | Self::Success | Self::Cancelled | Self::Failed => self.status(),
        }
    }
}

pub(crate) struct Command {
    pub(crate) id: String,
    pub(crate) document: String,
    pub(crate) version: DocumentVersion,
    pub(crate) comment: String,
    /// As they were given; the document's defaults are not among them.
    pub(crate) parameters: Given,
    pub(crate) requested: Timestamp,
    pub(crate) timeout: Duration,
    pub(crate) expires: Timestamp,
    pub(crate) max_concurrency: String,
    pub(crate) max_errors: String,
    pub(crate) state: CommandState,
    pub(crate) invocations: Invocations,
    /// With the document's defaults.
    pub(super) accepted: Given,
    /// Instances of later waves.
    pub(super) waiting: VecDeque<String>,
    pub(super) cancelled: bool,
}

/// What `SendCommand` was given.
pub(crate) struct CommandMembers {
    pub(crate) document: String,
    pub(crate) version: Option<String>,
    pub(crate) instances: Vec<String>,
    pub(crate) parameters: Given,
    pub(crate) comment: String,
    pub(crate) timeout: Duration,
    pub(crate) max_concurrency: String,
    pub(crate) max_errors: String,
}

impl Command {
    fn new(id: String, now: Timestamp, members: CommandMembers, version: DocumentVersion, accepted: Given) -> Self {
        let mut command = Self {
            id,
            accepted,
            document: members.document,
            comment: members.comment,
            parameters: members.parameters,
            requested: now,
            timeout: members.timeout,
            expires: now,
            max_concurrency: members.max_concurrency,
            max_errors: members.max_errors,
            state: CommandState::Pending,
            invocations: members.instances.iter().map(|id| (id.clone(), Invocation::of(version.steps.len()))).collect(),
            waiting: members.instances.into(),
            version,
            cancelled: false,
        };
        // The delivery clock is both time-outs together (aws-facts 6.2).
        command.expires = now + members.timeout + command.execution_timeout();
        command
    }

    pub(crate) fn instances(&self) -> impl Iterator<Item = &str> {
        self.invocations.keys().map(String::as_str)
    }

    pub(crate) fn count(&self, pick: impl Fn(RunState) -> bool) -> usize {
        self.invocations.values().filter(|invocation| pick(invocation.state)).count()
    }

    /// What a run may take: all its steps together. How the service counts several is UNCONFIRMED.
    pub(super) fn execution_timeout(&self) -> Duration {
        self.version.steps.iter().map(|step| self.step_timeout(step)).sum::<Duration>().min(LONGEST_RUN)
    }

    /// Seconds a step may take: its own number, a parameter's value, or 3,600 (aws-facts 6.5).
    pub(super) fn step_timeout(&self, step: &Step) -> Duration {
        let (text, environment) = self.version.interpolate(&step.timeout, &self.accepted);
        let named = environment.into_iter().find(|(name, _)| text.contains(name.trim_start_matches("SSM_")));
        let seconds = text.parse().ok().or_else(|| named?.1.parse().ok());
        Duration::from_secs(seconds.unwrap_or(3600)).min(LONGEST_RUN)
    }

    pub(super) fn too_many_errors(&self) -> bool {
        self.count(RunState::is_error) > share(&self.max_errors, self.invocations.len())
    }

    pub(super) fn summed_up(&self) -> CommandState {
        let all = self.invocations.len();
        let every = |state: RunState| self.count(|one| one == state) == all;
        if self.count(RunState::ended) < all {
            let begun = self.count(RunState::undelivered) < all;
            return if self.cancelled {
                CommandState::Cancelling
            } else if begun {
                CommandState::InProgress
            } else {
                CommandState::Pending
            };
        }
        if every(RunState::Success) {
            CommandState::Success
        } else if self.cancelled {
            CommandState::Cancelled
        } else if self.too_many_errors() {
            CommandState::Failed
        } else if self.count(|state| state == RunState::DeliveryTimedOut) > 0 {
            CommandState::DeliveryTimedOut
        } else {
            CommandState::Incomplete
        }
    }
}

/// [BOTO ssm] A step may take 48 hours; beyond that nobody waits for a simulated one.
const LONGEST_RUN: Duration = Duration::from_hours(48);

/// A number, or a percentage of `all`.
pub(super) fn share(text: &str, all: usize) -> usize {
    match text.strip_suffix('%') {
        Some(percent) => percent.parse::<usize>().unwrap_or(100) * all / 100,
        None => text.parse().unwrap_or(all),
    }
}

impl Fleet {
    /// One bad instance fails the request as a whole (aws-facts 6.2).
    pub(crate) fn send(&mut self, now: Timestamp, members: CommandMembers) -> Result<String, Refused> {
        let document = self.document(&members.document)?;
        let version = document.version(members.version.as_deref())?.clone();
        let members = CommandMembers { document: document.name.clone(), ..members };
        let accepted = version.accept(&members.parameters)?;
        self.check_instances(&members.instances)?;
        let instances = members.instances.clone();
        let command = Command::new(self.chance.uuid(), now, members, version, accepted);
        Ok(self.dispatch(now, command, &instances))
    }

    fn check_instances(&self, ids: &[String]) -> Result<(), Refused> {
        if ids.iter().collect::<BTreeSet<_>>().len() < ids.len() {
            return Err(Refused::new("DuplicateInstanceId", ""));
        }
        let known = |id: &String| {
            self.instances.get(id).is_some_and(|instance| instance.registered.is_some() && !instance.state.ended())
        };
        match ids.iter().find(|id| !known(id)) {
            Some(id) => Err(Refused::new(
                "InvalidInstanceId",
                format!("Instances [[{id}]] not in a valid state for account {}", self.settings.account),
            )),
            None => Ok(()),
        }
    }
}
