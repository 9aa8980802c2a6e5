//! What is sent when something is done.

use serde_json::json;

use super::wire::{self, error, page, xml_error};
use super::*;

pub(super) const NOT_ACTIVE: &str = "No active Lifecycle Action found with instance ID i-0a1b2c3d4e5f60718";

#[tokio::test(start_paused = true)]
async fn a_ready_launch_is_continued_by_its_token() {
    let bench = Bench::at(61, ready());
    assert!(bench.handle(&[launch()]).await.is_empty());
    let sent = bench.wire.asked("CompleteLifecycleAction");
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0]["LifecycleActionResult"], "CONTINUE");
    assert_eq!(sent[0]["LifecycleActionToken"], TOKEN);
    assert_eq!(sent[0]["AutoScalingGroupName"], "web");
    assert_eq!(sent[0]["LifecycleHookName"], "launchgate");
    assert!(sent[0].get("InstanceId").is_none());
}

#[tokio::test(start_paused = true)]
async fn a_nudge_completes_by_the_instance_for_it_knows_no_token() {
    let bench = Bench::at(61, ready());
    assert!(bench.handle(&[nudge(WEB)]).await.is_empty());
    let sent = bench.wire.asked("CompleteLifecycleAction");
    assert_eq!((sent[0]["InstanceId"].as_str(), sent[0].get("LifecycleActionToken")), (Some(WEB), None));
}

