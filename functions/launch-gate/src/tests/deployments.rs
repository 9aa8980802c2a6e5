//! What `CodeDeploy` began for a launch is told, and ended with it.

use super::act::NOT_ACTIVE;
use super::*;
use crate::telemetry::names;

const HOOK: &str = "CodeDeploy-managed-automatic-launch-deployment-hook-prod-0d2b8f5e-6a1c-4f0e-9a37-5f1f0f6a2b11";

/// An instance that is given up, with a hook of `CodeDeploy` and one deployment on these targets.
pub(super) fn deploying(creator: &str, status: &str, targets: &[&str], events: &Value) -> Wire {
    let info = json!({
        "deploymentId": "d-ABCDEF123", "applicationName": "shop", "deploymentGroupName": "prod", "status": status,
        "creator": creator,
    });
    let target = json!({"instanceTarget": {"targetId": targets[0], "lifecycleEvents": events}});
    found("fatal")
        .on("DescribeLifecycleHooks", wire::two_hooks(HOOK, "{}"))
        .on("GetCommandInvocation", wire::json(&json!({})))
        .on("ListDeployments", wire::json(&json!({"deployments": ["d-ABCDEF123"]})))
        .on("BatchGetDeployments", wire::json(&json!({"deploymentsInfo": [info]})))
        .on("ListDeploymentTargets", wire::json(&json!({"targetIds": targets})))
        .on("BatchGetDeploymentTargets", wire::json(&json!({"deploymentTargets": [target]})))
        .on("StopDeployment", wire::json(&json!({"status": "Succeeded"})))
}

fn waiting() -> Value {
    json!([{"lifecycleEventName": "ApplicationStop", "status": "Pending"}])
}

