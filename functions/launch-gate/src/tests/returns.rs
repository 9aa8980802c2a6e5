//! Which messages come back, and which never do.

use lifecycle::event::Home;
use serde_json::json;

use super::wire::heard;
use super::*;

#[tokio::test(start_paused = true)]
async fn garbage_hurts_no_neighbour_and_never_comes_back() {
    let ids: Vec<String> = (0..10).map(|number| format!("i-{number:017x}")).collect();
    let mut bodies: Vec<Value> = ids.iter().map(|id| launch_of(id, "{}")).collect();
    bodies.insert(3, json!("not json"));
    bodies.insert(5, json!({"hello": "world"}));
    bodies.push(json!({"source": "aws.ssm", "detail-type": "SSM Managed Instance Registration", "time": "soon"}));
    let bench = Bench::at(16, talking().on("DescribeInstanceInformation", heard(&[])));
    assert_eq!(bench.handle(&bodies).await, ["0", "1", "2", "4", "6", "7", "8", "9", "10", "11"]);
    assert_eq!(bench.lines("batch")[0]["dropped"], 3);
}

#[tokio::test(start_paused = true)]
async fn what_concerns_no_launch_of_ours_is_dropped() {
    let mut other_hook = launch();
    other_hook["detail"]["LifecycleHookName"] = json!("CodeDeploy-managed-automatic-launch-deployment-hook-x");
    let mut terminating = launch();
    terminating["detail"]["LifecycleTransition"] = json!("autoscaling:EC2_INSTANCE_TERMINATING");
    let test = json!({"Event": "autoscaling:TEST_NOTIFICATION", "Service": "AWS Auto Scaling", "Time": BEGAN});
    let unknown = json!({"source": "aws.ec2", "detail-type": "EC2 Instance State-change Notification", "time": BEGAN});
    let bench = Bench::at(16, talking());
    assert!(bench.handle(&[other_hook, terminating, test, unknown]).await.is_empty());
    assert!(bench.wire.operations().is_empty());
    assert_eq!(bench.lines("batch")[0]["dropped"], 4);
}

#[tokio::test(start_paused = true)]
async fn an_event_of_another_region_or_account_is_dropped_and_costs_no_call() {
    let home = Home { region: "us-east-1".into(), account: "123456789012".into() };
    for (name, value, looks) in [
        ("region", "us-east-2", 0),
        ("account", "210987654321", 0),
        ("region", "us-east-1", 1),
        ("account", "123456789012", 1),
    ] {
        let bench = Bench::at(61, talking());
        let (mut launch, mut nudge) = (launch(), nudge(WEB));
        (launch[name], nudge[name]) = (json!(value), json!(value));
        let invocation = Invocation { home: Some(home.clone()), ..bench.invocation(10) };
        assert_eq!(bench.handle_batch(batch(&[launch, nudge], 1), &invocation).await.len(), looks, "{value}");
        assert_eq!(bench.wire.operations().is_empty(), looks == 0, "{value}");
        let line = &bench.lines("batch")[0];
        assert_eq!((&line["dropped"], &line["looks"]), (&json!(2 - 2 * looks), &json!(looks)), "{value}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_empty_batch_costs_nothing() {
    let bench = Bench::at(16, talking());
    assert!(bench.handle(&[]).await.is_empty());
    assert!(bench.wire.operations().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_doubled_launch_is_looked_at_once_and_both_copies_wait() {
    let bench = Bench::at(61, talking());
    assert_eq!(bench.handle(&[launch(), launch(), nudge(WEB)]).await, ["0", "1"]);
    assert_eq!(bench.wire.asked("SendCommand").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_doubled_launch_is_completed_once() {
    let bench = Bench::at(61, ready());
    assert!(bench.handle(&[launch(), launch()]).await.is_empty());
    assert_eq!(bench.wire.asked("CompleteLifecycleAction").len(), 1);
    assert_eq!(bench.lines("settled").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_launch_that_waits_longer_than_the_queue_can_count_is_left_to_the_sweep() {
    let bench = Bench::at(61, talking());
    for (receives, returned) in [(899, 1), (900, 0)] {
        let response = bench.gate.handle_batch(batch(&[launch()], receives), &bench.invocation(10)).await;
        assert_eq!(response.batch_item_failures.len(), returned, "{receives}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_unfinished_when_the_time_runs_out_comes_back() {
    let bench = Bench::at(61, ready());
    let ids = bench.handle_within(Duration::from_secs(1), &[launch(), nudge("i-0a1b2c3d"), sweep()]).await;
    assert_eq!(ids, ["0", "2"], "the tick looks at what a nudge could not");
    assert_eq!(bench.lines("batch")[0]["finished"], false);
}

#[tokio::test(start_paused = true)]
async fn a_sweep_that_could_not_read_comes_back_until_the_next_is_due() {
    let refused = (503, "Service Unavailable".to_owned());
    let bench = Bench::at(61, talking().on("DescribeAutoScalingInstances", refused));
    for (receives, returned) in [(1, 1), (3, 1), (4, 0)] {
        let response = bench.gate.handle_batch(batch(&[sweep()], receives), &bench.invocation(10)).await;
        assert_eq!(response.batch_item_failures.len(), returned, "{receives}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_response_has_exactly_the_form_that_lambda_reads() {
    let bench = Bench::at(16, talking().on("DescribeInstanceInformation", heard(&[])));
    let response = bench.gate.handle_batch(batch(&[launch()], 1), &bench.invocation(10)).await;
    assert_eq!(serde_json::to_value(response).unwrap(), json!({"batchItemFailures": [{"itemIdentifier": "0"}]}));
}

#[tokio::test(start_paused = true)]
async fn a_launch_that_went_into_service_is_forgotten_without_a_line() {
    let bench = Bench::at(61, ready().on("DescribeAutoScalingInstances", lifecycle_state(&[(WEB, "InService")])));
    assert!(bench.handle(&[launch()]).await.is_empty());
    assert!(bench.lines("settled").is_empty());
}
