//! What a process remembers saves work that would change nothing, and decides nothing.

use std::time::Duration;

use serde_json::json;
use tokio::time::advance;

use super::wire::{activity, groups, heard, xml_error};
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
    let wire = || {
        talking()
            .on("DescribeAutoScalingGroups", groups(&[(WEB, "Pending:Wait")], false))
            .on("DescribeScalingActivities", activity(WEB, None))
    };
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

/// A launch whose message came before: what each later look asks.
async fn known(seconds: u64, wire: Wire) -> Bench {
    let bench = Bench::at(1, wire);
    assert_eq!(bench.handle(&[launch()]).await, ["0"]);
    assert_eq!(bench.wire.operations(), Vec::<String>::new());
    advance(Duration::from_secs(seconds - 1)).await;
    bench
}

impl Bench {
    /// What this batch asked.
    async fn asks(&self, messages: &[Value]) -> Vec<String> {
        let before = self.wire.operations().len();
        self.handle(messages).await;
        self.wire.operations().split_off(before)
    }
}

fn registration(instance: &str) -> Value {
    json!({
        "source": "aws.ssm",
        "detail-type": "SSM Managed Instance Registration",
        "time": "2026-09-14T08:22:03Z",
        "detail": {"instance-id": instance},
    })
}

/// A readiness run of the command `c`, asked for 20 s after the launch.
pub(super) fn running(instance: &str) -> Value {
    json!({
        "CommandId": "c", "InstanceId": instance, "DocumentName": "readiness", "RequestedDateTime": 1_789_374_123.0,
        "Status": "InProgress", "StatusDetails": "InProgress", "CommandPlugins": [],
    })
}

#[tokio::test(start_paused = true)]
async fn the_registration_of_a_known_launch_costs_the_run_alone() {
    let bench = known(20, talking()).await;
    assert_eq!(bench.asks(&[registration(WEB)]).await, ["SendCommand"]);
    let stranger = Bench::at(20, talking());
    assert!(stranger.asks(&[registration(WEB)]).await.len() > 3);
}

#[tokio::test(start_paused = true)]
async fn a_run_whose_end_will_be_told_is_read_once_a_minute() {
    let bench = known(20, talking().on("ListCommandInvocations", page(&[running(WEB)]))).await;
    bench.handle(&[registration(WEB)]).await;
    advance(Duration::from_secs(10)).await;
    assert_eq!(bench.asks(&[launch()]).await, ["DescribeLifecycleHooks"], "30 s after the launch");
    advance(Duration::from_secs(30)).await;
    assert_eq!(bench.asks(&[launch()]).await, ["DescribeAutoScalingInstances"], "60 s after the launch");
    advance(Duration::from_secs(30)).await;
    let asked = bench.asks(&[launch()]).await;
    assert_eq!(asked, ["ListCommandInvocations", "DescribeLifecycleHooks"], "90 s after it, 70 s after the run");
}

