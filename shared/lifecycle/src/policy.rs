//! What the owner of a group wants, as JSON in the hook's own `NotificationMetadata` (README.md#the-policy).

mod breaker;
mod checks;

use std::borrow::Cow;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use breaker::{Breaker, BreakerAction};
pub use checks::Checks;

use crate::decision::LifecycleResult;
use crate::event::Destination;

/// Seconds that `ready_within` may be.
const READY_WITHIN: std::ops::RangeInclusive<u64> = 30..=86_400;

/// The judgement of a group's owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Whether decisions are carried out.
    pub mode: Mode,
    /// How long after the lifecycle action's beginning the instance must be ready.
    pub ready_within: Duration,
    /// The result for an instance that is not ready by then.
    pub on_deadline: LifecycleResult,
    /// Whether the gate may mend the instance.
    pub repair: bool,
    /// What becomes of the CodeDeploy agent.
    pub agent: AgentPolicy,
    /// Whether user data must have succeeded.
    pub user_data: Requirement,
    /// What else must be true on the instance.
    pub checks: Checks,
    /// When failed launches of the group trip its breaker. Without it nobody counts them.
    pub breaker: Option<Breaker>,
}

/// Whether decisions are carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Decisions are carried out.
    Enforce,
    /// Decisions are only logged. Use it to try the gate on a live group.
    Observe,
}

/// What becomes of the CodeDeploy agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AgentPolicy {
    /// It must be ready, as everything else.
    Required,
    /// Nobody looks at it.
    Ignored,
    /// It is off until everything else is ready. Then the gate starts it, so that `CodeDeploy` deploys only now.
    Last,
}

impl AgentPolicy {
    /// The word that the documents take as a parameter.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Ignored => "ignored",
            Self::Last => "last",
        }
    }
}

/// Whether a check counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Requirement {
    /// The check must pass.
    Required,
    /// A check that fails is no finding.
    Ignored,
}

impl Requirement {
    /// The word that the documents take as a parameter.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Ignored => "ignored",
        }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            mode: Mode::Enforce,
            ready_within: Duration::from_mins(10),
            on_deadline: LifecycleResult::Abandon,
            repair: true,
            agent: AgentPolicy::Required,
            user_data: Requirement::Required,
            checks: Checks::default(),
            breaker: None,
        }
    }
}

/// What is wrong with a policy. It names the key; the stack's default policy is used instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("policy key {key:?}: {problem}")]
pub struct PolicyError {
    /// The key that is wrong, with its path; `.` for the whole text.
    pub key: String,
    /// What is wrong with it.
    pub problem: String,
}

impl Policy {
    /// Reads a policy; keys that are left out keep the value that they have in `base`.
    ///
    /// # Errors
    /// [`PolicyError`] for anything but a JSON object, an unknown key, a wrong type, a value out of range, or an agent that
    /// nobody may start.
    pub fn parse(text: &str, base: &Self) -> Result<Self, PolicyError> {
        let object: Map<String, Value> =
            serde_json::from_str(text).map_err(|error| wrong(".", format!("not a JSON object: {error}")))?;
        let mut policy = base.clone();
        for (key, value) in &object {
            policy.set(key, value)?;
        }
        policy.check_agent()?;
        Ok(policy)
    }

    /// The same in a stack that cannot repair, so that no repair is decided.
    ///
    /// # Errors
    /// [`PolicyError`] if the gate would have to start the agent, which it cannot there.
    pub fn without_repair(self) -> Result<Self, PolicyError> {
        let policy = Self { repair: false, ..self };
        policy.check_agent()?;
        Ok(policy)
    }

    /// What is asked of an instance on its way to this destination. With the agent last, one that goes into a warm pool
    /// is asked only for what stands before a deployment: `CodeDeploy` deploys at its way out of the pool (aws-facts 2.5).
    #[must_use]
    pub fn toward(&self, destination: Option<Destination>) -> Cow<'_, Self> {
        if self.agent != AgentPolicy::Last || destination != Some(Destination::Pool) {
            return Cow::Borrowed(self);
        }
        let checks = self.checks.before_a_deployment();
        Cow::Owned(Self { agent: AgentPolicy::Ignored, checks, ..self.clone() })
    }

    /// The policy in the metadata of a hook, as far as the stack can follow it (`restrict`). If the metadata is wrong, the
    /// result is `default` and a text that says what is wrong, because a typing error must not terminate a fleet.
    #[must_use]
    pub fn of_hook(
        metadata: Option<&str>,
        default: &Self,
        restrict: impl FnOnce(Self) -> Result<Self, PolicyError>,
    ) -> (Self, Option<String>) {
        let text = metadata.filter(|text| !text.trim().is_empty()).unwrap_or("{}");
        match Self::parse(text, default).and_then(restrict) {
            Ok(policy) => (policy, None),
            Err(error) => {
                let warning = format!("the stack's default policy is used, because of the hook's metadata: {error}");
                (default.clone(), Some(warning))
            }
        }
    }

    /// Whether the gate repairs instances. In observe mode it changes nothing.
    #[must_use]
    pub fn mends(&self) -> bool {
        self.repair && self.mode == Mode::Enforce
    }

    fn check_agent(&self) -> Result<(), PolicyError> {
        if self.agent == AgentPolicy::Last && !self.repair {
            return Err(wrong(
                "agent",
                "\"last\" needs repair, in the policy and in the stack: the gate starts the agent with it",
            ));
        }
        Ok(())
    }

    fn set(&mut self, key: &str, value: &Value) -> Result<(), PolicyError> {
        match key {
            "mode" => self.mode = read(key, value)?,
            "ready_within" => self.ready_within = seconds(key, value)?,
            "on_deadline" => self.on_deadline = read(key, value)?,
            "repair" => self.repair = read(key, value)?,
            "agent" => self.agent = read(key, value)?,
            "user_data" => self.user_data = read(key, value)?,
            "checks" => self.checks = Checks::read(&read(key, value)?)?,
            "breaker" => self.breaker = Some(Breaker::read(&read(key, value)?)?),
            _ => return Err(wrong(key, "no such key")),
        }
        Ok(())
    }
}

fn seconds(key: &str, value: &Value) -> Result<Duration, PolicyError> {
    let seconds = read(key, value)?;
    if READY_WITHIN.contains(&seconds) {
        Ok(Duration::from_secs(seconds))
    } else {
        Err(wrong(key, format!("{seconds} is not within {} to {} seconds", READY_WITHIN.start(), READY_WITHIN.end())))
    }
}

fn read<T: DeserializeOwned>(key: &str, value: &Value) -> Result<T, PolicyError> {
    T::deserialize(value).map_err(|error| wrong(key, error))
}

fn wrong(key: &str, problem: impl std::fmt::Display) -> PolicyError {
    PolicyError { key: key.to_owned(), problem: problem.to_string() }
}

#[cfg(test)]
mod tests;
