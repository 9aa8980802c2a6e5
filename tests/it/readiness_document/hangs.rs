//! Tests that a look ends in time with a whole report and leaves nothing behind, whatever it waits for.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use launchgate_tests::fleet::host::Host;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::run::{instance, shells};
use crate::stand::threads::at_once;
use crate::stand::{Instance, Report};

/// Every command that the script starts, but sleep, which is its clock.
const COMMANDS: [&str; 21] = [
    "awk",
    "cat",
    "cloud-init",
    "curl",
    "cut",
    "date",
    "df",
    "dpkg-query",
    "grep",
    "head",
    "ls",
    "od",
    "readlink",
    "rpm",
    "sed",
    "service",
    "stat",
    "systemctl",
    "tail",
    "tr",
    "wget",
];

const POLICY: [(&str, &str); 5] = [
    ("packages", "jq java"),
    ("units", "web db"),
    ("commands", "java jq"),
    ("ports", "9 10"),
    ("url", "http://127.0.0.1:9/"),
];

/// It and its child ignore every signal but KILL.
const HANGS: &str = "#!/bin/sh\ntrap '' HUP INT TERM\n/bin/sleep 1000\n/bin/sleep 1000\n";

/// What is left of the runs of an instance, in whatever process group.
fn left(instance: &Instance) -> Vec<String> {
    let mark = format!("LAUNCHGATE_ROOT={}\0", instance.sandbox.root().display());
    let processes = fs::read_dir("/proc").unwrap().filter_map(|entry| {
        let path = entry.ok()?.path();
        let environment = fs::read(path.join("environ")).ok()?;
        let command = fs::read_to_string(path.join("cmdline")).ok()?;
        (String::from_utf8_lossy(&environment).contains(&mark) && !command.is_empty()).then_some(command)
    });
    processes.collect()
}

fn nothing_is_left(instance: &Instance) {
    let began = Instant::now();
    while !left(instance).is_empty() {
        assert!(began.elapsed() < Duration::from_secs(2), "{:?}", left(instance));
        thread::sleep(Duration::from_millis(20));
    }
}

/// The report of a look under this shell, which came in time and left nothing.
fn look(instance: &Instance, shell: &str, given: &[(&str, &str)]) -> Report {
    let report = Report::of(instance.start_readiness(shell, given).finish().unwrap());
    assert!(report.waited() <= 20, "{report:?}");
    nothing_is_left(instance);
    report
}

#[test]
fn a_command_that_hangs_is_named_by_its_check_and_the_others_are_made() {
    let cases = [("rpm", "packages"), ("systemctl", "settings services"), ("df", "disk"), ("curl", "http-client")];
    let shells = shells();
    let cases: Vec<_> = shells.iter().flat_map(|shell| cases.map(|case| (shell, case))).collect();
    at_once(&cases, |(shell, (command, check))| {
        // A static busybox has commands of its own in place of those on the path.
        if shell.contains("busybox") && *command == "df" {
            return;
        }
        let instance = instance(&Host::healthy(2));
        instance.command(command, HANGS);
        let given = [("packages", "jq"), ("commands", "no-such-command")];
        let report = look(&instance, shell, &given);
        let hung = report.json["findings"].as_array().unwrap().iter().find(|it| it["code"] == "check-hung");
        let hung = hung.unwrap_or_else(|| panic!("{shell} {report:?}"));
        assert!(check.contains(hung["check"].as_str().unwrap()), "{report:?}");
        assert_eq!(hung["class"], "transient");
        assert!(report.codes().contains(&"command-missing"), "{shell} {report:?}");
    });
}

#[test]
fn a_service_manager_that_is_slow_is_asked_once() {
    let instance = instance(&Host::healthy(2));
    instance.command("systemctl", "#!/bin/sh\necho asked >>\"$LAUNCHGATE_ROOT/asked\"\n/bin/sleep 25\nexit 1\n");
    let report = look(&instance, "sh", &[("units", "web db")]);
    assert!(report.classes().iter().all(|found| *found == ("check-hung", "transient")), "{report:?}");
    assert_eq!(instance.read("asked"), "asked\n");
}

