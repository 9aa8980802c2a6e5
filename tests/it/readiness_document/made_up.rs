//! Tests the made-up instances themselves, on which the other tests rely: each has the state that was asked for, and
//! its processes end with it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;

use launchgate_tests::fleet::host::{AgentState, Boot, Host, Metadata};

use super::run::instance;
use crate::stand::threads::at_once;
use crate::stand::{metadata_service, with_agent};

#[test]
fn an_instance_recovers_from_every_state() {
    use AgentState::{Missing, NoCredentials, NoWorker, PollFails, Polling, Restarting, Stopped};
    let states = [Missing, NoCredentials, NoWorker, PollFails, Polling, Restarting, Stopped];
    at_once(&[1, 2].map(|from| states.map(|state| (from, state))).concat(), |&(from, state)| {
        let bad = Host {
            boot: Boot::UserDataFailed,
            metadata: Metadata::Disabled,
            units: ["web".to_owned()].into(),
            commands: ["java".to_owned()].into(),
            ..with_agent(from, state)
        };
        let instance = instance(&bad);
        instance.show(&Host::healthy(3 - from));
        let report = instance.readiness(&[]);
        assert_eq!((report.run.code, &report.json["agent"]["generation"]), (0, &(3 - from).into()), "{report:?}");
        instance.show(&bad);
        let report = instance.readiness(&[("units", "web"), ("commands", "java")]);
        assert!(report.codes().starts_with(&["user-data-failed", "metadata-disabled"]), "{report:?}");
        assert_eq!(report.codes().len(), if state == Polling { 2 } else { 3 }, "{report:?}");
    });
}

#[test]
fn an_agent_that_is_shown_again_keeps_running() {
    let instance = instance(&Host::healthy(1));
    let before = instance.master();
    instance.show(&Host { boot: Boot::Running, ..Host::healthy(1) });
    assert_eq!(instance.master(), before);
}

#[test]
fn the_agent_ends_with_its_instance() {
    at_once(&[AgentState::Polling, AgentState::Restarting, AgentState::NoWorker], |&state| {
        let instance = instance(&with_agent(2, state));
        let process = format!("/proc/{}", instance.master());
        assert!(Path::new(&process).exists());
        drop(instance);
        assert!(!Path::new(&process).exists());
    });
}

#[test]
fn metadata_is_read_with_a_token() {
    let ask = |request: &str| {
        let (url, instances) = metadata_service();
        instances.set("i-asked", &Host::healthy(2));
        let mut stream = TcpStream::connect(url.trim_start_matches("http://")).unwrap();
        write!(stream, "{request}\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head[9..12].to_owned(), body.to_owned())
    };
    let name = "GET /i-asked/latest/meta-data/instance-id HTTP/1.1";
    let token = "PUT /i-asked/latest/api/token HTTP/1.1";
    assert_eq!(ask(name).0, "401");
    assert_eq!(ask(token).0, "400");
    let (_, value) = ask(&format!("{token}\r\nx-aws-ec2-metadata-token-ttl-seconds: 60"));
    let answer = ask(&format!("{name}\r\nx-aws-ec2-metadata-token: {value}"));
    assert_eq!(answer, ("200".to_owned(), "i-asked".to_owned()));
}
