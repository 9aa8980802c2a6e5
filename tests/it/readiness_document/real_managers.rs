//! Tests the real package managers of the made-up instances, and that what they leave behind is no finding.

use launchgate_tests::fleet::host::AgentState;
use launchgate_tests::fleet::sandbox::{Family, Manager, Run};

use crate::stand::threads::at_once;
use crate::stand::{Instance, with_agent};

const MANAGERS: [Manager; 3] = [Manager::Dnf, Manager::Zypper, Manager::Apt];

/// An instance without the agent, with one of the real package managers.
fn with_manager(manager: Manager) -> Instance {
    let family = if manager == Manager::Apt { Family::Dpkg } else { Family::Rpm };
    let instance = Instance::new(&with_agent(2, AgentState::Missing), Some(family));
    instance.sandbox.use_real_manager(manager).unwrap();
    instance
}

fn install(instance: &Instance, manager: Manager, package: &str, option: &str) -> Run {
    let words = match manager {
        Manager::Dnf => "dnf -y",
        Manager::Zypper => "zypper --non-interactive",
        Manager::Apt => "apt-get update >/dev/null 2>&1; apt-get -y",
    };
    instance.sandbox.run(&format!("{words} {option} install {package}"), &[].into()).unwrap()
}

#[test]
fn what_real_managers_install_is_found_and_what_they_leave_is_no_lock() {
    at_once(&MANAGERS, |&manager| {
        let instance = with_manager(manager);
        for package in ["java", "codedeploy-agent"] {
            let installed = install(&instance, manager, package, "");
            assert_eq!(installed.code, 0, "{installed:?}");
        }
        let report = instance.readiness(&[("packages", "java java-headless codedeploy-agent"), ("waitSeconds", "20")]);
        assert_eq!((report.codes(), report.run.code), (vec![], 0), "{report:?}");
    });
}

#[test]
fn a_broken_repository_is_broken_for_the_real_managers() {
    let cases = [
        (Manager::Dnf, "", 1),
        (Manager::Dnf, "--setopt=*.skip_if_unavailable=1", 0),
        (Manager::Zypper, "", 106),
        (Manager::Apt, "", 0),
    ];
    at_once(&cases, |&(manager, option, code)| {
        let instance = with_manager(manager);
        instance.sandbox.point_repository(manager, "base", "file:///srv/nowhere").unwrap();
        let installed = install(&instance, manager, "codedeploy-agent", option);
        assert_eq!(installed.code, code, "{manager:?} {installed:?}");
        let there = instance.sandbox.root().join("opt/codedeploy-agent/bin/codedeploy-agent").exists();
        assert_eq!(there, code != 1, "{manager:?} {installed:?}");
    });
}
