//! Times in a story file.

use std::time::Duration;

use serde::Deserialize;

/// No story is longer.
const LONGEST: Duration = Duration::from_hours(365 * 24);

/// Seconds, whole or not.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(try_from = "f64")]
pub(super) struct Seconds(pub(super) Duration);

impl Seconds {
    pub(super) const ZERO: Self = Self(Duration::ZERO);
}

impl TryFrom<f64> for Seconds {
    type Error = String;

    fn try_from(seconds: f64) -> Result<Self, String> {
        let span = Duration::try_from_secs_f64(seconds).ok();
        span.filter(|span| *span <= LONGEST)
            .map(Self)
            .ok_or_else(|| format!("{seconds} is not a number of seconds up to a year"))
    }
}

impl From<Seconds> for Duration {
    fn from(seconds: Seconds) -> Self {
        seconds.0
    }
}

/// Seconds after the start, or never.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(untagged, expecting = "expected a number of seconds or \"never\"")]
pub(super) enum When {
    At(Seconds),
    Word(Never),
}

/// The one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Never {
    Never,
}

impl When {
    pub(super) fn at(self) -> Option<Duration> {
        match self {
            Self::At(seconds) => Some(seconds.0),
            Self::Word(Never::Never) => None,
        }
    }
}
