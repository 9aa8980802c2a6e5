//! Tests the stories that the documentation names.

use launchgate_tests::fleet::What;
use launchgate_tests::fleet::story::Stories;
use launchgate_tests::stack::repository;
use serde_json::json;

use super::world::{End, World, hook};

const HEALTHY: &str = r#"
[[launch]]
story = "healthy"
"#;

fn end(result: &str, reason: &str) -> End {
    End { result: result.into(), reason: reason.into() }
}

#[tokio::test(start_paused = true)]
async fn every_trouble_ends_as_its_file_predicts() {
    let text = std::fs::read_to_string(repository().join("tests/stories/troubles.toml")).unwrap();
    let policy = json!({"ready_within": 300, "checks": {"units": [], "ports": []}});
    let mut world = World::new(&policy, &text);
    let expected: Vec<_> = Stories::parse(&text).unwrap().upcoming().cloned().collect();
    world.scale_out(u32::try_from(expected.len()).unwrap());
    world.settle().await;
    let ends = world.ends();
    for story in expected {
        let expect = story.expect.unwrap();
        assert_eq!(ends[&story.name], end(&expect.result, &expect.reason), "{}\n{}", story.name, world.story());
    }
    assert_eq!(world.settled().len(), ends.len(), "one line each");
}

#[tokio::test(start_paused = true)]
async fn a_healthy_instance_enters_service_within_two_seconds_of_ready() {
    let mut world = World::new(&json!({}), HEALTHY);
    world.scale_out(1);
    world.settle().await;
    let ready = world.when("healthy", |what| matches!(what, What::RunEnded { .. })).unwrap();
    let completed = world.when("healthy", |what| matches!(what, What::Completed { .. })).unwrap();
    assert!(completed - ready <= 2.0, "ready at {ready}, completed at {completed}\n{}", world.story());
    assert_eq!(world.ends()["healthy"], end("CONTINUE", "ready"));
}

#[tokio::test(start_paused = true)]
async fn with_every_nudge_lost_it_takes_at_most_one_tick() {
    let mut world = World::new(&json!({}), HEALTHY);
    world.sweeps = false;
    world.with(|fleet| fleet.settings.nudges = false);
    world.scale_out(1);
    world.settle().await;
    let ready = world.when("healthy", |what| matches!(what, What::RunEnded { .. })).unwrap();
    let completed = world.when("healthy", |what| matches!(what, What::Completed { .. })).unwrap();
    assert!(completed - ready <= 30.0, "ready at {ready}, completed at {completed}");
}

#[tokio::test(start_paused = true)]
async fn with_the_launch_message_lost_the_sweep_takes_over() {
    let mut world = World::new(&json!({}), HEALTHY);
    world.launch_messages = false;
    world.with(|fleet| fleet.settings.nudges = false);
    world.scale_out(1);
    world.pass(250).await;
    assert_eq!(world.count(|what| *what == What::InService), 1, "{}", world.story());
}

#[tokio::test(start_paused = true)]
async fn with_the_launch_message_lost_the_sweep_ends_a_hopeless_launch_too() {
    let stories = "[[launch]]\nstory = \"silent\"\nregisters = \"never\"\n";
    let mut world = World::new(&json!({"ready_within": 90}), stories);
    world.launch_messages = false;
    world.scale_out(1);
    // The scaling activity begins before the action, by up to a quarter of an hour; until then heartbeats keep it.
    world.pass(1060).await;
    assert!(world.count(|what| matches!(what, What::Heartbeat { .. })) > 0);
    assert_eq!(world.ends()["silent"], end("ABANDON", "ssm-not-registered"), "{}", world.story());
}

#[tokio::test(start_paused = true)]
async fn a_lone_launch_stays_within_fourteen_calls() {
    let stories = "[[launch]]\nstory = \"lone\"\nregisters = 60\nboots = 5\nrun_takes = 10\n";
    let mut world = World::new(&json!({}), stories);
    world.with(|fleet| fleet.settings.registration_events = false);
    // The sweep comes once in the course of the launch, as it mostly will: at its 40th second.
    world.pass(20).await;
    world.scale_out(1);
    world.completed().await;
    let calls: u64 = world.with(|fleet| fleet.calls().values().map(|calls| calls.made).sum());
    // Creating the world took four.
    assert!(calls - 4 <= 14, "{} calls\n{}", calls - 4, world.story());
}

#[tokio::test(start_paused = true)]
async fn a_burst_stays_within_two_calls_an_instance() {
    let mut world = World::new(&json!({}), "[default]\nstory = \"one of many\"\nrun_takes = 3\n");
    world.scale_out(200);
    world.settle().await;
    assert_eq!(world.count(|what| *what == What::InService), 200);
    let calls: u64 = world.with(|fleet| fleet.calls().values().map(|calls| calls.made).sum());
    assert!(calls <= 400, "{calls} calls for 200 instances: {:?}", world.with(|fleet| fleet.calls().clone()));
}

#[tokio::test(start_paused = true)]
async fn heartbeats_keep_a_slow_boot_alive() {
    let stories = "[[launch]]\nstory = \"slow\"\nboots = 400\n";
    let slow = json!({"ready_within": 600});
    let mut world = World::hooked(&[hook("launchgate", 120, &slow)], stories);
    world.scale_out(1);
    world.settle().await;
    assert_eq!(world.ends()["slow"], end("CONTINUE", "ready"), "{}", world.story());
    assert!(world.count(|what| matches!(what, What::Heartbeat { .. })) >= 3);
    assert_eq!(world.count(|what| matches!(what, What::DefaultResult { .. })), 0);
}

#[tokio::test(start_paused = true)]
async fn the_hook_of_codedeploy_beside_ours_is_left_alone() {
    let other = hook("CodeDeploy-managed-automatic-launch-deployment-hook-shop", 600, &json!({}));
    let mut world = World::hooked(&[hook("launchgate", 600, &json!({})), other], HEALTHY);
    world.scale_out(1);
    world.pass(200).await;
    let completed = |what: &What| matches!(what, What::Completed { hook, .. } if hook == "launchgate");
    assert_eq!(world.count(completed), 1);
    assert_eq!(world.count(|what| matches!(what, What::Completed { .. })), 1, "still waiting is not still ours");
    assert_eq!(world.settled().len(), 1);
    assert_eq!(world.count(|what| *what == What::InService), 0);
}

#[tokio::test(start_paused = true)]
async fn an_observed_group_is_told_of_and_left_alone() {
    let mut world = World::new(&json!({"mode": "observe"}), HEALTHY);
    world.scale_out(1);
    world.pass(120).await;
    assert_eq!(world.settled()[0]["outcome"], "observed");
    assert_eq!(world.settled().len(), 1);
    assert_eq!(world.count(|what| matches!(what, What::Completed { .. } | What::Heartbeat { .. })), 0);
}
