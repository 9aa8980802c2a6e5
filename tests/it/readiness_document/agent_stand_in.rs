//! Tests the stand-in for the CodeDeploy agent: it has the processes, files and log lines of a real one (aws-facts 10, 18).

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use launchgate_tests::fleet::host::{AgentState, Host};
use launchgate_tests::fleet::sandbox::{AgentSetting, Family};

use super::run::{instance, parameters};
use crate::stand::threads::{at_once, until};
use crate::stand::{Instance, with_agent};

const LOG: &str = "var/log/aws/codedeploy-agent/codedeploy-agent.log";
const PID: &str = "opt/codedeploy-agent/state/.pid/codedeploy-agent.pid";
const VERSION: &str = "opt/codedeploy-agent/.version";

/// An instance whose agent has this setting.
fn set_up(generation: u8, state: AgentState, setting: AgentSetting) -> Instance {
    let instance = instance(&with_agent(generation, AgentState::Missing));
    instance.sandbox.set_agent(setting);
    instance.show(&with_agent(generation, state));
    instance
}

/// The pauses take a fiftieth of their time.
fn fast() -> AgentSetting {
    AgentSetting { pace_percent: 2, ..AgentSetting::default() }
}

fn command_line(pid: &str) -> String {
    fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default()
}

fn children(pid: &str) -> Vec<String> {
    let text = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    text.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn the_second_generation_looks_like_2_1_0() {
    let instance = instance(&Host::healthy(2));
    let master = instance.read(PID);
    assert!(!master.ends_with('\n'));
    assert_eq!(command_line(&master), "/opt/codedeploy-agent/bin/codedeploy-agent\0start\0");
    let workers = children(&master);
    assert_eq!(workers.len(), 1);
    assert_eq!(command_line(&workers[0]), "/opt/codedeploy-agent/bin/codedeploy-agent\0worker\0");
    assert_eq!(fs::read_to_string(format!("/proc/{master}/comm")).unwrap(), "codedeploy-agen\n");
    assert_eq!(instance.read(VERSION), "agent_version: 2.1.0");
    let mode = fs::metadata(instance.sandbox.root().join(VERSION)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o444);
    assert!(instance.read("etc/codedeploy-agent/conf/codedeployagent.yml").contains("\n:pid_dir: '/opt/"));
    // A poll is silent, and the master writes to no log.
    assert!(instance.read(LOG).ends_with("poll_interval_ms=30000 max_concurrent=16\n"));
    instance.show(&with_agent(2, AgentState::Stopped));
    assert!(!instance.sandbox.root().join(VERSION).exists(), "it is written by the first start");
}

#[test]
fn a_worker_that_ends_comes_back_later_and_later() {
    let began = Instant::now();
    let instance = set_up(2, AgentState::Restarting, fast());
    let master = instance.read(PID);
    let starts = || instance.read(LOG).matches(" starting\n").count();
    until(|| starts() >= 5, || instance.read(LOG));
    let least = Duration::from_secs(10 + 20 + 40) * 2 / 100;
    assert!(began.elapsed() > least, "{:?}", began.elapsed());
    assert_eq!(instance.read(PID), master);
    assert!(instance.read(LOG).contains(" failed: error sending request for url ("));
}

#[test]
fn a_killed_worker_is_replaced() {
    at_once(&[1, 2], |&generation| {
        let instance = set_up(generation, AgentState::WorkerKilled, fast());
        let master = instance.master();
        until(|| children(&master).len() == 1, || instance.read(LOG));
        assert_eq!(instance.readiness(&[("waitSeconds", "15")]).run.code, 0);
    });
}

#[test]
fn a_master_whose_program_was_replaced_has_no_worker() {
    let instance = set_up(2, AgentState::NoWorker, fast());
    let master = instance.read(PID);
    let program = fs::read_link(format!("/proc/{master}/exe")).unwrap();
    assert!(program.to_str().unwrap().ends_with("/opt/codedeploy-agent/bin/codedeploy-agent (deleted)"), "{program:?}");
    assert!(instance.sandbox.root().join("opt/codedeploy-agent/bin/codedeploy-agent").exists());
    let times = || fs::read_to_string(format!("/proc/{master}/status")).unwrap();
    let switches = |status: &str| {
        let line = status.lines().find(|line| line.starts_with("voluntary_ctxt_switches")).unwrap();
        line.rsplit('\t').next().unwrap().parse::<u64>().unwrap()
    };
    // It has tried again some times.
    let first = switches(&times());
    until(|| switches(&times()) > first + 2, times);
    assert_eq!((children(&master).len(), instance.read(LOG).matches(" starting\n").count()), (0, 1));
}

#[test]
fn a_bash_may_stay_above_the_master_and_the_environment_is_the_units() {
    let environment = [("HTTPS_PROXY".to_owned(), "http://127.0.0.1:1".to_owned())].into();
    let setting =
        AgentSetting { bash_stays: true, program_name: "other".to_owned(), environment, ..AgentSetting::default() };
    let instance = instance(&with_agent(2, AgentState::Missing));
    instance.write("etc/profile", "NO_PROXY=169.254.169.254\n");
    instance.sandbox.set_agent(setting);
    instance.show(&Host::healthy(2));
    let main = fs::read_to_string(instance.path("state/master")).unwrap();
    let master = instance.read(PID);
    assert!(command_line(&main).starts_with("/bin/bash\0-a\0-c\0"));
    assert_eq!(children(&main), std::slice::from_ref(&master));
    assert!(instance.sandbox.root().join("var/log/aws/codedeploy-agent/other.log").exists());
    let environment = fs::read_to_string(format!("/proc/{}/environ", children(&master)[0])).unwrap();
    for variable in ["HTTPS_PROXY=http://127.0.0.1:1\0", "NO_PROXY=169.254.169.254\0", "PATH=/usr/local/sbin:"] {
        assert!(environment.contains(variable), "{environment}");
    }
    assert!(!environment.contains("SSM_") && !environment.contains("LAUNCHGATE"), "{environment}");
}

#[test]
fn a_stop_takes_its_time() {
    let instance = set_up(2, AgentState::Stopping, AgentSetting::default());
    assert_eq!(children(&instance.read(PID)).len(), 1);
    let instance = set_up(2, AgentState::Stopping, fast());
    let file = instance.sandbox.root().join(PID);
    until(|| !file.exists(), || "it does not stop".to_owned());
}

#[test]
fn a_start_is_refused_while_the_pid_file_names_a_living_process() {
    let instance = Instance::new(&with_agent(2, AgentState::Stopped), Some(Family::Rpm));
    instance.write(PID, &std::process::id().to_string());
    let start = "systemctl start codedeploy-agent; systemctl is-active codedeploy-agent >/dev/null && echo active\n";
    let run = instance.sandbox.run(start, &parameters(&[])).unwrap();
    assert_eq!((run.stdout.as_str(), instance.master()), ("", std::process::id().to_string()));
    fs::remove_file(instance.sandbox.root().join(PID)).unwrap();
    assert_eq!(instance.sandbox.run(start, &parameters(&[])).unwrap().stdout, "active\n");
    assert_eq!(command_line(&instance.master()), "/opt/codedeploy-agent/bin/codedeploy-agent\0start\0");
}

#[test]
fn the_first_generation_writes_each_poll_in_the_time_of_its_zone() {
    let environment = [("TZ".to_owned(), "KST-9".to_owned())].into();
    let setting = AgentSetting { environment, pace_percent: 1, ..AgentSetting::default() };
    let instance = set_up(1, AgentState::Polling, setting);
    let hour = || {
        let date = std::process::Command::new("date").arg("+%Y-%m-%dT%H").env("TZ", "KST-9").output().unwrap();
        String::from_utf8(date.stdout).unwrap().trim().to_owned()
    };
    let (before, first) = (hour(), instance.read(LOG)[..13].to_owned());
    assert!(before == first || hour() == first, "{first}");
    until(|| instance.read(LOG).matches(" poll_host_command(").count() >= 3, || instance.read(LOG));
    instance.sandbox.rotate_agent_log("20261124").unwrap();
    let old = instance.read("var/log/aws/codedeploy-agent/codedeploy-agent.20261124.log");
    assert!(old.contains("Spawned child 1/1"), "{old}");
    until(|| instance.read(LOG).contains(" poll_host_command("), || instance.read(LOG));
}

#[test]
fn lines_may_be_older_and_more() {
    let more_log = vec!["  WARN Credential refresh failed, using existing credentials".to_owned()];
    let setting = AgentSetting { log_age: 86_400, more_log, ..AgentSetting::default() };
    let instance = set_up(2, AgentState::Polling, setting);
    let log = instance.read(LOG);
    assert!(log.ends_with("  WARN Credential refresh failed, using existing credentials\n"), "{log}");
    let today = std::process::Command::new("date").args(["-u", "+%Y-%m-%d"]).output().unwrap().stdout;
    assert_ne!(log[..10], String::from_utf8(today).unwrap()[..10]);
}
