//! The real AWS CLI drives every operation that the fleet serves: what botocore cannot send or parse is a defect.

use std::env;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use launchgate_tests::fleet::door::server::{Clock, News, Server};
use launchgate_tests::fleet::story::Stories;
use launchgate_tests::fleet::{Fault, Fleet};
use lifecycle::Timestamp;
use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedReceiver;

use crate::fleet_world::{READINESS, list, text};

/// The CLI, and a fleet whose time it takes a call to move.
struct Cli {
    aws: PathBuf,
    server: Server,
    news: UnboundedReceiver<News>,
    home: tempfile::TempDir,
}

fn aws() -> PathBuf {
    let repository = concat!(env!("CARGO_MANIFEST_DIR"), "/../.venv/bin/aws");
    let aws =
        PathBuf::from(env::var("LAUNCHGATE_AWS_CLI").unwrap_or_else(|_| repository.to_owned()));
    assert!(
        aws.exists(),
        "no AWS CLI at {}: `make test` installs it, LAUNCHGATE_AWS_CLI names another",
        aws.display()
    );
    aws
}

impl Cli {
    async fn start(stories: &str) -> Self {
        let start = Timestamp::parse("2026-09-14T08:00:00Z").unwrap();
        let mut fleet = Fleet::new(7, start);
        fleet.tell(Stories::parse(stories).unwrap());
        let (server, news) = Server::start(fleet, 0, Clock::moved(start)).await.unwrap();
        Self {
            aws: aws(),
            server,
            news,
            home: tempfile::tempdir().unwrap(),
        }
    }

    fn after(&self, seconds: u64) {
        self.server
            .move_to(self.server.now() + Duration::from_secs(seconds));
    }

    fn run(&self, service: &str, words: &str, more: &[&str]) -> (bool, String, String) {
        let mut command = Command::new(&self.aws);
        command
            .arg(service)
            .args(words.split_whitespace())
            .args(more)
            .args(["--endpoint-url", &self.server.url]);
        command
            .env_clear()
            .env("PATH", env::var("PATH").unwrap())
            .env("HOME", self.home.path());
        command.envs([
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_DEFAULT_REGION", "us-east-1"),
        ]);
        command.envs([
            ("AWS_MAX_ATTEMPTS", "1"),
            ("AWS_PAGER", ""),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ]);
        let output = command.output().unwrap();
        let read = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (
            output.status.success(),
            read(output.stdout),
            read(output.stderr),
        )
    }

    fn scaling(&self, words: &str) -> Value {
        self.ok("autoscaling", words, &[])
    }

    fn systems(&self, words: &str) -> Value {
        self.ok("ssm", words, &[])
    }

    fn ok(&self, service: &str, words: &str, more: &[&str]) -> Value {
        let (success, out, err) = self.run(service, words, more);
        assert!(success, "{service} {words}: {err}");
        if out.trim().is_empty() {
            Value::Null
        } else {
            serde_json::from_str(&out).unwrap()
        }
    }

    /// The code and the message of an error, as the CLI understood it.
    fn refused(&self, service: &str, words: &str) -> (String, String) {
        let (success, out, err) = self.run(service, words, &[]);
        assert!(!success, "{service} {words}: {out}");
        let (code, rest) = err
            .split_once('(')
            .and_then(|(_, rest)| rest.split_once(')'))
            .unwrap_or_else(|| panic!("{words}: {err}"));
        (
            code.to_owned(),
            rest.split_once(": ")
                .map_or("", |(_, message)| message)
                .trim()
                .to_owned(),
        )
    }

    /// Asserts an error by its code and a part of its message.
    fn refuses(&self, service: &str, words: &str, code: &str, message: &str) {
        let refused = self.refused(service, words);
        assert!(
            refused.0 == code && refused.1.contains(message),
            "{words}: {refused:?}"
        );
    }

    fn create_group(&self, more: &str) {
        self.scaling(&format!(
            "create-auto-scaling-group --auto-scaling-group-name web --min-size 0 --max-size 4 --availability-zones us-east-1a us-east-1b \
             --launch-template LaunchTemplateName=web,Version=1 --tags Key=team,Value=shop {more}"
        ));
        self.after(1);
    }

    fn create_document(&self, name: &str) -> Value {
        self.ok("ssm", &format!("create-document --name {name} --document-type Command --document-format YAML --target-type /AWS::EC2::Instance --content"), &[READINESS])
    }

    fn instance(&self) -> Value {
        let described = self.scaling("describe-auto-scaling-instances");
        list(&described, "AutoScalingInstances")
            .last()
            .unwrap()
            .clone()
    }
}

const GATE: &str = "--auto-scaling-group-name web --lifecycle-hook-name gate";
const GATE_SPECIFICATION: &str = "--lifecycle-hook-specification-list LifecycleHookName=gate,LifecycleTransition=autoscaling:EC2_INSTANCE_LAUNCHING,HeartbeatTimeout=60";

