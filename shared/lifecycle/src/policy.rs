//! What the owner of a group wants, as JSON in the hook's own `NotificationMetadata` (README.md#the-policy).

mod breaker;
mod checks;

use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use breaker::{Breaker, BreakerAction};
pub use checks::Checks;

use crate::decision::LifecycleResult;

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
    /// Whether the CodeDeploy agent must be ready.
    pub agent: Requirement,
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
            agent: Requirement::Required,
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
    /// [`PolicyError`] for anything but a JSON object, an unknown key, a wrong type or a value out of range.
    pub fn parse(text: &str, base: &Self) -> Result<Self, PolicyError> {
        let object: Map<String, Value> =
            serde_json::from_str(text).map_err(|error| wrong(".", format!("not a JSON object: {error}")))?;
        let mut policy = base.clone();
        for (key, value) in &object {
            policy.set(key, value)?;
        }
        Ok(policy)
    }

    /// The policy in the metadata of a hook. If the metadata is wrong, the result is `default` and a text that says what is
    /// wrong, because a typing error must not terminate a fleet.
    #[must_use]
    pub fn of_hook(metadata: Option<&str>, default: &Self) -> (Self, Option<String>) {
        let text = metadata.filter(|text| !text.trim().is_empty()).unwrap_or("{}");
        match Self::parse(text, default) {
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
