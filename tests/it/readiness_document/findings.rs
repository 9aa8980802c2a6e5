//! Checks that each finding comes from the host that should cause it, and never from a healthy host.

use launchgate_tests::fleet::host::{AgentState, Boot, Credentials, Host, Metadata};
use serde_json::json;

use super::run::{instance, web};
use crate::stand::threads::at_once;
use crate::stand::with_agent;

#[test]
fn a_healthy_instance_is_ready() {
    at_once(&[(1, "1.8.1"), (2, "2.1.0")], |&(generation, version)| {
        let report = instance(&Host::healthy(generation)).readiness(&[]);
        let agent = json!({"generation": generation, "version": version, "state": "running"});
        let waited = report.waited();
        assert_eq!(report.json, json!({"v": 1, "ready": true, "waited_s": waited, "agent": agent, "findings": []}));
        assert_eq!((report.run.code, report.run.stderr.as_str()), (0, ""));
        assert_eq!(report.run.stdout.lines().count(), 1);
    });
}

#[test]
fn an_instance_that_has_what_the_policy_asks_for_is_ready() {
    let (port, _asked) = web(&[204]);
    let host = Host {
        boot: Boot::NoCloudInit,
        units: ["web", "db"].map(str::to_owned).into(),
        commands: ["java-from-the-policy".to_owned()].into(),
        ..Host::healthy(2)
    };
    let url = format!("http://localhost:{port}/health?deep=1&x=2");
    let checks =
        [("units", "web db"), ("commands", "java-from-the-policy sh"), ("ports", &port.to_string()), ("url", &url)];
    let report = instance(&host).readiness(&checks);
    assert_eq!((report.run.code, report.codes()), (0, vec![]));
}

#[test]
fn an_agent_without_credentials_is_final_only_while_metadata_knows_no_role() {
    let host = Host { credentials: Credentials::Missing, ..with_agent(1, AgentState::NoCredentials) };
    let instance = instance(&host);
    let report = instance.readiness(&[]);
    assert_eq!(report.classes(), [("credentials-missing", "fatal"), ("agent-no-credentials", "fatal")]);
    instance.answer_for(&Host::healthy(1));
    assert_eq!(instance.readiness(&[]).classes(), [("agent-no-credentials", "transient")]);
    instance.answer_for(&Host { metadata: Metadata::Unreachable, ..host });
    let classes = [("metadata-unreachable", "transient"), ("agent-no-credentials", "transient")];
    assert_eq!(instance.readiness(&[]).classes(), classes);
}

#[test]
fn an_agent_that_fails_is_quoted() {
    let quotes = [(1, "InternalServerError - try again"), (2, "HttpError: HTTP 500 [type=InternalFailure]")];
    at_once(&quotes, |&(generation, quote)| {
        let report = instance(&with_agent(generation, AgentState::PollFails)).readiness(&[]);
        assert!(report.detail().contains(quote), "{report:?}");
        assert!(report.run.stderr.contains("== /var/log/aws/codedeploy-agent/codedeploy-agent.log"), "{report:?}");
    });
}

#[test]
fn an_agent_that_is_ignored_is_not_mentioned() {
    let report = instance(&with_agent(2, AgentState::Missing)).readiness(&[("agent", "ignored")]);
    assert_eq!(report.json, json!({"v": 1, "ready": true, "waited_s": report.waited(), "findings": []}));
}

#[test]
fn boot_and_metadata_have_their_codes() {
    let cases = [
        (Host { boot: Boot::Running, ..Host::healthy(1) }, "boot", "boot-running", "transient"),
        (Host { boot: Boot::UserDataFailed, ..Host::healthy(1) }, "boot", "user-data-failed", "fatal"),
        (Host { metadata: Metadata::Disabled, ..Host::healthy(2) }, "metadata", "metadata-disabled", "fatal"),
        (Host { metadata: Metadata::HopLimit, ..Host::healthy(2) }, "metadata", "metadata-hop-limit", "transient"),
        (Host { metadata: Metadata::Blocked, ..Host::healthy(1) }, "metadata", "metadata-blocked", "transient"),
        (Host { metadata: Metadata::Unreachable, ..Host::healthy(2) }, "metadata", "metadata-unreachable", "transient"),
    ];
    at_once(&cases, |(host, check, code, class)| {
        let report = instance(host).readiness(&[]);
        let finding = &report.json["findings"][0];
        assert_eq!(report.codes(), [*code]);
        assert_eq!((&finding["check"], &finding["class"]), (&json!(check), &json!(class)));
        assert_eq!(report.run.code, 10);
    });
}

#[test]
fn each_check_of_the_policy_has_its_code() {
    let (broken, _asked) = web(&[500]);
    let (gone, _asked) = web(&[302]);
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
    let cases = [
        ("units", "web db".to_owned(), "unit-not-active", "not active: db"),
        ("commands", "sh no-such-command".to_owned(), "command-missing", "not on the path: no-such-command"),
        ("commands", "check_url".to_owned(), "command-missing", "not on the path: check_url"),
        ("ports", closed.clone(), "port-closed", "nothing listens on"),
        ("url", format!("http://127.0.0.1:{broken}/"), "url-failing", "status 500"),
        ("url", format!("http://127.0.0.1:{gone}/"), "url-failing", "status 302"),
        ("url", format!("http://[::1]:{closed}/"), "url-failing", "connection refused"),
        ("url", format!("https://127.0.0.1:{broken}/"), "url-failing", "no TLS there"),
    ];
    at_once(&cases, |(check, value, code, detail)| {
        let host = Host { units: ["web".to_owned()].into(), ..Host::healthy(1) };
        let report = instance(&host).readiness(&[(check, value)]);
        assert_eq!(report.codes(), [*code]);
        assert_eq!((&report.json["findings"][0]["check"], report.run.code), (&json!(check), 10));
        assert!(report.detail().contains(detail), "{report:?}");
    });
}

