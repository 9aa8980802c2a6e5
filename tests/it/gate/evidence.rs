//! What is kept of an instance on which the SSM Agent itself fails: the reason stands only in the output that the list of
//! runs shows, and standard error is empty (aws-facts 17).

use launchgate_tests::fleet::What;
use serde_json::{Value, json};

use super::verdicts::{begin, when_completed};
use super::world::World;

/// The line of a launch that this policy and story abandon.
async fn abandoned(story: &str) -> (World, Value) {
    let mut world = begin(&json!({"ready_within": 300}), 600, story, 1, false);
    world.pass(460).await;
    when_completed(&world, "ABANDON");
    let line = world.settled().remove(0);
    (world, line)
}

#[tokio::test(start_paused = true)]
async fn a_full_disk_on_which_no_script_starts_is_a_finding() {
    let (world, line) = abandoned("ssm = { disk_full = true }").await;
    assert_eq!((&line["reason"], &line["findings"]), (&json!("disk-full"), &json!(["disk-full"])), "{}", world.story());
    assert!(line["evidence"].as_str().unwrap().contains("no space left on device"), "{line}");
    let detail = line["report"]["findings"][0]["detail"].as_str().unwrap();
    assert!(detail.starts_with("no script starts: "), "{detail}");
}

#[tokio::test(start_paused = true)]
async fn a_disk_that_is_cleared_in_time_lets_the_launch_go_on() {
    let story = "ssm = { disk_full = [[0, true], [100, false]] }";
    let mut world = begin(&json!({"ready_within": 600}), 600, story, 1, false);
    world.pass(300).await;
    when_completed(&world, "CONTINUE");
}

#[tokio::test(start_paused = true)]
async fn a_killed_worker_is_told_of_in_the_agents_own_words() {
    let all = (1..=20).map(|number| number.to_string()).collect::<Vec<_>>().join(", ");
    let (world, line) = abandoned(&format!("ssm = {{ failed_runs = [{all}] }}")).await;
    assert_eq!(line["reason"], "probe-broken", "{}", world.story());
    let evidence = line["evidence"].as_str().unwrap_or_default();
    assert!(!evidence.is_empty(), "{line}");
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_restarts_during_a_run_loses_nothing() {
    for reboots in [20, 31, 33, 60, 100] {
        for ready_within in [150, 300, 600] {
            let story = format!("boots = 50\nssm = {{ reboots = {reboots} }}");
            let stories = format!("[default]\nstory = \"it\"\nregisters = 5\n{story}\n");
            let policy = json!({"ready_within": ready_within});
            let mut world = World::hooked(&[super::world::hook("launchgate", 600, &policy)], &stories);
            world.scale_out(1);
            world.pass(700).await;
            when_completed(&world, "CONTINUE");
            assert_eq!(world.count(|what| *what == What::InService), 1);
        }
    }
}
