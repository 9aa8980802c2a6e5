//! Tests the install document on instances that have an agent: it leaves a healthy agent alone and starts a dead one.

use std::fs;

use launchgate_tests::fleet::host::Agent;
use launchgate_tests::fleet::host::AgentState::{Missing, NoWorker, Polling, Stopped};
use launchgate_tests::fleet::sandbox::Family::Rpm;

use super::run::{instance, instance_of};
use crate::stand::threads::at_once;

#[test]
fn a_healthy_agent_is_left_alone_whoever_holds_the_lock() {
    let instance = instance(Rpm, Polling);
    let master = instance.master();
    let _held = instance.sandbox.hold_package_lock().unwrap();
    for _ in 0..2 {
        let report = instance.install(&[]);
        report.assert_ready(168);
        assert_eq!(report.json["agent"]["state"], "running");
    }
    assert_eq!(instance.master(), master);
    assert_eq!(instance.transactions(), Vec::<String>::new());
}

#[test]
fn a_stopped_agent_is_started() {
    let instance = instance(Rpm, Stopped);
    instance.install(&[]).assert_ready(168);
    assert_eq!(instance.transactions(), Vec::<String>::new());
}

#[test]
fn an_agent_that_does_not_start_is_a_finding() {
    let instance = instance(Rpm, Stopped);
    fs::write(instance.path("state/agent"), "#!/bin/sh\necho 'Job for codedeploy-agent.service failed.' >&2\nexit 1\n")
        .unwrap();
    let report = instance.install(&[]);
    assert_eq!((report.run.code, report.codes()), (169, vec!["agent-stopped"]));
    assert_eq!(report.detail(), "started 2 times, but not running. Job for codedeploy-agent.service failed.");
}

/// Both wait until the master has had the time to bring its worker up again, which is shorter for the first generation.
#[test]
fn an_agent_without_a_worker_is_started_anew_unless_a_lifecycle_event_runs() {
    at_once(&[false, true], |&deploying| {
        let instance = instance_of(1, Rpm, NoWorker);
        instance.sandbox.start_brings(Agent { generation: 1, state: Polling }).unwrap();
        let master = instance.master();
        if deploying {
            let folder = instance.sandbox.root().join("opt/codedeploy-agent/deployment-root/ongoing-deployment");
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join("d-ABCDEF123"), "command").unwrap();
        }
        let report = instance.install(&[]);
        if deploying {
            assert_eq!((report.run.code, report.codes()), (169, vec!["agent-no-worker"]));
            assert_eq!(instance.master(), master);
        } else {
            report.assert_ready(168);
            assert_ne!(instance.master(), master);
        }
    });
}

#[test]
fn an_agent_that_starts_last_is_enabled_too() {
    for state in [Stopped, Polling] {
        for (agent, enabled) in [("last", "codedeploy-agent\n"), ("required", "")] {
            let instance = instance(Rpm, state);
            instance.install(&[("agent", agent)]).assert_ready(168);
            let told = fs::read_to_string(instance.path("state/enabled")).unwrap_or_default();
            assert_eq!(told, enabled, "{agent} {state:?}");
        }
    }
}

#[test]
fn an_agent_that_starts_last_is_installed_where_it_is_missing() {
    let instance = instance(Rpm, Missing);
    instance.distributor_knows_the_agent();
    instance.install(&[("agent", "last")]).assert_ready(0);
    assert_eq!(fs::read_to_string(instance.path("state/enabled")).unwrap(), "codedeploy-agent\n");
}

#[test]
fn a_run_that_finds_packages_missing_leaves_the_start_to_the_next() {
    let instance = instance(Rpm, Stopped);
    let given = [("agent", "last"), ("packages", "java")];
    let report = instance.install(&given);
    report.assert_ready(168);
    assert!(report.json.get("agent").is_none() && !instance.path("state/enabled").exists(), "{report:?}");
    let report = instance.install(&given);
    report.assert_ready(168);
    assert_eq!(report.json["agent"]["state"], "running");
    assert_eq!(instance.transactions(), ["0"]);
}

#[test]
fn an_ignored_agent_is_neither_looked_for_nor_installed() {
    let instance = instance(Rpm, Missing);
    instance.distributor_knows_the_agent();
    let report = instance.install(&[("agent", "ignored")]);
    report.assert_ready(168);
    assert!(report.json.get("agent").is_none(), "{report:?}");
    assert_eq!(instance.transactions(), Vec::<String>::new());
}
