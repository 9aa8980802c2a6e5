//! The speed of CodeDeploy.

use std::time::Duration;

/// Its time limits, and switches for what AWS does not document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeDeploySettings {
    /// From its hook beginning to hold an instance to the deployment to it.
    pub deploys_after: Duration,
    /// How often an agent asks for work.
    pub agent_asks_every: Duration,
    /// From the end of a lifecycle event to the agent being told of the next.
    pub next_event_after: Duration,
    /// Until a launch's deployment fails whose agent has never asked (aws-facts 3.3).
    pub silent_agent: Duration,
    /// Until one fails whose agent does not take the next lifecycle event (aws-facts 3.3).
    pub between_events: Duration,
    /// How often it keeps its hook alive while it deploys.
    pub heartbeat_every: Duration,
    /// Until a hook function that did not answer has failed (aws-facts 4.2).
    pub hook_answers_within: Duration,
    /// From the creation of a deployment that shifts traffic until it does not read as not started any more. UNCONFIRMED
    /// number (aws-facts 4.2).
    pub shift_starts_after: Duration,
    /// The same until its targets are listed. UNCONFIRMED.
    pub shift_listed_after: Duration,
    /// The same until a Lambda target names its function and version. UNCONFIRMED number (aws-facts 4.2).
    pub shift_told_after: Duration,
    /// Whether a deployment that is stopped answers its hook ABANDON, rather than nothing. UNCONFIRMED.
    pub stopped_abandons: bool,
    /// Whether a blue/green deployment that copies a group copies the hooks of others, and when. UNCONFIRMED
    /// (aws-facts 14).
    pub copies_hooks: CopiesHooks,
    /// From one step of the copy to the next.
    pub copy_step: Duration,
    /// Until a deployment fails whose green instances are not all in service. UNCONFIRMED number.
    pub provisions_within: Duration,
}

/// Whether and when a blue/green deployment copies the hooks that are not `CodeDeploy`'s own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopiesHooks {
    /// It does not.
    Never,
    /// With the group, before the first launch.
    WithTheGroup,
    /// At the end, when its own hook moves.
    WithItsOwnHook,
}

impl Default for CodeDeploySettings {
    fn default() -> Self {
        Self {
            deploys_after: Duration::from_secs(2),
            agent_asks_every: Duration::from_secs(10),
            next_event_after: Duration::ZERO,
            silent_agent: Duration::from_hours(1),
            between_events: Duration::from_mins(5),
            heartbeat_every: Duration::from_mins(5),
            hook_answers_within: Duration::from_hours(1),
            shift_starts_after: Duration::from_millis(500),
            shift_listed_after: Duration::from_secs(1),
            shift_told_after: Duration::from_secs(2),
            stopped_abandons: true,
            copies_hooks: CopiesHooks::Never,
            copy_step: Duration::from_secs(2),
            provisions_within: Duration::from_hours(1),
        }
    }
}
