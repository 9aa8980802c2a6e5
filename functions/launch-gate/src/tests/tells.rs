//! The lines that operators read are an interface.

use std::collections::BTreeSet;

use serde_json::json;

use super::wire::{self, hook};
use super::*;
use crate::telemetry::names::{BATCH, SETTLED};

/// The fields of a settled line. docs/operations.md lists them.
const SETTLED_FIELDS: [&str; 24] = [
    "message",
    "version",
    "instance",
    "group",
    "hook",
    "transition",
    "decision",
    "rule",
    "reason",
    "outcome",
    "seconds_waited",
    "runs",
    "repairs",
    "started_agent",
    "mended",
    "findings",
    "api_calls",
    "warnings",
    "launches",
    "seconds_to_ready",
    "report",
    "evidence",
    "deployments",
    "_aws",
];

/// The fields of a batch line.
const BATCH_FIELDS: [&str; 16] = [
    "message",
    "version",
    "hook",
    "finished",
    "messages",
    "received",
    "dropped",
    "looks",
    "open",
    "settled",
    "unfinished",
    "api_calls",
    "bad_policies",
    "refused_runs",
    "oldest_open_seconds",
    "_aws",
];

fn names(line: &Value) -> BTreeSet<&str> {
    line.as_object().unwrap().keys().map(String::as_str).collect()
}

fn without<'a>(names: &[&'a str], absent: &[&str]) -> BTreeSet<&'a str> {
    names.iter().copied().filter(|name| !absent.contains(name)).collect()
}

