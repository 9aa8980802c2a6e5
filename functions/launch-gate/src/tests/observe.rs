//! What is asked, page by page, and what each failure means.

use serde_json::json;

use super::wire::{self, Wire, activity, error, groups, heard, page, xml, xml_error};
use super::*;

#[tokio::test(start_paused = true)]
async fn an_instance_that_ssm_does_not_know_costs_one_call() {
    let bench = Bench::at(16, talking().on("DescribeInstanceInformation", heard(&[])));
    assert_eq!(bench.handle(&[launch()]).await, ["0"]);
    assert_eq!(bench.wire.operations(), ["DescribeInstanceInformation"]);
}

#[tokio::test(start_paused = true)]
async fn an_id_that_ssm_calls_invalid_is_one_that_it_does_not_know() {
    let bench = Bench::at(16, talking().on("DescribeInstanceInformation", error("InvalidInstanceId", "")));
    assert_eq!(bench.handle(&[launch()]).await, ["0"]);
    assert_eq!(bench.lines("batch")[0]["unfinished"], 0);
}

#[tokio::test(start_paused = true)]
async fn the_runs_of_one_instance_are_asked_for_by_instance() {
    let bench = Bench::at(61, ready());
    bench.handle(&[launch()]).await;
    let asked = &bench.wire.asked("ListCommandInvocations")[0];
    assert_eq!((&asked["InstanceId"], &asked["Details"]), (&json!(WEB), &json!(true)));
    assert_eq!(asked["Filters"], json!([{"key": "InvokedAfter", "value": "2026-09-14T08:21:43Z"}]));
}

