//! Tests the package lock. The run says who holds the lock and waits for it; a run that loses the race for the lock
//! tries again.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use launchgate_tests::fleet::host::AgentState::{Missing, Polling};
use launchgate_tests::fleet::sandbox::Family::{self, Dpkg, Rpm};
use launchgate_tests::fleet::sandbox::Sandbox;

use super::run::instance;
use crate::stand::Report;
use crate::stand::documents::{parameters, script};
use crate::stand::threads::{at_once, until};

const FAMILIES: [Family; 2] = [Rpm, Dpkg];

fn file(family: Family) -> &'static str {
    if family == Rpm { "/var/lib/rpm/.rpm.lock" } else { "/var/lib/dpkg/lock" }
}

#[test]
fn readiness_tells_who_holds_the_package_lock() {
    at_once(&FAMILIES, |&family| {
        let instance = instance(family, Polling);
        let held = instance.sandbox.hold_package_lock().unwrap();
        let found = instance.readiness(&[("agent", "ignored")]);
        let [(code, detail)] = found.details()[..] else { panic!("{found:?}") };
        let program = if family == Rpm { "(rpm -i --replacepkgs update.rpm " } else { "(dpkg -i " };
        assert_eq!(code, "package-lock-held");
        assert!(detail.starts_with(&format!("{} (", held.pid())) && detail.contains(program), "{detail}");
        assert!(
            detail.contains(", running for ") && detail.contains(&format!(" s, holds {}", file(family))),
            "{detail}"
        );
        held.release().unwrap();
        assert_eq!(instance.readiness(&[("agent", "ignored")]).codes(), [""; 0]);
    });
}

/// `/proc/locks` tells no pid for such a lock. 37 is `F_OFD_SETLK`, which the standard library has not.
const OPEN_FILE_DESCRIPTION_LOCK: &str = r#"open my $lock, "+<", $ARGV[0] or die; my $whole = pack("s s x4 q q i x4", 1, 0, 0, 0, 0); fcntl($lock, 37, $whole) or die; $| = 1; print "held\n"; <STDIN>"#;

#[test]
fn a_lock_of_an_open_file_description_has_a_holder_too() {
    let instance = instance(Rpm, Polling);
    instance.sandbox.install("java").unwrap();
    let mut perl = Command::new("perl");
    perl.args(["-e", OPEN_FILE_DESCRIPTION_LOCK]).arg(instance.sandbox.root().join("var/lib/rpm/.rpm.lock"));
    let mut holder = perl.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    BufReader::new(holder.stdout.take().unwrap()).read_line(&mut String::new()).unwrap();
    let found = instance.readiness(&[("agent", "ignored")]);
    holder.wait().unwrap();
    assert!(found.detail().starts_with(&format!("{} (perl -e ", holder.id())), "{found:?}");
    assert_eq!(instance.readiness(&[("agent", "ignored")]).codes(), [""; 0]);
}

#[test]
fn a_pid_file_holds_as_long_as_its_process_lives() {
    let instance = instance(Rpm, Polling);
    let file = instance.sandbox.root().join("var/lib/dnf/rpmdb_lock.pid");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    let mut dnf = Command::new("sleep").arg0("/usr/bin/dnf").arg("600").spawn().unwrap();
    std::fs::write(&file, dnf.id().to_string()).unwrap();
    let found = instance.readiness(&[("agent", "ignored")]);
    dnf.kill().unwrap();
    dnf.wait().unwrap();
    assert!(found.detail().starts_with(&format!("{} (/usr/bin/dnf 600), running for ", dnf.id())), "{found:?}");
    assert_eq!(instance.readiness(&[("agent", "ignored")]).codes(), [""; 0]);
}

#[test]
fn readiness_tells_which_packages_are_missing() {
    at_once(&FAMILIES, |&family| {
        let instance = instance(family, Polling);
        let given = [("agent", "ignored"), ("packages", "java-headless nonesuch")];
        assert_eq!(
            instance.readiness(&given).details(),
            [("package-missing", "not installed: java-headless nonesuch")]
        );
        assert_eq!(instance.sandbox.install("java").unwrap().code, 0);
        assert_eq!(instance.readiness(&given).details(), [("package-missing", "not installed: nonesuch")]);
    });
}

#[test]
fn the_run_waits_tells_and_then_installs() {
    at_once(&FAMILIES, |&family| {
        let instance = instance(family, Missing);
        instance.distributor_knows_the_agent();
        let held = instance.sandbox.hold_package_lock().unwrap();
        let mut steps = instance.start_install(&[]);
        steps.tells(&format!("waiting: {} (", held.pid()));
        assert_eq!(instance.transactions(), Vec::<String>::new());
        held.release().unwrap();
        let report = steps.report();
        report.assert_ready(0);
        assert!(report.run.stderr.contains("the package lock is free"), "{report:?}");
        assert_eq!(report.json["agent"]["state"], "running");
    });
}

