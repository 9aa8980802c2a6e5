//! The state of one instance at one moment. A story says how it changes; a sandbox makes it real for a real script; if
//! no script runs, the fleet computes a run's report from it.

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
    /// The credentials of the instance's role.
    pub credentials: Credentials,
    /// The way to CodeDeploy and S3.
    pub network: Network,
    /// Seconds by which its clock is ahead of the world's; behind, if negative.
    pub clock_ahead: i64,
    /// Whether the disk on which revisions unpack is full.
    pub disk_full: bool,
    /// What is wrong with it besides, in a simulated run.
    pub oddity: Option<Oddity>,
    /// Who holds the package lock, if anybody: a command name such as `dnf`.
    pub package_lock: Option<String>,
    /// Packages beyond the system's own.
    pub packages: BTreeSet<String>,
    /// systemd units that are active.
    pub units: BTreeSet<String>,
    /// Commands on the path beyond the system's own.
    pub commands: BTreeSet<String>,
    /// Ports that are listened to on loopback.
    pub ports: BTreeSet<u16>,
}

impl Host {
    /// Nothing is wrong with it.
    #[must_use]
    pub fn healthy(generation: u8) -> Self {
        Self {
            boot: Boot::Done,
            agent: Agent { generation, state: AgentState::Polling },
            metadata: Metadata::Answers,
            credentials: Credentials::Valid,
            network: Network::Open,
            clock_ahead: 0,
            disk_full: false,
            oddity: None,
            package_lock: None,
            packages: BTreeSet::new(),
            units: BTreeSet::new(),
            commands: BTreeSet::new(),
            ports: BTreeSet::new(),
        }
    }
}

/// How far cloud-init has come (aws-facts 10.7).
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

/// The CodeDeploy agent on the instance (aws-facts 10.1).
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
    /// The master lives, and will have no worker any more. In 2.x its program was replaced under it (aws-facts 18).
    NoWorker,
    /// The worker was killed a moment ago. In a sandbox the next comes after 5 s; in a simulated run this lasts as told.
    WorkerKilled,
    /// It was told to stop, which takes 2.x 31 to 90 s.
    Stopping,
    /// The worker is a moment old. In a sandbox that passes by itself; in a simulated run it lasts as told.
    Starting,
    /// Each worker ends soon after its start, and the next comes.
    Restarting,
    /// The worker lives or comes and goes, and its log says that the instance has no credentials.
    NoCredentials,
    /// The worker lives, and its last log lines say that it cannot reach the commands endpoint.
    NoRoute,
    /// The same, that it does not trust the endpoint's certificate. A worker of 2.x ends of that, as when restarting.
    TlsFails,
    /// The same, that its signatures are refused for their time.
    ClockSkewed,
    /// The same, that its role may not poll.
    AccessDenied,
    /// The same, for another cause.
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
    /// It connects, but the answer with the token gets lost on the way, as in a container one hop too far.
    HopLimit,
    /// The connection is refused: a firewall on the instance, or a lost route.
    Blocked,
    /// Nothing answers.
    Unreachable,
}

/// What a run finds of which the host has no state of its own; each has the name of its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Oddity {
    /// A left-over on-premises configuration.
    AgentOnPremises,
    /// cloud-init's last stage was killed or never starts.
    BootFailed,
    /// cloud-init did not recognise the user data.
    UserDataNotRun,
    /// curl does not start.
    HttpClientFailing,
    /// Neither curl nor wget.
    HttpClientMissing,
    /// Metadata refuses the token only.
    MetadataNoToken,
    /// A pid file names a stranger.
    PackageLockUnclear,
    /// The package database is damaged.
    PackageDatabaseUnreadable,
    /// rpm never answers.
    CheckHung,
}

/// The credentials of the instance's role, as instance metadata gives them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Credentials {
    /// They hold for hours.
    Valid,
    /// The instance has no role.
    Missing,
    /// They have expired and were not renewed.
    Expired,
    /// The role does not let EC2 take it on.
    Refused,
}

/// The way to CodeDeploy's commands endpoint and to S3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Network {
    /// Both answer.
    Open,
    /// Their names do not resolve.
    NoName,
    /// No connection comes about.
    NoRoute,
    /// The certificate is not trusted.
    NoTls,
}
