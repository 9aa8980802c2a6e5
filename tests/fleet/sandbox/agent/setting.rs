//! How the stand-in for the agent is set up.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::sync::PoisonError;

use super::super::{Sandbox, Shown, replace};
use super::{LOG_FOLDER, StandIn, install, start};
use crate::fleet::host::{Agent, AgentState};

/// How the agent of an instance is set up, and how fast the stand-in plays it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentSetting {
    /// The setting `program_name`: the log is named after it, and in 1.x the pid file and the processes too.
    pub program_name: String,
    /// What the unit's environment has. TZ is the zone in which an agent of 1.x writes its log.
    pub environment: BTreeMap<String, String>,
    /// Whether the unit's bash stays, as one before 5.1 does, and is the `MainPID`.
    pub bash_stays: bool,
    /// Seconds by which the lines in the log are older than the agent. It adds no more then.
    pub log_age: u32,
    /// Lines that follow those of a start, as `  WARN text`.
    pub more_log: Vec<String>,
    /// How much of their real time the pauses take: from one worker to the next, from one poll to the next, for a stop.
    pub pace_percent: u32,
    /// How long an agent of 2.x takes to stop: 31 s when idle, 54 to 90 s in a long poll.
    pub stop_seconds: u32,
}

impl Default for AgentSetting {
    fn default() -> Self {
        Self {
            program_name: "codedeploy-agent".to_owned(),
            environment: BTreeMap::from([("LANG".to_owned(), "C.UTF-8".to_owned())]),
            bash_stays: false,
            log_age: 0,
            more_log: Vec::new(),
            pace_percent: 100,
            stop_seconds: 31,
        }
    }
}

impl AgentSetting {
    /// The settings as both generations ship them: symbol keys and quoted values.
    pub(super) fn config(&self) -> String {
        let name = &self.program_name;
        format!(
            "---\n:log_aws_wire: false\n:log_dir: '/var/log/aws/codedeploy-agent/'\n\
             :pid_dir: '/opt/codedeploy-agent/state/.pid/'\n:program_name: {name}\n\
             :root_dir: '/opt/codedeploy-agent/deployment-root'\n:verbose: false\n:wait_between_runs: 30\n\
             :proxy_uri:\n:max_revisions: 5\n"
        )
    }
}

impl Sandbox {
    /// From now on the agent is set up so, once it is shown.
    pub fn set_agent(&self, setting: AgentSetting) {
        *self.agent_setting.lock().unwrap_or_else(PoisonError::into_inner) = setting;
    }

    /// Midnight has passed: the agent's log so far has this day in its name, as YYYYMMDD, and the new one is empty.
    ///
    /// # Errors
    /// There is no log.
    pub fn rotate_agent_log(&self, day: &str) -> io::Result<()> {
        let setting = self.agent_setting();
        let log = self.root().join(LOG_FOLDER).join(format!("{}.log", setting.program_name));
        fs::rename(&log, log.with_extension(format!("{day}.log")))?;
        fs::write(log, "")
    }

    pub(in super::super) fn agent_setting(&self) -> AgentSetting {
        self.agent_setting.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(in super::super) fn show_agent(&self, agent: Agent, shown: &mut Shown) -> io::Result<()> {
        let setting = self.agent_setting();
        if shown.agent == Some((agent, setting.clone())) {
            return Ok(());
        }
        (shown.processes, shown.agent) = (None, None);
        self.end_started_agent()?;
        install(&self.root(), agent, &setting)?;
        shown.processes = start(&self.root(), agent, &setting)?;
        shown.agent = Some((agent, setting));
        let unit_state = if agent.state == AgentState::Stopping { "deactivating\n" } else { "" };
        replace(&self.dir.join("state/agent-unit"), unit_state)?;
        let pid = shown.processes.as_ref().map_or(0, StandIn::pid);
        replace(&self.dir.join("state/master"), &pid.to_string())
    }
}
