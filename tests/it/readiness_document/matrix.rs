//! Runs the document in each shell with each cloud-init, with each agent state of each generation, and with each kind
//! of package manager.
//!
//! What a shell does with one of these does not depend on the others, so only the pairs run and not every combination.
//! All shells must agree, so the snapshot has one line for each instance.

use std::fs;

use launchgate_tests::fleet::host::{AgentState, Boot, Host};
use launchgate_tests::fleet::sandbox::{CloudInit, Family};
use regex::Regex;

use super::run::{instance, parameters, script, shells};
use crate::stand::threads::a_few_at_once;
use crate::stand::{Instance, Report, with_agent};

type Given = &'static [(&'static str, &'static str)];

#[test]
fn every_shell_reads_every_cloud_init() {
    let versions = [CloudInit::V22_2, CloudInit::V22_4, CloudInit::V23_4, CloudInit::Degraded];
    let boots = [Boot::Running, Boot::Done, Boot::UserDataFailed];
    let sources = ["files", "command"];
    let mut cells = vec![(CloudInit::V22_2, Boot::NoCloudInit, "nothing")];
    for version in versions {
        cells.extend(boots.iter().flat_map(|boot| sources.map(|source| (version, *boot, source))));
    }
    let table = table(&cells, |&(version, boot, source)| {
        let host = Host { boot, ..with_agent(2, AgentState::Missing) };
        let instance = instance(&Host { boot: Boot::NoCloudInit, ..host.clone() });
        instance.sandbox.set_cloud_init(version);
        instance.show(&host);
        if source == "command" {
            fs::remove_dir_all(instance.sandbox.root().join("run/cloud-init")).unwrap();
        }
        (format!("{version:?} {boot:?} {source}"), said_by_all(&instance, &[("agent", "ignored")]))
    });
    insta::assert_snapshot!("cloud_init", table);
}

#[test]
fn every_shell_judges_every_agent() {
    use AgentState::{
        AccessDenied, ClockSkewed, Missing, NoCredentials, NoRoute, NoWorker, PollFails, Polling, Restarting, Stopped,
        Stopping, TlsFails,
    };
    let states = [
        Missing,
        Stopped,
        NoWorker,
        Restarting,
        NoCredentials,
        NoRoute,
        TlsFails,
        ClockSkewed,
        AccessDenied,
        PollFails,
        Polling,
    ];
    let mut cells = [1, 2].map(|generation| states.map(|state| (generation, state))).concat();
    cells.push((2, Stopping));
    let table = table(&cells, |&(generation, state)| {
        (format!("{generation}.x {state:?}"), said_by_all(&instance(&with_agent(generation, state)), &[]))
    });
    insta::assert_snapshot!("agent", table);
}

#[test]
fn every_shell_asks_every_package_manager() {
    let cells = [Family::Rpm, Family::Dpkg].map(|family| [false, true].map(|held| (family, held))).concat();
    let table = table(&cells, |&(family, held)| {
        let instance = instance(&with_agent(2, AgentState::Missing));
        instance.sandbox.add_package_manager(family).unwrap();
        assert_eq!(instance.sandbox.install("java").unwrap().code, 0);
        let transaction = held.then(|| instance.sandbox.hold_package_lock().unwrap());
        let given = &[("agent", "ignored"), ("packages", "java-headless java absent")];
        let said = said_by_all(&instance, given);
        drop(transaction);
        (format!("{family:?} {}", if held { "locked" } else { "free" }), said)
    });
    insta::assert_snapshot!("packages", table);
}

fn table<T: Sync>(cells: &[T], run: impl Fn(&T) -> (String, String) + Sync) -> String {
    let mut lines: Vec<String> = a_few_at_once(cells, |cell| {
        let (name, said) = run(cell);
        format!("{name:32} {said}")
    });
    lines.push(String::new());
    lines.join("\n")
}

/// What each shell says of this instance, which must be the same.
fn said_by_all(instance: &Instance, given: Given) -> String {
    let shells = shells();
    let run = |shell: &String| {
        let script = format!("{}{}", own_rpm(shell, instance), script());
        said(&Report::of(instance.sandbox.start(shell, &script, &parameters(given)).unwrap().finish().unwrap()))
    };
    let said: Vec<String> = shells.iter().map(run).collect();
    for (shell, other) in shells.iter().zip(&said) {
        assert_eq!(*other, said[0], "{shell} says otherwise than {}", shells[0]);
    }
    said[0].clone()
}

/// Debian's busybox takes its own rpm for any on the path; no distribution with an SSM agent has that one.
fn own_rpm(shell: &str, instance: &Instance) -> String {
    let rpm = instance.path("bin/rpm");
    if !shell.contains("busybox") || !rpm.exists() {
        return String::new();
    }
    format!("rpm() {{ '{}' \"$@\"; }}\ntimeout() {{ shift; \"$@\"; }}\n", rpm.display())
}

fn said(report: &Report) -> String {
    let state = report.json["agent"]["state"].as_str().unwrap_or("-");
    let findings = report.json["findings"].as_array().unwrap().iter().map(|finding| {
        let [code, class, detail] = ["code", "class", "detail"].map(|name| finding[name].as_str().unwrap());
        // The command of who holds it has paths of this machine.
        let detail = if code == "package-lock-held" { "..." } else { detail };
        format!(" | {code} {class}: {}", normal(detail))
    });
    format!("{} {state}{}", report.run.code, findings.collect::<String>())
}

/// Without what differs from run to run.
fn normal(detail: &str) -> String {
    let changes =
        [(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d", "TIME"), (r"\(\d+\)\]", "(PID)]"), (r"\b\d+ ?s (ago|after)", "N s $1")];
    let text = changes.iter().fold(detail.to_owned(), |text, (pattern, with)| {
        Regex::new(pattern).unwrap().replace_all(&text, *with).into_owned()
    });
    // The script cuts at 200, and where that is depends on the length of a pid.
    text.chars().take(160).collect::<String>().trim_end().to_owned()
}
