//! Checks the form of the document and of its report in every situation.

use std::fs;

use launchgate_tests::fleet::host::{AgentState, Boot, Host, Metadata};
use regex::Regex;

use super::run::{instance, parameters, script, shells};
use crate::stand::documents::document;
use crate::stand::threads::at_once;
use crate::stand::{Report, with_agent};

#[test]
fn every_parameter_is_exported_and_its_default_is_allowed() {
    let document = document("readiness");
    for (name, parameter) in document["parameters"].as_object().unwrap() {
        assert_eq!(
            (&parameter["type"], &parameter["interpolationType"]),
            (&"String".into(), &"ENV_VAR".into()),
            "{name}"
        );
        let pattern = Regex::new(parameter["allowedPattern"].as_str().unwrap()).unwrap();
        assert!(pattern.is_match(parameter["default"].as_str().unwrap()), "{name}");
        assert!(!parameter["description"].as_str().unwrap().is_empty(), "{name}");
        assert!(script().contains(&format!("export SSM_{name}=\"{{{{ {name} }}}}\"")), "{name}");
    }
}

#[test]
fn the_step_outlives_the_longest_wait_and_the_document_fits() {
    let document = document("readiness");
    let step = &document["mainSteps"][0];
    assert!(step["inputs"]["timeoutSeconds"].as_str().unwrap().parse::<u32>().unwrap() > 300);
    assert_eq!((&document["schemaVersion"], &step["name"]), (&"2.2".into(), &"readiness".into()));
    assert!(script().starts_with("#!/bin/sh\n"));
    // It has no time-out, and a user data script that it waits for may wait for us.
    assert!(!script().contains("--wait"));
    // Both need a disk with room in some shells.
    assert!(!script().contains("<<") && !script().contains("mktemp"));
}

#[test]
fn the_patterns_admit_what_a_policy_says() {
    let good = [
        ("waitSeconds", "0 7 60 99 100 299 300"),
        ("agent", "required ignored"),
        ("repair", "offered none"),
        ("userData", "required ignored"),
        ("ports", "1 80 8080 59999 65535"),
        ("url", "http://127.0.0.1:8080/health http://localhost/ https://[::1]:8443/a/b?c=d&e=%20 http://127.0.0.1"),
    ];
    for (name, values) in good {
        for value in values.split(' ') {
            assert!(allowed(name, value), "{name} {value}");
        }
    }
    assert!(allowed("ports", "80 8080") && allowed("units", "web@1.service db") && allowed("commands", "java g++"));
    assert!(allowed("packages", "java-17-amazon-corretto-headless libstdc++6 openssl:arm64 x_y"));
}

#[test]
fn the_patterns_refuse_everything_else() {
    let bad = [
        ("waitSeconds", vec!["-1", "3601", "9999", "01", "1.5", "", "1 2", "a[$(id)]"]),
        ("agent", vec!["", "Required", "required "]),
        ("repair", vec!["", "true"]),
        ("userData", vec!["", "Required", "required ignored"]),
        ("packages", vec!["-y", " java", "java ", "java  ruby", "java,ruby", "/tmp/x.rpm", "java*", "java=17"]),
        ("units", vec![" web", "web ", "web  db", "-H", "w/b", "web,db"]),
        ("commands", vec!["-v", "/bin/sh", "a  b"]),
        ("ports", vec!["0", "65536", "99999", "080", "80,81", "http"]),
        (
            "url",
            vec![
                "http://10.0.0.1/",
                "http://127.0.0.1.evil/",
                "http://127.0.0.1@evil/",
                "ftp://127.0.0.1/",
                "-o/x",
                "http://localhost/a b",
                "http://localhost/#x",
                "file:///etc/shadow",
                "http://169.254.169.254/",
            ],
        ),
    ];
    for (name, values) in bad {
        for value in values {
            assert!(!allowed(name, value), "{name} {value}");
        }
    }
    for name in parameters(&[]).keys() {
        for value in hostile("x") {
            assert!(!allowed(name, &value), "{name} {value}");
        }
        assert!(!allowed(name, &"a ".repeat(2000)) && !allowed(name, &"7".repeat(3000)), "{name}");
    }
}

