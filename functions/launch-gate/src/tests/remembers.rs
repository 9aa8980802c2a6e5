//! What a process remembers saves work that would change nothing, and decides nothing.

use std::time::Duration;

use serde_json::json;
use tokio::time::advance;

use super::wire::{activity, heard, xml_error};
use super::*;

#[tokio::test(start_paused = true)]
async fn a_launch_that_was_told_of_and_comes_once_more_leaves_no_second_line() {
    let observed = ready().on("DescribeLifecycleHooks", wire::hook(600, r#"{"mode":"observe"}"#));
    let gone = ready()
        .on("DescribeAutoScalingInstances", lifecycle_state(&[(WEB, "Terminating")]))
        .on("DescribeScalingActivities", activity(WEB, Some("Client.UserInitiatedShutdown")));
    for wire in [observed, gone] {
        let bench = Bench::at(61, wire);
        for _ in 0..3 {
            assert!(bench.handle(&[launch()]).await.is_empty());
            advance(Duration::from_secs(30)).await;
        }
        assert_eq!(bench.lines("settled").len(), 1);
    }
}

/// With a timeout of 120 s a heartbeat is due at every look.
#[tokio::test(start_paused = true)]
async fn a_heartbeat_is_left_out_within_a_sixth_of_the_timeout_after_one_that_was_accepted() {
    let accepted = || xml("RecordLifecycleActionHeartbeat", "");
    let refused = || xml_error("ValidationError", "No active Lifecycle Action found");
    for (first, pause, beats) in [(accepted(), 0, 1), (accepted(), 19, 1), (accepted(), 20, 2), (refused(), 0, 2)] {
        let running = json!({
            "CommandId": "c", "InstanceId": WEB, "DocumentName": "readiness", "RequestedDateTime": 1_789_374_200.0,
            "Status": "InProgress", "StatusDetails": "InProgress", "CommandPlugins": [],
        });
        let wire = talking()
            .on("DescribeLifecycleHooks", wire::hook(120, "{}"))
            .on("ListCommandInvocations", page(&[running]))
            .in_turn("RecordLifecycleActionHeartbeat", [first, accepted()]);
        let bench = Bench::at(111, wire);
        bench.handle(&[launch()]).await;
        advance(Duration::from_secs(pause)).await;
        bench.handle(&[launch()]).await;
        assert_eq!(bench.wire.asked("RecordLifecycleActionHeartbeat").len(), beats, "{pause} s later");
    }
}

#[tokio::test(start_paused = true)]
async fn the_sweep_leaves_out_an_instance_whose_launch_message_comes_back() {
    let wire = || talking().on("DescribeScalingActivities", activity(WEB, None));
    let bench = Bench::at(70, wire());
    bench.handle(&[launch()]).await;
    let before = bench.wire.asked("DescribeScalingActivities").len();
    advance(Duration::from_secs(30)).await;
    assert!(bench.handle(&[sweep()]).await.is_empty());
    assert_eq!(bench.wire.asked("DescribeScalingActivities").len(), before);
    advance(Duration::from_mins(1)).await;
    assert!(bench.handle(&[sweep()]).await.is_empty());
    assert_eq!(bench.wire.asked("DescribeScalingActivities").len(), before + 1, "its message did not come back");
}

/// The settled line tells how long a launch took; a nudge does not, and the run that it ends may not either.
#[tokio::test(start_paused = true)]
async fn a_launch_whose_message_was_seen_needs_no_activity_for_its_line() {
    for seen in [true, false] {
        let wire = ready()
            .in_turn("DescribeInstanceInformation", [heard(&[]), heard(&[WEB])])
            .on("DescribeScalingActivities", activity(WEB, None));
        let bench = Bench::at(10, wire);
        if seen {
            bench.handle(&[launch()]).await;
        }
        advance(Duration::from_mins(1)).await;
        bench.handle(&[nudge(WEB)]).await;
        assert_eq!(bench.wire.asked("DescribeScalingActivities").is_empty(), seen);
        let lines = bench.lines("settled");
        // The activity begins 3 s before the action.
        assert_eq!(lines[0]["seconds_waited"], if seen { 70 } else { 73 }, "{lines:?}");
    }
}
