//! What will happen by itself, and when. Things that are due at the same moment happen in the order in which they were
//! planned.

use std::collections::BTreeMap;

use lifecycle::Timestamp;

use super::deployments::{EventId, Progress};

/// Something that happens by itself. If the world has changed since it was planned, it may have no effect.
pub(super) enum Due {
    /// The next step of a move between EC2, the warm pool and the group; `number` tells an older move's step apart.
    Step { instance: String, number: u32 },
    /// The deadline of a lifecycle action, unless a heartbeat moved it.
    Heartbeat { token: String },
    /// The SSM agent begins to ping; `session` counts the starts of the instance.
    Registers { instance: String, session: u32 },
    /// The machine goes down for a reboot.
    Reboots { instance: String },
    /// It is up again.
    IsUp { instance: String },
    /// The instance is terminated from outside.
    Dies { instance: String },
    /// The group sees that it was.
    DeathSeen { instance: String },
    /// A terminated instance is no longer described.
    Gone { instance: String },
    /// A group compares what it has with what it wants.
    Balance { group: String },
    /// A command reaches an instance, or is tried again.
    Deliver(RunId),
    /// A run that waited on the instance has its turn.
    Begins(RunId),
    /// The SSM agent misses the worker of a run.
    WorkerMissed(RunId),
    /// What was not delivered until now never will be.
    DeliveryEnds { command: String },
    /// The step that runs is over.
    StepEnds(RunId),
    /// A step has taken all its time.
    StepTimesOut { run: RunId, step: usize },
    /// A run has taken all the time its document gives it.
    ExecutionEnds(RunId),
    /// A run that was told to stop has stopped.
    Cancelled(RunId),
    /// `CodeDeploy` has heard that its hook holds an instance.
    DeploysOnLaunch { instance: String, hook: String },
    /// It keeps the hook alive while it deploys.
    DeploymentHeartbeat { deployment: String },
    /// The agent asks for work, if it does.
    AgentAsks(EventId),
    /// A lifecycle event is over on the instance.
    EventEnds(EventId),
    /// A lifecycle event that stands like this until now has failed.
    EventLost { event: EventId, stands: Progress },
    /// A hook function had its time.
    HookUnanswered(EventId),
    /// A blue/green deployment goes on with its copy of a group.
    Green { deployment: String, step: CopyStep },
}

/// What a copy does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CopyStep {
    /// The green group gets its size.
    Grows,
    /// It looks whether all instances of the green group are in service.
    LooksAtInstances,
    /// `CodeDeploy`'s hook moves to the green group.
    MovesHook,
    /// The blue group is deleted.
    DeletesBlue,
}

/// One command on one instance.
pub(super) struct RunId {
    pub(super) command: String,
    pub(super) instance: String,
}

impl RunId {
    pub(super) fn of(command: &str, instance: &str) -> Self {
        Self { command: command.to_owned(), instance: instance.to_owned() }
    }
}

#[derive(Default)]
pub(super) struct Schedule {
    due: BTreeMap<(Timestamp, u64), Due>,
    planned: u64,
}

impl Schedule {
    pub(super) fn plan(&mut self, at: Timestamp, due: Due) {
        self.planned += 1;
        self.due.insert((at, self.planned), due);
    }

    pub(super) fn next(&self) -> Option<Timestamp> {
        self.due.keys().next().map(|(at, _)| *at)
    }

    /// The earliest thing due at `now` or before.
    pub(super) fn take(&mut self, now: Timestamp) -> Option<(Timestamp, Due)> {
        if self.next()? > now {
            return None;
        }
        self.due.pop_first().map(|((at, _), due)| (at, due))
    }
}