#[test]
fn a_worker_that_is_being_replaced_needs_no_repair() {
    const LOG: &str = "var/log/aws/codedeploy-agent/codedeploy-agent.log";
    let instance = instance(&with_agent(1, AgentState::NoWorker));
    let log = instance.read(LOG);
    let (today, _) = log.split_at(19);
    let replacing = "not enough child processes running - missing at least 1 - respawning";
    instance.write(LOG, &format!("{log}{today} INFO  [codedeploy-agent(7)]: master 7: {replacing}\n"));
    let report = instance.readiness(&[("waitSeconds", "3"), ("repair", "offered")]);
    assert_eq!(report.classes(), [("agent-restarting", "transient")]);
    assert!(report.detail().starts_with("the last worker ended"), "{report:?}");
}

#[test]
fn what_the_log_said_of_an_earlier_life_does_not_count() {
    const LOG: &str = "var/log/aws/codedeploy-agent/codedeploy-agent.log";
    let old = [
        (1, " ", "ERROR [codedeploy-agent(7)]: CommandPoller: Missing credentials - please check"),
        (1, "T", "ERROR [codedeploy-agent(7)]: CommandPoller: Missing credentials - please check"),
        (2, " ", "ERROR Worker failed to create CodeDeploy client: IMDS credentials unavailable: x"),
    ];
    at_once(&old, |(generation, between, words)| {
        let instance = instance(&Host::healthy(*generation));
        let log = instance.read(LOG);
        let (today, _) = log.split_at(10);
        instance.write(LOG, &format!("{today}{between}00:00:00 {words}\n{log}"));
        assert_eq!(instance.readiness(&[]).run.code, 0);
    });
}

#[test]
fn the_agent_is_found_without_its_pid_file_version_and_log() {
    at_once(&[1, 2], |&generation| {
        let instance = instance(&Host::healthy(generation));
        for file in ["opt/codedeploy-agent/state/.pid/codedeploy-agent.pid", "opt/codedeploy-agent/.version"] {
            std::fs::remove_file(instance.sandbox.root().join(file)).unwrap();
        }
        std::fs::remove_dir_all(instance.sandbox.root().join("var/log/aws")).unwrap();
        let report = instance.readiness(&[("waitSeconds", "10")]);
        assert_eq!(report.json["agent"], json!({"generation": generation, "state": "running"}));
        assert_eq!(report.run.code, 0, "{report:?}");
    });
}

#[test]
fn the_agent_is_found_where_its_configuration_says() {
    let instance = instance(&Host::healthy(1));
    let pid = instance.read("opt/codedeploy-agent/state/.pid/codedeploy-agent.pid");
    instance.write("srv/pids/codedeploy-agent.pid", &pid);
    std::fs::remove_dir_all(instance.sandbox.root().join("opt/codedeploy-agent/state")).unwrap();
    instance.write("etc/codedeploy-agent/conf/codedeployagent.yml", "---\n:pid_dir: \"/srv/pids/\"  # moved\n");
    std::fs::remove_file(instance.path("bin/systemctl")).unwrap();
    assert_eq!(instance.readiness(&[]).run.code, 0);
}

#[test]
fn a_pid_file_that_names_a_stranger_is_not_the_agent() {
    let instance = instance(&with_agent(1, AgentState::Stopped));
    let own = std::process::id().to_string();
    instance.write("opt/codedeploy-agent/state/.pid/codedeploy-agent.pid", &own);
    assert_eq!(instance.readiness(&[]).codes(), ["agent-stopped"]);
}

#[test]
fn two_instances_on_one_machine_do_not_see_each_other() {
    let (with, without) = (instance(&Host::healthy(1)), instance(&with_agent(1, AgentState::Missing)));
    assert_eq!((with.readiness(&[]).run.code, without.readiness(&[]).run.code), (0, 10));
}

#[test]
fn cloud_init_is_read_from_its_files_or_from_its_command() {
    at_once(&[(Boot::Running, 10), (Boot::Done, 0)], |&(boot, code)| {
        let instance = instance(&Host { boot, ..Host::healthy(2) });
        let status = instance.read("run/cloud-init/status.json");
        let compact: serde_json::Value = serde_json::from_str(&status).unwrap();
        instance.write("run/cloud-init/result.json", "");
        instance.write("run/cloud-init/status.json", &compact.to_string());
        assert_eq!(instance.readiness(&[]).run.code, code);
        std::fs::remove_dir_all(instance.sandbox.root().join("run/cloud-init")).unwrap();
        assert_eq!(instance.readiness(&[]).run.code, code);
    });
}

#[test]
fn other_errors_of_cloud_init_are_evidence_but_no_finding() {
    let instance = instance(&Host::healthy(1));
    let result = r#"{"v1": {"datasource": null, "errors": ["('ssh', KeyError('x'))"]}}"#;
    instance.write("run/cloud-init/result.json", result);
    let report = instance.readiness(&[]);
    assert_eq!(report.run.code, 0);
    assert!(report.run.stderr.contains("KeyError"), "{report:?}");
}

#[test]
fn the_deployment_whose_files_are_there_is_named() {
    let instance = instance(&Host::healthy(2));
    let folder = "opt/codedeploy-agent/deployment-root/deployment-instructions";
    let text = "/opt/codedeploy-agent/deployment-root/0b1c/d-ABCDEF123";
    instance.write(&format!("{folder}/0b1c_last_successful_install"), text);
    assert_eq!(instance.readiness(&[]).json["installed"], "d-ABCDEF123");
}
