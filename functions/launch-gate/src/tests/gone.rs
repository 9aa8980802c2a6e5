//! An instance that is gone leaves one line, when AWS has told why its launch ended.

use serde_json::json;

use super::wire::{Answer, activity};
use super::*;

/// A ready instance that terminates.
fn terminating() -> Wire {
    ready().on("DescribeAutoScalingInstances", lifecycle_state(&[(WEB, "Terminating")]))
}

fn timed_out() -> String {
    format!("Lifecycle Action with token {TOKEN} was abandoned: Heartbeat Timeout")
}

#[tokio::test(start_paused = true)]
async fn an_instance_that_is_gone_leaves_a_line_with_the_reason_of_aws() {
    let bench = Bench::at(61, terminating().on("DescribeScalingActivities", activity(WEB, Some(&timed_out()))));
    assert!(bench.handle(&[launch()]).await.is_empty());
    let line = &bench.lines("settled")[0];
    assert_eq!((&line["decision"], &line["outcome"]), (&json!("NONE"), &json!("gone")));
    assert_eq!(line["warnings"], json!([timed_out()]));
}

#[tokio::test(start_paused = true)]
async fn one_that_a_nudge_has_abandoned_leaves_no_second_line() {
    let ours =
        format!("Lifecycle Action with token {TOKEN} was abandoned: Lifecycle Action Completed with ABANDON Result");
    for answers in [vec![activity(WEB, Some(&ours))], vec![activity(WEB, None), activity(WEB, Some(&ours))]] {
        let looks = answers.len();
        let bench = Bench::at(61, terminating().in_turn("DescribeScalingActivities", answers));
        for _ in 1..looks {
            assert_eq!(bench.handle(&[launch()]).await, ["0"], "who ended it is not told yet");
        }
        assert!(bench.handle(&[launch()]).await.is_empty());
        assert!(bench.lines("settled").is_empty());
    }
}

/// The launch activity of an instance that came into service, or into the pool, at this time.
fn succeeded(at: &str) -> Answer {
    let description = format!("<Description>Launching a new EC2 instance: {WEB}</Description>");
    let fields = "<ActivityId>a</ActivityId><AutoScalingGroupName>web</AutoScalingGroupName><Cause>c</Cause>\
        <StartTime>2026-09-14T08:21:40Z</StartTime><StatusCode>Successful</StatusCode>";
    let member = format!("<member>{fields}{description}<EndTime>{at}</EndTime></member>");
    xml("DescribeScalingActivities", &format!("<Activities>{member}</Activities>"))
}

#[tokio::test(start_paused = true)]
async fn one_that_came_into_service_and_was_terminated_later_leaves_no_second_line() {
    for (at, lines) in [("2026-09-14T08:22:30Z", 0), ("2026-09-14T08:21:41Z", 1)] {
        let bench = Bench::at(61, terminating().on("DescribeScalingActivities", succeeded(at)));
        assert!(bench.handle(&[launch()]).await.is_empty());
        assert_eq!(bench.lines("settled").len(), lines, "{at}");
    }
}

#[tokio::test(start_paused = true)]
async fn while_its_activity_goes_on_it_comes_back_and_then_leaves_one_line() {
    let told = [activity(WEB, None), activity(WEB, None), activity(WEB, Some(&timed_out()))];
    let bench = Bench::at(61, terminating().in_turn("DescribeScalingActivities", told));
    for _ in 0..2 {
        assert_eq!(bench.handle(&[launch()]).await, ["0"]);
        assert!(bench.lines("settled").is_empty());
    }
    assert!(bench.handle(&[launch()]).await.is_empty());
    assert_eq!(bench.lines("settled")[0]["warnings"], json!([timed_out()]));
    assert_eq!(bench.lines("settled").len(), 1);
    assert!(bench.wire.asked("CompleteLifecycleAction").is_empty());
}

#[tokio::test(start_paused = true)]
async fn ten_minutes_after_the_deadline_the_activity_is_not_waited_for_any_more() {
    let unreadable = || wire::xml_error("ValidationError", "no");
    for untold in [|| activity(WEB, None), unreadable] {
        for (seconds, lines) in [(1200, 0), (1201, 1)] {
            let bench = Bench::at(seconds, terminating().on("DescribeScalingActivities", untold()));
            assert_eq!(bench.handle(&[launch()]).await.len(), 1 - lines, "{seconds}");
            assert_eq!(bench.lines("settled").len(), lines, "{seconds}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_nudge_about_it_leaves_no_line() {
    let bench = Bench::at(61, terminating().on("DescribeScalingActivities", activity(WEB, Some(&timed_out()))));
    assert!(bench.handle(&[nudge(WEB)]).await.is_empty());
    assert!(bench.lines("settled").is_empty());
    assert!(bench.wire.asked("DescribeScalingActivities").is_empty());
}
