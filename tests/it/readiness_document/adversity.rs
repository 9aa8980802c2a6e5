//! Tests runs in a hostile environment: bad parameters, other runs at the same time, signals, a full disk, a system
//! without systemd.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use launchgate_tests::fleet::host::{AgentState, Boot, Credentials, Host, Metadata, Network};
use launchgate_tests::fleet::sandbox::Running;
use serde_json::json;

use super::contract::hostile;
use super::run::{instance, parameters, processes_of, script, shells};
use crate::fleet_world::ready;
use crate::stand::threads::{a_few_at_once, at_once};
use crate::stand::{Report, with_agent};

#[test]
fn hostile_parameters_are_refused_at_send_command() {
    let (mut world, id) = ready("");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../documents/readiness.yaml");
    world.document("whole", &fs::read_to_string(path).unwrap());
    let send =
        |name: &str, value: &str| json!({"DocumentName": "whole", "InstanceIds": [id], "Parameters": {name: [value]}});
    let mut values = hostile("/tmp/x");
    values.extend(["a\nb".to_owned(), "\"".to_owned(), "a ".repeat(2048), "x".repeat(4096), "\u{0}".to_owned()]);
    for name in parameters(&[]).keys() {
        for value in &values {
            assert_eq!(world.refused("SendCommand", send(name, value)).0, "InvalidParameters", "{name} {value:?}");
        }
    }
    for (name, value) in parameters(&[("units", "web db"), ("packages", "java-17 g++"), ("url", "http://[::1]/")]) {
        world.ok("SendCommand", send(&name, &value));
    }
}

#[test]
fn user_data_that_failed_is_told_where_it_does_not_count() {
    let instance = instance(&Host { boot: Boot::UserDataFailed, ..Host::healthy(1) });
    let words = "can't create transaction lock on /var/lib/rpm/.rpm.lock";
    at_once(&shells(), |shell| {
        let report = Report::of(instance.start_readiness(shell, &[]).finish().unwrap());
        assert_eq!((report.classes(), report.run.code), (vec![("user-data-failed", "fatal")], 10));
        assert!(report.run.stderr.contains(words), "{report:?}");
        let report = Report::of(instance.start_readiness(shell, &[("userData", "ignored")]).finish().unwrap());
        assert_eq!((report.codes(), report.run.code), (vec![], 0));
        assert!(report.run.stderr.contains(words), "{report:?}");
    });
}

#[test]
fn everything_at_once_is_one_short_line() {
    let host = Host {
        boot: Boot::UserDataFailed,
        credentials: Credentials::Refused,
        network: Network::NoName,
        clock_ahead: -7000,
        disk_full: true,
        ..with_agent(1, AgentState::ClockSkewed)
    };
    let names = (0..16).map(|n| format!("a{n:->63}")).collect::<Vec<_>>().join(" ");
    let given = [
        ("units", names.as_str()),
        ("commands", &names),
        ("packages", &names),
        ("ports", "1 2"),
        ("url", "http://[::1]:9/"),
    ];
    at_once(&shells(), |shell| {
        let report = Report::of(instance(&host).start_readiness(shell, &given).finish().unwrap());
        assert!(report.run.stdout.len() <= 1_100, "{report:?}");
        let codes = [
            "user-data-failed",
            "credentials-refused",
            "network-no-name",
            "clock-skewed",
            "disk-full",
            "package-database-unreadable",
            "command-missing",
            "agent-clock-skewed",
        ];
        // Debian's static busybox takes its own df for any on the path, its dynamic one does not.
        let without = if has_its_own(shell, "df") { "disk-full" } else { "" };
        let codes: Vec<_> = codes.into_iter().filter(|code| *code != without).collect();
        assert_eq!(report.codes()[..codes.len()], codes, "{report:?}");
    });
}

/// Whether the shell runs this program where the path has none.
fn has_its_own(shell: &str, program: &str) -> bool {
    let (shell, options) = shell.split_once(' ').unwrap_or((shell, ""));
    let mut asked = Command::new(shell);
    asked.args(options.split_whitespace()).args(["-c", &format!("PATH=; {program} >/dev/null 2>&1")]);
    asked.status().unwrap().code() != Some(127)
}

#[test]
fn sixteen_runs_at_once_say_the_same_and_leave_nothing_behind() {
    let instance = instance(&Host { boot: Boot::Running, ..Host::healthy(2) });
    let mut runs: Vec<_> = (0..16).map(|_| instance.start_readiness("sh", &[("waitSeconds", "60")])).collect();
    instance.show(&Host::healthy(2));
    for run in &mut runs {
        let report = Report::of(run.finish().unwrap());
        assert_eq!(report.run.code, 0, "{report:?}");
        assert_eq!(processes_of(run.group()), Vec::<String>::new());
    }
}

