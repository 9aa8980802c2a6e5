//! Tests that a run waits on the instance as long as waiting can help, and ends when it is told to.

use std::fs;
use std::time::Duration;

use launchgate_tests::fleet::host::{AgentState, Boot, Host};

use super::run::{instance, processes_of, shells, web};
use crate::stand::threads::at_once;
use crate::stand::{Report, with_agent};

/// How long a test waits before it fails.
const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn the_run_ends_when_the_instance_becomes_ready() {
    at_once(&[1, 2], |&generation| {
        let (port, looked) = web(&[200]);
        let url = format!("http://127.0.0.1:{port}/");
        let instance = instance(&Host { boot: Boot::Running, ..with_agent(generation, AgentState::Missing) });
        let mut running = instance.start_readiness("sh", &[("waitSeconds", "30"), ("url", &url)]);
        looked.recv_timeout(PATIENCE).unwrap();
        instance.show(&Host::healthy(generation));
        let report = Report::of(running.finish().unwrap());
        assert_eq!(report.run.code, 0, "{report:?}");
        assert!((1..10).contains(&report.waited()), "{report:?}");
    });
}

#[test]
fn the_run_ends_at_once_when_waiting_cannot_help() {
    at_once(&[with_agent(1, AgentState::Stopped), with_agent(2, AgentState::Missing)], |host| {
        let report = instance(host).readiness(&[("waitSeconds", "60"), ("repair", "offered")]);
        assert_eq!(report.run.code, 10);
        assert!(report.waited() < 5, "{report:?}");
    });
}

/// Two looks, ten seconds apart: also where the run does not wait.
#[test]
fn what_is_fatal_is_proven_by_a_second_look() {
    let host = Host { boot: Boot::UserDataFailed, ..with_agent(2, AgentState::PollFails) };
    at_once(&["0", "60"], |wait| {
        let report = instance(&host).readiness(&[("waitSeconds", wait), ("repair", "offered")]);
        assert_eq!(report.classes()[0], ("user-data-failed", "fatal"));
        assert!((10..17).contains(&report.waited()), "{report:?}");
    });
}

#[test]
fn what_seemed_fatal_and_is_gone_at_the_second_look_ends_nothing() {
    let (port, looked) = web(&[200]);
    let url = format!("http://127.0.0.1:{port}/");
    let instance = instance(&Host { boot: Boot::UserDataFailed, ..Host::healthy(2) });
    let mut running = instance.start_readiness("sh", &[("url", &url)]);
    looked.recv_timeout(PATIENCE).unwrap();
    instance.show(&Host::healthy(2));
    let report = Report::of(running.finish().unwrap());
    assert_eq!(report.run.code, 0, "{report:?}");
}

#[test]
fn where_nobody_repairs_the_run_waits_for_whoever_may() {
    let (port, looked) = web(&[200]);
    let url = format!("http://127.0.0.1:{port}/");
    let instance = instance(&with_agent(2, AgentState::Missing));
    let mut running = instance.start_readiness("sh", &[("waitSeconds", "30"), ("repair", "none"), ("url", &url)]);
    looked.recv_timeout(PATIENCE).unwrap();
    instance.show(&Host::healthy(2));
    let report = Report::of(running.finish().unwrap());
    assert_eq!(report.run.code, 0, "{report:?}");
}

#[test]
fn a_repairable_finding_does_not_end_the_wait_while_boot_is_running() {
    let host = Host { boot: Boot::Running, ..with_agent(1, AgentState::Missing) };
    let report = instance(&host).readiness(&[("waitSeconds", "1"), ("repair", "offered")]);
    assert_eq!(report.codes(), ["boot-running", "agent-missing"]);
    assert!(report.waited() >= 1, "{report:?}");
}

#[test]
fn a_signal_brings_the_report_and_leaves_nothing_behind() {
    let shells = shells();
    let signals = [("TERM", 15), ("INT", 2), ("HUP", 1)].into_iter().filter(|(_, number)| !ignored(*number));
    let cases = signals.map(|(signal, _)| shells.iter().map(move |shell| (signal, shell)));
    at_once(&cases.flatten().collect::<Vec<_>>(), |(signal, shell)| {
        let (port, looked) = web(&[200]);
        let url = format!("http://127.0.0.1:{port}/");
        let instance = instance(&Host { boot: Boot::Running, ..Host::healthy(1) });
        let mut running = instance.start_readiness(shell, &[("waitSeconds", "600"), ("url", &url)]);
        looked.recv_timeout(PATIENCE).unwrap();
        running.signal(signal).unwrap();
        let report = Report::of(running.finish().unwrap());
        assert_eq!(report.run.code, 10, "{report:?}");
        assert!(report.codes().contains(&"boot-running"), "{report:?}");
        assert!(report.waited() < 10, "{report:?}");
        assert_eq!(processes_of(running.group()), Vec::<String>::new());
    });
}

/// Whoever started the tests, nohup for one, may have them ignore a signal: no shell below can trap it then (POSIX).
fn ignored(signal: u32) -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap();
    u64::from_str_radix(mask.trim(), 16).unwrap() >> (signal - 1) & 1 == 1
}

#[test]
fn a_signal_to_the_shell_alone_leaves_nothing_behind() {
    at_once(&shells(), |shell| {
        let (port, looked) = web(&[200]);
        let url = format!("http://127.0.0.1:{port}/");
        let instance = instance(&Host { boot: Boot::Running, ..Host::healthy(2) });
        let mut running = instance.start_readiness(shell, &[("waitSeconds", "600"), ("url", &url)]);
        looked.recv_timeout(PATIENCE).unwrap();
        looked.recv_timeout(PATIENCE).unwrap();
        std::process::Command::new("kill").arg(running.script().unwrap().to_string()).status().unwrap();
        let report = Report::of(running.finish().unwrap());
        assert_eq!((report.run.code, report.codes()), (10, vec!["boot-running"]));
        assert_eq!(processes_of(running.group()), Vec::<String>::new());
    });
}

#[test]
fn the_run_changes_nothing_and_leaves_nothing_behind() {
    at_once(&shells(), |shell| {
        let instance = instance(&Host { boot: Boot::UserDataFailed, ..with_agent(1, AgentState::Stopped) });
        let before = listing(&instance.sandbox.root());
        let mut running = instance.start_readiness(shell, &[("units", "web"), ("url", "http://127.0.0.1:9/")]);
        running.finish().unwrap();
        assert_eq!(listing(&instance.sandbox.root()), before);
        assert_eq!(processes_of(running.group()), Vec::<String>::new());
    });
}

/// Every file below a folder, with its size and time.
pub(super) fn listing(root: &std::path::Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root).unwrap() {
        let path = entry.unwrap().path();
        let about = fs::symlink_metadata(&path).unwrap();
        found.push(format!("{} {} {:?}", path.display(), about.len(), about.modified().unwrap()));
        if about.is_dir() {
            found.extend(listing(&path));
        }
    }
    found.sort();
    found
}
