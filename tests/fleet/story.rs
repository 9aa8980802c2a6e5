//! Stories say what instances go through, in a small TOML file.
//!
//! Each `[[launch]]` is the story of the next launched instance, or of the next `count` instances. After these, every
//! instance has the story `[default]`; without one it is healthy. A key of `[all]` applies to every story that does not
//! set the key itself. `tests/stories/` has one story of each kind.

mod course;
pub mod deploys;
pub(super) mod distributor;
mod group;
mod shape;
pub(super) mod ssm;
mod times;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use lifecycle::green::find_copying_deployment;
use thiserror::Error;

use self::deploys::Deploys;
pub use self::group::Group;
use self::ssm::Ssm;
use super::host::{Agent, AgentState, Boot, Credentials, Host, Metadata, Network, Oddity};
use super::sandbox::Family;

/// Why a story file cannot be used.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum StoryError {
    /// Not TOML.
    #[error("the story file is not TOML: {0}")]
    NotToml(String),
    /// A key beside `launch`, `default`, `all` and `group`.
    #[error("the story file has a key `{0}`; it takes `launch`, `default`, `all` and `group`")]
    UnknownTable(String),
    /// A group with a key or a value that means nothing.
    #[error("group.{0}: {1}")]
    Group(String, String),
    /// A story with a key or a value that means nothing.
    #[error("story {story}: {cause}")]
    Story {
        /// Its title, or its place in the file.
        story: String,
        /// What is wrong with it, with the name of the key.
        cause: String,
    },
}

/// What an instance goes through, by its own running time.
#[derive(Clone, Debug, PartialEq)]
pub struct Story {
    /// Its title.
    pub name: String,
    /// The group whose instance lives it; any, if absent.
    pub group: Option<String>,
    /// When the SSM agent registers; never, if absent.
    pub registers: Option<Duration>,
    /// From when on the SSM agent neither pings nor takes commands.
    pub silent_from: Option<Duration>,
    /// When the instance is terminated from outside.
    pub dies: Option<Duration>,
    /// Whether a command, once begun, never ends.
    pub hangs: bool,
    /// Whether the readiness script really runs.
    pub real: bool,
    /// The package manager of its sandbox, whose lock is then really held.
    pub package_manager: Option<Family>,
    /// How long a readiness run takes at least.
    pub run_takes: Duration,
    /// How long a repair takes, beside its waiting.
    pub repair_takes: Duration,
    /// What the SSM agent makes of commands.
    pub(super) ssm: Ssm,
    /// How it takes a deployment.
    pub(super) deploys: Deploys,
    /// What tests and the demo expect; the fleet ignores it.
    pub expect: Option<Expect>,
    told: shape::Told,
}

/// How a repair ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// It mends what is repairable.
    Works,
    /// It reports that it could not.
    Fails,
    /// It ends without a report.
    Lost,
}

/// How the story should end.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// `CONTINUE` or `ABANDON`.
    pub result: String,
    /// The reason of the decision; without the gate `deployment-failed`.
    pub reason: String,
    /// What becomes of its deployment: `Succeeded`, `Failed` or `Stopped`.
    pub deployment: Option<String>,
    /// The most seconds from the verdict to the stop of its deployment.
    pub stopped_within: Option<u32>,
}

impl Story {
    /// Boots in 20 s, registers after 8 s; its user data installs the agent.
    #[must_use]
    pub fn healthy() -> Self {
        Self::from(shape::Told::default())
    }

    /// What is true on the instance when it has run for `at`.
    #[must_use]
    pub fn host(&self, at: Duration) -> Host {
        let told = &self.told;
        Host {
            boot: told.boot(at),
            agent: Agent { generation: told.generation, state: told.agent_state(at) },
            metadata: told.metadata(at),
            credentials: told.credentials(at),
            network: told.network(at),
            clock_ahead: told.clock_ahead(at),
            disk_full: told.disk_full(at),
            oddity: told.finding,
            package_lock: told.package_lock_holder(at),
            packages: shape::since(&told.packages, at).map(str::to_owned).collect(),
            units: shape::since(&told.units, at).map(str::to_owned).collect(),
            commands: shape::since(&told.commands, at).map(str::to_owned).collect(),
            ports: shape::since(&told.ports, at).filter_map(|port| port.parse().ok()).collect(),
        }
    }