#[tokio::test(start_paused = true)]
async fn a_settled_action_leaves_one_line_with_the_documented_fields() {
    let bench =
        Bench::at(61, found("fatal").on("GetCommandInvocation", wire::json(&json!({"StandardErrorContent": "e"}))));
    bench.handle(&[launch()]).await;
    let lines = bench.lines(SETTLED);
    assert_eq!(lines.len(), 1);
    assert_eq!(names(&lines[0]), without(&SETTLED_FIELDS, &["seconds_to_ready", "deployments"]));
    let told = json!({
        "instance": WEB, "group": "web", "hook": "launchgate", "transition": "Pending:Wait", "decision": "ABANDON",
        "rule": "fatal", "reason": "agent-x", "outcome": "accepted", "seconds_waited": 61, "runs": 1, "repairs": 0, "started_agent": 0, "mended": [],
        "findings": ["agent-x"], "api_calls": 6, "warnings": [], "launches": 1,
        "version": env!("CARGO_PKG_VERSION"),
    });
    for (name, value) in told.as_object().unwrap() {
        assert_eq!(&lines[0][name], value, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_ready_launch_counts_its_seconds_and_carries_no_report() {
    let bench = Bench::at(61, ready());
    bench.handle(&[launch()]).await;
    let line = &bench.lines(SETTLED)[0];
    assert_eq!(names(line), without(&SETTLED_FIELDS, &["report", "evidence", "deployments"]));
    assert_eq!((&line["rule"], &line["seconds_to_ready"]), (&json!("ready"), &json!(61)));
}

#[tokio::test(start_paused = true)]
async fn every_invocation_leaves_one_line() {
    let bench = Bench::at(61, talking());
    bench.handle(&[launch()]).await;
    let line = &bench.lines(BATCH)[0];
    assert_eq!(names(line), without(&BATCH_FIELDS, &[]));
    assert_eq!((&line["open"], &line["oldest_open_seconds"], &line["finished"]), (&json!(1), &json!(61), &json!(true)));
}

#[tokio::test(start_paused = true)]
async fn every_metric_is_a_field_of_its_line() {
    let bench = Bench::at(61, ready());
    bench.handle(&[launch()]).await;
    let lines = bench.lines.lock().unwrap();
    let directives = |line: &Value| line["_aws"]["CloudWatchMetrics"].as_array().unwrap().clone();
    for (line, declared) in lines.iter().flat_map(|line| directives(line).into_iter().map(move |one| (line, one))) {
        assert_eq!(declared["Namespace"], crate::telemetry::names::NAMESPACE);
        for metric in declared["Metrics"].as_array().unwrap() {
            let name = metric["Name"].as_str().unwrap();
            assert!(line[name].is_number(), "{name}");
        }
        let dimensions = declared["Dimensions"][0].as_array().unwrap();
        assert_eq!(dimensions[0], "hook", "the metrics of two stacks would mix");
        for dimension in dimensions {
            assert!(line[dimension.as_str().unwrap()].is_string(), "{dimension}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_bad_policy_warns_once_and_the_stack_default_holds() {
    let bench = Bench::at(61, ready().on("DescribeLifecycleHooks", hook(600, r#"{"mode":"off"}"#)));
    let bad = launch_of(WEB, r#"{"mode":"off"}"#);
    for (receives, told) in [(1, 1), (2, 0)] {
        bench.gate.handle_batch(batch(std::slice::from_ref(&bad), receives), &bench.invocation(10)).await;
        assert_eq!(bench.lines(BATCH).last().unwrap()["bad_policies"], told);
    }
    let warnings = bench.lines(SETTLED)[0]["warnings"].to_string();
    assert!(warnings.contains("mode"), "{warnings}");
    assert_eq!(bench.wire.asked("CompleteLifecycleAction")[0]["LifecycleActionResult"], "CONTINUE");
}

#[tokio::test(start_paused = true)]
async fn a_hook_that_cannot_hold_long_enough_is_warned_of() {
    let bench = Bench::at(100, ready().on("DescribeLifecycleHooks", hook(60, r#"{"ready_within":7200}"#)));
    bench.handle(&[launch()]).await;
    let warnings = bench.lines(SETTLED)[0]["warnings"].to_string();
    assert!(warnings.contains("heartbeat timeout of 60 s"), "{warnings}");
    assert!(warnings.contains("ready_within of 7200 s is beyond the hook's global timeout of 6000 s"), "{warnings}");
}

/// One run on the instance: when it was requested and when it ended, in seconds after the launch began, and its finding.
fn run_with(requested: i32, ended: i32, class: &str, code: &str) -> Value {
    const BEGAN: i32 = 1_789_374_103;
    let finding = format!(r#"[{{"check":"agent","code":"{code}","class":"{class}","detail":"d"}}]"#);
    let mut run = wire::invocation(WEB, 10, &wire::report(&finding));
    run["CommandId"] = json!(format!("command-{code}"));
    run["RequestedDateTime"] = json!(f64::from(BEGAN + requested));
    run["CommandPlugins"][0]["ResponseFinishDateTime"] = json!(f64::from(BEGAN + ended));
    run
}

async fn settle_at(seconds: u64, runs: &[Value]) -> Bench {
    let wire = talking().on("ListCommandInvocations", page(runs));
    let bench = Bench::at(seconds, wire.on("GetCommandInvocation", wire::json(&json!({"StandardErrorContent": "e"}))));
    bench.handle(&[launch()]).await;
    bench
}

/// The reason, the findings and the evidence name this finding and no other.
fn tells_of(code: &str, bench: &Bench) {
    let line = &bench.lines(SETTLED)[0];
    assert_eq!((&line["reason"], &line["findings"]), (&json!(code), &json!([code])));
    assert_eq!(bench.wire.asked("GetCommandInvocation")[0]["CommandId"], format!("command-{code}"));
}

#[tokio::test(start_paused = true)]
async fn a_line_leaves_out_the_runs_from_before_this_lifecycle_action() {
    let runs = [run_with(-100, -90, "fatal", "agent-of-the-pool"), run_with(20, 30, "fatal", "agent-x")];
    let bench = settle_at(61, &runs).await;
    assert_eq!(bench.lines(SETTLED)[0]["runs"], 1);
    tells_of("agent-x", &bench);
}

/// The runs overlap: the one that was requested first ends last. The other is the last look.
#[tokio::test(start_paused = true)]
async fn a_line_at_the_deadline_tells_of_the_report_that_ended_last() {
    let mut last_look = run_with(600, 602, "transient", "agent-y");
    last_look["Comment"] = json!("launchgate: waits 0");
    let runs = [last_look, run_with(500, 604, "transient", "agent-x")];
    tells_of("agent-x", &settle_at(605, &runs).await);
}

#[tokio::test(start_paused = true)]
async fn a_line_of_a_fatal_finding_tells_of_the_run_that_was_requested_last() {
    let runs = [run_with(20, 50, "fatal", "agent-x"), run_with(25, 30, "fatal", "agent-y")];
    tells_of("agent-y", &settle_at(61, &runs).await);
}
