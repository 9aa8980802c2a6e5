//! The local stack without a deployment, the fleet in real time, and the program between them.

use std::path::PathBuf;
use std::process::{Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use launchgate_tests::fleet::Fleet;
use launchgate_tests::fleet::door::put_events::EventBus;
use launchgate_tests::fleet::door::server::{Clock, News, Server};
use launchgate_tests::fleet::story::Stories;
use launchgate_tests::stack::{LocalStack, repository};
use lifecycle::Timestamp;
use regex::Regex;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{sleep, timeout};

/// More than a rehearsal takes on two busy cores.
const PATIENCE: Duration = Duration::from_mins(5);
/// The launch message of the rehearsal comes back ten times as soon as that of an account.
const TICK: (&str, &str) = ("Seconds: \"30\"", "Seconds: \"3\"");

const WITHOUT_GATE: &str = r#"
Resources:
  Logs:
    Type: AWS::Logs::LogGroup
    Properties: { LogGroupName: /aws/lambda/launchgate-smoke-launch-gate }
  Policy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument: { Version: "2012-10-17", Statement: [{ Effect: Deny, Action: "*", Resource: "*" }] }
Outputs:
  LaunchGateLogGroup: { Value: !Ref Logs }
  InvokeValidateServicePolicy:
    Value: !Ref Policy
    Export: { Name: !Sub "${AWS::StackName}-InvokeValidateService" }
"#;

pub(super) struct Rehearsal {
    pub(super) fleet: Arc<Server>,
    pub(super) stack: LocalStack,
    /// From `CreateTags` to CodeDeploy seeing the tag.
    pub(super) tags_lag: Duration,
    folder: TempDir,
}

/// The program.
pub(super) fn folder() -> PathBuf {
    repository().join("tests/smoke")
}

impl Rehearsal {
    pub(super) async fn start(stories: &str, kinds: &Value) -> Self {
        Self::start_with(stories, kinds, template()).await
    }

    /// Where the stack is only what the example needs of it: quickly deployed, and no launch is ever settled.
    pub(super) async fn start_without_gate(stories: &str, kinds: &Value) -> Self {
        Self::start_with(stories, kinds, WITHOUT_GATE.to_owned()).await
    }

    async fn start_with(stories: &str, kinds: &Value, template: String) -> Self {
        let now = Timestamp::default() + SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let mut fleet = Fleet::new(now.millis().unsigned_abs(), now);
        fleet.tell(Stories::parse(stories).unwrap());
        let (fleet, news) = Server::start(fleet, 0, Clock::Real).await.unwrap();
        let stack = LocalStack::start(&fleet.url).await.unwrap();
        tokio::spawn(pass_on(news, EventBus::at(stack.endpoint())));
        let folder = TempDir::new().unwrap();
        std::fs::write(folder.path().join("kinds.json"), kinds.to_string()).unwrap();
        std::fs::write(folder.path().join("template.yaml"), template).unwrap();
        Self { fleet: Arc::new(fleet), stack, tags_lag: Duration::ZERO, folder }
    }

    /// The program with these options, and those that make a rehearsal short.
    pub(super) fn command(&self, options: &[&str]) -> Command {
        let mut command = self.stack.tool("python");
        command.arg("-B").arg(folder()).args(["--pause", "0.5", "--patience", "40"]).args(options);
        for (option, file) in [("--kinds", "kinds.json"), ("--template", "template.yaml"), ("--out", "out")] {
            command.arg(option).arg(self.folder.path().join(file));
        }
        for service in ["AUTO_SCALING", "SSM", "CODEDEPLOY"] {
            command.env(format!("AWS_ENDPOINT_URL_{service}"), &self.fleet.url);
        }
        command
    }

    pub(super) fn run(&self, options: &[&str]) -> Run {
        let mut command = self.command(options);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut program = command.spawn().unwrap();
        let lines = BufReader::new(program.stdout.take().unwrap()).lines();
        Run { program, lines, said: String::new(), fleet: Arc::clone(&self.fleet), tags_lag: self.tags_lag }
    }

    /// A file that the program has written.
    pub(super) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join("out").join(name)).unwrap()
    }

    /// Runs the commands that the program has left, with credentials of this account and an AWS CLI that asks the fleet
    /// and the stack.
    pub(super) async fn remove_by_hand(&self, account: &str) -> Output {
        let aws = repository().join(".venv/bin/aws").canonicalize().unwrap();
        let (aws, fleet, stack) = (aws.display(), &self.fleet.url, self.stack.endpoint());
        let stand_in = format!(
            "#!/bin/sh\ncase $1 in autoscaling | ssm | deploy) at={fleet} ;; *) at={stack} ;; esac\n\
             exec {aws} \"$@\" --endpoint-url \"$at\"\n"
        );
        let name = self.folder.path().join("aws");
        std::fs::write(&name, stand_in).unwrap();
        std::fs::set_permissions(&name, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let mut sh = self.stack.tool("python");
        sh.arg("-c").arg("import os, sys; os.execvp('sh', ['sh', sys.argv[1]])");
        sh.arg(self.folder.path().join("out/remove.sh"));
        sh.env("PATH", format!("{}:/usr/bin:/bin", self.folder.path().display()));
        // ministack takes a key of twelve digits for the account.
        sh.env("AWS_ACCESS_KEY_ID", account).output().await.unwrap()
    }
}

