//! How an instance takes a deployment.

use std::time::Duration;

use serde::Deserialize;

use super::super::model::deployments::Diagnostics;
use super::times::Seconds;

/// The table `deployment` of a story; without one, everything succeeds.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Deploys {
    /// For each lifecycle event.
    takes: Seconds,
    /// The lifecycle event whose script fails.
    fails: Option<String>,
    /// The lifecycle event whose script does not end.
    hangs: Option<String>,
    script: String,
    /// How long the script may take.
    timeout: Seconds,
    log: String,
}

/// The default time-out of a script (AWS-FACTS 3.3).
const SCRIPT_TIMEOUT: Seconds = Seconds(Duration::from_hours(1));

impl Default for Deploys {
    fn default() -> Self {
        let script = "scripts/hook.sh".to_owned();
        Self {
            takes: Seconds(Duration::from_secs(1)),
            fails: None,
            hangs: None,
            script,
            timeout: SCRIPT_TIMEOUT,
            log: String::new(),
        }
    }
}

impl Deploys {
    pub(crate) fn takes(&self, event: &str) -> Duration {
        if self.hangs.as_deref() == Some(event) { self.timeout.0 } else { self.takes.0 }
    }

    /// In the agent's own words (AWS-FACTS 5).
    pub(crate) fn failure(&self, event: &str) -> Option<Diagnostics> {
        let (code, how) = if self.hangs.as_deref() == Some(event) {
            ("ScriptTimedOut", format!("failed to complete in {} seconds", self.timeout.0.as_secs()))
        } else if self.fails.as_deref() == Some(event) {
            ("ScriptFailed", "failed with exit code 1".to_owned())
        } else {
            return None;
        };
        let script = &self.script;
        let lines: Vec<String> = self.log.lines().map(|line| format!("[stderr]{line}\n")).collect();
        Some(Diagnostics {
            code: code.to_owned(),
            script: script.clone(),
            message: format!("Script at specified location: {script} {how}"),
            log: format!("LifecycleEvent - {event}\nScript - {script}\n{}", lines.concat()),
        })
    }
}
