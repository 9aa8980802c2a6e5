//! Calls every operation of the fleet with the real AWS CLI. If botocore cannot send a request or parse an answer, the
//! fleet is wrong.

use serde_json::{Value, json};

use crate::fleet_aws_cli::Cli;
use crate::fleet_world::{INSTALL, READINESS, list, text};

const GATE: &str = "--auto-scaling-group-name web --lifecycle-hook-name gate";
const GATE_SPECIFICATION: &str = "--lifecycle-hook-specification-list LifecycleHookName=gate,LifecycleTransition=autoscaling:EC2_INSTANCE_LAUNCHING,HeartbeatTimeout=60";

#[tokio::test(flavor = "multi_thread")]
async fn the_cli_runs_a_group_through_its_hooks() {
    let mut cli = Cli::start("").await;
    cli.create_group(&format!("--desired-capacity 1 {GATE_SPECIFICATION}"));
    let instance = cli.instance();
    assert_eq!(text(&instance, "/LifecycleState"), "Pending:Wait");
    assert_eq!(text(&instance, "/HealthStatus"), "HEALTHY");
    let hooks = cli.scaling("describe-lifecycle-hooks --auto-scaling-group-name web --lifecycle-hook-names gate");
    assert_eq!(hooks.pointer("/LifecycleHooks/0/GlobalTimeout"), Some(&json!(6000)));
    assert_eq!(text(&hooks, "/LifecycleHooks/0/DefaultResult"), "ABANDON");

    let (id, token) = (text(&instance, "/InstanceId"), cli.token().await);
    let heartbeat = format!("record-lifecycle-action-heartbeat {GATE} --instance-id {id}");
    let complete =
        format!("complete-lifecycle-action {GATE} --lifecycle-action-token {token} --lifecycle-action-result CONTINUE");
    cli.scaling(&heartbeat);
    cli.scaling(&complete);
    let none = "No active Lifecycle Action found with";
    cli.refuses("autoscaling", &complete, "ValidationError", &format!("{none} token {token}"));
    cli.refuses("autoscaling", &heartbeat, "ValidationError", &format!("{none} instance ID {id}"));

    let activities = cli.scaling("describe-scaling-activities --auto-scaling-group-name web");
    assert_eq!(text(&activities, "/Activities/0/StatusCode"), "Successful");
    let groups = cli.scaling("describe-auto-scaling-groups --auto-scaling-group-names web");
    assert_eq!(text(&groups, "/AutoScalingGroups/0/Instances/0/LifecycleState"), "InService");
    assert_eq!(text(&groups, "/AutoScalingGroups/0/Tags/0/Key"), "team");
    cli.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cli_changes_hooks_and_pools() {
    let cli = Cli::start("").await;
    cli.create_group("");
    cli.scaling(&format!(
        "put-lifecycle-hook {GATE} --lifecycle-transition autoscaling:EC2_INSTANCE_LAUNCHING --default-result CONTINUE"
    ));
    cli.refuses(
        "autoscaling",
        &format!("put-lifecycle-hook {GATE} --heartbeat-timeout 29"),
        "ValidationError",
        "at 'heartbeatTimeout'",
    );
    cli.scaling("put-warm-pool --auto-scaling-group-name web --max-group-prepared-capacity 1 --instance-reuse-policy ReuseOnScaleIn=true");
    cli.after(1);
    let pool = cli.scaling("describe-warm-pool --auto-scaling-group-name web");
    assert_eq!(text(&pool, "/Instances/0/LifecycleState"), "Warmed:Pending:Wait");
    assert_eq!(text(&pool, "/WarmPoolConfiguration/PoolState"), "Stopped");
    cli.scaling(&format!("delete-lifecycle-hook {GATE}"));
    cli.throttle("autoscaling");
    cli.refuses("autoscaling", "describe-auto-scaling-groups", "Throttling", "Rate exceeded");
    cli.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cli_reads_activities_by_time_and_by_status() {
    let mut cli = Cli::start("").await;
    cli.create_group(&format!("--desired-capacity 1 {GATE_SPECIFICATION}"));
    cli.scaling("suspend-processes --auto-scaling-group-name web --scaling-processes Launch");
    let token = cli.token().await;
    cli.scaling(&format!(
        "complete-lifecycle-action {GATE} --lifecycle-action-token {token} --lifecycle-action-result ABANDON"
    ));
    let count = |filters: &str| {
        let words = format!("describe-scaling-activities --auto-scaling-group-name web --filters {filters}");
        list(&cli.scaling(&words), "Activities").len()
    };
    assert_eq!(count("Name=Status,Values=Cancelled,Failed"), 1);
    assert_eq!(count("Name=Status,Values=Successful"), 0);
    assert_eq!(count("Name=StartTimeLowerBound,Values=2026-09-14T08:00:00Z"), 2);
    assert_eq!(count("Name=StartTimeLowerBound,Values=2026-09-14T08:00:01Z Name=Status,Values=Cancelled"), 0);
    let groups = cli.scaling("describe-auto-scaling-groups --auto-scaling-group-names web");
    let reason = text(&groups, "/AutoScalingGroups/0/SuspendedProcesses/0/SuspensionReason");
    assert_eq!(reason, "User suspended at 2026-09-14T08:00:01Z");
    cli.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cli_changes_groups() {
    let cli = Cli::start("").await;
    cli.create_group("");
    cli.scaling("suspend-processes --auto-scaling-group-name web --scaling-processes Launch");
    cli.scaling("set-desired-capacity --auto-scaling-group-name web --desired-capacity 2");
    let groups = cli.scaling("describe-auto-scaling-groups");
    assert_eq!(groups.pointer("/AutoScalingGroups/0/DesiredCapacity"), Some(&json!(2)));
    assert_eq!(text(&groups, "/AutoScalingGroups/0/SuspendedProcesses/0/ProcessName"), "Launch");
    cli.scaling("resume-processes --auto-scaling-group-name web --scaling-processes Launch");
    cli.scaling("update-auto-scaling-group --auto-scaling-group-name web --min-size 1 --max-size 3");
    cli.refuses(
        "autoscaling",
        "set-desired-capacity --auto-scaling-group-name web --desired-capacity 9",
        "ValidationError",
        "above max value 3",
    );
    let page = cli.scaling("describe-auto-scaling-instances --max-items 1 --page-size 1");
    assert_eq!((list(&page, "AutoScalingInstances").len(), page["NextToken"].is_string()), (1, true));

    cli.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cli_ends_instances_and_groups() {
    let cli = Cli::start("").await;
    cli.create_group("--desired-capacity 1");
    let id = text(&cli.instance(), "/InstanceId");
    let ended = cli.scaling(&format!(
        "terminate-instance-in-auto-scaling-group --instance-id {id} --no-should-decrement-desired-capacity"
    ));
    assert_eq!(text(&ended, "/Activity/Description"), format!("Terminating EC2 instance: {id}"));
    cli.refuses(
        "autoscaling",
        "delete-auto-scaling-group --auto-scaling-group-name web",
        "ScalingActivityInProgress",
        "in progress",
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
    cli.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cli_keeps_documents() {
    let cli = Cli::start("").await;
    let created = cli.create_document("readiness");
    assert_eq!(text(&created, "/DocumentDescription/Status"), "Active");
    assert_eq!(list(&created["DocumentDescription"], "Parameters").len(), 9);
    let newer = format!("{READINESS}# newer");
    cli.ok(
        "ssm",
        "update-document --name readiness --document-version $LATEST --document-format YAML --content",
        &[&newer],
    );
    cli.systems("update-document-default-version --name readiness --document-version 2");
    let described = cli.systems("describe-document --name readiness");
    assert_eq!(text(&described, "/Document/DefaultVersion"), "2");
    assert_eq!(text(&described, "/Document/SchemaVersion"), "2.2");
    let got = cli.systems("get-document --name readiness --document-version 1");
    assert_eq!(text(&got, "/Content"), READINESS);
    cli.systems("delete-document --name readiness");
    cli.refuses("ssm", "get-document --name readiness", "InvalidDocument", "does not exist");
    cli.server.stop().await;
}

/// A registered instance, and the words that send the readiness document to it.
async fn registered() -> (Cli, String, String) {
    let cli = Cli::start("[default]\nstory = \"soon\"\nboots = 1").await;
    cli.create_document("readiness");
    cli.create_group("--desired-capacity 1");
    let id = text(&cli.instance(), "/InstanceId");
    let command = format!("send-command --document-name readiness --instance-ids {id}");
    cli.refuses("ssm", &command, "InvalidInstanceId", &id);
    cli.after(9);
    (cli, id, command)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cli_sends_commands_and_reads_what_they_say() {
    let (cli, id, command) = registered().await;
    let sent = cli.systems(&format!(
        "{command} --parameters waitSeconds=30 --timeout-seconds 30 --max-errors 100% --comment look-1"
    ));
    let sent = text(&sent, "/Command/CommandId");
    let get = format!("get-command-invocation --command-id {sent} --instance-id {id}");
    cli.refuses("ssm", &get, "InvocationDoesNotExist", "");
    cli.after(5);
    let got = cli.systems(&get);
    assert_eq!((text(&got, "/Status"), text(&got, "/PluginName")), ("Success".to_owned(), "probe".to_owned()));
    let report: Value = serde_json::from_str(&text(&got, "/StandardOutputContent")).unwrap();
    assert_eq!((&report["ready"], &got["ResponseCode"]), (&json!(true), &json!(0)));
    let listed = cli.systems("list-command-invocations --details --filters key=DocumentName,value=readiness key=InvokedAfter,value=2026-09-14T08:00:00Z");
    assert_eq!(text(&listed, "/CommandInvocations/0/CommandPlugins/0/Status"), "Success");
    let commands = cli.systems(&format!("list-commands --command-id {sent}"));
    assert_eq!(text(&commands, "/Commands/0/Status"), "Success");
    cli.systems(&format!("cancel-command --command-id {sent}"));
    cli.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cli_is_told_why_a_command_is_refused() {
    let (cli, id, command) = registered().await;
    let information = cli.systems(&format!("describe-instance-information --filters Key=InstanceIds,Values={id}"));
    assert_eq!(text(&information, "/InstanceInformationList/0/PingStatus"), "Online");
    cli.refuses("ssm", &format!("{command} --parameters nonsense=1"), "InvalidParameters", "nonsense");
    cli.refuses("ssm", &format!("{command} --max-errors 101%"), "ValidationException", "at 'maxErrors'");
    cli.throttle("ssm");
    cli.refuses("ssm", &command, "ThrottlingException", "Rate exceeded");
    cli.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cli_reads_a_run_of_three_steps_step_by_step() {
    let cli =
        Cli::start("[default]\nstory = \"bare\"\nboots = 1\nagent = [[0, \"missing\"], [11, \"polling\"]]\nregion = false\ndistributor = false").await;
    cli.create_document_of("mends", INSTALL);
    cli.create_group("--desired-capacity 1");
    cli.after(9);
    let id = text(&cli.instance(), "/InstanceId");
    let sent =
        cli.systems(&format!("send-command --document-name mends --instance-ids {id} --parameters waitSeconds=60"));
    let command = text(&sent, "/Command/CommandId");
    cli.after(40);
    let listed = cli.systems(&format!("list-command-invocations --command-id {command} --details"));
    let run = &list(&listed, "CommandInvocations")[0];
    assert_eq!(text(run, "/Status"), "Failed", "one step failed, and the last one mended all the same");
    let steps: Vec<_> = list(run, "CommandPlugins")
        .iter()
        .map(|step| (text(step, "/Name"), text(step, "/Status"), step["ResponseCode"].clone()))
        .collect();
    let step = |name: &str, status: &str, code: i64| (name.to_owned(), status.to_owned(), json!(code));
    assert_eq!(steps, [step("prepare", "Success", 0), step("distributor", "Failed", 1), step("mend", "Success", 0)]);
    let get = format!("get-command-invocation --command-id {command} --instance-id {id}");
    cli.refuses("ssm", &get, "InvalidPluginName", "");
    let mend = cli.systems(&format!("{get} --plugin-name mend"));
    assert!(text(&mend, "/StandardOutputContent").contains("\"ready\":true"), "{mend}");
    cli.server.stop().await;
}