#[tokio::test(start_paused = true)]
async fn the_runs_of_many_are_asked_for_by_document() {
    let ids: Vec<String> = (0..11).map(|number| format!("i-{number:017x}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let states: Vec<(&str, &str)> = ids.iter().map(|id| (*id, "Pending:Wait")).collect();
    let wire = talking().on("DescribeInstanceInformation", heard(&ids));
    let bench = Bench::at(61, wire.on("DescribeAutoScalingInstances", lifecycle_state(&states)));
    let launches: Vec<Value> = ids.iter().map(|id| launch_of(id, "{}")).collect();
    bench.handle(&launches).await;
    let asked = bench.wire.asked("ListCommandInvocations");
    let documents: Vec<&Value> = asked.iter().map(|asked| &asked["Filters"][1]["value"]).collect();
    assert_eq!(documents, [&json!("readiness"), &json!("install")]);
    assert!(asked.iter().all(|asked| asked.get("InstanceId").is_none()));
}

#[tokio::test(start_paused = true)]
async fn where_many_register_at_once_the_tick_starts_their_runs() {
    let registration = |id: &str| json!({"source": "aws.ssm", "detail-type": "SSM Managed Instance Registration", "time": BEGAN, "detail": {"instance-id": id}});
    let ids: Vec<String> = (0..11).map(|n| format!("i-{n:017x}")).collect();
    for (count, reads) in [(5, true), (6, false)] {
        let bench = Bench::at(61, talking());
        let registered: Vec<Value> = ids[..count].iter().map(|id| registration(id)).collect();
        assert!(bench.handle(&registered).await.is_empty());
        assert_eq!(!bench.wire.operations().is_empty(), reads, "{count}");
    }
}

/// `SendCommand` proves that SSM knows it.
#[tokio::test(start_paused = true)]
async fn a_registration_needs_no_ping_before_the_first_run() {
    let registration = json!({"source": "aws.ssm", "detail-type": "SSM Managed Instance Registration", "time": BEGAN, "detail": {"instance-id": WEB}});
    let bench = Bench::at(61, talking());
    assert!(bench.handle(&[registration]).await.is_empty());
    let expected = ["DescribeAutoScalingInstances", "DescribeLifecycleHooks", "ListCommandInvocations", "SendCommand"];
    assert_eq!(bench.wire.operations(), expected);
}

#[tokio::test(start_paused = true)]
async fn pages_are_turned_to_the_end() {
    let first = wire::json(&json!({"CommandInvocations": [], "NextToken": "two"}));
    let last = page(&[wire::invocation(WEB, 0, &wire::report("[]"))]);
    let bench = Bench::at(61, talking().in_turn("ListCommandInvocations", [first, last]));
    assert!(bench.handle(&[launch()]).await.is_empty());
    assert_eq!(bench.wire.asked("ListCommandInvocations")[1]["NextToken"], "two");
}

#[tokio::test(start_paused = true)]
async fn the_sweep_turns_its_pages_too() {
    let first = xml("DescribeAutoScalingGroups", "<AutoScalingGroups/><NextToken>two</NextToken>");
    let wire = ready()
        .in_turn(
            "DescribeAutoScalingGroups",
            [first, groups(&[(WEB, "Pending:Wait"), ("i-0a1b2c3d", "InService")], false)],
        )
        .on("DescribeScalingActivities", activity(WEB, None));
    let bench = Bench::at(70, wire);
    assert!(bench.handle(&[sweep()]).await.is_empty());
    assert_eq!(bench.wire.asked("DescribeAutoScalingGroups")[1]["NextToken"], "two");
    assert_eq!(bench.wire.asked("CompleteLifecycleAction")[0]["InstanceId"], WEB);
}

#[tokio::test(start_paused = true)]
async fn the_sweep_finds_what_waits_in_a_warm_pool() {
    let pooled = wire::members_in_states(&[(WEB, "Warmed:Pending:Wait"), ("i-0a1b2c3d", "Warmed:Stopped")]);
    for of_group in [&[][..], &[(WEB, "Warmed:Pending:Wait")]] {
        let wire = ready()
            .on("DescribeAutoScalingGroups", groups(of_group, true))
            .on("DescribeWarmPool", xml("DescribeWarmPool", &pooled))
            .on("DescribeScalingActivities", activity(WEB, None));
        let bench = Bench::at(70, wire);
        assert!(bench.handle(&[sweep()]).await.is_empty());
        assert_eq!(bench.wire.asked("CompleteLifecycleAction").len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_swept_instance_of_the_last_minute_that_ssm_does_not_know_costs_three_calls() {
    let wire = swept().on("DescribeInstanceInformation", heard(&[]));
    let bench = Bench::at(50, wire);
    assert!(bench.handle(&[sweep()]).await.is_empty());
    let cheap = ["DescribeAutoScalingGroups", "DescribeScalingActivities", "DescribeInstanceInformation"];
    assert_eq!(bench.wire.operations(), cheap);
}

/// An instance that is ready and waits, for a sweep.
fn swept() -> Wire {
    ready()
        .on("DescribeAutoScalingGroups", groups(&[(WEB, "Pending:Wait")], false))
        .on("DescribeScalingActivities", activity(WEB, None))
}

#[tokio::test(start_paused = true)]
async fn a_sweep_that_finds_nothing_waiting_costs_one_call() {
    let bench = Bench::at(70, ready().on("DescribeAutoScalingGroups", groups(&[(WEB, "InService")], false)));
    assert!(bench.handle(&[sweep()]).await.is_empty());
    assert_eq!(bench.wire.operations(), ["DescribeAutoScalingGroups"]);
}

#[tokio::test(start_paused = true)]
async fn the_sweep_leaves_a_group_without_our_hook_alone() {
    let none = xml("DescribeLifecycleHooks", "<LifecycleHooks></LifecycleHooks>");
    let bench = Bench::at(70, swept().on("DescribeLifecycleHooks", none));
    assert!(bench.handle(&[sweep()]).await.is_empty());
    assert!(bench.wire.asked("CompleteLifecycleAction").is_empty());
    assert!(bench.wire.asked("ListCommandInvocations").is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_policy_of_a_nudged_instance_stands_in_its_hook() {
    let metadata = r#"{"checks":{"units":["web"]}}"#;
    let bench = Bench::at(61, talking().on("DescribeLifecycleHooks", wire::hook(600, metadata)));
    bench.handle(&[nudge(WEB)]).await;
    assert_eq!(bench.wire.asked("DescribeLifecycleHooks")[0]["AutoScalingGroupName"], "web");
    assert_eq!(bench.wire.asked("SendCommand")[0]["Parameters"]["units"], json!(["web"]));
}

#[tokio::test(start_paused = true)]
async fn a_nudge_for_a_stranger_costs_one_call() {
    let bench = Bench::at(61, ready().on("DescribeAutoScalingInstances", lifecycle_state(&[])));
    assert!(bench.handle(&[nudge(WEB)]).await.is_empty());
    assert_eq!(bench.wire.operations(), ["DescribeAutoScalingInstances"]);
}

#[tokio::test(start_paused = true)]
async fn no_failed_read_is_a_verdict_even_past_the_deadline() {
    let throttled = || error("ThrottlingException", "Rate exceeded");
    let refused = || xml_error("Throttling", "Rate exceeded");
    for (operation, answer) in [
        ("DescribeInstanceInformation", throttled()),
        ("ListCommandInvocations", throttled()),
        ("ListCommandInvocations", error("AccessDeniedException", "no")),
        ("DescribeAutoScalingInstances", refused()),
        ("DescribeLifecycleHooks", refused()),
    ] {
        let bench = Bench::at(700, talking().on(operation, answer));
        assert_eq!(bench.handle(&[launch(), nudge(WEB)]).await, ["0"], "{operation}");
        assert!(bench.wire.asked("CompleteLifecycleAction").is_empty(), "{operation}");
        assert_eq!(bench.lines("batch")[0]["unfinished"], 1, "{operation}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_group_that_is_gone_has_no_hook() {
    let gone = xml_error("ValidationError", "AutoScalingGroup name not found - AutoScalingGroup 'web' not found");
    let bench = Bench::at(100, ready().on("DescribeLifecycleHooks", gone));
    assert!(bench.handle(&[launch()]).await.is_empty());
    assert!(bench.wire.asked("CompleteLifecycleAction").is_empty());
}

#[tokio::test(start_paused = true)]
async fn every_end_of_a_run_is_understood() {
    for (status, details, code, output, reason) in [
        ("TimedOut", "Delivery Timed Out", -1, "", "run-undelivered"),
        ("TimedOut", "DeliveryTimedOut", -1, "", "run-undelivered"),
        ("Failed", "Undeliverable", -1, "", "run-undelivered"),
        ("TimedOut", "Execution Timed Out", -1, "", "run-timed-out"),
        ("TimedOut", "something new", -1, "", "run-timed-out"),
        ("Cancelled", "Cancelled", -1, "", "run-cancelled"),
        ("Cancelled", "Terminated", -1, "", "run-cancelled"),
        ("Failed", "Access Denied", -1, "", "run-refused"),
        ("Failed", "Invalid Platform", -1, "", "run-refused"),
        ("Failed", "Failed", 127, "sh: not found", "probe-broken"),
        ("Failed", "Failed", 10, r#"{"v":1,"ready":true,"findings":[]}"#, "probe-broken"),
        ("Success", "Success", 0, "", "probe-broken"),
    ] {
        let mut run = wire::last_look(WEB, code, output);
        (run["Status"], run["StatusDetails"]) = (json!(status), json!(details));
        let wire =
            talking().on("ListCommandInvocations", page(&[run])).on("GetCommandInvocation", wire::json(&json!({})));
        let bench = Bench::at(700, wire);
        bench.handle(&[launch()]).await;
        assert_eq!(bench.lines("settled")[0]["reason"], reason, "{status} {details}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_in_any_other_state_goes_on() {
    for status in ["Pending", "Delayed", "InProgress", "Cancelling", "SomethingNew"] {
        let mut run = wire::invocation(WEB, 0, &wire::report("[]"));
        run["Status"] = json!(status);
        let bench = Bench::at(61, talking().on("ListCommandInvocations", page(&[run])));
        assert_eq!(bench.handle(&[launch()]).await, ["0"], "{status}");
        assert!(bench.wire.asked("SendCommand").is_empty(), "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_instance_that_ssm_calls_invalid_has_no_runs_and_meets_its_deadline() {
    let wire = talking().on("DescribeInstanceInformation", heard(&[]));
    let bench = Bench::at(700, wire.on("ListCommandInvocations", error("InvalidInstanceId", "")));
    assert!(bench.handle(&[launch()]).await.is_empty());
    assert_eq!(bench.lines("settled")[0]["reason"], "ssm-not-registered");
}

#[tokio::test(start_paused = true)]
async fn the_clock_of_an_instance_is_not_believed() {
    let mut run =
        wire::invocation(WEB, 10, &wire::report(r#"[{"check":"boot","code":"boot-running","class":"transient"}]"#));
    run["CommandPlugins"][0]["ResponseFinishDateTime"] = json!(1_789_374_123.0 + 3600.0);
    let bench = Bench::at(61, talking().on("ListCommandInvocations", page(&[run.clone()])));
    bench.handle(&[launch()]).await;
    assert!(bench.wire.asked("SendCommand").is_empty(), "it ended now, at the latest");
    run["CommandPlugins"][0]["ResponseFinishDateTime"] = json!(1_789_374_123.0 - 3600.0);
    let bench = Bench::at(61, talking().on("ListCommandInvocations", page(&[run])));
    bench.handle(&[launch()]).await;
    assert_eq!(bench.wire.asked("SendCommand").len(), 1, "it ended after it was asked for");
}

#[tokio::test(start_paused = true)]
async fn a_read_that_hangs_fails_while_there_is_time_left_to_act() {
    let bench = Bench::hanging();
    let began = Instant::now();
    assert_eq!(bench.handle_within(Duration::from_secs(12), &[launch()]).await, ["0"]);
    assert!(began.elapsed() < Duration::from_secs(6), "{:?}", began.elapsed());
    assert_eq!(bench.lines("batch")[0]["finished"], true);
}
