//! What AWS refuses: a run, or the heartbeat before a repair.

use serde_json::json;

use super::act::NOT_ACTIVE;
use super::wire::{self, Answer, error, hook, xml_error};
use super::*;

/// Refusals that say nothing about the instance.
fn of_others() -> [Answer; 4] {
    [
        error("ThrottlingException", "Rate exceeded"),
        error("AccessDeniedException", "not authorized to perform ssm:SendCommand"),
        error("InvalidDocument", "Document with name readiness does not exist."),
        (503, "Service Unavailable".to_owned()),
    ]
}

/// The deadline has passed, SSM hears from the instance, and nobody has looked.
fn unseen(refusal: Answer) -> Bench {
    Bench::at(601, talking().on("SendCommand", refusal))
}

#[tokio::test(start_paused = true)]
async fn an_instance_that_takes_no_last_look_is_given_up_in_the_same_look() {
    for code in ["InvalidInstanceId", "UnsupportedPlatformType"] {
        let bench = unseen(error(code, "Instances not in a valid state for account"));
        assert!(bench.handle(&[launch()]).await.is_empty(), "{code}");
        let comment = bench.wire.asked("SendCommand")[0]["Comment"].to_string();
        assert!(comment.contains("waits 0"), "{comment}");
        assert_eq!(bench.wire.asked("CompleteLifecycleAction")[0]["LifecycleActionResult"], "ABANDON", "{code}");
        let line = &bench.lines("settled")[0];
        let told = (&line["rule"], &line["reason"], &line["outcome"]);
        assert_eq!(told, (&json!("deadline"), &json!("instance-takes-no-run"), &json!("accepted")), "{code}");
        assert_eq!(bench.lines("batch")[0]["refused_runs"], 0, "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_neighbour_that_takes_its_last_look_is_not_given_up() {
    let other = "i-0a1b2c3d4e5f60719";
    let refusal = error("InvalidInstanceId", "Instances not in a valid state for account");
    let started = wire::json(&json!({"Command": {"CommandId": "c"}}));
    // Both are refused, then the second alone; the first alone is accepted.
    let wire = talking()
        .on("DescribeInstanceInformation", wire::heard(&[WEB, other]))
        .on("DescribeAutoScalingInstances", lifecycle_state(&[(WEB, "Pending:Wait"), (other, "Pending:Wait")]))
        .in_turn("SendCommand", [refusal.clone(), refusal, started]);
    let bench = Bench::at(601, wire);
    assert_eq!(bench.handle(&[launch(), launch_of(other, "{}")]).await, ["0"]);
    assert_eq!(bench.lines("settled").len(), 1);
    assert_eq!(bench.lines("settled")[0]["instance"], other);
}

#[tokio::test(start_paused = true)]
async fn any_other_refusal_of_the_last_look_is_no_verdict_and_gets_no_heartbeat() {
    for refusal in of_others() {
        let (told, bench) = (refusal.1.clone(), unseen(refusal));
        assert_eq!(bench.handle(&[launch()]).await, ["0"], "{told}");
        assert!(!bench.wire.asked("SendCommand").is_empty(), "{told}");
        assert!(bench.wire.asked("CompleteLifecycleAction").is_empty(), "{told}");
        assert!(bench.wire.asked("RecordLifecycleActionHeartbeat").is_empty(), "{told}");
        assert!(bench.lines("settled").is_empty(), "{told}");
        assert_eq!(bench.lines("batch")[0]["refused_runs"], 1, "{told}");
    }
}

/// The same moment, 300 s before the deadline: a heartbeat is due.
#[tokio::test(start_paused = true)]
async fn before_the_deadline_no_refusal_is_a_verdict_and_the_launch_is_kept_alive() {
    let invalid = error("InvalidInstanceId", "Instances not in a valid state for account");
    for (refusal, counted) in of_others().into_iter().map(|refusal| (refusal, 1)).chain([(invalid, 0)]) {
        let told = refusal.1.clone();
        let wire = talking().on("SendCommand", refusal);
        let bench = Bench::at(601, wire.on("DescribeLifecycleHooks", hook(600, r#"{"ready_within":900}"#)));
        assert_eq!(bench.handle(&[launch()]).await, ["0"], "{told}");
        assert!(bench.wire.asked("CompleteLifecycleAction").is_empty(), "{told}");
        assert_eq!(bench.wire.asked("RecordLifecycleActionHeartbeat").len(), 1, "{told}");
        assert_eq!(bench.lines("batch")[0]["refused_runs"], counted, "{told}");
    }
}

#[tokio::test(start_paused = true)]
async fn every_instance_whose_run_is_refused_is_counted() {
    let ids: Vec<String> = (0..60).map(|number| format!("i-{number:017x}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let states: Vec<(&str, &str)> = ids.iter().map(|id| (*id, "Pending:Wait")).collect();
    let wire = talking()
        .on("DescribeInstanceInformation", wire::heard(&ids))
        .on("DescribeAutoScalingInstances", lifecycle_state(&states))
        .on("SendCommand", error("AccessDeniedException", "not authorized to perform ssm:SendCommand"));
    let bench = Bench::at(61, wire);
    let launches: Vec<Value> = ids.iter().map(|id| launch_of(id, "{}")).collect();
    assert_eq!(bench.handle(&launches).await.len(), 60);
    assert_eq!(bench.lines("batch")[0]["refused_runs"], 60);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_repaired_unless_its_heartbeat_is_accepted() {
    let accepted = xml("RecordLifecycleActionHeartbeat", "");
    let inactive = xml_error("ValidationError", NOT_ACTIVE);
    let throttled = xml_error("Throttling", "Rate exceeded");
    for (answer, repairs) in [(accepted, 1), (inactive, 0), (throttled, 0)] {
        let told = answer.1.clone();
        let bench = Bench::at(61, found("repairable").on("RecordLifecycleActionHeartbeat", answer));
        assert_eq!(bench.handle(&[launch()]).await, ["0"], "{told}");
        let operations = bench.wire.operations();
        let place = |name: &str| operations.iter().position(|operation| operation == name);
        assert!(place("RecordLifecycleActionHeartbeat").is_some(), "{told}");
        assert!(place("SendCommand").is_none_or(|sent| place("RecordLifecycleActionHeartbeat").unwrap() < sent));
        assert_eq!(bench.wire.asked("SendCommand").len(), repairs, "{told}");
    }
}
