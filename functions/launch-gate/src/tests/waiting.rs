//! The lines that say what waits now, and why.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;
use tokio::time::advance;

use super::wire::{activity, groups, hook, only_hook};
use super::*;
use crate::telemetry::names::WAITING;

/// The fields of a waiting line. docs/operations.md lists them.
const WAITING_FIELDS: [&str; 11] =
    ["message", "instance", "group", "hook", "seconds", "reason", "rule", "runs", "repairs", "deadline", "left_out"];

/// A wire on which the sweep finds the instance, and SSM has not heard from it.
fn unheard() -> Wire {
    talking()
        .on("DescribeInstanceInformation", wire::heard(&[]))
        .on("DescribeAutoScalingGroups", groups(&[(WEB, "Pending:Wait")], false))
        .on("DescribeScalingActivities", activity(WEB, None))
}

fn names(line: &Value) -> BTreeSet<&str> {
    line.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test(start_paused = true)]
async fn the_sweep_tells_what_waits_and_why_from_the_last_look_without_a_call_of_its_own() {
    let bench = Bench::at(70, unheard());
    bench.handle(&[launch()]).await;
    assert!(bench.lines(WAITING).is_empty(), "only a sweep tells");
    advance(Duration::from_secs(30)).await;
    let before = bench.wire.operations().len();
    bench.handle(&[sweep()]).await;
    assert_eq!(bench.wire.operations()[before..], ["DescribeAutoScalingGroups"]);
    let lines = bench.lines(WAITING);
    assert_eq!(lines.len(), 1);
    assert_eq!(names(&lines[0]), WAITING_FIELDS.into());
    let told = json!({
        "message": "waiting", "instance": WEB, "group": "web", "hook": "launchgate", "seconds": 100,
        "reason": "ssm-not-registered", "rule": "no-ping", "runs": 0, "repairs": 0,
        "deadline": "2026-09-14T08:31:43Z", "left_out": 0,
    });
    assert_eq!(lines[0], told);
}

/// Another process has its launch message, or it is lost: the activity says when the launch began.
#[tokio::test(start_paused = true)]
async fn what_the_sweep_looks_at_itself_has_a_line_too() {
    let bench = Bench::at(
        100,
        found("transient")
            .on("DescribeAutoScalingGroups", groups(&[(WEB, "Pending:Wait")], false))
            .on("DescribeScalingActivities", activity(WEB, None)),
    );
    bench.handle(&[sweep()]).await;
    let lines = bench.lines(WAITING);
    assert_eq!(lines.len(), 1);
    let told = (&lines[0]["reason"], &lines[0]["rule"], &lines[0]["runs"], &lines[0]["seconds"]);
    assert_eq!(told, (&json!("agent-x"), &json!("transient"), &json!(1), &json!(103)));
}

/// The launch message and the sweep may come in one batch, and an instance may be known twice.
#[tokio::test(start_paused = true)]
async fn an_instance_has_one_line_and_it_tells_the_newest_look() {
    let wire = unheard().in_turn("DescribeInstanceInformation", [wire::heard(&[]), wire::heard(&[WEB])]);
    let bench = Bench::at(70, wire);
    bench.handle(&[launch()]).await;
    advance(Duration::from_secs(30)).await;
    bench.handle(&[launch(), sweep(), sweep()]).await;
    let lines = bench.lines(WAITING);
    assert_eq!(lines.len(), 1);
    assert_eq!((&lines[0]["rule"], &lines[0]["reason"]), (&json!("run"), &json!("no-run-yet")));
}

