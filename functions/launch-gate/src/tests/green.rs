//! Launches of a group that a blue/green deployment has copied are asked for no revision while it runs.

use super::*;

const GREEN: &str = "CodeDeploy_prod_d-ABCDEF123";
const WHOLE: &str = r#"{"checks":{"commands":["java"],"units":["web"],"ports":[8080],"url":"http://localhost/up"}}"#;

fn launch_into(group: &str, metadata: &str) -> Value {
    let mut event = launch_of(WEB, metadata);
    event["detail"]["AutoScalingGroupName"] = json!(group);
    event
}

/// No run yet; the deployment has this status, and the hook this policy.
fn wire_of(status: &str, metadata: &str) -> Wire {
    let info = json!({"deploymentId": "d-ABCDEF123", "status": status, "creator": "user"});
    talking()
        .on("ListCommandInvocations", page(&[]))
        .on("DescribeLifecycleHooks", wire::hook(600, metadata))
        .on("SendCommand", wire::json(&json!({"Command": {"CommandId": "c"}})))
        .on("BatchGetDeployments", wire::json(&json!({"deploymentsInfo": [info]})))
}

async fn asked_of(group: &str, status: &str) -> (Value, Bench) {
    let bench = Bench::at(61, wire_of(status, WHOLE));
    assert_eq!(bench.handle(&[launch_into(group, WHOLE)]).await, ["0"]);
    (bench.wire.asked("SendCommand")[0]["Parameters"].clone(), bench)
}

#[tokio::test(start_paused = true)]
async fn while_the_deployment_runs_no_revision_is_asked_for() {
    for status in ["Created", "Queued", "InProgress", "Ready"] {
        let (asked, bench) = asked_of(GREEN, status).await;
        assert_eq!(asked["commands"], json!(["java"]), "{status}");
        for absent in ["units", "ports", "url"] {
            assert!(asked.get(absent).is_none(), "{status}: {asked}");
        }
        assert_eq!(bench.wire.asked("BatchGetDeployments"), [json!({"deploymentIds": ["d-ABCDEF123"]})]);
    }
}

#[tokio::test(start_paused = true)]
async fn afterwards_they_are_launches_like_others() {
    for status in ["Succeeded", "Failed", "Stopped"] {
        let (asked, _) = asked_of(GREEN, status).await;
        assert_eq!((&asked["units"], &asked["ports"]), (&json!(["web"]), &json!(["8080"])), "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_group_that_only_has_such_a_name_is_a_group_like_others() {
    let unknown = wire_of("", WHOLE).on("BatchGetDeployments", wire::json(&json!({"deploymentsInfo": []})));
    let bench = Bench::at(61, unknown);
    bench.handle(&[launch_into(GREEN, WHOLE)]).await;
    assert_eq!(bench.wire.asked("SendCommand")[0]["Parameters"]["ports"], json!(["8080"]));
    let (asked, bench) = asked_of("web", "InProgress").await;
    assert_eq!(asked["ports"], json!(["8080"]));
    assert!(bench.wire.asked("BatchGetDeployments").is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_policy_that_asks_for_no_revision_needs_no_answer() {
    let metadata = r#"{"checks":{"commands":["java"]}}"#;
    let bench = Bench::at(61, wire_of("InProgress", metadata));
    bench.handle(&[launch_into(GREEN, metadata)]).await;
    assert_eq!(bench.wire.asked("SendCommand").len(), 1);
    assert!(bench.wire.asked("BatchGetDeployments").is_empty());
}

/// At 211 s a heartbeat is due.
#[tokio::test(start_paused = true)]
async fn what_cannot_be_read_is_no_verdict_and_no_run_and_is_kept_alive() {
    let refused = || wire::error("ThrottlingException", "Rate exceeded");
    let hooked = |wire: Wire| wire.on("DescribeLifecycleHooks", wire::hook(600, WHOLE));
    for wire in [ready(), found("fatal"), found("repairable"), wire_of("InProgress", WHOLE)] {
        let bench = Bench::at(211, hooked(wire).on("BatchGetDeployments", refused()));
        assert_eq!(bench.handle(&[launch_into(GREEN, WHOLE)]).await, ["0"]);
        for changing in ["CompleteLifecycleAction", "SendCommand"] {
            assert!(bench.wire.asked(changing).is_empty(), "{changing}");
        }
        assert!(!bench.wire.asked("BatchGetDeployments").is_empty());
        assert_eq!(bench.wire.asked("RecordLifecycleActionHeartbeat").len(), 1);
    }
}
