//! A group that was copied without our hook is told once.

use super::*;
use crate::telemetry::names;

const GREEN: &str = "CodeDeploy_prod_d-ABCDEF123";
const ITS_OWN: &str = "CodeDeploy-managed-automatic-launch-deployment-hook-prod-0d2b8f5e-6a1c-4f0e-9a37-5f1f0f6a2b11";

pub(super) fn success() -> Value {
    json!({
        "source": "aws.codedeploy", "detail-type": "CodeDeploy Deployment State-change Notification", "time": BEGAN,
        "detail": {
            "deploymentId": "d-ABCDEF123", "application": "shop", "deploymentGroup": "prod", "state": "SUCCESS",
            "region": "us-east-1", "instanceGroupId": "9fd2fbef-2157-40d8-91e7-6845af69e200",
        },
    })
}

fn deployment(kind: &str, action: &str, creator: &str) -> wire::Answer {
    let info = json!({
        "deploymentId": "d-ABCDEF123", "status": "Succeeded", "creator": creator,
        "deploymentStyle": {"deploymentType": kind},
        "blueGreenDeploymentConfiguration": {"greenFleetProvisioningOption": {"action": action}},
    });
    wire::json(&json!({"deploymentsInfo": [info]}))
}

pub(super) fn copied() -> Wire {
    Wire::default()
        .on("BatchGetDeployments", deployment("BLUE_GREEN", "COPY_AUTO_SCALING_GROUP", "user"))
        .on("DescribeLifecycleHooks", wire::only_hook(ITS_OWN))
}

#[tokio::test(start_paused = true)]
async fn a_copy_with_codedeploys_hook_and_not_ours_is_told_once_with_the_command() {
    let bench = Bench::at(60, copied());
    assert!(bench.handle(&[success(), success()]).await.is_empty());
    assert!(bench.handle(&[success()]).await.is_empty());
    let lines = bench.lines(names::UNGATED);
    assert_eq!(lines.len(), 1);
    let line = &lines[0];
    assert_eq!((&line["group"], &line["deployment"]), (&json!(GREEN), &json!("d-ABCDEF123")));
    assert_eq!((&line["application"], &line["deployment_group"]), (&json!("shop"), &json!("prod")));
    let command = line["command"].as_str().unwrap();
    for part in [GREEN, "--lifecycle-hook-name launchgate ", "EC2_INSTANCE_LAUNCHING", "--notification-metadata '{}'"] {
        assert!(command.contains(part), "{command}");
    }
    assert_eq!(line["_aws"]["CloudWatchMetrics"][0]["Metrics"][0]["Name"], "ungated_groups");
    assert_eq!(bench.wire.asked("BatchGetDeployments")[0], json!({"deploymentIds": ["d-ABCDEF123"]}));
    assert_eq!(bench.wire.asked("DescribeLifecycleHooks")[0]["AutoScalingGroupName"], GREEN);
}

#[tokio::test(start_paused = true)]
async fn what_has_our_hook_or_was_not_copied_is_told_of_nothing() {
    let hooked = copied().on("DescribeLifecycleHooks", wire::two_hooks(ITS_OWN, "{}"));
    let of = |kind, action, creator| copied().on("BatchGetDeployments", deployment(kind, action, creator));
    for wire in [
        hooked,
        of("IN_PLACE", "COPY_AUTO_SCALING_GROUP", "user"),
        of("BLUE_GREEN", "DISCOVER_EXISTING", "user"),
        of("BLUE_GREEN", "COPY_AUTO_SCALING_GROUP", "autoscaling"),
    ] {
        let bench = Bench::at(60, wire);
        assert!(bench.handle(&[success()]).await.is_empty(), "nothing comes back");
        assert!(bench.lines(names::UNGATED).is_empty());
    }
}

/// `CodeDeploy` moves its hook about now, and perhaps ours.
#[tokio::test(start_paused = true)]
async fn in_the_first_minute_the_message_comes_back() {
    let bench = Bench::at(59, copied());
    assert_eq!(bench.handle(&[success(), success()]).await, ["0", "1"]);
    assert!(bench.lines(names::UNGATED).is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_read_comes_back() {
    let refused = || wire::error("ThrottlingException", "Rate exceeded");
    let throttled = || wire::xml_error("Throttling", "Rate exceeded");
    for wire in [copied().on("BatchGetDeployments", refused()), copied().on("DescribeLifecycleHooks", throttled())] {
        let bench = Bench::at(60, wire);
        assert_eq!(bench.handle(&[success()]).await, ["0"]);
        assert!(bench.lines(names::UNGATED).is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_read_for_an_hour_is_given_up() {
    let denied = copied().on("BatchGetDeployments", wire::error("AccessDeniedException", "not authorized"));
    let bench = Bench::at(3601, denied);
    assert!(bench.handle(&[success()]).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_deployment_that_has_not_succeeded_is_dropped() {
    let mut event = success();
    event["detail"]["state"] = json!("FAILURE");
    let bench = Bench::at(60, copied());
    assert!(bench.handle(&[event]).await.is_empty());
    assert!(bench.wire.operations().is_empty());
}
