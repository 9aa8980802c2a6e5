//! What a readiness run says about a host (DESIGN 6), for the crowds on whose instances no script really runs.

mod findings;

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::host::{AgentState, Host};
pub(super) use findings::Wants;
use findings::{Class, Finding, findings};

/// The real script re-checks this often.
const EVERY: Duration = Duration::from_secs(2);

/// A run that has ended.
pub(super) struct Run {
    pub(super) took: Duration,
    pub(super) code: i64,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

/// Waits like the script: until ready, until waiting cannot help, or until the wait is over.
pub(super) fn run(host_at: impl Fn(Duration) -> Host, first_check: Duration, wants: &Wants) -> Run {
    let mut took = first_check;
    loop {
        let host = host_at(took);
        let found = findings(&host, wants);
        if decided(&found) || took + EVERY > wants.wait {
            return ended(took, &host, &found);
        }
        took += EVERY;
    }
}

fn decided(found: &[Finding]) -> bool {
    let any = |class: Class| found.iter().any(|finding| finding.class == class);
    let booting = found.iter().any(|finding| finding.code == "boot-running");
    any(Class::Fatal) || !any(Class::Transient) || (any(Class::Repairable) && !booting)
}

fn ended(took: Duration, host: &Host, found: &[Finding]) -> Run {
    let report = json!({
        "v": 1, "ready": found.is_empty(), "waited_s": took.as_secs(), "agent": agent(host),
        "findings": found.iter().map(Finding::json).collect::<Vec<_>>(),
    });
    let stderr = if found.is_empty() {
        String::new()
    } else {
        "evidence: simulated by the fleet\n".to_owned()
    };
    Run {
        took,
        code: if found.is_empty() { 0 } else { 10 },
        stdout: format!("{report}\n"),
        stderr,
    }
}

fn agent(host: &Host) -> Value {
    let version = if host.agent.generation == 1 {
        "1.8.1"
    } else {
        "2.1.0"
    };
    match host.agent.state {
        AgentState::Missing => json!({"generation": 0, "version": "", "state": "missing"}),
        AgentState::Stopped => {
            json!({"generation": host.agent.generation, "version": version, "state": "stopped"})
        }
        AgentState::NoWorker
        | AgentState::Restarting
        | AgentState::NoCredentials
        | AgentState::PollFails => {
            json!({"generation": host.agent.generation, "version": version, "state": "failing"})
        }
        AgentState::Polling => {
            json!({"generation": host.agent.generation, "version": version, "state": "running"})
        }
    }
}

/// The words of a parameter whose value is a list with blanks between.
fn words(parameters: &BTreeMap<String, Vec<String>>, name: &str) -> Vec<String> {
    parameters
        .get(name)
        .into_iter()
        .flatten()
        .flat_map(|value| value.split_whitespace())
        .map(str::to_owned)
        .collect()
}