#[test]
fn a_lock_that_never_ends_is_a_finding_in_time() {
    at_once(&FAMILIES, |&family| {
        let instance = instance(family, Missing);
        instance.distributor_knows_the_agent();
        let held = instance.sandbox.hold_package_lock().unwrap();
        let report = instance.install(&[("waitSeconds", "1"), ("packages", "java")]);
        assert_eq!((report.run.code, report.codes()), (169, vec!["package-lock-held", "package-missing"]));
        assert!(report.detail().starts_with(&format!("{} (", held.pid())), "{report:?}");
        assert!(report.run.stderr.contains("gave up: "), "{report:?}");
        assert!(report.json["waited_s"].as_u64().unwrap() < 20, "{report:?}");
        assert_eq!(instance.transactions(), Vec::<String>::new());
    });
}

#[test]
fn who_loses_the_race_for_the_lock_tries_again() {
    let words = |family| if family == Rpm { "can't create transaction lock on" } else { "locked by another process" };
    at_once(&FAMILIES, |&family| {
        let instance = instance(family, Polling);
        instance.stand_in_the_way();
        let mut steps = instance.start_install(&[("packages", "java")]);
        instance.is_asked();
        let held = instance.sandbox.hold_package_lock().unwrap();
        instance.go_on();
        steps.tells("lost the race for the package lock: ");
        steps.tells(words(family));
        steps.tells(&format!("waiting: {} (", held.pid()));
        held.release().unwrap();
        steps.report().assert_ready(168);
        let ended = instance.transactions();
        assert!(ended.len() == 2 && ended[0] != "0" && ended[1] == "0", "{ended:?}");
    });
}

#[test]
fn of_two_runs_at_once_one_works_and_the_other_finds_it_done() {
    let instance = instance(Rpm, Missing);
    instance.sandbox.region_has(Some(Sandbox::installer())).unwrap();
    let held = instance.sandbox.hold_package_lock().unwrap();
    let mut first = instance.start_install(&[("packages", "java")]);
    first.tells("waiting: ");
    let mut second = instance.start_install(&[("packages", "java")]);
    second.tells("waiting: another run (process ");
    held.release().unwrap();
    first.report().assert_ready(168);
    second.report().assert_ready(168);
    assert_eq!(instance.transactions(), ["0", "0"], "java and the agent, each once");
}

#[test]
fn a_run_at_distributor_holds_no_turn() {
    let instance = instance(Rpm, Missing);
    instance.distributor("read -r _ <state/distribute; exit 1");
    assert!(Command::new("mkfifo").arg(instance.path("state/distribute")).status().unwrap().success());
    let mut first = instance.start_install(&[]);
    first.tells("Distributor is next: ");
    instance.sandbox.region_has(Some(Sandbox::installer())).unwrap();
    instance.install(&[("waitSeconds", "0")]).assert_ready(168);
    std::fs::write(instance.path("state/distribute"), "go on\n").unwrap();
    first.report().assert_ready(0);
}

#[test]
fn a_run_that_never_gets_its_turn_says_so() {
    let instance = instance(Rpm, Missing);
    let _held = instance.sandbox.hold_package_lock().unwrap();
    let mut first = instance.start_install(&[]);
    first.tells("waiting: ");
    let report = instance.install(&[("waitSeconds", "1")]);
    assert_eq!((report.run.code, report.codes()), (169, vec!["install-busy"]));
}

#[test]
fn a_killed_run_does_not_block_the_next() {
    let instance = instance(Rpm, Missing);
    instance.distributor_knows_the_agent();
    let held = instance.sandbox.hold_package_lock().unwrap();
    let mut first = instance.start_install(&[]);
    first.tells("waiting: ");
    first.running.cancel().unwrap();
    drop(first);
    drop(held); // killed too: the kernel frees its lock
    let report = instance.install(&[("waitSeconds", "0")]);
    report.assert_ready(0);
    assert!(!report.run.stderr.contains("another run"), "{report:?}");
}

/// The SSM Agent kills a step that is out of time, goes on with the next, and its worker lives.
#[test]
fn a_killed_step_does_not_block_those_after_it() {
    let instance = instance(Rpm, Missing);
    instance.distributor_knows_the_agent();
    let held = instance.sandbox.hold_package_lock().unwrap();
    instance.distributor("read -r _ <state/distribute; exec dnf -y install codedeploy-agent");
    assert!(Command::new("mkfifo").arg(instance.path("state/distribute")).status().unwrap().success());
    let mut steps = instance.start_install(&[]);
    steps.tells("waiting: ");
    steps.running.time_out().unwrap();
    held.release().unwrap();
    std::fs::write(instance.path("state/distribute"), "go on\n").unwrap();
    steps.report().assert_ready(0);
}

#[test]
fn a_signal_brings_the_report_and_leaves_nothing_behind() {
    for signal in ["TERM", "INT", "HUP"] {
        let instance = instance(Rpm, Missing);
        let held = instance.sandbox.hold_package_lock().unwrap();
        // The step alone, since the stand-in for the worker would end with the signal.
        let text = script("install-agent", "prepare");
        let mut running = instance.sandbox.start("sh", &text, &parameters("install-agent", &[])).unwrap();
        until(|| instance.sandbox.root().join("run/launchgate-install").exists(), || "no turn".to_owned());
        running.signal(signal).unwrap();
        let report = Report::of(running.finish().unwrap());
        assert_eq!((report.run.code, report.codes()[0]), (169, "package-lock-held"), "{report:?}");
        assert!(!instance.sandbox.root().join("run/launchgate-install").exists());
        drop(held);
    }
}