/// What was built, for another folder and with a short tick.
fn template() -> String {
    let built = std::env::var_os("BUILT").unwrap_or_else(|| ".aws-sam/build".into());
    let built = repository().join(built).canonicalize().expect("nothing is built: `make build` does it");
    let text = std::fs::read_to_string(built.join("template.yaml")).unwrap();
    let paths = Regex::new(r"(?m)^( *(?:CodeUri|Location|LicenseUrl|ReadmeUrl): )([^/\s]\S*)$").unwrap();
    let text = paths
        .replace_all(&text, |found: &regex::Captures<'_>| format!("{}{}/{}", &found[1], built.display(), &found[2]));
    let short = text.replace(TICK.0, TICK.1).replace(&TICK.0.replace('"', "'"), TICK.1);
    assert_ne!(short, text, "the template has no tick of {}", TICK.0);
    short
}

async fn pass_on(mut news: UnboundedReceiver<News>, bus: EventBus) {
    while let Some(one) = news.recv().await {
        if let News::Event(event) = one {
            // The stack is gone when a test has ended.
            drop(bus.put(&[event.envelope]).await);
        }
    }
}

/// The program at work.
pub(super) struct Run {
    program: Child,
    lines: Lines<BufReader<ChildStdout>>,
    said: String,
    fleet: Arc<Server>,
    tags_lag: Duration,
}

impl Run {
    /// Reads on until the program says this.
    pub(super) async fn until(&mut self, part: &str) {
        while let Some(line) = self.line().await {
            if line.contains(part) {
                return;
            }
        }
        panic!("the program did not say {part}:\n{}", self.said);
    }

    async fn line(&mut self) -> Option<String> {
        let line = timeout(PATIENCE, self.lines.next_line()).await.expect(&self.said).unwrap()?;
        self.said.push_str(&line);
        self.said.push('\n');
        self.tag(&line);
        Some(line)
    }

    /// `CreateTags` is ministack's, and deployments are the fleet's: here the tag gets from the one to the other.
    fn tag(&self, line: &str) {
        if let Some((place, tag)) = line.split_once(" is tagged ")
            && let (Some((_, group)), Some((key, value))) = (place.rsplit_once(" of "), tag.split_once('='))
        {
            let [group, key, value] = [group, key, value].map(str::to_owned);
            let (fleet, lag) = (Arc::clone(&self.fleet), self.tags_lag);
            tokio::spawn(async move {
                sleep(lag).await;
                fleet.with(|fleet| fleet.tag_members(&group, &key, &value));
            });
        }
    }

    pub(super) async fn answer(&mut self, text: &str) {
        self.program.stdin.as_mut().unwrap().write_all(text.as_bytes()).await.unwrap();
    }

    pub(super) fn interrupt(&self) {
        self.send(Signal::INT);
    }

    /// What a terminal sends that is closed.
    pub(super) fn hang_up(&self) {
        self.send(Signal::HUP);
    }

    fn send(&self, signal: Signal) {
        let id = self.program.id().and_then(|id| Pid::from_raw(id.try_into().unwrap())).unwrap();
        kill_process(id, signal).unwrap();
    }

    /// How it ends, and all that it has said.
    pub(super) async fn end(mut self) -> (i32, String) {
        while self.line().await.is_some() {}
        let code = self.program.wait().await.unwrap().code().unwrap_or(-1);
        (code, self.said)
    }
}
