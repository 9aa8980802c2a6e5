//! Tests what the install document installs, and in which way.

use launchgate_tests::fleet::host::AgentState::{Missing, Polling};
use launchgate_tests::fleet::sandbox::Family::{Dpkg, Rpm};

use super::region::serve;
use super::run::instance;
use crate::stand::threads::at_once;

/// Shell and Ruby at once.
const INSTALLER: &str = "`dnf -y install codedeploy-agent`\n";

#[test]
fn missing_packages_are_installed_where_they_are_named() {
    at_once(&[Rpm, Dpkg], |&family| {
        let instance = instance(family, Polling);
        instance.install(&[]).assert_ready(168);
        assert_eq!(instance.transactions(), Vec::<String>::new());
        instance.install(&[("packages", "java-headless")]).assert_ready(168);
        assert_eq!(instance.transactions(), ["0"]);
    });
}

#[test]
fn a_package_that_is_not_to_be_had_is_a_finding_with_the_last_words() {
    let instance = instance(Rpm, Polling);
    let report = instance.install(&[("packages", "nonesuch")]);
    assert_eq!((report.run.code, report.codes()), (169, vec!["package-missing", "install-failed"]));
    assert_eq!(report.json["findings"][1]["detail"], "Error: Unable to find a match: nonesuch");
    assert_eq!(report.run.stderr.matches("failed: ").count(), 3, "{report:?}");
}

#[test]
fn every_shell_installs_through_distributor_where_the_region_has_no_installer() {
    let tools = concat!(env!("CARGO_MANIFEST_DIR"), "/../.local/tools/bin/busybox ash");
    at_once(&["dash", "bash --posix", tools], |shell| {
        let instance = instance(Rpm, Missing);
        instance.distributor_knows_the_agent();
        let report = instance.start_install_under(shell, &[]).report();
        report.assert_ready(0);
        assert_eq!(report.json["agent"]["version"], "2.1.0");
        assert_eq!(report.run.stdout.lines().count(), 1, "{report:?}");
        assert!(report.run.stdout.len() < 1_100);
        instance.install(&[]).assert_ready(168);
        assert_eq!(instance.transactions(), ["0"]);
    });
}

#[test]
fn every_shell_installs_with_the_installer_of_the_region_and_distributor_is_not_asked() {
    let tools = concat!(env!("CARGO_MANIFEST_DIR"), "/../.local/tools/bin/busybox ash");
    at_once(&["dash", "bash --posix", tools], |shell| {
        let instance = instance(Rpm, Missing);
        serve(&instance, &[("/latestv2/install", &format!("#!/bin/sh\n{INSTALLER}"))]);
        let report = instance.start_install_under(shell, &[]).report();
        report.assert_ready(168);
        assert!(report.run.stderr.contains("the installer of the Region has installed the agent"), "{report:?}");
        assert!(!instance.path("distributed").exists());
    });
}

#[test]
fn a_region_without_the_second_generation_has_the_first_and_needs_ruby() {
    let instance = instance(Rpm, Missing);
    serve(&instance, &[("/latest/install", &format!("#!/usr/bin/env ruby\n{INSTALLER}"))]);
    let report = instance.install(&[]);
    report.assert_ready(168);
    let ruby_was_there = std::path::Path::new("/usr/bin/ruby").exists();
    assert_eq!(report.run.stderr.contains(" install ruby"), !ruby_was_there, "{report:?}");
}

#[test]
fn where_the_installer_of_the_region_loses_the_race_it_waits_and_tries_again() {
    let instance = instance(Rpm, Missing);
    serve(&instance, &[("/latestv2/install", &format!("#!/bin/sh\n{INSTALLER}"))]);
    instance.stand_in_the_way();
    let mut steps = instance.start_install(&[]);
    instance.is_asked();
    let held = instance.sandbox.hold_package_lock().unwrap();
    instance.go_on();
    steps.tells(&format!("waiting: {} (", held.pid()));
    held.release().unwrap();
    let report = steps.report();
    report.assert_ready(168);
    assert!(report.run.stderr.contains("lost the race for the package lock"), "{report:?}");
}

#[test]
fn an_installer_that_fails_is_a_finding_with_its_last_words() {
    let instance = instance(Rpm, Missing);
    serve(&instance, &[("/latestv2/install", "#!/bin/sh\necho 'E: no space left on device' >&2\nexit 7\n")]);
    let report = instance.install(&[]);
    assert_eq!((report.run.code, report.codes()), (10, vec!["install-failed"]));
    assert_eq!(report.json["agent"]["state"], "missing");
    assert!(report.detail().contains("no space left on device"), "{report:?}");
    assert_eq!(report.run.stderr.matches("failed: ").count(), 3, "{report:?}");
}

#[test]
fn a_region_that_cannot_be_trusted_installs_nothing() {
    let instance = instance(Rpm, Missing);
    serve(&instance, &[("/latestv2/install", &format!("#!/bin/sh\n{INSTALLER}"))]);
    std::fs::write(instance.path("region.pem"), rcgen::generate_simple_self_signed([]).unwrap().cert.pem()).unwrap();
    let report = instance.install(&[("waitSeconds", "2")]);
    assert_eq!((report.run.code, report.codes()), (10, vec!["install-failed"]));
    assert!(report.detail().contains("/latestv2/install: curl: (60) SSL certificate"), "{report:?}");
    assert_eq!(instance.transactions(), Vec::<String>::new());
}
