//! The keys of a story in the file.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

use super::super::sandbox::Family;
use super::course::{Course, Times};
use super::deploys::Deploys;
use super::distributor::Distributor;
use super::ssm::Ssm;
use super::times::{Seconds, When};
use super::{AgentState, Boot, Credentials, Ending, Expect, Metadata, Network, Oddity, Story, StoryError};

/// How user data ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum UserData {
    Works,
    Fails,
}

/// A group that a play creates beside its own, as it stands in the file.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "independent keys")]
pub(super) struct ToldGroup {
    pub(super) policy: Option<toml::Table>,
    pub(super) heartbeat: Option<u32>,
    #[serde(default)]
    pub(super) codedeploy: bool,
    #[serde(default)]
    pub(super) replaces: bool,
    #[serde(default)]
    pub(super) pool: bool,
    #[serde(default)]
    pub(super) copied: bool,
}

impl ToldGroup {
    /// What serde cannot see.
    pub(super) fn check(&self) -> Result<(), String> {
        match (&self.policy, self.heartbeat) {
            (Some(_), None) => Err("missing field `heartbeat`".to_owned()),
            (None, None) if !self.codedeploy => Err("it has neither a `policy` nor `codedeploy`".to_owned()),
            _ if self.copied && !self.codedeploy => Err("it is `copied` without `codedeploy`".to_owned()),
            (_, Some(_)) | (None, None) => Ok(()),
        }
    }
}

/// The keys of a story; what holds if they are absent is [`Told::default`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "independent keys")]
pub(super) struct Told {
    pub(super) story: String,
    pub(super) group: Option<String>,
    count: u32,
    pub(super) registers: When,
    pub(super) silent_from: Option<Seconds>,
    boots: When,
    user_data: UserData,
    cloud_init: bool,
    agent: Course<AgentState>,
    pub(super) generation: u8,
    metadata: Course<Metadata>,
    credentials: Course<Credentials>,
    network: Course<Network>,
    clock_ahead: Course<i64>,
    disk_full: Course<bool>,
    pub(super) finding: Option<Oddity>,
    package_lock: Option<(Seconds, Seconds)>,
    package_lock_by: String,
    pub(super) packages: BTreeMap<String, Seconds>,
    pub(super) units: BTreeMap<String, Seconds>,
    pub(super) commands: BTreeMap<String, Seconds>,
    pub(super) ports: BTreeMap<String, Seconds>,
    pub(super) dies: Option<Seconds>,
    pub(super) hangs: bool,
    pub(super) real: bool,
    pub(super) package_manager: Option<Family>,
    pub(super) run_takes: Seconds,
    pub(super) repair: Times<Ending>,
    pub(super) repair_takes: Seconds,
    pub(super) region: bool,
    pub(super) distributor: Distributor,
    pub(super) ssm: Ssm,
    other_repair: Option<(Seconds, Seconds)>,
    pub(super) deployment: Deploys,
    pub(super) expect: Option<Expect>,
}

const fn seconds(seconds: u64) -> Seconds {
    Seconds(Duration::from_secs(seconds))
}

/// A healthy instance.
impl Default for Told {
    fn default() -> Self {
        Self {
            story: "healthy".to_owned(),
            group: None,
            count: 1,
            registers: When::At(seconds(8)),
            silent_from: None,
            boots: When::At(seconds(20)),
            user_data: UserData::Works,
            cloud_init: true,
            agent: Course::new(),
            generation: 2,
            metadata: Course::new(),
            credentials: Course::new(),
            network: Course::new(),
            clock_ahead: Course::new(),
            disk_full: Course::new(),
            finding: None,
            package_lock: None,
            package_lock_by: "dnf".to_owned(),
            packages: BTreeMap::new(),
            units: BTreeMap::new(),
            commands: BTreeMap::new(),
            ports: BTreeMap::new(),
            dies: None,
            hangs: false,
            real: false,
            package_manager: None,
            run_takes: seconds(1),
            repair: Times(vec![Ending::Works]),
            repair_takes: seconds(5),
            region: true,
            distributor: Distributor::default(),
            ssm: Ssm::default(),
            other_repair: None,
            deployment: Deploys::default(),
            expect: None,
        }
    }
}

impl Told {
    pub(super) fn boot(&self, at: Duration) -> Boot {
        let booted = self.boots.at().is_some_and(|done| done <= at);
        match (self.cloud_init, booted, self.user_data) {
            (false, _, _) => Boot::NoCloudInit,
            (true, false, _) => Boot::Running,
            (true, true, UserData::Works) => Boot::Done,
            (true, true, UserData::Fails) => Boot::UserDataFailed,
        }
    }

