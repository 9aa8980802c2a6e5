//! What a readiness run is asked to check.

use std::collections::BTreeMap;
use std::time::Duration;

use super::words;

/// What a run is asked to check: the parameters of the readiness document.
#[expect(clippy::struct_excessive_bools, reason = "independent parameters")]
pub(in super::super) struct Wants {
    pub(super) wait: Duration,
    pub(super) agent: bool,
    /// Whether the agent, and what the revision brings, is looked at only if nothing else is wrong.
    pub(super) last: bool,
    /// Whether somebody mends what is repairable once the run has ended.
    pub(super) repair: bool,
    /// Whether user data that failed is a finding.
    pub(super) user_data: bool,
    pub(super) packages: Vec<String>,
    pub(super) units: Vec<String>,
    pub(super) commands: Vec<String>,
    pub(super) ports: Vec<String>,
    pub(super) url: Option<String>,
}

impl Wants {
    pub(in super::super) fn read(parameters: &BTreeMap<String, Vec<String>>, longest: Duration) -> Self {
        let first = |name: &str| words(parameters, name).into_iter().next();
        let seconds = first("waitSeconds").and_then(|text| text.parse().ok());
        Self {
            wait: Duration::from_secs(seconds.unwrap_or(0)).min(longest),
            agent: first("agent").is_none_or(|agent| agent != "ignored"),
            last: first("agent").is_some_and(|agent| agent == "last"),
            repair: first("repair").is_some_and(|repair| repair == "offered"),
            user_data: first("userData").is_none_or(|user_data| user_data != "ignored"),
            packages: words(parameters, "packages"),
            units: words(parameters, "units"),
            commands: words(parameters, "commands"),
            ports: words(parameters, "ports"),
            url: first("url"),
        }
    }
}
