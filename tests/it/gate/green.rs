//! Tests launch-gate beside blue/green deployments that copy a group (aws-facts 14).

use launchgate_tests::fleet::{CopiesHooks, Fault, What};
use serde_json::{Value, json};

use super::world::World;

/// Blue instances have the revision: they listen. Green ones get it after they are in service.
const STORIES: &str = r#"
[[launch]]
group = "web"
story = "blue"
registers = 3
boots = 5
commands = { java = 5 }
ports = { 8080 = 6 }
[[launch]]
group = "CodeDeploy_prod"
story = "green"
registers = 3
boots = 5
commands = { java = 20 }
"#;

fn policy() -> Value {
    json!({"ready_within": 120, "repair": false, "checks": {"commands": ["java"], "ports": [8080]}})
}

/// One blue instance is in service, and a blue/green deployment of its group begins. `green` are more stories of green
/// instances.
async fn copying(copies: CopiesHooks, stories: &str) -> (World, String) {
    let mut world = World::shop(&policy(), stories).await;
    world.scale_out(1);
    world.pass(60).await;
    assert_eq!(world.count(|what| *what == What::InService), 1, "{}", world.story());
    let configuration = json!({
        "greenFleetProvisioningOption": {"action": "COPY_AUTO_SCALING_GROUP"},
        "terminateBlueInstancesOnDeploymentSuccess": {"action": "TERMINATE"},
    });
    let changes = json!({
        "applicationName": "shop", "currentDeploymentGroupName": "prod",
        "deploymentStyle": {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
        "blueGreenDeploymentConfiguration": configuration,
    });
    world.call("codedeploy", "UpdateDeploymentGroup", &changes);
    world.with(|fleet| fleet.settings.codedeploy.copies_hooks = copies);
    let id = world.deploy("prod");
    (world, id)
}

fn green_of(world: &World) -> Vec<Value> {
    let of_green = |line: &Value| line["group"].as_str().is_some_and(|group| group.starts_with("CodeDeploy_prod_"));
    world.settled().into_iter().filter(of_green).collect()
}

#[tokio::test(start_paused = true)]
async fn a_green_fleet_comes_up_before_it_has_the_revision() {
    let (mut world, id) = copying(CopiesHooks::WithTheGroup, STORIES).await;
    world.pass(90).await;
    let told = green_of(&world);
    assert_eq!(told.len(), 1, "{}", world.story());
    assert_eq!((&told[0]["decision"], &told[0]["reason"]), (&json!("CONTINUE"), &json!("ready")));
    assert!(told[0]["seconds_waited"].as_u64().unwrap() >= 18, "it waits for java: {}", told[0]);
    assert_eq!(world.status(&id), "Succeeded");
    world.pass(120).await;
    assert!(world.lines("ungated-group").is_empty(), "the copy has our hook");
}

/// Since the deployment has ended, a launch into the copy has CodeDeploy's own hook, and must listen.
#[tokio::test(start_paused = true)]
async fn after_the_deployment_a_launch_into_the_copy_is_asked_for_everything() {
    let silent =
        STORIES.to_owned() + "[[launch]]\nstory = \"later\"\nregisters = 3\nboots = 5\ncommands = { java = 5 }\n";
    let (mut world, id) = copying(CopiesHooks::WithTheGroup, &silent).await;
    world.pass(90).await;
    let green = format!("CodeDeploy_prod_{id}");
    let grown = json!({"AutoScalingGroupName": green, "DesiredCapacity": 2});
    world.call("autoscaling", "SetDesiredCapacity", &grown);
    world.pass(200).await;
    let told = green_of(&world);
    assert_eq!(told.len(), 2, "{}", world.story());
    assert_eq!((&told[1]["decision"], &told[1]["reason"]), (&json!("ABANDON"), &json!("port-closed")));
}

#[tokio::test(start_paused = true)]
async fn a_copy_without_our_hook_is_told_once() {
    let (mut world, id) = copying(CopiesHooks::Never, STORIES).await;
    world.pass(300).await;
    assert!(green_of(&world).is_empty(), "it passes no gate");
    let lines = world.lines("ungated-group");
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!(lines[0]["deployment"], json!(id));
    assert!(world.aws.queue().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_hook_that_comes_with_codedeploys_own_needs_no_line() {
    let (mut world, id) = copying(CopiesHooks::WithItsOwnHook, STORIES).await;
    world.pass(300).await;
    assert_eq!(world.status(&id), "Succeeded");
    assert!(world.lines("ungated-group").is_empty());
    assert!(world.aws.queue().is_empty());
}

#[tokio::test(start_paused = true)]
async fn while_the_deployment_cannot_be_read_nothing_is_decided() {
    let (mut world, id) = copying(CopiesHooks::WithTheGroup, STORIES).await;
    let away = |call: &str| Fault::Fail { call: call.to_owned(), times: u32::MAX, code: "InternalFailure".to_owned() };
    world.with(|fleet| fleet.faults.add(away("BatchGetDeployments")));
    world.pass(100).await;
    let sent = |what: &What| matches!(what, What::RunSent { .. });
    let before = world.count(sent);
    assert!(green_of(&world).is_empty(), "{}", world.story());
    world.with(|fleet| fleet.faults.clear());
    world.pass(90).await;
    assert!(world.count(sent) > before);
    assert_eq!(green_of(&world)[0]["decision"], "CONTINUE", "{}", world.story());
    assert_eq!(world.status(&id), "Succeeded");
}

#[tokio::test(start_paused = true)]
async fn a_green_launch_that_is_given_up_does_not_stop_the_deployment() {
    let hopeless = STORIES.replace("story = \"green\"", "story = \"green\"\ncredentials = \"missing\"");
    let (mut world, id) = copying(CopiesHooks::WithTheGroup, &hopeless).await;
    world.pass(180).await;
    let told = green_of(&world);
    assert_eq!(told.first().map(|line| &line["decision"]), Some(&json!("ABANDON")), "{}", world.story());
    assert_eq!(world.status(&id), "InProgress");
    assert_eq!(world.with(|fleet| fleet.list_stopped_blue_green()), [""; 0]);
    world.assert_codedeploys_hook_is_its_own();
}
