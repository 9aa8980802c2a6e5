//! When a group launches nothing but failures.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{PolicyError, wrong};

/// What `failures` may be.
const FAILURES: RangeInclusive<u64> = 1..=100;
/// Seconds that `within` may be.
const WITHIN: RangeInclusive<u64> = 60..=86_400;

/// After how many failed launches the breaker of a group trips, and what it does then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Breaker {
    /// How many launches must fail.
    pub failures: usize,
    /// Within which time, counted by the ends of the launches.
    pub within: Duration,
    /// What a breaker that trips does.
    pub action: BreakerAction,
}

/// What a breaker that trips does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BreakerAction {
    /// It raises an alarm.
    Alarm,
    /// It suspends the group's process Launch too, if it is sure enough.
    Suspend,
}

impl Default for Breaker {
    fn default() -> Self {
        Self { failures: 3, within: Duration::from_hours(1), action: BreakerAction::Alarm }
    }
}

impl Breaker {
    pub(super) fn read(object: &Map<String, Value>) -> Result<Self, PolicyError> {
        let mut breaker = Self::default();
        for (key, value) in object {
            match key.as_str() {
                "failures" => breaker.failures = usize::try_from(number(key, value, FAILURES)?).unwrap_or(usize::MAX),
                "within" => breaker.within = Duration::from_secs(number(key, value, WITHIN)?),
                "action" => breaker.action = read(key, value)?,
                _ => return Err(at(key, "no such key")),
            }
        }
        Ok(breaker)
    }
}

fn number(key: &str, value: &Value, range: RangeInclusive<u64>) -> Result<u64, PolicyError> {
    let number = read(key, value)?;
    let (least, most) = (range.start(), range.end());
    if range.contains(&number) { Ok(number) } else { Err(at(key, format!("{number} is not within {least} to {most}"))) }
}

fn read<T: DeserializeOwned>(key: &str, value: &Value) -> Result<T, PolicyError> {
    T::deserialize(value).map_err(|error| at(key, error))
}

fn at(key: &str, problem: impl Display) -> PolicyError {
    wrong(&format!("breaker.{key}"), problem)
}
