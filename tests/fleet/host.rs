//! What is true on one instance at one moment. A story says how it changes; a sandbox makes it real for a real script;
//! the fleet answers a run from it when no script runs.

use std::collections::BTreeSet;

use serde::Deserialize;

/// The state of an instance as a readiness run could find it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// How far cloud-init has come.
    pub boot: Boot,
    /// The CodeDeploy agent.
    pub agent: Agent,
    /// What the instance metadata service answers.
    pub metadata: Metadata,
    /// Who holds the package lock, if anybody: a command name such as `dnf`.
    pub package_lock: Option<String>,
    /// systemd units that are active.
    pub units: BTreeSet<String>,
    /// Commands on the path beyond the system's own.
    pub commands: BTreeSet<String>,
    /// Ports that are listened to on loopback.
    pub ports: BTreeSet<u16>,
}

/// How far cloud-init has come (AWS-FACTS 10.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Boot {
    /// Still running.
    Running,
    /// Finished without an error.
    Done,
    /// Finished; the user data script failed.
    UserDataFailed,
    /// The image has no cloud-init.
    NoCloudInit,
}

/// The CodeDeploy agent on the instance (AWS-FACTS 10.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agent {
    /// 1 = Ruby, 2 = Rust.
    pub generation: u8,
    /// What it is doing.
    pub state: AgentState,
}

/// What the agent is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AgentState {
    /// Not installed.
    Missing,
    /// Installed, no process.
    Stopped,
    /// The master lives, it has no worker.
    NoWorker,
    /// The worker is a few seconds old, again and again.
    Restarting,
    /// The worker lives or comes and goes, and its log says that the instance has no credentials.
    NoCredentials,
    /// The worker lives, and its last log lines say that polling fails for another cause.
    PollFails,
    /// The worker polls.
    Polling,
}

/// What the instance metadata service answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Metadata {
    /// IMDSv2 answers.
    Answers,
    /// 403: the endpoint is disabled.
    Disabled,
    /// Nothing answers.
    Unreachable,
}
