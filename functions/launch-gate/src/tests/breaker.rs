//! What a breaker asks AWS, and what its line says.

use std::collections::BTreeSet;

use serde_json::json;

use super::wire::{Answer, activity, hook, sdk_config};
use super::*;
use crate::telemetry::names::BREAKER;

/// The fields of the line. docs/operations.md lists them; `not_suspended` is there only with a reason.
const FIELDS: [&str; 14] = [
    "message",
    "group",
    "hook",
    "action",
    "not_suspended",
    "failures",
    "within",
    "in_a_row",
    "open",
    "reasons",
    "newest",
    "meanwhile",
    "what_to_do",
    "breakers",
];

const SUSPENDS: &str = r#"{"breaker":{"failures":1,"within":600,"action":"suspend"}}"#;

/// A launch that fails at once, in a group with this policy, 61 s after its beginning.
async fn fail(breaker: &str, policy: &str, suspended: Answer) -> Bench {
    let wire = found("fatal").on("DescribeLifecycleHooks", hook(600, policy)).on("SuspendProcesses", suspended);
    let wire = Arc::new(wire.on("DescribeScalingActivities", activity(WEB, None)));
    let sdk = sdk_config(&wire);
    let bench = Bench::of_stack(breaker, &sdk, &sdk, 61, wire);
    assert!(bench.handle(&[launch_of(WEB, policy)]).await.is_empty());
    assert_eq!(bench.lines("settled").len(), 1);
    bench
}

fn accepted() -> Answer {
    xml("SuspendProcesses", "")
}

#[tokio::test(start_paused = true)]
async fn it_asks_for_the_activities_of_its_time_and_suspends_launch_alone() {
    let bench = fail("enabled", SUSPENDS, accepted()).await;
    let asked = bench.wire.asked("DescribeScalingActivities");
    assert_eq!(asked.len(), 1);
    assert_eq!((&asked[0]["AutoScalingGroupName"], &asked[0]["MaxRecords"]), (&json!("web"), &json!("100")));
    assert_eq!(asked[0]["Filters.member.1.Name"], "StartTimeLowerBound");
    // 08:22:44, less 600 s of the breaker, 600 s of the policy, and an hour.
    assert_eq!(asked[0]["Filters.member.1.Values.member.1"], "2026-09-14T07:02:44Z");
    let suspended = bench.wire.asked("SuspendProcesses");
    assert_eq!(suspended.len(), 1);
    let members: Vec<_> = suspended[0].as_object().unwrap().iter().filter(|(name, _)| name.contains("Proc")).collect();
    assert_eq!(members, [(&"ScalingProcesses.member.1".to_owned(), &json!("Launch"))]);
    let line = &bench.lines(BREAKER)[0];
    assert_eq!((&line["action"], &line["reasons"]), (&json!("suspended"), &json!({"agent-x": 1})));
}

#[tokio::test(start_paused = true)]
async fn a_stack_without_the_permission_tells_and_says_so() {
    let bench = fail("disabled", SUSPENDS, accepted()).await;
    let line = &bench.lines(BREAKER)[0];
    assert_eq!(line["action"], "alarm");
    assert!(line["not_suspended"].as_str().unwrap().contains("Breaker=disabled"), "{line}");
    assert!(bench.wire.asked("SuspendProcesses").is_empty());
    let names: BTreeSet<&str> = line.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, FIELDS.into_iter().chain(["_aws"]).collect());
    let dimensions =
        json!([line["_aws"]["CloudWatchMetrics"][0]["Dimensions"], line["_aws"]["CloudWatchMetrics"][1]["Dimensions"]]);
    assert_eq!(dimensions, json!([[["hook"]], [["hook", "group"]]]));
}

#[tokio::test(start_paused = true)]
async fn a_group_without_a_breaker_asks_for_nothing() {
    let bench = fail("enabled", "{}", accepted()).await;
    assert!(bench.wire.asked("DescribeScalingActivities").is_empty() && bench.lines(BREAKER).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_told_in_the_words_of_aws() {
    let refusing = wire::xml_error("AccessDenied", "a managed group");
    let line = &fail("enabled", SUSPENDS, refusing).await.lines(BREAKER)[0];
    assert_eq!(line["action"], "alarm");
    assert!(line["not_suspended"].as_str().unwrap().contains("AccessDenied: a managed group"), "{line}");
}
