//! Stories: what an instance goes through, told in a small TOML file.
//!
//! Each `[[launch]]` is the story of the next launched instance (of the next `count`). When all are told, `[default]`
//! is lived by everyone else, and without one they are healthy. `tests/stories/` has one of each kind.

mod shape;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;

use super::host::{Agent, AgentState, Boot, Host, Metadata};

/// A story file that cannot be told.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum StoryError {
    /// Not TOML.
    #[error("the story file is not TOML: {0}")]
    NotToml(String),
    /// A key beside `launch` and `default`.
    #[error("the story file has a key `{0}`; it takes `launch` and `default`")]
    UnknownTable(String),
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
    /// How long a readiness run takes at least.
    pub run_takes: Duration,
    /// How long a repair takes.
    pub repair_takes: Duration,
    /// Whether it mends the agent.
    pub repair_works: bool,
    /// What tests and the demo expect; the fleet ignores it.
    pub expect: Option<Expect>,
    told: shape::Told,
}

/// How the story should end.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// `CONTINUE` or `ABANDON`.
    pub result: String,
    /// The reason of the decision.
    pub reason: String,
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
            metadata: told.metadata,
            package_lock: told.package_lock_holder(at),
            units: shape::since(&told.units, at).map(str::to_owned).collect(),
            commands: shape::since(&told.commands, at).map(str::to_owned).collect(),
            ports: shape::since(&told.ports, at).filter_map(|port| port.parse().ok()).collect(),
            ..Host::healthy(told.generation)
        }
    }
}

impl From<shape::Told> for Story {
    fn from(told: shape::Told) -> Self {
        Self {
            name: told.story.clone(),
            registers: told.registers.at(),
            silent_from: told.silent_from.map(Into::into),
            dies: told.dies.map(Into::into),
            hangs: told.hangs,
            real: told.real,
            run_takes: told.run_takes.into(),
            repair_takes: told.repair_takes.into(),
            repair_works: told.repair == shape::Ending::Works,
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
}

impl Stories {
    /// Reads a story file.
    ///
    /// # Errors
    /// If it is not TOML, or a story has a key or a value that means nothing; the error names both.
    pub fn parse(text: &str) -> Result<Self, StoryError> {
        let mut file: toml::Table = toml::from_str(text).map_err(|e| StoryError::NotToml(e.to_string()))?;
        let launches = file.remove("launch").map_or_else(|| Ok(Vec::new()), shape::read_all)?;
        let default = file.remove("default").map(|value| shape::read(value, "default")).transpose()?;
        match file.keys().next() {
            Some(key) => Err(StoryError::UnknownTable(key.clone())),
            None => Ok(Self { next: launches.into_iter().map(Arc::new).collect(), default: default.map(Arc::new) }),
        }
    }

    /// All instances live this one.
    #[must_use]
    pub fn all(story: Story) -> Self {
        Self { next: VecDeque::new(), default: Some(Arc::new(story)) }
    }

    /// The stories still to be lived, in order.
    pub fn upcoming(&self) -> impl Iterator<Item = &Story> {
        self.next.iter().map(AsRef::as_ref)
    }

    pub(crate) fn take(&mut self) -> Arc<Story> {
        self.next.pop_front().or_else(|| self.default.clone()).unwrap_or_else(|| Arc::new(Story::healthy()))
    }
}
