//! Simulates the steps of the install document: what they report about a host, and what they repair. Stories with many
//! instances use it, because no script really runs there.

mod distributor;

use std::collections::BTreeMap;
use std::time::Duration;

use super::host::{AgentState, Host};
use super::report::{Class, Finding, packages_missing, report, words};
use super::story::{Ending, Story};

/// The real scripts look again this often.
const EVERY: Duration = Duration::from_secs(1);

/// The parameters of the install document.
pub(super) struct Asked {
    wait: Duration,
    agent: bool,
    /// Whether the agent is left to the next run if packages are missing.
    last: bool,
    packages: Vec<String>,
}

impl Asked {
    pub(super) fn read(parameters: &BTreeMap<String, Vec<String>>) -> Self {
        let first = |name: &str| words(parameters, name).into_iter().next();
        Self {
            wait: Duration::from_secs(first("waitSeconds").and_then(|text| text.parse().ok()).unwrap_or(240)),
            agent: first("agent").is_none_or(|agent| agent != "ignored"),
            last: first("agent").is_some_and(|agent| agent == "last"),
            packages: words(parameters, "packages"),
        }
    }
}

/// What a step changes on the instance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Mends {
    /// The agent polls from now on.
    pub(super) agent: bool,
    /// These are there from now on.
    pub(super) packages: Vec<String>,
}

/// How a step ends.
pub(super) struct Done {
    pub(super) took: Duration,
    pub(super) code: i64,
    pub(super) stdout: String,
    pub(super) stderr: String,
    pub(super) mends: Mends,
}

/// A run of the install document, at one of its steps.
pub(super) struct Repair<'a> {
    pub(super) story: &'a Story,
    /// Which one of this instance; the first is 0.
    pub(super) attempt: usize,
    pub(super) asked: Asked,
    /// By the time since the step began.
    pub(super) host_at: &'a dyn Fn(Duration) -> Host,
    /// The story's time at the beginning of the step.
    pub(super) begin: Duration,
    /// How long the run has waited before.
    pub(super) used: Duration,
}

/// A step as far as it has come.
#[derive(Default)]
struct Progress {
    at: Duration,
    found: Vec<Finding>,
    mends: Mends,
    /// Whether the agent is none of its business.
    leaves_agent: bool,
}

