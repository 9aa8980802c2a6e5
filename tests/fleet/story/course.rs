//! Values of a story file that stay the same or change with time.

use std::time::Duration;

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error};
use toml::Value;

use super::times::Seconds;

/// One value for ever, or a list of values with the second at which each begins: `"open"`, `[[0, "no-route"],
/// [30, "open"]]`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Course<T>(Vec<(Seconds, T)>);

impl<T: Copy> Course<T> {
    pub(super) const fn new() -> Self {
        Self(Vec::new())
    }

    /// The last thing told up to now.
    pub(super) fn at(&self, at: Duration) -> Option<T> {
        self.0.iter().rev().find(|(from, _)| Duration::from(*from) <= at).map(|(_, thing)| *thing)
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Course<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let told = if value.is_array() {
            value.try_into()
        } else {
            value.try_into().map(|thing| vec![(Seconds::ZERO, thing)])
        };
        let told: Vec<(Seconds, T)> = told.map_err(|error| custom(&error))?;
        if told.is_sorted_by_key(|(from, _)| Duration::from(*from)) {
            return Ok(Self(told));
        }
        Err(D::Error::custom("it is not in the order of time"))
    }
}

/// One for all, or one for each time, of which the last holds for all later ones: `"works"`, `["fails", "works"]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Times<T>(pub(super) Vec<T>);

impl<T: Copy> Times<T> {
    pub(super) fn at(&self, time: usize) -> Option<T> {
        self.0.get(time).or(self.0.last()).copied()
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Times<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let told = if value.is_array() { value.try_into() } else { value.try_into().map(|thing| vec![thing]) };
        let told: Vec<T> = told.map_err(|error| custom(&error))?;
        if told.is_empty() { Err(D::Error::custom("it is empty")) } else { Ok(Self(told)) }
    }
}

fn custom<E: Error>(error: &toml::de::Error) -> E {
    E::custom(error.message())
}
