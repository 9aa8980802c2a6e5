//! Checks the rules that no single row of the table shows.

use std::time::Duration;

use serde_json::{Value, json};

use super::invocation::{ALL, Function, TIMEOUT};
use super::trouble::{Fault, Kind, Place, Version};
use super::world::World;

const ECS: [&str; 5] =
    ["BeforeInstall", "AfterInstall", "AfterAllowTestTraffic", "BeforeAllowTraffic", "AfterAllowTraffic"];

#[tokio::test(start_paused = true)]
async fn a_deployment_passes_its_five_hooks_in_turn_and_each_line_names_its_event() {
    let world = World::new("ECS", Version::Healthy, Fault::None);
    let deployment = world.deploy(&ECS);
    let function = Function::new(&world, ALL);
    let mut payloads: Vec<Value> = Vec::new();
    for _ in ECS {
        let mut asked = world.hook_calls();
        assert_eq!(asked.len(), 1);
        function.invoke(&asked[0]).await;
        payloads.append(&mut asked);
    }
    assert_eq!(world.accepted(), ["Succeeded"; 5]);
    // Events are delivered at least once, and late.
    function.invoke(&payloads[1]).await;
    assert_eq!(world.accepted().len(), 5);
    assert_eq!(world.ends(&deployment).await, "Succeeded");
    let named: Vec<_> = function.lines().iter().map(|line| line["lifecycle_event"].clone()).collect();
    assert_eq!(named[..5], ECS.map(|event| json!(event)));
    assert_eq!(function.lines()[5]["outcome"], "already-completed");
}

/// An answer to an event that is over, while the next one waits for its own, is late and not unknown.
#[tokio::test(start_paused = true)]
async fn a_second_answer_to_an_event_does_not_answer_the_next() {
    let world = World::new("ECS", Version::Healthy, Fault::None);
    world.deploy(&ECS);
    let function = Function::new(&world, ALL);
    let first = world.hook_calls().remove(0);
    function.invoke(&first).await;
    function.invoke(&first).await;
    let outcomes: Vec<_> = function.lines().iter().map(|line| line["outcome"].clone()).collect();
    assert_eq!(outcomes, ["accepted", "already-completed"]);
    assert_eq!(world.accepted().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn whatever_is_not_a_hook_is_an_error_and_asks_nobody() {
    let world = World::new("Lambda", Version::Healthy, Fault::None);
    let function = Function::new(&world, ALL);
    let error = function.attempt(&json!({"DeploymentId": "d-8TQ2M5XWL"})).await.unwrap_err();
    assert!(error.contains("LifecycleEventHookExecutionId"), "{error}");
    assert!(world.asked().is_empty() && function.lines().is_empty());
}

/// The SDK's own quota of retries, 500 tokens for a process, must not end the answer before the time does; and a warm
/// environment that lived through a long throttle still has its retries.
#[tokio::test(start_paused = true)]
async fn the_answer_is_tried_until_its_time_is_over_and_again_in_the_same_environment() {
    let world = World::new("Lambda", Version::Healthy, Fault::AllCalls(Place::Answer, Kind::Throttled));
    world.deploy(&["BeforeAllowTraffic"]);
    let function = Function::new(&world, ALL);
    let payload = world.hook_calls().remove(0);
    for attempt in 1..=15 {
        let (began, before) = (world.now(), world.asked().len());
        let error = function.attempt(&payload).await.unwrap_err();
        assert!(error.contains("PutLifecycleEventHookExecutionStatus"), "{error}");
        assert!(error.contains("ThrottlingException"), "{error}");
        let answers: Vec<_> =
            world.asked().split_off(before).into_iter().filter(|(_, asked)| asked.place() == Place::Answer).collect();
        let last = answers.last().unwrap().0.since(began);
        assert!(last + Duration::from_secs(4) > TIMEOUT, "attempt {attempt} gave up after {last:?}");
        assert!(answers.len() > 20, "attempt {attempt}: {} requests", answers.len());
    }
}

#[tokio::test(start_paused = true)]
async fn reads_that_take_all_their_time_leave_the_answer_its_own() {
    let world = World::new("ECS", Version::Healthy, Fault::AllCalls(Place::Reads, Kind::Hangs));
    let deployment = world.deploy(&["BeforeAllowTraffic"]);
    let function = Function::new(&world, ALL);
    function.invoke(&world.hook_calls()[0]).await;
    assert_eq!(world.ends(&deployment).await, "Failed");
    let (at, _) = world.asked().into_iter().find(|(_, asked)| asked.place() == Place::Answer).unwrap();
    let (began, _) = world.asked()[0];
    let waited = at.since(began);
    assert!(waited >= Duration::from_secs(39) && waited <= Duration::from_secs(41), "{waited:?}");
}

/// Lambda gives three seconds where nobody says otherwise, and fifteen minutes at most.
#[tokio::test(start_paused = true)]
async fn whatever_time_the_function_has_it_answers_within_it() {
    for seconds in [3, 10, 300, 900] {
        for place in [Place::Reads, Place::Checks] {
            let world = World::new("Lambda", Version::Healthy, Fault::AllCalls(place, Kind::Hangs));
            world.deploy(&["BeforeAllowTraffic"]);
            let function = Function::new(&world, ALL);
            let (payload, began) = (world.hook_calls().remove(0), world.now());
            function.attempt_within(Duration::from_secs(seconds), &payload).await.unwrap();
            assert_eq!(world.accepted(), ["Failed"], "{place:?}, {seconds} s");
            let taken = world.now().since(began);
            let kept = Duration::from_secs(20).min(Duration::from_secs(seconds) / 3);
            let given = Duration::from_secs(seconds).saturating_sub(kept);
            assert!(taken.abs_diff(given) < Duration::from_secs(1), "{place:?}: {taken:?} of {seconds} s");
        }
    }
}

/// On ECS the targets say only how the lifecycle event is called.
#[tokio::test(start_paused = true)]
async fn a_name_for_the_log_fails_no_deployment() {
    let script = Box::new(|_: &super::asked::Asked| None);
    let world = World::scripted("ECS", Version::Healthy, Fault::TargetsUnreadable, script);
    let deployment = world.deploy(&["AfterInstall"]);
    let function = Function::new(&world, ALL);
    function.invoke(&world.hook_calls()[0]).await;
    assert_eq!(world.ends(&deployment).await, "Succeeded");
    let line = &function.lines()[0];
    assert_eq!((&line["lifecycle_event"], &line["platform"]), (&Value::Null, &json!("ECS")));
}
