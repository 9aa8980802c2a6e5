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
        if decided(&found, wants) || took + EVERY > wants.wait {
            return ended(took, &host, &found, wants);
        }
        took += EVERY;
    }
}

fn decided(found: &[Finding], wants: &Wants) -> bool {
    let any = |class: Class| found.iter().any(|finding| finding.class == class);
    let booting = found.iter().any(|finding| finding.code == "boot-running");
    let mended_next = wants.repair && any(Class::Repairable) && !booting;
    found.is_empty() || any(Class::Fatal) || mended_next
}

fn ended(took: Duration, host: &Host, found: &[Finding], wants: &Wants) -> Run {
    let ready = found.is_empty();
    let found: Vec<Value> = found.iter().map(Finding::json).collect();
    let mut report = json!({"v": 1, "ready": ready, "waited_s": took.as_secs(), "findings": found});
    if let (true, Some(report)) = (wants.agent, report.as_object_mut()) {
        report.insert("agent".to_owned(), agent(host));
    }
    let evidence = if ready { "" } else { "evidence: simulated by the fleet\n" };
    Run { took, code: if ready { 0 } else { 10 }, stdout: format!("{report}\n"), stderr: evidence.to_owned() }
}

/// In the words of the real script.
fn agent(host: &Host) -> Value {
    let state = match host.agent.state {
        AgentState::Missing => return json!({"state": "missing"}),
        AgentState::Stopped => "stopped",
        AgentState::NoWorker => "no-worker",
        AgentState::Restarting => "restarting",
        AgentState::NoCredentials
        | AgentState::NoRoute
        | AgentState::TlsFails
        | AgentState::ClockSkewed
        | AgentState::AccessDenied
        | AgentState::PollFails => "failing",
        AgentState::Polling => "running",
    };
    let version = if host.agent.generation == 1 { "1.8.1" } else { "2.1.0" };
    json!({"generation": host.agent.generation, "version": version, "state": state})
}

/// The words of a parameter whose value is a list with blanks between.
fn words(parameters: &BTreeMap<String, Vec<String>>, name: &str) -> Vec<String> {
    parameters.get(name).into_iter().flatten().flat_map(|value| value.split_whitespace()).map(str::to_owned).collect()
}