/// From the first moment on which the shell could do anything about it.
#[test]
fn the_report_is_printed_whenever_the_end_is_ordered() {
    let shells = shells();
    let moments = [0, 20, 60, 120, 200, 350, 600, 1000, 2500];
    let cases: Vec<_> = shells.iter().flat_map(|shell| moments.map(|moment| (shell, moment))).collect();
    a_few_at_once(&cases, |(shell, moment)| {
        let instance = instance(&Host { boot: Boot::Running, metadata: Metadata::Answers, ..Host::healthy(1) });
        let mut running = instance.start_readiness(shell, &[("waitSeconds", "60")]);
        minds_term(&running);
        std::thread::sleep(Duration::from_millis(*moment));
        running.signal("TERM").unwrap();
        let report = Report::of(running.finish().unwrap());
        assert_eq!((report.run.code, &report.json["ready"]), (10, &json!(false)), "{shell} {moment} {report:?}");
        assert!(report.waited() < 30, "it went on: {shell} {moment} {report:?}");
        nothing_is_left(running.group(), shell, *moment);
    });
}

/// A child that was forked, but had not yet become its program, at the moment of the signal does not die of it: a `cat`
/// of /proc may still be on its last lines. Nothing may be left that rests, nor anything a second later.
fn nothing_is_left(group: u32, shell: &str, moment: u64) {
    let began = Instant::now();
    loop {
        let left = processes_of(group);
        if left.is_empty() {
            return;
        }
        let rests = left.iter().any(|stat| stat.contains("(sleep)"));
        assert!(!rests && began.elapsed() < Duration::from_secs(1), "{shell} {moment} left {left:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Waits until a process has a handler for TERM, which the kernel tells.
fn minds_term(running: &Running) {
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(20) {
        let script = running.script().unwrap_or(0);
        let status = fs::read_to_string(format!("/proc/{script}/status")).unwrap_or_default();
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap_or("0");
        if u64::from_str_radix(caught.trim(), 16).unwrap() & (1 << 14) != 0 {
            return;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    panic!("it never minds TERM");
}

/// In a user namespace a file system of one page is mounted, filled, and made everything that could be written to.
#[test]
fn a_full_disk_keeps_no_report_back() {
    at_once(&shells(), |shell| {
        let instance = instance(&Host { credentials: Credentials::Expired, ..with_agent(2, AgentState::Stopped) });
        fs::write(instance.path("script"), script()).unwrap();
        let full = format!(
            "mkdir -p '{dir}/full' && mount -t tmpfs -o size=4k none '{dir}/full' &&\n\
             head -c 4096 /dev/zero >'{dir}/full/zero' && ! echo more 2>/dev/null >'{dir}/full/more' &&\n\
             mount --bind '{dir}/full' /var/tmp && mount --bind '{dir}/root' '{dir}/root' &&\n\
             mount -o remount,bind,ro '{dir}/root' &&\n\
             cd '{dir}/full' && TMPDIR='{dir}/full' exec {shell} '{dir}/script'\n",
            dir = instance.dir.path().display()
        );
        fs::write(instance.path("full.sh"), full).unwrap();
        let start = format!("exec unshare --map-root-user --mount sh '{}'\n", instance.path("full.sh").display());
        let report = Report::of(instance.sandbox.start(shell, &start, &parameters(&[])).unwrap().finish().unwrap());
        assert_eq!(report.codes(), ["credentials-expired", "agent-stopped"], "{report:?}");
        assert!(report.run.stderr.starts_with("credentials|"), "{report:?}");
    });
}

/// The init script of 1.x speaks of the pid; the pid file is not there.
#[test]
fn an_agent_under_sysv_is_found() {
    let instance = instance(&Host::healthy(1));
    instance.sandbox.remove_command("systemctl").unwrap();
    let file = "opt/codedeploy-agent/state/.pid/codedeploy-agent.pid";
    let pid = instance.read(file);
    assert_eq!(instance.readiness(&[]).run.code, 0);
    fs::remove_file(instance.sandbox.root().join(file)).unwrap();
    assert_eq!(instance.readiness(&[]).codes(), ["agent-stopped"]);
    let service = format!("#!/bin/sh\necho 'The AWS CodeDeploy agent is running as PID {}'\n", pid.trim());
    instance.command("service", &service);
    assert_eq!(instance.readiness(&[("units", "web")]).run.code, 0);
}

/// As the hardening of 2.x and an administrator may have them.
#[test]
fn changed_places_are_honoured_and_unreadable_logs_are_no_need() {
    let instance = instance(&Host::healthy(2));
    let root = instance.sandbox.root();
    let settings = "pid_dir: /srv/pid/\n:log_dir: '/srv/log'\nroot_dir: \"/srv/unpacked\" # ours\nprogram_name: codedeploy-agent\n";
    instance.write("etc/codedeploy-agent/conf/codedeployagent.yml", settings);
    instance.write("srv/unpacked/deployment-instructions/x_last_successful_install", "/srv/unpacked/x/d-CHANGED");
    fs::rename(root.join("opt/codedeploy-agent/state/.pid"), root.join("srv/pid")).unwrap();
    // A folder in the place of the log: not even root reads that.
    fs::create_dir_all(root.join("srv/log/codedeploy-agent.log")).unwrap();
    let report = instance.readiness(&[("waitSeconds", "10")]);
    assert_eq!((report.run.code, &report.json["installed"]), (0, &json!("d-CHANGED")), "{report:?}");
}