/// "No active action" may also mean that it is not open yet, or was settled before; then the instance lives.
#[tokio::test(start_paused = true)]
async fn a_verdict_that_is_only_presumed_stops_nothing_before_a_look_has_seen_the_end() {
    let lost = (500, "<ErrorResponse><Error><Code>InternalFailure</Code></Error></ErrorResponse>".to_owned());
    let refused = wire::xml_error("ValidationError", NOT_ACTIVE);
    let wire = deploying("autoscaling", "InProgress", &[WEB], &waiting());
    let bench = Bench::at(61, wire.in_turn("CompleteLifecycleAction", [lost, refused]));
    assert_eq!(bench.handle(&[launch()]).await, ["0"], "the launch message comes back");
    assert_eq!(bench.lines(names::SETTLED)[0]["outcome"], "presumed");
    assert_eq!(bench.wire.asked("StopDeployment").len(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_deployment_of_an_abandoned_instance_is_stopped_after_the_verdict() {
    let bench = Bench::at(61, deploying("autoscaling", "InProgress", &[WEB], &waiting()));
    bench.handle(&[launch()]).await;
    let operations = bench.wire.operations();
    let place = |name: &str| operations.iter().position(|operation| operation == name).unwrap();
    assert!(place("CompleteLifecycleAction") < place("StopDeployment"), "{operations:?}");
    let asked = json!({"deploymentId": "d-ABCDEF123", "autoRollbackEnabled": false});
    assert_eq!(bench.wire.asked("StopDeployment"), [asked]);
    let told = json!([{
        "id": "d-ABCDEF123", "application": "shop", "deployment_group": "prod", "status": "InProgress",
    }]);
    assert_eq!(bench.lines(names::SETTLED)[0]["deployments"], told);
    let from = bench.wire.asked("ListDeployments")[0]["createTimeRange"]["start"].as_f64().unwrap();
    let began = Timestamp::parse(BEGAN).unwrap().millis();
    assert_eq!(format!("{from:.0}000"), (began - 60_000).to_string());
}

#[tokio::test(start_paused = true)]
async fn a_failed_deployment_leaves_its_reasons_in_the_line() {
    let said = json!({
        "errorCode": "ScriptFailed", "scriptName": "scripts/validate.sh", "message": "failed with exit code 1",
        "logTail": "[stderr]curl: (7)",
    });
    let events = json!([
        {"lifecycleEventName": "ApplicationStop", "status": "Succeeded"},
        {"lifecycleEventName": "ValidateService", "status": "Failed", "diagnostics": said},
    ]);
    let bench = Bench::at(61, deploying("autoscaling", "Failed", &[WEB], &events));
    bench.handle(&[launch()]).await;
    let told = json!([{
        "id": "d-ABCDEF123", "application": "shop", "deployment_group": "prod", "status": "Failed",
        "lifecycle_event": "ValidateService", "code": "ScriptFailed", "script": "scripts/validate.sh",
        "message": "failed with exit code 1", "log_tail": "[stderr]curl: (7)",
    }]);
    assert_eq!(bench.lines(names::SETTLED)[0]["deployments"], told);
    assert!(bench.wire.asked("StopDeployment").is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_is_for_others_too_is_left_alone() {
    for (creator, targets) in [("user", vec![WEB]), ("autoscaling", vec![WEB, "i-0b"]), ("autoscaling", vec!["i-0b"])] {
        let bench = Bench::at(61, deploying(creator, "InProgress", &targets, &waiting()));
        bench.handle(&[launch()]).await;
        assert!(bench.wire.asked("StopDeployment").is_empty(), "{creator} {targets:?}");
        assert_eq!(bench.lines(names::SETTLED)[0].get("deployments"), None);
    }
}

#[tokio::test(start_paused = true)]
async fn the_observe_mode_stops_nothing() {
    let observing = wire::two_hooks(HOOK, r#"{"mode":"observe"}"#);
    let world = deploying("autoscaling", "InProgress", &[WEB], &waiting());
    let bench = Bench::at(61, world.on("DescribeLifecycleHooks", observing));
    bench.handle(&[launch()]).await;
    assert_eq!(bench.lines(names::SETTLED)[0]["deployments"][0]["status"], "InProgress");
    assert!(bench.wire.asked("StopDeployment").is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_codedeploy_that_cannot_be_read_delays_no_verdict() {
    let refused = wire::error("AccessDeniedException", "not authorized to perform codedeploy:ListDeployments");
    let bench = Bench::at(61, deploying("user", "Failed", &[WEB], &waiting()).on("ListDeployments", refused));
    bench.handle(&[launch()]).await;
    assert_eq!(bench.wire.asked("CompleteLifecycleAction")[0]["LifecycleActionResult"], "ABANDON");
    assert_eq!(bench.lines(names::SETTLED)[0].get("deployments"), None);
}

#[tokio::test(start_paused = true)]
async fn a_hook_that_codedeploy_does_nothing_for_is_named() {
    let idle = found("fatal")
        .on("GetCommandInvocation", wire::json(&json!({})))
        .on("DescribeScalingActivities", xml("DescribeScalingActivities", ""))
        .on("DescribeLifecycleHooks", wire::two_hooks(HOOK, "{}"));
    let bench = Bench::at(200, idle);
    bench.handle(&[launch()]).await;
    let line = &bench.lines(names::SETTLED)[0];
    let warnings = line["warnings"].to_string();
    assert!(warnings.contains(&format!("--auto-scaling-group-name web --lifecycle-hook-name {HOOK}")), "{line}");
}

#[tokio::test(start_paused = true)]
async fn without_a_hook_of_codedeploy_it_is_not_asked() {
    let bench = Bench::at(200, found("fatal").on("GetCommandInvocation", wire::json(&json!({}))));
    bench.handle(&[launch()]).await;
    assert_eq!(bench.lines(names::SETTLED).len(), 1);
    assert!(bench.wire.asked("ListDeployments").is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_deployment_that_could_not_be_read_or_stopped_is_left_to_the_message_that_comes_back() {
    let throttled = || wire::error("ThrottlingException", "Rate exceeded");
    for call in ["ListDeployments", "BatchGetDeployments", "ListDeploymentTargets", "StopDeployment"] {
        let world = deploying("autoscaling", "InProgress", &[WEB], &waiting()).on(call, throttled());
        let bench = Bench::at(61, world);
        assert_eq!(bench.handle(&[launch()]).await.len(), 1, "{call}");
        assert_eq!(bench.lines(names::SETTLED)[0]["outcome"], "accepted", "{call}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_denied_is_not_tried_again() {
    for call in ["ListDeployments", "StopDeployment"] {
        let denied = wire::error("AccessDeniedException", "not authorized");
        let world = deploying("autoscaling", "InProgress", &[WEB], &waiting()).on(call, denied);
        let bench = Bench::at(61, world);
        assert!(bench.handle(&[launch()]).await.is_empty(), "{call}");
    }
}

#[tokio::test(start_paused = true)]
async fn while_its_deployment_runs_an_instance_that_may_be_gone_by_our_hand_is_looked_at_again() {
    for (status, again) in [("InProgress", 1), ("Succeeded", 0)] {
        let inactive = wire::xml_error("ValidationError", "No active Lifecycle Action found with token");
        let world = deploying("autoscaling", status, &[WEB], &waiting()).on("CompleteLifecycleAction", inactive);
        let bench = Bench::at(61, world);
        assert_eq!(bench.handle(&[launch()]).await.len(), again, "{status}");
        assert!(bench.wire.asked("StopDeployment").is_empty(), "{status}: it may be somebody's launch");
    }
}

#[tokio::test(start_paused = true)]
async fn of_other_launches_only_the_targets_are_read() {
    let bench = Bench::at(61, deploying("autoscaling", "Failed", &["i-0b"], &waiting()));
    assert!(bench.handle(&[launch()]).await.is_empty());
    assert_eq!(bench.wire.asked("ListDeploymentTargets").len(), 1);
    assert!(bench.wire.asked("BatchGetDeploymentTargets").is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_may_be_among_those_that_were_not_looked_at_is_looked_for_again() {
    let many: Vec<String> = (0..300).map(|number| format!("d-{number:09}")).collect();
    let listed = wire::json(&json!({"deployments": many}));
    let bench =
        Bench::at(61, deploying("autoscaling", "InProgress", &["i-0b"], &waiting()).on("ListDeployments", listed));
    assert_eq!(bench.handle(&[launch()]).await.len(), 1);
    assert_eq!(bench.lines(names::SETTLED)[0]["outcome"], "accepted");
}

#[tokio::test(start_paused = true)]
async fn at_exactly_200_deployments_no_further_page_is_read() {
    let ids: Vec<String> = (0..200).map(|number| format!("d-{number:09}")).collect();
    let page = json!({"deployments": ids, "nextToken": "more"});
    let wire = found("fatal")
        .on("DescribeLifecycleHooks", wire::two_hooks(HOOK, "{}"))
        .on("GetCommandInvocation", wire::json(&json!({})))
        .on("ListDeployments", wire::json(&page))
        .on("BatchGetDeployments", wire::json(&json!({"deploymentsInfo": []})));
    let bench = Bench::at(61, wire);
    bench.handle(&[launch()]).await;
    assert_eq!(bench.wire.asked("ListDeployments").len(), 1);
}
