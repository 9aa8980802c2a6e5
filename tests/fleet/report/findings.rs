//! The findings about one host at one moment.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::super::host::{AgentState, Boot, Host, Metadata};
use super::words;

/// What a finding means for the launch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Transient,
    Repairable,
    Fatal,
}

/// One failed check.
pub(super) struct Finding {
    check: &'static str,
    pub(super) code: &'static str,
    pub(super) class: Class,
    detail: String,
}

impl Finding {
    fn of(check: &'static str, code: &'static str, class: Class, detail: &str) -> Self {
        Self { check, code, class, detail: detail.to_owned() }
    }

    pub(super) fn json(&self) -> Value {
        let class = match self.class {
            Class::Transient => "transient",
            Class::Repairable => "repairable",
            Class::Fatal => "fatal",
        };
        json!({"check": self.check, "code": self.code, "class": class, "detail": self.detail})
    }
}

/// What a run is asked to check: the parameters of the readiness document.
pub(in super::super) struct Wants {
    pub(super) wait: Duration,
    pub(super) agent: bool,
    /// Whether somebody mends what is repairable once the run has ended.
    pub(super) repair: bool,
    units: Vec<String>,
    commands: Vec<String>,
    ports: Vec<String>,
    url: Option<String>,
}

impl Wants {
    pub(in super::super) fn read(parameters: &BTreeMap<String, Vec<String>>, longest: Duration) -> Self {
        let first = |name: &str| words(parameters, name).into_iter().next();
        let seconds = first("waitSeconds").and_then(|text| text.parse().ok());
        Self {
            wait: Duration::from_secs(seconds.unwrap_or(0)).min(longest),
            agent: first("agent").is_none_or(|agent| agent != "ignored"),
            repair: first("repair").is_some_and(|repair| repair == "offered"),
            units: words(parameters, "units"),
            commands: words(parameters, "commands"),
            ports: words(parameters, "ports"),
            url: first("url"),
        }
    }
}

pub(super) fn findings(host: &Host, wants: &Wants) -> Vec<Finding> {
    let mut found: Vec<Finding> = [boot(host), metadata(host), package_lock(host)].into_iter().flatten().collect();
    found.extend(wants.agent.then(|| agent(host)).flatten());
    let lists = [
        missing("units", "unit-not-active", &wants.units, |unit| host.units.contains(unit)),
        missing("commands", "command-missing", &wants.commands, |name| host.commands.contains(name)),
        missing("ports", "port-closed", &wants.ports, |port| listens(host, port)),
        missing("url", "url-failing", wants.url.as_slice(), |url| listens(host, &port_of(url))),
    ];
    found.extend(lists.into_iter().flatten());
    found
}

fn boot(host: &Host) -> Option<Finding> {
    let (code, class) = match host.boot {
        Boot::Running => ("boot-running", Class::Transient),
        Boot::UserDataFailed => ("user-data-failed", Class::Fatal),
        Boot::Done | Boot::NoCloudInit => return None,
    };
    Some(Finding::of("boot", code, class, ""))
}

fn metadata(host: &Host) -> Option<Finding> {
    let (code, class) = match host.metadata {
        Metadata::Answers => return None,
        Metadata::Unreachable => ("metadata-unreachable", Class::Transient),
        Metadata::HopLimit => ("metadata-hop-limit", Class::Transient),
        Metadata::Blocked => ("metadata-blocked", Class::Transient),
        Metadata::Disabled => ("metadata-disabled", Class::Fatal),
    };
    Some(Finding::of("metadata", code, class, ""))
}

fn package_lock(host: &Host) -> Option<Finding> {
    let holder = host.package_lock.as_ref()?;
    Some(Finding::of("package-lock", "package-lock-held", Class::Transient, &format!("held by {holder}")))
}

fn agent(host: &Host) -> Option<Finding> {
    let (code, class) = match host.agent.state {
        AgentState::Missing => ("agent-missing", Class::Repairable),
        AgentState::Stopped => ("agent-stopped", Class::Repairable),
        AgentState::NoWorker => ("agent-no-worker", Class::Repairable),
        AgentState::Restarting => ("agent-restarting", Class::Transient),
        AgentState::NoCredentials => ("agent-no-credentials", Class::Fatal),
        AgentState::NoRoute => ("agent-no-route", Class::Transient),
        AgentState::TlsFails => ("agent-tls-failing", Class::Transient),
        AgentState::ClockSkewed => ("agent-clock-skewed", Class::Transient),
        AgentState::AccessDenied => ("agent-access-denied", Class::Transient),
        AgentState::PollFails => ("agent-not-polling", Class::Transient),
        AgentState::Polling => return None,
    };
    Some(Finding::of("agent", code, class, ""))
}

/// One finding names all that a check misses.
fn missing(
    check: &'static str,
    code: &'static str,
    wanted: &[String],
    there: impl Fn(&String) -> bool,
) -> Option<Finding> {
    let absent: Vec<&str> = wanted.iter().filter(|name| !there(name)).map(String::as_str).collect();
    let detail = format!("not there: {}", absent.join(" "));
    (!absent.is_empty()).then(|| Finding::of(check, code, Class::Transient, &detail))
}

fn listens(host: &Host, port: &str) -> bool {
    port.parse().is_ok_and(|port| host.ports.contains(&port))
}

/// The port of `http://host:port/path`, or the scheme's own.
fn port_of(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
    let authority = rest.split('/').next().unwrap_or_default();
    let own = if scheme == "https" { "443" } else { "80" };
    authority.rsplit_once(':').map_or(own, |(_, port)| port).to_owned()
}