/// A nudge may see more than the launch message before it.
#[tokio::test(start_paused = true)]
async fn what_a_nudge_has_seen_is_told() {
    let report = wire::report(r#"[{"check":"agent","code":"agent-x","class":"transient","detail":"d"}]"#);
    let wire = unheard()
        .in_turn("DescribeInstanceInformation", [wire::heard(&[]), wire::heard(&[WEB])])
        .on("ListCommandInvocations", page(&[wire::invocation(WEB, 10, &report)]));
    let bench = Bench::at(61, wire);
    bench.handle(&[launch()]).await;
    bench.handle(&[nudge(WEB)]).await;
    bench.handle(&[sweep()]).await;
    assert_eq!(bench.lines(WAITING)[0]["reason"], "agent-x");
}

#[tokio::test(start_paused = true)]
async fn what_is_settled_or_held_by_no_hook_of_ours_has_no_line() {
    let waits = |wire: Wire| {
        wire.on("DescribeAutoScalingGroups", groups(&[(WEB, "Pending:Wait")], false))
            .on("DescribeScalingActivities", activity(WEB, None))
    };
    for (case, wire) in [
        ("settled", waits(ready())),
        ("of another hook", waits(ready()).on("DescribeLifecycleHooks", only_hook("other"))),
    ] {
        let bench = Bench::at(61, wire);
        bench.handle(&[launch()]).await;
        bench.handle(&[sweep()]).await;
        assert_eq!(bench.lines(WAITING), Vec::<Value>::new(), "{case}");
    }
}

/// In observe mode nobody completes the action: the instance waits until its hook times out.
#[tokio::test(start_paused = true)]
async fn an_instance_that_is_only_observed_is_held_although_it_is_ready() {
    let wire = ready()
        .on("DescribeLifecycleHooks", hook(600, r#"{"mode":"observe"}"#))
        .on("DescribeAutoScalingGroups", groups(&[(WEB, "Pending:Wait")], false))
        .on("DescribeScalingActivities", activity(WEB, None));
    let bench = Bench::at(61, wire);
    bench.handle(&[launch()]).await;
    bench.handle(&[sweep()]).await;
    assert_eq!((bench.lines("settled").len(), &bench.lines(WAITING)[0]["rule"]), (1, &json!("ready")));
}

/// While SSM has not heard from it and the launch is young, its hooks need not be read.
#[tokio::test(start_paused = true)]
async fn an_instance_of_which_nobody_knows_the_hook_has_no_line() {
    let bench = Bench::at(30, unheard().on("DescribeLifecycleHooks", only_hook("other")));
    bench.handle(&[sweep()]).await;
    assert!(bench.lines(WAITING).is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_lines_of_a_sweep_are_limited_and_say_how_many_were_left_out() {
    let ids: Vec<String> = (0..103).map(|number| format!("i-{number:017x}")).collect();
    let waiting: Vec<(&str, &str)> = ids.iter().map(|id| (id.as_str(), "Pending:Wait")).collect();
    let wire = talking()
        .on("DescribeInstanceInformation", wire::heard(&[]))
        .on("DescribeAutoScalingInstances", lifecycle_state(&waiting))
        .on("DescribeAutoScalingGroups", groups(&waiting, false));
    let bench = Bench::at(70, wire);
    // The last one has waited longest.
    let mut launches: Vec<Value> = ids.iter().map(|id| launch_of(id, "{}")).collect();
    launches[102]["time"] = json!("2026-09-14T08:21:00Z");
    bench.handle(&launches).await;
    bench.handle(&[sweep()]).await;
    let lines = bench.lines(WAITING);
    assert_eq!((lines.len(), &lines[0]["instance"], &lines[0]["left_out"]), (100, &json!(ids[102]), &json!(3)));
    let bytes = lines[0].to_string().len();
    assert!(bytes <= 300, "docs/operations.md says that a line has 300 bytes, and this one has {bytes}");
}

/// AWS refuses everything: this is when somebody looks.
#[tokio::test(start_paused = true)]
async fn a_launch_whose_verdict_aws_throttles_has_a_line() {
    let throttled = wire::xml_error("Throttling", "Rate exceeded");
    let wire = ready()
        .on("CompleteLifecycleAction", throttled)
        .on("DescribeAutoScalingGroups", groups(&[(WEB, "Pending:Wait")], false));
    let bench = Bench::at(61, wire);
    bench.handle(&[launch()]).await;
    bench.handle(&[sweep()]).await;
    let line = &bench.lines(WAITING)[0];
    assert_eq!((&line["rule"], &line["reason"]), (&json!("ready"), &json!("ready")));
}
