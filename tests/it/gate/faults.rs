//! Checks that a throttled call, a failed call or a lost answer is never a reason to continue or abandon a launch.

use std::time::Duration;

use launchgate_tests::fleet::{Fault, What};
use serde_json::json;

use super::world::World;

const HEALTHY: &str = r#"
[[launch]]
story = "healthy"
run_takes = 3
"#;

/// A healthy launch under these faults; they hold from the launch on.
async fn healthy_under(faults: Vec<Fault>) -> World {
    let mut world = World::new(&json!({"ready_within": 300}), HEALTHY);
    world.with(|fleet| faults.into_iter().for_each(|fault| fleet.faults.add(fault)));
    world.scale_out(1);
    world.settle().await;
    world
}

fn fail(call: &str, times: u32, code: &str) -> Fault {
    Fault::Fail { call: call.into(), times, code: code.into() }
}

fn assert_continued_once(world: &World, fault: &str) {
    let completed = |what: &What| matches!(what, What::Completed { .. });
    assert_eq!(world.count(|what| *what == What::InService), 1, "{fault}\n{}", world.story());
    assert_eq!(world.count(completed), 1, "{fault}\n{}", world.story());
    assert!(world.settled().iter().all(|line| line["decision"] == "CONTINUE"), "{fault}");
}

#[tokio::test(start_paused = true)]
async fn no_throttle_of_any_call_costs_a_healthy_instance_its_life() {
    for (call, code) in [
        ("DescribeInstanceInformation", "ThrottlingException"),
        ("ListCommandInvocations", "ThrottlingException"),
        ("SendCommand", "ThrottlingException"),
        ("DescribeAutoScalingInstances", "Throttling"),
        ("DescribeLifecycleHooks", "Throttling"),
        ("CompleteLifecycleAction", "Throttling"),
        ("CompleteLifecycleAction", "InternalFailure"),
        ("SendCommand", "InvalidInstanceId"),
    ] {
        // More than the SDK retries by itself: whole looks fail.
        let world = healthy_under(vec![fail(call, 8, code)]).await;
        assert_continued_once(&world, &format!("{call} {code}"));
    }
}

#[tokio::test(start_paused = true)]
async fn one_throttle_is_retried_by_the_sdk_and_goes_unseen() {
    let world = healthy_under(vec![fail("ListCommandInvocations", 1, "ThrottlingException")]).await;
    assert_continued_once(&world, "one throttle");
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_not_visible_yet_is_waited_for() {
    let mut world = World::new(&json!({"ready_within": 300}), HEALTHY);
    world.with(|fleet| fleet.settings.invocations_seen_after = Duration::from_secs(20));
    world.scale_out(1);
    world.settle().await;
    assert_continued_once(&world, "invisible runs");
}

#[tokio::test(start_paused = true)]
async fn an_action_that_is_not_accepted_yet_is_waited_for() {
    let stories = "[[launch]]\nstory = \"quick\"\nregisters = 1\nboots = 2\n";
    let mut world = World::new(&json!({}), stories);
    world.with(|fleet| fleet.settings.action_accepted_after = Duration::from_secs(40));
    world.scale_out(1);
    world.settle().await;
    assert_continued_once(&world, "not accepted yet");
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_to_the_verdict_settles_once() {
    let world = healthy_under(vec![Fault::LoseAnswer { call: "CompleteLifecycleAction".into(), times: 1 }]).await;
    assert_continued_once(&world, "lost answer");
    assert_eq!(world.settled().len(), 1, "and it is told");
}

#[tokio::test(start_paused = true)]
async fn an_account_that_throttles_everything_delays_and_kills_nobody() {
    let mut world = World::new(&json!({"ready_within": 600}), "[default]\nstory = \"one of many\"\nrun_takes = 2\n");
    for service in ["autoscaling", "ssm"] {
        world.with(|fleet| fleet.faults.add(Fault::Throttle { call: service.into(), burst: 10, per_second: 2 }));
    }
    world.scale_out(60);
    world.settle().await;
    assert_eq!(world.count(|what| *what == What::InService), 60, "{}", world.story());
    assert!(world.settled().iter().all(|line| line["decision"] == "CONTINUE"));
}

#[tokio::test(start_paused = true)]
async fn an_outage_past_the_deadline_ends_with_the_truth() {
    // SSM cannot be read for the whole of ready_within; the instance is ready all the same.
    let mut world = World::new(&json!({"ready_within": 60}), HEALTHY);
    world.with(|fleet| fleet.faults.add(fail("ListCommandInvocations", 40, "ThrottlingException")));
    world.scale_out(1);
    world.settle().await;
    assert_continued_once(&world, "outage past the deadline");
    let completed = world.when("healthy", |what| matches!(what, What::Completed { .. })).unwrap();
    assert!(completed > 61.0, "completed at {completed}");
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_is_cut_off_settles_later_and_nothing_twice() {
    let mut world = World::new(&json!({}), "[default]\nstory = \"one of many\"\nrun_takes = 2\n");
    world.scale_out(40);
    world.pass(22).await;
    // The process dies at some await point of a batch: its future is dropped, its answer never arrives.
    for cut in [1, 3, 9, 27, 81] {
        world.pass(31).await;
        let Some(batch) = world.poll() else { break };
        tokio::select! {
            biased;
            () = polls(cut) => {}
            _ = world.handle(&batch) => {}
        }
    }
    world.settle().await;
    assert_eq!(world.count(|what| *what == What::InService), 40, "{}", world.story());
    assert_eq!(world.count(|what| matches!(what, What::Completed { .. })), 40);
}

/// Ready after it has been polled this often: an await point to die at.
async fn polls(mut times: u32) {
    std::future::poll_fn(|context| {
        times = times.saturating_sub(1);
        if times == 0 {
            return std::task::Poll::Ready(());
        }
        context.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}
