//! The timeline: what happened to each instance, as data.

use std::fmt;

use lifecycle::Timestamp;

/// One thing that happened to one instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// To which instance.
    pub instance: String,
    /// What.
    pub what: What,
}

/// How a lifecycle action was named by the one who ended it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// By its token.
    Token,
    /// By instance id and hook.
    Instance,
    /// By instance id and hook, by `CodeDeploy`, whose hook it is.
    CodeDeploy,
}

/// What happens to instances.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the words of AWS that the variant's own line explains")]
pub enum What {
    /// It was launched, and lives this story.
    Launched { group: String, story: String },
    /// It waits for its hooks, in this lifecycle state.
    Waits { state: String },
    /// Its SSM agent pings for the first time since the instance was started.
    Registered,
    /// It was named in an accepted `SendCommand`.
    RunSent { command: String, document: String },
    /// Its invocation ended. `only_agent`: its report says that nothing is wrong but the agent.
    RunEnded { command: String, document: String, details: String, code: i64, only_agent: bool },
    /// A repair mended its agent.
    Repaired,
    /// A lifecycle action was given more time.
    Heartbeat { hook: String, by: By },
    /// A lifecycle action was completed.
    Completed { hook: String, result: String, by: By },
    /// Nobody completed a lifecycle action in time.
    DefaultResult { hook: String, result: String },
    /// The hook of an open lifecycle action was deleted.
    HookDeleted { hook: String, result: String },
    /// A deployment to it begins.
    Deploys { deployment: String },
    /// Its agent has taken the first lifecycle event of a deployment.
    AgentTakes { deployment: String },
    /// A deployment to it is over: `Succeeded`, `Failed`, or `Stopped`.
    Deployed { deployment: String, status: String },
    /// It came into the group.
    InService,
    /// It rests in the warm pool, in this lifecycle state.
    InPool { state: String },
    /// It leaves the warm pool for the group.
    LeavesPool,
    /// Its machine goes down, to come up again.
    Reboots,
    /// It was terminated from outside.
    Died,
    /// The group lets it go.
    Terminating { why: String },
    /// It is gone.
    Terminated,
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Launched { group, story } => write!(f, "launched into {group}: {story}"),
            Self::Waits { state } | Self::InPool { state } => write!(f, "{state}"),
            Self::Registered => write!(f, "registered with SSM"),
            Self::RunSent { document, .. } => write!(f, "run sent: {document}"),
            Self::RunEnded { document, details, code, .. } => {
                write!(f, "run ended: {document}, {details}, exit {code}")
            }
            Self::Repaired => write!(f, "agent mended"),
            Self::Heartbeat { hook, .. } => write!(f, "heartbeat for {hook}"),
            Self::Completed { hook, result, by: By::Token } => write!(f, "{hook} completed {result}"),
            Self::Completed { hook, result, by: By::CodeDeploy } => {
                write!(f, "{hook} completed {result} by CodeDeploy")
            }
            Self::Completed { hook, result, by: By::Instance } => write!(f, "{hook} completed {result} by instance id"),
            Self::DefaultResult { hook, result } => {
                write!(f, "{hook} timed out: {result} by default")
            }
            Self::HookDeleted { hook, result } => write!(f, "{hook} is deleted: {result}"),
            Self::Deploys { deployment } => write!(f, "{deployment} begins"),
            Self::AgentTakes { deployment } => write!(f, "its agent takes {deployment}"),
            Self::Deployed { deployment, status } => write!(f, "{deployment} {status}"),
            Self::InService => write!(f, "InService"),
            Self::LeavesPool => write!(f, "leaves the warm pool"),
            Self::Reboots => write!(f, "reboots"),
            Self::Died => write!(f, "died"),
            Self::Terminating { why } => write!(f, "Terminating: {why}"),
            Self::Terminated => write!(f, "Terminated"),
        }
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}  {}  {}", self.at, self.instance, self.what)
    }
}