    /// How the repair at this place ends; the first is 0.
    #[must_use]
    pub fn repair(&self, time: usize) -> Ending {
        self.told.repair.at(time).unwrap_or(Ending::Works)
    }

    /// Whether somebody else's run of the install document is at the instance when it has run for `at`.
    #[must_use]
    pub fn other_repair(&self, at: Duration) -> bool {
        self.told.other_repair(at)
    }
}

impl From<shape::Told> for Story {
    fn from(told: shape::Told) -> Self {
        Self {
            name: told.story.clone(),
            group: told.group.clone(),
            registers: told.registers.at(),
            silent_from: told.silent_from.map(Into::into),
            dies: told.dies.map(Into::into),
            hangs: told.hangs,
            real: told.real,
            package_manager: told.package_manager,
            run_takes: told.run_takes.into(),
            repair_takes: told.repair_takes.into(),
            ssm: told.ssm.clone(),
            deploys: told.deployment.clone(),
            expect: told.expect.clone(),
            told,
        }
    }
}

/// The stories that are still to be lived.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stories {
    next: VecDeque<Arc<Story>>,
    default: Option<Arc<Story>>,
    groups: BTreeMap<String, Group>,
}

impl Stories {
    /// Reads a story file.
    ///
    /// # Errors
    /// If it is not TOML, or a story has a key or a value that means nothing; the error names both.
    pub fn parse(text: &str) -> Result<Self, StoryError> {
        let mut file: toml::Table = toml::from_str(text).map_err(|e| StoryError::NotToml(e.to_string()))?;
        let all = table(&mut file, "all", "[all]")?;
        let groups = table(&mut file, "group", "[group.NAME]")?.into_iter();
        let groups = groups.map(|(name, told)| Group::read(&name, told).map(|group| (name, group)));
        let groups = groups.collect::<Result<_, _>>()?;
        let launches = file.remove("launch").map_or_else(|| Ok(Vec::new()), |list| shape::read_all(list, &all))?;
        let default = file.remove("default").map(|value| shape::read(value, &all, "default")).transpose()?;
        if let Some(key) = file.keys().next() {
            return Err(StoryError::UnknownTable(key.clone()));
        }
        let (next, default) = (launches.into_iter().map(Arc::new).collect(), default.map(Arc::new));
        Ok(Self { next, default, groups })
    }

    /// All instances live this one.
    #[must_use]
    pub fn all(story: Story) -> Self {
        Self { default: Some(Arc::new(story)), ..Self::default() }
    }

    /// The stories still to be lived, in order.
    pub fn upcoming(&self) -> impl Iterator<Item = &Story> {
        self.next.iter().map(AsRef::as_ref)
    }

    /// The groups that the file tells of, by name.
    pub fn groups(&self) -> impl Iterator<Item = (&String, &Group)> {
        self.groups.iter()
    }

    /// The next story of an instance of this group. A copied group has the stories of `CodeDeploy_<deployment group>`, for
    /// nobody knows its deployment beforehand.
    pub(crate) fn take(&mut self, group: &str) -> Arc<Story> {
        let copied = find_copying_deployment(group).and_then(|id| group.strip_suffix(id)?.strip_suffix('_'));
        let group = copied.unwrap_or(group);
        let place = self.next.iter().position(|story| story.group.as_ref().is_none_or(|own| own == group));
        place
            .and_then(|place| self.next.remove(place))
            .or_else(|| self.default.clone())
            .unwrap_or_else(|| Arc::new(Story::healthy()))
    }
}

fn table(file: &mut toml::Table, key: &str, written: &str) -> Result<toml::Table, StoryError> {
    let told = file.remove(key).map_or_else(|| Ok(toml::Table::new()), toml::Value::try_into);
    told.map_err(|_| StoryError::UnknownTable(format!("{key} (it is written {written})")))
}