impl Repair<'_> {
    /// The first step installs an agent with the Region's installer and starts it; 168 and 169 end the run.
    pub(super) fn prepare(&self, busy: bool) -> Done {
        if self.ending() == Ending::Lost {
            return broken();
        }
        let mut progress = Progress::default();
        if !self.turn(busy, &mut progress) {
            progress.found.push(finding("install", "install-busy", Class::Transient, "another run is at it"));
            return self.conclude(progress, 168, 169);
        }
        let lacks_packages = packages_missing(&(self.host_at)(progress.at), &self.asked.packages).is_some();
        progress.leaves_agent = !self.asked.agent || self.asked.last && lacks_packages;
        self.add_packages(&mut progress);
        let host = (self.host_at)(progress.at);
        if progress.leaves_agent {
            return self.conclude(progress, 168, 169);
        }
        if host.agent.state == AgentState::Missing && !self.wait(&mut progress) {
            return self.conclude(progress, 168, 169);
        }
        if (self.host_at)(progress.at).agent.state != AgentState::Missing {
            self.start(&mut progress);
            return self.conclude(progress, 168, 169);
        }
        progress.at += if self.story.region() { self.story.repair_takes } else { EVERY };
        if self.story.region() && self.ending() == Ending::Works {
            progress.mends.agent = true;
            return self.conclude(progress, 168, 169);
        }
        let stderr = "the installer of the Region failed, Distributor is next\n".to_owned();
        Done { took: progress.at, code: 0, stdout: String::new(), stderr, mends: progress.mends }
    }

    /// The last step starts the agent that Distributor has installed, or reports that neither way has.
    pub(super) fn mend(&self, busy: bool) -> Done {
        if self.ending() == Ending::Lost {
            return broken();
        }
        let mut progress = Progress::default();
        if !self.turn(busy, &mut progress) {
            progress.found.push(finding("install", "install-busy", Class::Transient, "another run is at it"));
            return self.conclude(progress, 0, 10);
        }
        let host = (self.host_at)(progress.at);
        progress.found.extend(packages_missing(&host, &self.asked.packages));
        if host.agent.state == AgentState::Missing {
            let detail = "errors in Distributor and the Region's installer: the package could not be installed";
            progress.found.push(finding("install", "install-failed", Class::Repairable, detail));
        } else {
            self.start(&mut progress);
        }
        self.conclude(progress, 0, 10)
    }

    fn ending(&self) -> Ending {
        self.story.repair(self.attempt)
    }

    fn time_left(&self, at: Duration) -> bool {
        self.used + at < self.asked.wait
    }

    /// One run at a time. Whoever the fleet knows of goes on when that one has ended; of a stranger the story tells.
    fn turn(&self, busy: bool, progress: &mut Progress) -> bool {
        while busy || self.story.other_repair(self.begin + progress.at) {
            if !self.time_left(progress.at) {
                return false;
            }
            progress.at += EVERY;
        }
        true
    }

    /// Until nobody holds the package lock; or that somebody does is a finding.
    fn wait(&self, progress: &mut Progress) -> bool {
        while let Some(holder) = (self.host_at)(progress.at).package_lock {
            if !self.time_left(progress.at) {
                if progress.found.iter().all(|one| one.code != "package-lock-held") {
                    progress.found.push(Finding::lock(&holder));
                }
                return false;
            }
            progress.at += EVERY;
        }
        true
    }

    fn add_packages(&self, progress: &mut Progress) {
        let missing = |progress: &Progress| packages_missing(&(self.host_at)(progress.at), &self.asked.packages);
        if missing(progress).is_none() {
            return;
        }
        if !self.wait(progress) {
            progress.found.splice(0..0, missing(progress));
            return;
        }
        let host = (self.host_at)(progress.at);
        let Some(found) = missing(progress) else {
            return; // whoever held the lock has done it
        };
        progress.at += self.story.repair_takes;
        if self.ending() == Ending::Works {
            let wanted = self.asked.packages.iter().filter(|name| !host.packages.contains(*name));
            progress.mends.packages = wanted.cloned().collect();
        } else {
            progress.found.push(found);
            progress.found.push(finding("install", "install-failed", Class::Repairable, "dnf ended with 1: no match"));
        }
    }

    /// A healthy agent is left alone; one that does not run, or has no worker, is started.
    fn start(&self, progress: &mut Progress) {
        let state = (self.host_at)(progress.at).agent.state;
        if !matches!(state, AgentState::Stopped | AgentState::NoWorker) {
            return;
        }
        let code = if state == AgentState::Stopped { "agent-stopped" } else { "agent-no-worker" };
        progress.at += self.story.repair_takes;
        if self.ending() == Ending::Works {
            progress.mends.agent = true;
        } else {
            progress.found.push(finding("agent", code, Class::Repairable, "started 2 times, does not stay"));
        }
    }

    fn conclude(&self, progress: Progress, ready: i64, not_ready: i64) -> Done {
        let Progress { at, found, mends, leaves_agent } = progress;
        let mut host = (self.host_at)(at);
        if mends.agent {
            host.agent.state = AgentState::Polling;
        }
        let waited = self.used + at;
        let stderr = if found.is_empty() { "" } else { "evidence: simulated by the fleet\n" };
        let code = if found.is_empty() { ready } else { not_ready };
        let stdout = report(waited, (self.asked.agent && !leaves_agent).then_some(&host), &found, false);
        Done { took: at, code, stdout, stderr: stderr.to_owned(), mends }
    }
}

fn finding(check: &'static str, code: &'static str, class: Class, detail: &str) -> Finding {
    Finding::of(check, code, class, detail)
}

/// It ends without a report.
fn broken() -> Done {
    let stderr = "mktemp: failed to create directory via template: No space left on device\n".to_owned();
    Done { took: EVERY, code: 5, stdout: String::new(), stderr, mends: Mends::default() }
}
