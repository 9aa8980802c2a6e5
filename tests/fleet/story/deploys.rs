//! What a story says about the deployment on its instance.

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
    /// Whether the script of `ValidateService` really runs.
    real: bool,
}

/// What an agent sends of a script's output at most, in characters (aws-facts 5).
const LOG_TAIL: usize = 2048;

/// The default time-out of a script (aws-facts 3.3).
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
            real: false,
        }
    }
}

impl Deploys {
    pub(crate) fn takes(&self, event: &str) -> Duration {
        if self.endless(event) { self.timeout.0 } else { self.takes.0 }
    }

    /// Whether its script is run for real, in an instance's own place.
    pub(crate) fn really_runs(&self, event: &str) -> bool {
        self.real && event == "ValidateService"
    }

    /// Without somebody who ends it.
    fn endless(&self, event: &str) -> bool {
        self.hangs.as_deref() == Some(event) || self.really_runs(event)
    }

    /// In the agent's own words (aws-facts 5).
    pub(crate) fn failure(&self, event: &str) -> Option<Diagnostics> {
        if self.endless(event) {
            let how = format!("failed to complete in {} seconds", self.timeout.0.as_secs());
            return Some(self.told(event, "ScriptTimedOut", &how, &labelled("stderr", &self.log)));
        }
        (self.fails.as_deref() == Some(event)).then(|| self.failed(event, 1, &labelled("stderr", &self.log)))
    }

    /// A script that ended with this exit code, and these lines, each with the name of its stream.
    pub(crate) fn failed(&self, event: &str, code: i64, output: &str) -> Diagnostics {
        self.told(event, "ScriptFailed", &format!("failed with exit code {code}"), output)
    }

    fn told(&self, event: &str, code: &str, how: &str, output: &str) -> Diagnostics {
        let script = &self.script;
        let log = format!("LifecycleEvent - {event}\nScript - {script}\n{output}");
        Diagnostics {
            code: code.to_owned(),
            script: script.clone(),
            message: format!("Script at specified location: {script} {how}"),
            log: log.chars().skip(log.chars().count().saturating_sub(LOG_TAIL)).collect(),
        }
    }
}

/// The lines of a script's output as the agent logs them (aws-facts 5.2).
#[must_use]
pub fn labelled(stream: &str, output: &str) -> String {
    let lines: Vec<String> = output.lines().map(|line| format!("[{stream}]{line}\n")).collect();
    lines.concat()
}