#[test]
fn a_hostile_value_that_came_through_does_nothing() {
    let instance = instance(&Host::healthy(2));
    let trap = instance.path("touched");
    let names: Vec<String> = parameters(&[]).into_keys().collect();
    let values = hostile(&trap.display().to_string());
    let cases: Vec<_> = names.iter().flat_map(|name| values.iter().map(move |value| (name, value))).collect();
    at_once(&cases, |(name, value)| {
        let run = instance.sandbox.run(&script(), &parameters(&[(name, value)])).unwrap();
        match name.as_str() {
            "waitSeconds" => assert_eq!((run.code, run.stdout.as_str()), (2, "")),
            _ => assert!([0, 10].contains(&Report::of(run).run.code)),
        }
    });
    assert!(!trap.exists());
}

#[test]
fn the_report_is_short_and_whole_when_everything_fails() {
    const LOG: &str = "var/log/aws/codedeploy-agent/codedeploy-agent.log";
    let hosts = [AgentState::PollFails, AgentState::NoCredentials, AgentState::Missing, AgentState::Restarting];
    let shells = shells();
    let cases: Vec<_> = shells.iter().flat_map(|shell| hosts.map(|state| (shell, state))).collect();
    at_once(&cases, |(shell, state)| {
        let host = Host { boot: Boot::UserDataFailed, metadata: Metadata::Disabled, ..with_agent(1, *state) };
        let instance = instance(&host);
        fs::remove_file(instance.sandbox.root().join("run/cloud-init/result.json")).unwrap();
        let status =
            r#"{"v1":{"stage":"modules-final","modules-final":{"errors":["('scripts_user', \"\\|\u0007é\n"]}}}"#;
        instance.sandbox.set_service("cloud-final", "ActiveState=activating\n").unwrap();
        instance.write("run/cloud-init/status.json", &status.replace('é', &"é\\\\|".repeat(300)));
        if *state != AgentState::Missing {
            let noise = "\"\\ \u{1}\u{7f}|é$(id)`{}\r\t".repeat(4000);
            let log = instance.read(LOG).replace("CommandPoller: ", &noise) + &noise + "\n" + &noise;
            instance.write(LOG, &log);
            instance.write("var/log/cloud-init-output.log", &log);
        }
        let names = (0..16).map(|n| format!("{n:-<64}")).collect::<Vec<_>>().join(" ");
        let given = [
            ("units", names.as_str()),
            ("commands", &names),
            ("ports", "1 2 3 4"),
            ("url", "http://[::1]:9/"),
            ("waitSeconds", "15"),
        ];
        let report = Report::of(instance.start_readiness(shell, &given).finish().unwrap());
        assert!(report.run.stdout.len() <= 1_165, "{}", report.run.stdout.len());
        assert!(report.run.stderr.len() <= 7000, "{}", report.run.stderr.len());
        assert_eq!((report.codes().len(), report.run.code), (8, 10), "{report:?}");
    });
}

#[test]
fn every_shell_finds_a_healthy_instance_ready() {
    at_once(&shells(), |shell| {
        let instance = instance(&Host::healthy(2));
        let report = Report::of(instance.start_readiness(shell, &[("commands", "sh")]).finish().unwrap());
        assert_eq!((report.run.code, report.run.stderr.as_str()), (0, ""));
    });
}

fn allowed(name: &str, value: &str) -> bool {
    let document = document("readiness");
    Regex::new(document["parameters"][name]["allowedPattern"].as_str().unwrap()).unwrap().is_match(value)
}

pub(super) fn hostile(file: &str) -> Vec<String> {
    vec![
        format!("$(touch {file})"),
        format!("`touch {file}`"),
        format!("\"; touch {file}; \""),
        format!("'; touch {file}; '"),
        format!("a\ntouch {file}\n"),
        format!("a[$(touch {file})]"),
        format!("x & touch {file}"),
        format!("x|touch {file}"),
        format!("-o {file}"),
        "http://127.0.0.1/\\".to_owned(),
        "*".to_owned(),
    ]
}