#[tokio::test(flavor = "multi_thread")]
async fn the_cli_runs_a_group_through_its_hooks() {
    let mut cli = Cli::start("").await;
    cli.create_group(&format!(
        "--desired-capacity 1 {GATE_SPECIFICATION},NotificationMetadata=x"
    ));
    let instance = cli.instance();
    assert_eq!(
        (
            text(&instance, "/LifecycleState"),
            text(&instance, "/HealthStatus")
        ),
        ("Pending:Wait".to_owned(), "HEALTHY".to_owned())
    );
    let id = text(&instance, "/InstanceId");

    let hooks = cli.scaling(
        "describe-lifecycle-hooks --auto-scaling-group-name web --lifecycle-hook-names gate",
    );
    assert_eq!(
        (
            &hooks["LifecycleHooks"][0]["GlobalTimeout"],
            &hooks["LifecycleHooks"][0]["DefaultResult"]
        ),
        (&json!(6000), &json!("ABANDON"))
    );
    cli.scaling(&format!(
        "record-lifecycle-action-heartbeat {GATE} --instance-id {id}"
    ));
    let token = loop {
        match cli.news.recv().await.unwrap() {
            News::Event(event) => break event.detail("LifecycleActionToken").to_owned(),
            News::Entry(_) | News::Script(_) => {}
        }
    };
    cli.scaling(&format!("complete-lifecycle-action {GATE} --lifecycle-action-token {token} --lifecycle-action-result CONTINUE"));
    assert_eq!(text(&cli.instance(), "/LifecycleState"), "InService");
    let again = format!(
        "complete-lifecycle-action {GATE} --lifecycle-action-token {token} --lifecycle-action-result CONTINUE"
    );
    assert_eq!(
        cli.refused("autoscaling", &again),
        (
            "ValidationError".to_owned(),
            format!("No active Lifecycle Action found with token {token}")
        )
    );
    let late = format!("record-lifecycle-action-heartbeat {GATE} --instance-id {id}");
    assert_eq!(
        cli.refused("autoscaling", &late),
        (
            "ValidationError".to_owned(),
            format!("No active Lifecycle Action found with instance ID {id}")
        )
    );

    let activities = cli.scaling("describe-scaling-activities --auto-scaling-group-name web");
    assert_eq!(text(&activities, "/Activities/0/StatusCode"), "Successful");
    let groups = cli.scaling("describe-auto-scaling-groups --auto-scaling-group-names web");
    assert_eq!(
        text(&groups, "/AutoScalingGroups/0/Instances/0/LifecycleState"),
        "InService"
    );
    assert_eq!(text(&groups, "/AutoScalingGroups/0/Tags/0/Key"), "team");
    cli.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cli_changes_groups_hooks_and_pools() {
    let cli = Cli::start("").await;
    cli.create_group("");
    cli.scaling(&format!("put-lifecycle-hook {GATE} --lifecycle-transition autoscaling:EC2_INSTANCE_LAUNCHING --default-result CONTINUE"));
    cli.refuses(
        "autoscaling",
        &format!("put-lifecycle-hook {GATE} --heartbeat-timeout 29"),
        "ValidationError",
        "at 'heartbeatTimeout'",
    );
    cli.scaling("put-warm-pool --auto-scaling-group-name web --max-group-prepared-capacity 1 --pool-state Stopped --instance-reuse-policy ReuseOnScaleIn=true");
    cli.after(1);
    let pool = cli.scaling("describe-warm-pool --auto-scaling-group-name web");
    assert_eq!(
        (
            text(&pool, "/Instances/0/LifecycleState"),
            text(&pool, "/WarmPoolConfiguration/PoolState")
        ),
        ("Warmed:Pending:Wait".to_owned(), "Stopped".to_owned())
    );
    cli.scaling(&format!("delete-lifecycle-hook {GATE}"));
    cli.scaling("suspend-processes --auto-scaling-group-name web --scaling-processes Launch");
    cli.scaling("set-desired-capacity --auto-scaling-group-name web --desired-capacity 2");
    let groups = cli.scaling("describe-auto-scaling-groups");
    assert_eq!(
        (
            &groups["AutoScalingGroups"][0]["DesiredCapacity"],
            text(
                &groups,
                "/AutoScalingGroups/0/SuspendedProcesses/0/ProcessName"
            )
        ),
        (&json!(2), "Launch".to_owned())
    );
    cli.scaling("resume-processes --auto-scaling-group-name web --scaling-processes Launch");
    cli.scaling(
        "update-auto-scaling-group --auto-scaling-group-name web --min-size 1 --max-size 3",
    );
    cli.after(2);
    let page = cli.scaling("describe-auto-scaling-instances --max-items 1 --page-size 1");
    assert_eq!(
        (
            list(&page, "AutoScalingInstances").len(),
            page["NextToken"].is_string()
        ),
        (1, true)
    );
    cli.refuses(
        "autoscaling",
        "set-desired-capacity --auto-scaling-group-name web --desired-capacity 9",
        "ValidationError",
        "above max value 3",
    );
    let id = text(&cli.instance(), "/InstanceId");
    let ended = cli.scaling(&format!("terminate-instance-in-auto-scaling-group --instance-id {id} --no-should-decrement-desired-capacity"));
    assert_eq!(
        text(&ended, "/Activity/Description"),
        format!("Terminating EC2 instance: {id}")
    );
    cli.refuses(
        "autoscaling",
        "delete-auto-scaling-group --auto-scaling-group-name web",
        "ResourceInUse",
        "instances",
    );
    cli.scaling("delete-auto-scaling-group --auto-scaling-group-name web --force-delete");
    cli.refuses(
        "autoscaling",
        "describe-lifecycle-hooks --auto-scaling-group-name web",
        "ValidationError",
        "not found",
    );
    cli.refuses(
        "autoscaling",
        "describe-load-balancers --auto-scaling-group-name web",
        "InvalidAction",
        "DescribeLoadBalancers",
    );
    cli.server.with(|fleet| {
        fleet.faults.add(Fault::Throttle {
            call: "autoscaling".to_owned(),
            burst: 0,
            per_second: 0,
        })
    });
    cli.refuses(
        "autoscaling",
        "describe-auto-scaling-groups",
        "Throttling",
        "Rate exceeded",
    );
    cli.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cli_keeps_documents() {
    let cli = Cli::start("").await;
    let created = cli.create_document("readiness");
    assert_eq!(text(&created, "/DocumentDescription/Status"), "Active");
    assert_eq!(list(&created["DocumentDescription"], "Parameters").len(), 3);
    cli.ok("ssm", "update-document --name readiness --document-version $LATEST --document-format YAML --content", &[&format!("{READINESS}# newer")]);
    cli.systems("update-document-default-version --name readiness --document-version 2");
    let described = cli.systems("describe-document --name readiness");
    assert_eq!(
        (
            text(&described, "/Document/DefaultVersion"),
            text(&described, "/Document/SchemaVersion")
        ),
        ("2".to_owned(), "2.2".to_owned())
    );
    let got = cli.systems("get-document --name readiness --document-version 1");
    assert_eq!(text(&got, "/Content"), READINESS);
    cli.systems("delete-document --name readiness");
    cli.refuses(
        "ssm",
        "get-document --name readiness",
        "InvalidDocument",
        "does not exist",
    );
    cli.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cli_sends_commands_and_reads_what_they_say() {
    let cli = Cli::start("[default]\nstory = \"soon\"\nboots = 1").await;
    cli.create_document("readiness");
    cli.create_group("--desired-capacity 1");
    let id = text(&cli.instance(), "/InstanceId");
    let send = format!("send-command --document-name readiness --instance-ids {id}");
    cli.refuses("ssm", &send, "InvalidInstanceId", &id);
    cli.after(9);
    let information = cli.systems(&format!(
        "describe-instance-information --filters Key=InstanceIds,Values={id}"
    ));
    assert_eq!(
        text(&information, "/InstanceInformationList/0/PingStatus"),
        "Online"
    );
    cli.refuses(
        "ssm",
        &format!("{send} --parameters nonsense=1"),
        "InvalidParameters",
        "nonsense",
    );
    cli.refuses(
        "ssm",
        &format!("{send} --max-errors 101%"),
        "ValidationException",
        "at 'maxErrors'",
    );
    let sent = cli.systems(&format!(
        "{send} --parameters waitSeconds=30 --timeout-seconds 30 --max-errors 100% --comment look-1"
    ));
    let command = text(&sent, "/Command/CommandId");
    let get = format!("get-command-invocation --command-id {command} --instance-id {id}");
    cli.refuses("ssm", &get, "InvocationDoesNotExist", "");
    cli.after(5);
    let got = cli.systems(&get);
    assert_eq!(
        (
            text(&got, "/Status"),
            &got["ResponseCode"],
            text(&got, "/PluginName")
        ),
        ("Success".to_owned(), &json!(0), "probe".to_owned())
    );
    let report: Value = serde_json::from_str(&text(&got, "/StandardOutputContent")).unwrap();
    assert_eq!(report["ready"], true);
    let listed = cli.systems("list-command-invocations --details --filters key=DocumentName,value=readiness key=InvokedAfter,value=2026-09-14T08:00:00Z");
    assert_eq!(
        text(&listed, "/CommandInvocations/0/CommandPlugins/0/Status"),
        "Success"
    );
    let commands = cli.systems(&format!("list-commands --command-id {command}"));
    assert_eq!(
        (
            text(&commands, "/Commands/0/Status"),
            &commands["Commands"][0]["CompletedCount"]
        ),
        ("Success".to_owned(), &json!(1))
    );
    cli.systems(&format!("cancel-command --command-id {command}"));
    cli.server.with(|fleet| {
        fleet.faults.add(Fault::Throttle {
            call: "ssm".to_owned(),
            burst: 0,
            per_second: 0,
        })
    });
    cli.refuses("ssm", &send, "ThrottlingException", "Rate exceeded");
    cli.server.stop().await;
}
