//! Tests launches whose agent comes last: CodeDeploy's deployment waits for it, beside its own hook.

use std::time::Duration;

use launchgate_tests::fleet::What;
use serde_json::{Value, json};

use super::world::World;

/// Neither the agent nor the package is on the image.
const BARE: &str = "[[launch]]\nstory = \"it\"\nboots = 30\nagent = [[0, \"missing\"]]\ncommands = { java = 25 }\n";
/// The agent is on the image, switched off; boot takes longer than five minutes.
const SLOW: &str = "[[launch]]\nstory = \"it\"\nboots = 400\nagent = [[0, \"stopped\"]]\n";

fn last(ready_within: u32) -> Value {
    json!({"agent": "last", "ready_within": ready_within})
}

fn takes(what: &What) -> bool {
    matches!(what, What::AgentTakes { .. })
}

fn lacks_only_agent(what: &What) -> bool {
    matches!(what, What::RunEnded { only_agent: true, .. })
}

#[tokio::test(start_paused = true)]
async fn the_deployment_begins_when_everything_else_is_ready() {
    let policy = json!({"agent": "last", "ready_within": 300, "checks": {"packages": ["jdk"], "commands": ["java"]}});
    let mut world = World::shop(&policy, BARE).await;
    world.scale_out(1);
    world.settle().await;
    let (begun, taken) = (world.when("it", lacks_only_agent).unwrap(), world.when("it", takes).unwrap());
    assert!(begun >= 30.0 && taken > begun, "{}", world.story());
    assert_eq!(world.count(|what| matches!(what, What::InService)), 1, "{}", world.story());
    let line = world.settled().remove(0);
    assert_eq!(
        (&line["decision"], &line["started_agent"], &line["repairs"]),
        (&json!("CONTINUE"), &json!(1), &json!(1))
    );
    assert_eq!(line["warnings"], json!([]), "{line}");
}

/// The guide says an hour; if it is five minutes, CodeDeploy ends the launch and the gate tells of it (aws-facts 3.3).
#[tokio::test(start_paused = true)]
async fn a_slow_boot_ends_as_codedeploy_waits_an_hour_or_five_minutes() {
    for (minutes, decision, deployment) in [(60, "CONTINUE", "Succeeded"), (5, "NONE", "Failed")] {
        let mut world = World::shop(&last(900), SLOW).await;
        world.with(|fleet| fleet.settings.codedeploy.silent_agent = Duration::from_mins(minutes));
        world.scale_out(1);
        world.settle().await;
        let line = world.settled().remove(0);
        assert_eq!(line["decision"], decision, "{minutes} minutes\n{}", world.story());
        assert!(line["warnings"].to_string().contains("CodeDeploy may give up"), "{line}");
        let deployed = |what: &What| matches!(what, What::Deployed { status, .. } if status == deployment);
        assert_eq!(world.count(deployed), 1, "{minutes} minutes\n{}", world.story());
        assert_eq!(world.count(takes), usize::from(minutes == 60), "{minutes} minutes\n{}", world.story());
    }
}

#[tokio::test(start_paused = true)]
async fn a_start_that_does_not_help_is_repaired_twice_and_then_given_up() {
    let never = format!("{BARE}repair = \"fails\"\nregion = true\n");
    let mut world = World::new(&last(600), &never);
    world.scale_out(1);
    world.settle().await;
    let line = world.settled().remove(0);
    assert_eq!((&line["decision"], &line["reason"]), (&json!("ABANDON"), &json!("agent-missing")), "{}", world.story());
    assert_eq!((&line["started_agent"], &line["repairs"]), (&json!(3), &json!(0)), "{line}");
}

#[tokio::test(start_paused = true)]
async fn an_instance_of_a_pool_gets_its_agent_at_the_way_out() {
    let story = "[default]\nstory = \"pooled\"\nregisters = 5\nboots = 8\nagent = [[0, \"stopped\"]]\n";
    let mut world = World::new(&last(300), story);
    let pool =
        json!({"AutoScalingGroupName": "web", "MinSize": 1, "MaxGroupPreparedCapacity": 1, "PoolState": "Stopped"});
    world.call("autoscaling", "PutWarmPool", &pool);
    world.pass(120).await;
    assert_eq!(world.count(|what| matches!(what, What::InPool { .. })), 1, "{}", world.story());
    assert_eq!(world.count(|what| *what == What::Repaired), 0, "{}", world.story());
    world.scale_out(1);
    world.pass(120).await;
    let lines = world.settled();
    let started: Vec<&Value> = lines.iter().map(|line| &line["started_agent"]).collect();
    assert_eq!(started[0], 0, "into the pool");
    let left = lines.iter().find(|line| line["transition"] == "Pending:Wait").unwrap();
    assert_eq!((&left["decision"], &left["started_agent"]), (&json!("CONTINUE"), &json!(1)), "{}", world.story());
}