#[tokio::test(start_paused = true)]
async fn a_run_is_read_at_every_look_where_no_event_of_ssm_comes() {
    let bench = known(20, talking().on("ListCommandInvocations", page(&[running(WEB)]))).await;
    for _ in 0..3 {
        assert!(bench.asks(&[launch()]).await.contains(&"ListCommandInvocations".to_owned()));
        advance(Duration::from_secs(30)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_launch_message_that_comes_once_more_after_its_verdict_is_deleted_unread() {
    let bench = known(61, ready()).await;
    assert!(bench.handle(&[nudge(WEB)]).await.is_empty());
    assert_eq!(bench.lines("settled").len(), 1);
    for _ in 0..2 {
        let before = bench.wire.operations().len();
        assert!(bench.handle(&[launch()]).await.is_empty());
        assert_eq!(bench.wire.operations().len(), before);
    }
}

/// While AWS throttles the verdict, the ready report is not read again; but another run that has ended since is.
#[tokio::test(start_paused = true)]
async fn a_ready_report_is_remembered_until_another_run_ends() {
    let throttled = || xml_error("Throttling", "Rate exceeded");
    let wire = ready().in_turn("CompleteLifecycleAction", std::iter::repeat_with(throttled).take(30));
    let bench = known(61, wire).await;
    bench.handle(&[nudge(WEB)]).await;
    advance(Duration::from_secs(30)).await;
    let again = bench.asks(&[launch()]).await;
    assert!(again.contains(&"CompleteLifecycleAction".to_owned()), "{again:?}");
    assert!(!again.contains(&"ListCommandInvocations".to_owned()), "{again:?}");
    let mut other = nudge(WEB);
    other["detail"]["command-id"] = json!("7b1d9a1e-4a2f-4df4-8d7c-5b7f2b0d6c77");
    assert!(bench.asks(&[other]).await.contains(&"ListCommandInvocations".to_owned()));
}

/// The launch into the pool was settled; the same instance leaves the pool, and that is another action.
#[tokio::test(start_paused = true)]
async fn another_action_of_the_same_instance_is_looked_at() {
    let bench = known(61, ready()).await;
    bench.handle(&[nudge(WEB)]).await;
    let mut other = launch();
    other["detail"]["LifecycleActionToken"] = json!("5bb0a1ce-17a4-4e6b-9c0e-6a4f8d2b7e90");
    assert!(!bench.asks(&[other]).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_abandon_reads_everything_afresh() {
    let fatal = wire::report(r#"[{"check":"agent","code":"agent-no-credentials","class":"fatal","detail":""}]"#);
    let end = page(&[wire::invocation(WEB, 10, &fatal)]);
    let wire = talking().in_turn("ListCommandInvocations", [page(&[running(WEB)]), end]);
    let bench = known(61, wire).await;
    bench.handle(&[launch()]).await;
    advance(Duration::from_secs(5)).await;
    let asked = bench.asks(&[nudge(WEB)]).await;
    for read in ["DescribeAutoScalingInstances", "DescribeLifecycleHooks", "DescribeInstanceInformation"] {
        assert!(asked.contains(&read.to_owned()), "{read} of {asked:?}");
    }
    assert_eq!(bench.wire.asked("CompleteLifecycleAction")[0]["LifecycleActionResult"], "ABANDON");
}

#[tokio::test(start_paused = true)]
async fn the_hook_of_a_silent_instance_is_read_every_five_minutes_and_at_once_when_it_is_heard() {
    let wire = talking().in_turn("DescribeInstanceInformation", [heard(&[]), heard(&[]), heard(&[WEB])]);
    let bench = known(61, wire).await;
    for read in [true, false, true] {
        let asked = bench.asks(&[launch()]).await;
        assert_eq!(asked.contains(&"DescribeLifecycleHooks".to_owned()), read, "{asked:?}");
        advance(Duration::from_secs(61)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_changed_policy_counts_within_a_minute() {
    let (enforce, observe) = (wire::hook(600, "{}"), wire::hook(600, r#"{"mode":"observe"}"#));
    let wire = ready()
        .in_turn("DescribeLifecycleHooks", [enforce, observe])
        .in_turn("DescribeInstanceInformation", [heard(&[]), heard(&[WEB])]);
    let bench = known(61, wire).await;
    bench.handle(&[launch()]).await;
    advance(Duration::from_mins(1)).await;
    bench.handle(&[launch()]).await;
    assert!(bench.wire.asked("CompleteLifecycleAction").is_empty());
    assert_eq!(bench.lines("settled")[0]["outcome"], "observed");
}

/// Another instance of the group has it read afresh in the same batch.
#[tokio::test(start_paused = true)]
async fn a_changed_policy_counts_at_once_for_one_that_was_silent() {
    let (enforce, observe) = (wire::hook(600, "{}"), wire::hook(600, r#"{"mode":"observe"}"#));
    let other = "i-0b1b2c3d4e5f60718";
    let wire = ready()
        .on("DescribeAutoScalingInstances", lifecycle_state(&[(WEB, "Pending:Wait"), (other, "Pending:Wait")]))
        .in_turn("DescribeLifecycleHooks", [enforce, observe])
        .in_turn("DescribeInstanceInformation", [heard(&[]), heard(&[WEB])]);
    let (bench, both) = (known(61, wire).await, [launch(), launch_of(other, "{}")]);
    bench.handle(&both).await;
    advance(Duration::from_mins(1)).await;
    bench.handle(&[&both[..], &[registration(other)]].concat()).await;
    assert!(bench.wire.asked("CompleteLifecycleAction").is_empty());
    assert_eq!(bench.lines("settled")[0]["outcome"], "observed");
}