/// As a file of a network file system whose server is gone.
#[test]
fn a_file_that_blocks_ends_no_look_late() {
    let files = [
        "run/cloud-init/result.json",
        "opt/codedeploy-agent/state/.pid/codedeploy-agent.pid",
        "opt/codedeploy-agent/.version",
        "var/log/aws/codedeploy-agent/codedeploy-agent.log",
        "etc/codedeploy-agent/conf/codedeployagent.yml",
    ];
    let shells = shells();
    let cases: Vec<_> = shells.iter().flat_map(|shell| files.map(|file| (shell, file))).collect();
    at_once(&cases, |(shell, file)| {
        let instance = instance(&Host::healthy(2));
        let path = instance.sandbox.root().join(file);
        let _was_there = fs::remove_file(&path);
        assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
        look(&instance, shell, &[]);
    });
}

#[test]
fn a_url_that_never_ends_is_not_ready() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("http://127.0.0.1:{}/", listener.local_addr().unwrap().port());
    thread::spawn(move || {
        for stream in listener.incoming() {
            thread::spawn(move || {
                let mut stream = stream.unwrap();
                let _request = stream.read(&mut [0; 4096]);
                let _begun = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n");
                while stream.write_all(b"x").is_ok() {
                    thread::sleep(Duration::from_millis(500));
                }
            });
        }
    });
    at_once(&["curl", "wget"], |client| {
        let instance = instance(&Host::healthy(2));
        if *client == "wget" {
            instance.sandbox.remove_command("curl").unwrap();
        }
        let report = look(&instance, "sh", &[("url", &url)]);
        assert!(report.run.stdout.contains("status 200, but no end"), "{report:?}");
    });
}

/// KILL, as the SSM Agent ends a run: nothing is left but what the processes of other groups did by themselves.
#[test]
fn a_killed_group_leaves_nothing_behind() {
    let shells = shells();
    let cases: Vec<_> = shells.iter().flat_map(|shell| [100, 1500, 4000].map(|after| (shell, after))).collect();
    at_once(&cases, |(shell, after)| {
        let instance = instance(&Host::healthy(2));
        instance.command("rpm", HANGS);
        let mut running = instance.start_readiness(shell, &[("packages", "jq"), ("waitSeconds", "60")]);
        thread::sleep(Duration::from_millis(*after));
        running.signal("KILL").unwrap();
        let _killed = running.finish().unwrap();
        nothing_is_left(&instance);
    });
}

#[derive(Clone, Copy, Debug)]
enum Fault {
    Hangs,
    Missing,
    Fails,
    Says(&'static str),
}

fn fault() -> impl Strategy<Value = Fault> {
    let said = ["", "\u{1}\u{ff}\\\"|\n\n", "0\n", "active\n", "status: done\n", "1 2 3 4 5 6 7 8\n9 9 9 9 9 9\n"];
    prop_oneof![
        2 => Just(Fault::Hangs),
        2 => Just(Fault::Missing),
        1 => Just(Fault::Fails),
        2 => prop::sample::select(said.to_vec()).prop_map(Fault::Says),
    ]
}

fn break_command(instance: &Instance, name: &str, fault: Fault) {
    match fault {
        Fault::Hangs => instance.command(name, HANGS),
        Fault::Fails => {
            instance.command(name, "#!/bin/sh\necho 'error while loading shared libraries' >&2\nexit 127\n");
        }
        Fault::Says(text) => {
            instance.write(&format!("said-{name}"), text);
            instance.command(name, &format!("#!/bin/sh\nexec /bin/cat \"$LAUNCHGATE_ROOT/said-{name}\"\n"));
        }
        Fault::Missing => instance.sandbox.remove_command(name).unwrap(),
    }
}

/// Whatever subset of the commands hangs, is missing, fails or lies.
#[test]
fn any_faults_of_any_commands_end_in_one_whole_report_in_time() {
    let strategy = prop::collection::btree_map(prop::sample::select(COMMANDS.to_vec()), fault(), 1..8);
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &[16; 32]));
    let drawn: Vec<BTreeMap<&str, Fault>> =
        (0..24).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect();
    let shells = shells();
    let cases: Vec<_> =
        drawn.iter().enumerate().map(|(number, faults)| (&shells[number % shells.len()], faults)).collect();
    for some in cases.chunks(12) {
        at_once(some, |&(shell, faults)| end_in_time(shell, faults));
    }
}

fn end_in_time(shell: &str, faults: &BTreeMap<&str, Fault>) {
    println!("{shell}: {faults:?}");
    let instance = instance(&Host::healthy(2));
    for (name, fault) in faults {
        break_command(&instance, name, *fault);
    }
    let report = look(&instance, shell, &POLICY);
    assert_eq!((report.run.stdout.lines().count(), &report.json["v"]), (1, &1.into()), "{report:?}");
    assert_eq!(report.run.code, 10, "{report:?}");
}
