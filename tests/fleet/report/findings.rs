//! Lists the findings about one host at one moment.

use std::time::Duration;

use serde_json::{Value, json};

use super::super::host::{AgentState, Boot, Credentials, Host, Metadata, Network, Oddity};
use super::wants::Wants;

/// What a finding means for the launch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Class {
    Transient,
    Repairable,
    Fatal,
}

/// One failed check.
pub(in super::super) struct Finding {
    check: &'static str,
    pub(in super::super) code: &'static str,
    pub(super) class: Class,
    detail: String,
}

impl Finding {
    pub(in super::super) fn of(check: &'static str, code: &'static str, class: Class, detail: &str) -> Self {
        Self { check, code, class, detail: detail.to_owned() }
    }

    pub(in super::super) fn lock(holder: &str) -> Self {
        let detail = format!("a process ({holder}) holds /var/lib/rpm/.rpm.lock");
        Self::of("package-lock", "package-lock-held", Class::Transient, &detail)
    }

    pub(super) fn is_fatal(&self) -> bool {
        self.class == Class::Fatal
    }

    /// A fatal finding is transient before it is proven.
    pub(super) fn doubt(&mut self) {
        if self.is_fatal() {
            self.class = Class::Transient;
        }
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

/// In the order in which the script looks; `up` is how long the instance has run.
pub(super) fn findings(host: &Host, up: Duration, wants: &Wants) -> Vec<Finding> {
    let lock = host.package_lock.as_deref().map(Finding::lock);
    let packages = packages_missing(host, &wants.packages);
    let needs = |check: fn(&Host, Duration) -> Option<Finding>| wants.agent.then(|| check(host, up)).flatten();
    let (of_agent, odd): (Vec<_>, Vec<_>) = oddity(host, wants).into_iter().partition(|odd| odd.check == "agent");
    let before = [
        boot(host, wants),
        lock,
        metadata(host),
        needs(credentials),
        needs(network),
        needs(clock),
        disk(host),
        packages,
        missing("commands", "command-missing", &wants.commands, |name| host.commands.contains(name)),
    ];
    let mut found: Vec<Finding> = before.into_iter().flatten().chain(odd).collect();
    if !wants.last || found.is_empty() {
        found.extend(needs(agent).into_iter().chain(of_agent));
    }
    if !wants.last || found.is_empty() {
        found.extend(of_revision(host, wants));
    }
    found
}

/// What a revision brings.
fn of_revision(host: &Host, wants: &Wants) -> impl Iterator<Item = Finding> {
    let found = [
        missing("units", "unit-not-active", &wants.units, |unit| host.units.contains(unit)),
        missing("ports", "port-closed", &wants.ports, |port| listens(host, port)),
        missing("url", "url-failing", wants.url.as_slice(), |url| listens(host, &port_of(url))),
    ];
    found.into_iter().flatten()
}

/// Whether, with the agent last, something before it is wrong: then it is not looked at.
pub(super) fn agent_is_not_due(found: &[Finding], wants: &Wants) -> bool {
    let before = |finding: &Finding| !["agent", "units", "ports", "url"].contains(&finding.check);
    wants.last && found.iter().any(before)
}

pub(in super::super) fn packages_missing(host: &Host, wanted: &[String]) -> Option<Finding> {
    let found = missing("packages", "package-missing", wanted, |name| host.packages.contains(name))?;
    Some(Finding { class: Class::Repairable, ..found })
}

fn boot(host: &Host, wants: &Wants) -> Option<Finding> {
    let (code, class) = match host.boot {
        Boot::Running => ("boot-running", Class::Transient),
        Boot::UserDataFailed if wants.user_data => ("user-data-failed", Class::Fatal),
        Boot::UserDataFailed | Boot::Done | Boot::NoCloudInit => return None,
    };
    Some(Finding::of("boot", code, class, ""))
}

fn oddity(host: &Host, wants: &Wants) -> Option<Finding> {
    let (check, code, class) = match host.oddity? {
        Oddity::AgentOnPremises => ("agent", "agent-on-premises", Class::Transient),
        Oddity::BootFailed => ("boot", "boot-failed", Class::Fatal),
        Oddity::UserDataNotRun => ("boot", "user-data-not-run", Class::Fatal),
        Oddity::HttpClientFailing => ("http-client", "http-client-failing", Class::Transient),
        Oddity::HttpClientMissing => ("http-client", "http-client-missing", Class::Transient),
        Oddity::MetadataNoToken => ("metadata", "metadata-no-token", Class::Transient),
        Oddity::PackageLockUnclear => ("package-lock", "package-lock-unclear", Class::Transient),
        Oddity::PackageDatabaseUnreadable => ("packages", "package-database-unreadable", Class::Transient),
        Oddity::CheckHung => ("packages", "check-hung", Class::Transient),
    };
    (check != "boot" || wants.user_data).then(|| Finding::of(check, code, class, ""))
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

/// A role may be attached a moment after the launch.
const ROLE_COMES_WITHIN: Duration = Duration::from_mins(2);

/// Metadata tells them.
fn credentials(host: &Host, up: Duration) -> Option<Finding> {
    let (code, class) = match host.credentials {
        _ if host.metadata != Metadata::Answers => return None,
        Credentials::Valid => return None,
        Credentials::Missing if up > ROLE_COMES_WITHIN => ("credentials-missing", Class::Fatal),
        Credentials::Missing => ("credentials-missing", Class::Transient),
        Credentials::Expired => ("credentials-expired", Class::Transient),
        Credentials::Refused => ("credentials-refused", Class::Transient),
    };
    Some(Finding::of("credentials", code, class, ""))
}

/// Metadata names the Region, and so the endpoints.
fn network(host: &Host, _: Duration) -> Option<Finding> {
    let code = match host.network {
        _ if host.metadata != Metadata::Answers => return None,
        Network::Open => return None,
        Network::NoName => "network-no-name",
        Network::NoRoute => "network-no-route",
        Network::NoTls => "network-tls-failing",
    };
    Some(Finding::of("network", code, Class::Transient, "codedeploy-commands.us-east-1.amazonaws.com"))
}

/// `SigV4` allows 300 s.
const MOST_SKEW: u64 = 240;

/// AWS tells the time with each answer; nobody else is asked.
fn clock(host: &Host, _: Duration) -> Option<Finding> {
    let told = host.network == Network::Open && host.clock_ahead.unsigned_abs() > MOST_SKEW;
    let detail = format!("{} s ahead", host.clock_ahead);
    told.then(|| Finding::of("clock", "clock-skewed", Class::Transient, &detail))
}

fn disk(host: &Host) -> Option<Finding> {
    host.disk_full.then(|| Finding::of("disk", "disk-full", Class::Transient, "0 KiB free"))
}

fn agent(host: &Host, _: Duration) -> Option<Finding> {
    // A log tells of the past; only metadata that knows no role now makes it final.
    let no_role = host.metadata == Metadata::Answers && host.credentials == Credentials::Missing;
    let (code, class) = match host.agent.state {
        AgentState::Missing => ("agent-missing", Class::Repairable),
        AgentState::Stopped => ("agent-stopped", Class::Repairable),
        AgentState::NoWorker => ("agent-no-worker", Class::Repairable),
        AgentState::Starting => ("agent-starting", Class::Transient),
        AgentState::Restarting | AgentState::WorkerKilled => ("agent-restarting", Class::Transient),
        AgentState::TlsFails if host.agent.generation > 1 => ("agent-restarting", Class::Transient),
        AgentState::Stopping => ("agent-stopping", Class::Transient),
        AgentState::NoCredentials if no_role => ("agent-no-credentials", Class::Fatal),
        AgentState::NoCredentials => ("agent-no-credentials", Class::Transient),
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
