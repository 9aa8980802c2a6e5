//! Starts the real AWS CLI against a fleet whose clock the test moves.

use std::env;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use launchgate_tests::fleet::door::server::{Clock, News, Server};
use launchgate_tests::fleet::story::Stories;
use launchgate_tests::fleet::{Fault, Fleet};
use lifecycle::Timestamp;
use serde_json::Value;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::fleet_world::{READINESS, list};

/// The AWS CLI, and a fleet whose clock moves only when the test calls [`Cli::after`].
pub(crate) struct Cli {
    aws: PathBuf,
    pub(crate) server: Server,
    news: UnboundedReceiver<News>,
    home: tempfile::TempDir,
}

fn aws() -> PathBuf {
    let repository = concat!(env!("CARGO_MANIFEST_DIR"), "/../.venv/bin/aws");
    let aws = PathBuf::from(env::var("LAUNCHGATE_AWS_CLI").unwrap_or_else(|_| repository.to_owned()));
    assert!(aws.exists(), "no AWS CLI at {}: `make test` installs it, LAUNCHGATE_AWS_CLI names another", aws.display());
    aws
}

impl Cli {
    pub(crate) async fn start(stories: &str) -> Self {
        let start = Timestamp::parse("2026-09-14T08:00:00Z").unwrap();
        let mut fleet = Fleet::new(7, start);
        fleet.tell(Stories::parse(stories).unwrap());
        let (server, news) = Server::start(fleet, 0, Clock::moved(start)).await.unwrap();
        Self { aws: aws(), server, news, home: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn after(&self, seconds: u64) {
        self.server.move_to(self.server.now() + Duration::from_secs(seconds));
    }

    fn run(&self, service: &str, words: &str, more: &[&str]) -> (bool, String, String) {
        let mut command = Command::new(&self.aws);
        command.arg(service).args(words.split_whitespace()).args(more).args(["--endpoint-url", &self.server.url]);
        command.env_clear().env("PATH", env::var("PATH").unwrap()).env("HOME", self.home.path());
        command.envs([
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_DEFAULT_REGION", "us-east-1"),
        ]);
        command.envs([("AWS_MAX_ATTEMPTS", "1"), ("AWS_PAGER", ""), ("AWS_EC2_METADATA_DISABLED", "true")]);
        let output = command.output().unwrap();
        let read = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.success(), read(output.stdout), read(output.stderr))
    }

    pub(crate) fn scaling(&self, words: &str) -> Value {
        self.ok("autoscaling", words, &[])
    }

    pub(crate) fn systems(&self, words: &str) -> Value {
        self.ok("ssm", words, &[])
    }

    pub(crate) fn ok(&self, service: &str, words: &str, more: &[&str]) -> Value {
        let (success, out, err) = self.run(service, words, more);
        assert!(success, "{service} {words}: {err}");
        if out.trim().is_empty() { Value::Null } else { serde_json::from_str(&out).unwrap() }
    }

    /// The code and the message of an error, as the CLI understood it.
    pub(crate) fn refused(&self, service: &str, words: &str) -> (String, String) {
        let (success, out, err) = self.run(service, words, &[]);
        assert!(!success, "{service} {words}: {out}");
        let (code, rest) =
            err.split_once('(').and_then(|(_, rest)| rest.split_once(')')).unwrap_or_else(|| panic!("{words}: {err}"));
        (code.to_owned(), rest.split_once(": ").map_or("", |(_, message)| message).trim().to_owned())
    }

    /// Asserts an error by its code and a part of its message.
    pub(crate) fn refuses(&self, service: &str, words: &str, code: &str, message: &str) {
        let refused = self.refused(service, words);
        assert!(refused.0 == code && refused.1.contains(message), "{words}: {refused:?}");
    }

    pub(crate) fn create_group(&self, more: &str) {
        self.scaling(&format!(
            "create-auto-scaling-group --auto-scaling-group-name web --min-size 0 --max-size 4 --availability-zones us-east-1a us-east-1b \
             --launch-template LaunchTemplateName=web,Version=1 --tags Key=team,Value=shop {more}"
        ));
        self.after(1);
    }

    pub(crate) fn create_document(&self, name: &str) -> Value {
        self.create_document_of(name, READINESS)
    }

    pub(crate) fn create_document_of(&self, name: &str, content: &str) -> Value {
        self.ok("ssm", &format!("create-document --name {name} --document-type Command --document-format YAML --target-type /AWS::EC2::Instance --content"), &[content])
    }

    pub(crate) fn instance(&self) -> Value {
        let described = self.scaling("describe-auto-scaling-instances");
        list(&described, "AutoScalingInstances").last().unwrap().clone()
    }

    /// The token of the next lifecycle action that is announced.
    pub(crate) async fn token(&mut self) -> String {
        loop {
            match self.news.recv().await.unwrap() {
                News::Event(event) => return event.detail("LifecycleActionToken").to_owned(),
                News::Entry(_) | News::Script(_) | News::Revision(_) => {}
            }
        }
    }

    /// From now on every call of the service is throttled.
    pub(crate) fn throttle(&self, service: &str) {
        let call = service.to_owned();
        self.server.with(|fleet| {
            fleet.faults.add(Fault::Throttle { call, burst: 0, per_second: 0 });
        });
    }
}