    /// The last state told up to now; if none is told, user data installs the agent and it polls when boot is done.
    pub(super) fn agent_state(&self, at: Duration) -> AgentState {
        if self.agent == Course::new() {
            let booted = self.boots.at().is_some_and(|done| done <= at);
            return if booted { AgentState::Polling } else { AgentState::Missing };
        }
        self.agent.at(at).unwrap_or(AgentState::Missing)
    }

    pub(super) fn metadata(&self, at: Duration) -> Metadata {
        self.metadata.at(at).unwrap_or(Metadata::Answers)
    }

    /// If none are told: an agent without credentials is on an instance without a role.
    pub(super) fn credentials(&self, at: Duration) -> Credentials {
        let no_role = self.agent_state(at) == AgentState::NoCredentials;
        self.credentials.at(at).unwrap_or(if no_role { Credentials::Missing } else { Credentials::Valid })
    }

    pub(super) fn network(&self, at: Duration) -> Network {
        self.network.at(at).unwrap_or(Network::Open)
    }

    pub(super) fn clock_ahead(&self, at: Duration) -> i64 {
        self.clock_ahead.at(at).unwrap_or(0)
    }

    pub(super) fn disk_full(&self, at: Duration) -> bool {
        self.disk_full.at(at).unwrap_or(false)
    }

    pub(super) fn package_lock_holder(&self, at: Duration) -> Option<String> {
        within(self.package_lock, at).then(|| self.package_lock_by.clone())
    }

    pub(super) fn other_repair(&self, at: Duration) -> bool {
        within(self.other_repair, at)
    }

    /// What serde cannot see.
    fn check(&self) -> Result<(), String> {
        if let Some(port) = self.ports.keys().find(|port| port.parse::<u16>().is_err()) {
            return Err(format!("`ports` has {port:?}, which is not a port"));
        }
        if self.package_manager.is_some() && !self.real {
            return Err("`package_manager` is for a story whose scripts are `real`".to_owned());
        }
        if ![1, 2].contains(&self.generation) {
            return Err(format!("`generation` is 1 or 2, not {}", self.generation));
        }
        self.ssm.check()
    }
}

fn within(span: Option<(Seconds, Seconds)>, at: Duration) -> bool {
    span.is_some_and(|(from, to)| from.0 <= at && at < to.0)
}

/// The names that are there by now.
pub(super) fn since(names: &BTreeMap<String, Seconds>, at: Duration) -> impl Iterator<Item = &str> {
    names.iter().filter(move |(_, from)| from.0 <= at).map(|(name, _)| name.as_str())
}

/// The stories of a list; each has the keys of `all` that it does not tell itself.
pub(super) fn read_all(launches: toml::Value, all: &toml::Table) -> Result<Vec<Story>, StoryError> {
    let toml::Value::Array(launches) = launches else {
        return Err(StoryError::UnknownTable("launch (it is written [[launch]])".to_owned()));
    };
    let mut stories = Vec::new();
    for (place, launch) in launches.into_iter().enumerate() {
        let told = read_told(launch, all, &format!("number {}", place + 1))?;
        stories.extend((0..told.count).map(|_| Story::from(told.clone())));
    }
    Ok(stories)
}

pub(super) fn read(value: toml::Value, all: &toml::Table, unnamed: &str) -> Result<Story, StoryError> {
    read_told(value, all, unnamed).map(Story::from)
}

fn read_told(mut value: toml::Value, all: &toml::Table, unnamed: &str) -> Result<Told, StoryError> {
    let story = value
        .get("story")
        .and_then(toml::Value::as_str)
        .map_or_else(|| unnamed.to_owned(), |name| format!("\"{name}\""));
    let wrong = |cause: String| StoryError::Story { story: story.clone(), cause };
    if value.get("story").is_none() {
        return Err(wrong("it has no title: the key `story` is missing".to_owned()));
    }
    if let Some(own) = value.as_table_mut() {
        for (key, value) in all {
            own.entry(key.clone()).or_insert_with(|| value.clone());
        }
    }
    let told: Told = value.try_into().map_err(|e: toml::de::Error| wrong(e.to_string().trim().to_owned()))?;
    told.check().map_err(wrong)?;
    Ok(told)
}
