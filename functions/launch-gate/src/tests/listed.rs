//! Lists that are behind the truth, or tell of something else.

use lifecycle::event::Destination;
use lifecycle::run::Purpose;
use runtime::documents::comment;
use tokio::time::advance;

use super::remembers::running;
use super::wire::{activity, groups, heard, invocation, members_in_states, report};
use super::*;

/// It has a run of the same command as WEB.
const OTHER: &str = "i-0b1b2c3d4e5f60718";

#[tokio::test(start_paused = true)]
async fn a_run_that_must_have_ended_is_followed_by_another() {
    let wire = talking()
        .on("DescribeInstanceInformation", heard(&[WEB, OTHER]))
        .on("DescribeAutoScalingInstances", lifecycle_state(&[(WEB, "Pending:Wait"), (OTHER, "Pending:Wait")]))
        .on("ListCommandInvocations", page(&[running(WEB), running(OTHER)]));
    let bench = Bench::at(61, wire);
    let launches = [launch(), launch_of(OTHER, "{}")];
    for _ in 0..12 {
        assert_eq!(bench.handle(&launches).await.len(), 2);
        advance(Duration::from_secs(30)).await;
    }
    let sent: Vec<Value> = bench.wire.asked("SendCommand");
    assert_eq!(sent.len(), 0, "the run may still end by itself: {sent:?}");
    bench.handle(&launches).await;
    assert_ne!(bench.wire.asked("SendCommand").len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_was_sent_and_is_not_listed_yet_is_not_sent_again() {
    let bench = Bench::at(61, talking());
    bench.handle(&[launch()]).await;
    for _ in 0..2 {
        bench.handle(&[nudge(WEB)]).await;
        advance(Duration::from_secs(29)).await;
    }
    bench.handle(&[launch()]).await;
    assert_eq!(bench.wire.asked("SendCommand").len(), 1);
    advance(Duration::from_secs(30)).await;
    bench.handle(&[launch()]).await;
    assert_eq!(bench.wire.asked("SendCommand").len(), 2, "SSM does not know it");
}

/// Another hook may hold it after our verdict. It may also have been in the pool meanwhile, and come out of it again.
#[tokio::test(start_paused = true)]
async fn the_sweep_leaves_out_what_was_settled_but_not_the_next_action_of_the_instance() {
    let (status, old) = activity(WEB, None);
    for (began, looks) in [("08:21:40", 0), ("08:23:40", 1)] {
        let wire = ready()
            .on("DescribeAutoScalingGroups", groups(&[(WEB, "Pending:Wait")], false))
            .on("DescribeScalingActivities", (status, old.replace("08:21:40", began)));
        let bench = Bench::at(61, wire);
        assert!(bench.handle(&[launch()]).await.is_empty(), "it is ready");
        advance(Duration::from_mins(2)).await;
        let before = bench.wire.asked("DescribeLifecycleHooks").len();
        bench.handle(&[sweep()]).await;
        assert_eq!(bench.wire.asked("DescribeLifecycleHooks").len(), before + looks, "{began}");
    }
}

/// The group and the activities are listed as they were before the instance left the pool.
#[tokio::test(start_paused = true)]
async fn the_sweep_does_not_let_in_on_a_stale_list_what_has_left_the_pool() {
    let mut run = invocation(WEB, 0, &report("[]"));
    run["Comment"] = json!(comment::write(Purpose::Readiness, Some(Destination::Pool), None, Duration::ZERO));
    let pooled = members_in_states(&[(WEB, "Warmed:Pending:Wait")]);
    let wire = talking()
        .on("ListCommandInvocations", page(&[run]))
        .on("DescribeAutoScalingGroups", groups(&[], true))
        .on("DescribeWarmPool", xml("DescribeWarmPool", &pooled))
        .on("DescribeScalingActivities", activity(WEB, None));
    let bench = Bench::at(70, wire);
    assert!(bench.handle(&[sweep()]).await.is_empty());
    assert!(bench.wire.asked("CompleteLifecycleAction").is_empty(), "it waits for service by now");
}