#[tokio::test(start_paused = true)]
async fn a_run_carries_the_policy_and_fifty_instances() {
    let ids: Vec<String> = (0..120).map(|number| format!("i-{number:017x}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let states: Vec<(&str, &str)> = ids.iter().map(|id| (*id, "Pending:Wait")).collect();
    let wire = talking().on("DescribeInstanceInformation", wire::heard(&ids));
    let wire = wire.on("DescribeAutoScalingInstances", lifecycle_state(&states));
    let metadata = r#"{"agent":"ignored","user_data":"ignored","checks":{"packages":["jq"],"units":["web","db"],"commands":["java"],"ports":[80,8080],"url":"http://localhost/"}}"#;
    let bench = Bench::at(61, wire.on("DescribeLifecycleHooks", wire::hook(600, metadata)));
    let launches: Vec<Value> = ids.iter().map(|id| launch_of(id, "{}")).collect();
    assert_eq!(bench.handle(&launches).await.len(), 120);

    let sent = bench.wire.asked("SendCommand");
    let mut sizes: Vec<usize> = sent.iter().map(|command| command["InstanceIds"].as_array().unwrap().len()).collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [20, 50, 50]);
    assert_eq!((&sent[0]["DocumentName"], &sent[0]["DocumentVersion"]), (&json!("readiness"), &json!("$LATEST")));
    assert_eq!((&sent[0]["MaxErrors"], &sent[0]["MaxConcurrency"]), (&json!("100%"), &json!("100%")));
    assert_eq!(sent[0]["TimeoutSeconds"], 60);
    let parameters = json!({
        "agent": ["ignored"], "userData": ["ignored"], "repair": ["offered"], "packages": ["jq"], "units": ["web db"], "commands": ["java"], "ports": ["80 8080"],
        "url": ["http://localhost/"], "waitSeconds": ["240"],
    });
    assert_eq!(sent[0]["Parameters"], parameters);
}

#[tokio::test(start_paused = true)]
async fn instances_of_different_policies_share_no_command() {
    let other = "i-0a1b2c3d4e5f60719";
    let wire = talking()
        .on("DescribeInstanceInformation", wire::heard(&[WEB, other]))
        .on("DescribeAutoScalingInstances", lifecycle_state(&[(WEB, "Pending:Wait"), (other, "Pending:Wait")]))
        .in_turn("DescribeLifecycleHooks", [wire::hook(600, "{}"), wire::hook(600, r#"{"agent":"ignored"}"#)]);
    let mut in_another_group = launch_of(other, "{}");
    in_another_group["detail"]["AutoScalingGroupName"] = json!("api");
    let bench = Bench::at(61, wire);
    bench.handle(&[launch(), in_another_group]).await;
    let sent = bench.wire.asked("SendCommand");
    let mut agents: Vec<String> = sent.iter().map(|sent| sent["Parameters"]["agent"][0].to_string()).collect();
    agents.sort_unstable();
    assert_eq!(agents, [r#""ignored""#, r#""required""#]);
}

#[tokio::test(start_paused = true)]
async fn an_instance_that_ssm_cannot_reach_is_split_out_of_its_batch() {
    let ids: Vec<String> = (0..4).map(|number| format!("i-{number:017x}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let states: Vec<(&str, &str)> = ids.iter().map(|id| (*id, "Pending:Wait")).collect();
    let accepted = || wire::json(&json!({"Command": {"CommandId": "c"}}));
    let refused = || error("InvalidInstanceId", "Instances not in a valid state for account");
    // All four are refused, then the second pair, then its second half.
    let wire = talking()
        .on("DescribeInstanceInformation", wire::heard(&ids))
        .on("DescribeAutoScalingInstances", lifecycle_state(&states))
        .in_turn("SendCommand", [refused(), refused(), refused(), accepted()]);
    let bench = Bench::at(61, wire);
    let launches: Vec<Value> = ids.iter().map(|id| launch_of(id, "{}")).collect();
    assert_eq!(bench.handle(&launches).await.len(), 4);
    let sizes: Vec<usize> =
        bench.wire.asked("SendCommand").iter().map(|sent| sent["InstanceIds"].as_array().unwrap().len()).collect();
    assert_eq!(sizes, [4, 2, 1, 1, 2]);
}

#[tokio::test(start_paused = true)]
async fn an_instance_of_the_wrong_platform_keeps_no_run_from_its_neighbours() {
    let other = "i-0a1b2c3d4e5f60719";
    let wire = talking()
        .on("DescribeInstanceInformation", wire::heard(&[WEB, other]))
        .on("DescribeAutoScalingInstances", lifecycle_state(&[(WEB, "Pending:Wait"), (other, "Pending:Wait")]))
        .in_turn("SendCommand", [error("UnsupportedPlatformType", ""), wire::json(&json!({"Command": {}}))]);
    let bench = Bench::at(61, wire);
    bench.handle(&[launch(), launch_of(other, "{}")]).await;
    assert_eq!(bench.wire.asked("SendCommand").len(), 3);
}

#[tokio::test(start_paused = true)]
async fn an_attempt_whose_answer_was_lost_is_presumed_to_be_accepted_and_told() {
    let lost = (500, "<ErrorResponse><Error><Code>InternalFailure</Code></Error></ErrorResponse>".to_owned());
    let wire = ready().in_turn("CompleteLifecycleAction", [lost, xml_error("ValidationError", NOT_ACTIVE)]);
    let bench = Bench::at(61, wire);
    assert!(bench.handle(&[launch()]).await.is_empty());
    assert_eq!(bench.lines("settled")[0]["outcome"], "presumed");
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_was_throttled_is_not_presumed_to_be_accepted() {
    let throttled = xml_error("Throttling", "Rate exceeded");
    let wire = ready().in_turn("CompleteLifecycleAction", [throttled, xml_error("ValidationError", NOT_ACTIVE)]);
    let bench = Bench::at(61, wire);
    assert!(bench.handle(&[launch()]).await.is_empty());
    assert!(bench.lines("settled").is_empty(), "somebody else has settled it, and told so");
}

#[tokio::test(start_paused = true)]
async fn a_repairable_finding_runs_the_install_document() {
    let bench = Bench::at(61, found("repairable"));
    assert_eq!(bench.handle(&[launch()]).await, ["0"]);
    let sent = bench.wire.asked("SendCommand").remove(0);
    assert_eq!((&sent["DocumentName"], &sent["DocumentVersion"]), (&json!("install"), &json!("$LATEST")));
}

#[tokio::test(start_paused = true)]
async fn evidence_is_fetched_before_the_instance_is_abandoned() {
    let evidence = json!({"StandardErrorContent": "agent log: no credentials"});
    let bench = Bench::at(61, found("fatal").on("GetCommandInvocation", wire::json(&evidence)));
    assert!(bench.handle(&[launch()]).await.is_empty());
    let operations = bench.wire.operations();
    let place = |name: &str| operations.iter().position(|operation| operation == name);
    assert!(place("GetCommandInvocation").unwrap() < place("CompleteLifecycleAction").unwrap(), "{operations:?}");
    assert_eq!(bench.wire.asked("CompleteLifecycleAction")[0]["LifecycleActionResult"], "ABANDON");
    assert_eq!(bench.lines("settled")[0]["evidence"], "agent log: no credentials");
}

#[tokio::test(start_paused = true)]
async fn missing_evidence_delays_no_verdict() {
    let bench = Bench::at(61, found("fatal").on("GetCommandInvocation", error("InvocationDoesNotExist", "")));
    assert!(bench.handle(&[launch()]).await.is_empty());
    assert_eq!(bench.lines("settled")[0]["decision"], "ABANDON");
}

#[tokio::test(start_paused = true)]
async fn a_verdict_that_cannot_be_sent_is_decided_again() {
    let throttled = xml_error("Throttling", "Rate exceeded");
    let bench = Bench::at(61, ready().on("CompleteLifecycleAction", throttled));
    assert_eq!(bench.handle(&[launch()]).await, ["0"]);
    assert_eq!(bench.wire.asked("CompleteLifecycleAction").len(), 3, "the SDK's three standard attempts, no more");
    assert!(bench.lines("settled").is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_action_that_is_not_active_is_already_settled() {
    let bench = Bench::at(61, ready().on("CompleteLifecycleAction", xml_error("ValidationError", NOT_ACTIVE)));
    assert!(bench.handle(&[launch()]).await.is_empty());
    assert!(bench.lines("settled").is_empty());
}

#[tokio::test(start_paused = true)]
async fn within_the_first_minute_it_may_not_be_accepted_yet() {
    let bench = Bench::at(59, ready().on("CompleteLifecycleAction", xml_error("ValidationError", NOT_ACTIVE)));
    assert_eq!(bench.handle(&[launch()]).await, ["0"]);
}

#[tokio::test(start_paused = true)]
async fn another_validation_error_is_a_mistake_and_no_verdict() {
    let bad = xml_error("ValidationError", "1 validation error detected: Value '' at 'autoScalingGroupName'");
    let bench = Bench::at(61, ready().on("CompleteLifecycleAction", bad));
    assert_eq!(bench.handle(&[launch()]).await, ["0"]);
}

#[tokio::test(start_paused = true)]
async fn a_heartbeat_rides_along_by_token() {
    let wire = talking().on("DescribeLifecycleHooks", wire::hook(300, "{}"));
    let running = json!({
        "CommandId": "c", "InstanceId": WEB, "DocumentName": "readiness", "RequestedDateTime": 1_789_374_200.0,
        "Status": "InProgress", "StatusDetails": "InProgress", "CommandPlugins": [],
    });
    let bench = Bench::at(111, wire.on("ListCommandInvocations", page(&[running])));
    assert_eq!(bench.handle(&[launch()]).await, ["0"]);
    let sent = bench.wire.asked("RecordLifecycleActionHeartbeat");
    assert_eq!((sent.len(), &sent[0]["LifecycleActionToken"]), (1, &json!(TOKEN)));
}

#[tokio::test(start_paused = true)]
async fn the_observe_mode_changes_nothing() {
    for wire in [ready(), found("repairable"), found("fatal").on("GetCommandInvocation", wire::json(&json!({})))] {
        let bench = Bench::at(151, wire.on("DescribeLifecycleHooks", wire::hook(120, r#"{"mode":"observe"}"#)));
        bench.handle(&[launch()]).await;
        for changing in ["CompleteLifecycleAction", "RecordLifecycleActionHeartbeat"] {
            assert!(bench.wire.asked(changing).is_empty(), "{changing}");
        }
        let harmless =
            |sent: &Value| sent["DocumentName"] == "readiness" && sent["Parameters"]["repair"] == json!(["none"]);
        assert!(bench.wire.asked("SendCommand").iter().all(harmless));
    }
}

#[tokio::test(start_paused = true)]
async fn the_observe_mode_says_once_what_it_would_do() {
    let observing = r#"{"mode":"observe"}"#;
    let bench = Bench::at(61, ready().on("DescribeLifecycleHooks", wire::hook(600, observing)));
    assert!(bench.handle(&[nudge(WEB)]).await.is_empty());
    assert!(bench.lines("settled").is_empty(), "a nudge leaves that to the launch message");
    assert!(bench.handle(&[launch()]).await.is_empty());
    let line = &bench.lines("settled")[0];
    assert_eq!((&line["decision"], &line["outcome"]), (&json!("CONTINUE"), &json!("observed")));
}
