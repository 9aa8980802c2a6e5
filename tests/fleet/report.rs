//! Simulates a readiness run: what it reports about a host. Stories with many instances use it, because no script
//! really runs there.

mod findings;
mod wants;

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::host::{AgentState, Host};
pub(super) use findings::{Class, Finding, packages_missing};
use findings::{agent_is_not_due, findings};
pub(super) use wants::Wants;

/// The real script re-checks this often.
const EVERY: Duration = Duration::from_secs(2);

/// A run that has ended.
pub(super) struct Run {
    pub(super) took: Duration,
    pub(super) code: i64,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

/// A fatal finding is told as transient until a look has found it for so long; a run goes on until then.
const PROOF: Duration = Duration::from_secs(11);

/// Waits like the script: until ready, until waiting cannot help, or until the wait is over.
/// `up` is how long the instance had run before.
pub(super) fn run(host_at: impl Fn(Duration) -> Host, up: Duration, first_check: Duration, wants: &Wants) -> Run {
    let mut took = first_check;
    let (mut suspected, mut early) = (None, false);
    loop {
        let host = host_at(took);
        let mut found = findings(&host, up + took, wants);
        let agent_runs = !matches!(host.agent.state, AgentState::Missing | AgentState::Stopped);
        early |= agent_is_not_due(&found, wants) && agent_runs;
        suspected = found.iter().any(Finding::is_fatal).then(|| suspected.unwrap_or(took));
        let unproven = suspected.is_some_and(|since| took < since + PROOF);
        if unproven {
            found.iter_mut().for_each(Finding::doubt);
        }
        if !unproven && (decided(&found, wants) || took + EVERY > wants.wait) {
            return ended(took, &host, &found, wants, early);
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

fn ended(took: Duration, host: &Host, found: &[Finding], wants: &Wants, early: bool) -> Run {
    let ready = found.is_empty();
    let evidence = if ready { "" } else { "evidence: simulated by the fleet\n" };
    let looked_at = wants.agent && !agent_is_not_due(found, wants);
    let stdout = report(took, looked_at.then_some(host), found, early);
    Run { took, code: if ready { 0 } else { 10 }, stdout, stderr: evidence.to_owned() }
}

/// The line that both documents print first; the agent stands in it if it was looked at, and whether it ran too `early`.
pub(super) fn report(waited: Duration, looked_at: Option<&Host>, found: &[Finding], early: bool) -> String {
    let findings: Vec<Value> = found.iter().map(Finding::json).collect();
    let mut report = json!({"v": 1, "ready": found.is_empty(), "waited_s": waited.as_secs(), "findings": findings});
    if let (true, Some(report)) = (early, report.as_object_mut()) {
        report.insert("agent_early".to_owned(), true.into());
    }
    if let (Some(host), Some(report)) = (looked_at, report.as_object_mut()) {
        report.insert("agent".to_owned(), agent(host));
    }
    format!("{report}\n")
}

/// Whether this output is that of a run which found nothing wrong, or nothing any more.
pub(super) fn says_ready(stdout: &str) -> bool {
    let report = stdout.lines().next().and_then(|line| serde_json::from_str::<Value>(line).ok());
    report.is_some_and(|report| report.get("ready") == Some(&Value::Bool(true)))
}

/// Whether this output is that of a run which found nothing wrong but the agent.
pub(super) fn lacks_only_agent(stdout: &str) -> bool {
    let report = stdout.lines().next().and_then(|line| serde_json::from_str::<Value>(line).ok());
    let findings = report.as_ref().and_then(|report| report.get("findings")?.as_array());
    findings.is_some_and(|all| !all.is_empty() && all.iter().all(|one| one.get("check") == Some(&json!("agent"))))
}

/// In the words of the real script.
fn agent(host: &Host) -> Value {
    let state = match host.agent.state {
        AgentState::Missing => return json!({"state": "missing"}),
        AgentState::Stopped => "stopped",
        AgentState::NoWorker => "no-worker",
        AgentState::Starting => "starting",
        AgentState::Restarting | AgentState::WorkerKilled => "restarting",
        AgentState::TlsFails if host.agent.generation > 1 => "restarting",
        AgentState::Stopping => "stopping",
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
pub(super) fn words(parameters: &BTreeMap<String, Vec<String>>, name: &str) -> Vec<String> {
    parameters.get(name).into_iter().flatten().flat_map(|value| value.split_whitespace()).map(str::to_owned).collect()
}
