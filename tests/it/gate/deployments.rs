//! Tests launch-gate next to CodeDeploy. The gate's line must say why a deployment failed, and the gate must stop a
//! deployment that waits for a lost instance. It must never touch CodeDeploy's own hook.

use launchgate_tests::fleet::{By, Fault, What};
use serde_json::{Value, json};

use super::shop::OF_CODEDEPLOY;
use super::told::Told;
use super::world::World;

const FAILS: &str = r#"
[[launch]]
story = "it"
registers = 3
boots = 5
[launch.deployment]
fails = "ValidateService"
script = "scripts/validate_service.sh"
log = "curl: (7) Failed to connect to 127.0.0.1 port 8080"
"#;
const SILENT: &str = "[[launch]]\nstory = \"it\"\nregisters = 3\nboots = 5\nagent = [[0, \"missing\"]]\n";

/// Time enough to see that an agent is missing. No repair starts.
fn strict() -> Value {
    json!({"ready_within": 200, "repair": false})
}

fn completed(what: &What) -> bool {
    matches!(what, What::Completed { hook, .. } if hook == "launchgate")
}

fn stopped(what: &What) -> bool {
    matches!(what, What::Deployed { status, .. } if status == "Stopped")
}

/// Each lifecycle event takes this many seconds. Returns when the deployment failed and when the gate's line was written.
async fn failed_while_its_port_is_waited_for(takes: u64) -> (World, f64, f64) {
    let policy = json!({"ready_within": 600, "checks": {"ports": [8080]}});
    let mut world = World::shop(&policy, &format!("{FAILS}takes = {takes}\n")).await;
    world.scale_out(1);
    let failed = world.until("it", |what| matches!(what, What::Deployed { .. })).await;
    let told = world.until_told().await;
    (world, failed, told)
}

/// Launches an instance with this story, and waits for the verdict.
async fn launched(policy: &Value, story: &str) -> World {
    let mut world = World::shop(policy, story).await;
    world.scale_out(1);
    world.until("it", completed).await;
    world
}

#[tokio::test(start_paused = true)]
async fn a_deployment_that_fails_while_its_port_is_waited_for_leaves_its_reasons_in_the_line() {
    let (world, failed, told) = failed_while_its_port_is_waited_for(12).await;
    assert!(told - failed <= 30.0, "failed at {failed}, told at {told}: a tick\n{}", world.story());
    let line = &world.settled()[0];
    assert_eq!((&line["outcome"], &line["decision"]), (&json!("gone"), &json!("NONE")), "{line}");
    let deployment = &line["deployments"][0];
    assert_eq!(deployment["id"], world.begun_for_launches()[0].as_str());
    for (member, value) in [
        ("status", "Failed"),
        ("lifecycle_event", "ValidateService"),
        ("code", "ScriptFailed"),
        ("script", "scripts/validate_service.sh"),
    ] {
        assert_eq!(deployment[member], value, "{line}");
    }
    let tail = deployment["log_tail"].as_str().unwrap();
    assert!(tail.contains("[stderr]curl: (7) Failed to connect to 127.0.0.1 port 8080"), "{tail}");
    assert_eq!(world.count(stopped), 0, "what is over is not stopped");
    world.assert_codedeploys_hook_is_its_own();
}

#[tokio::test(start_paused = true)]
async fn one_that_fails_early_is_told_of_when_the_instance_is_looked_for() {
    let (world, failed, told) = failed_while_its_port_is_waited_for(1).await;
    let launched = world.when("it", |what| matches!(what, What::Launched { .. })).unwrap();
    assert!(told - launched <= 90.0, "failed at {failed}, told at {told}\n{}", world.story());
    assert_eq!(world.settled()[0]["deployments"][0]["lifecycle_event"], "ValidateService");
}

#[tokio::test(start_paused = true)]
async fn the_deployment_of_an_agent_that_never_polls_ends_with_our_verdict_and_the_next_launch_is_free() {
    let mut world =
        launched(&strict(), &format!("{SILENT}[[launch]]\nstory = \"next\"\nregisters = 3\nboots = 5\n")).await;
    let abandoned = world.when("it", completed).unwrap();
    let stop = world.until("it", stopped).await;
    assert!(stop - abandoned <= 1.0, "abandoned at {abandoned}, stopped at {stop}");
    assert_eq!(world.ends()["it"].reason, "agent-missing", "{}", world.story());
    assert_eq!(world.settled()[0]["deployments"][0]["status"], "InProgress", "as it was at the verdict");
    assert_eq!(world.status(&world.begun_for_launches()[0]), "Stopped");

    world.scale_out(2);
    world.until("next", |what| *what == What::InService).await;
    assert_eq!(world.status(&world.begun_for_launches()[1]), "Succeeded");
    world.assert_codedeploys_hook_is_its_own();
}

#[tokio::test(start_paused = true)]
async fn what_somebody_else_deploys_to_an_abandoned_instance_goes_on() {
    let mut world = World::shop(&strict(), SILENT).await;
    world.deployment_group("alone", &[], &["tier"]);
    world.deployment_group("both", &[], &["tier", "app"]);
    world.scale_out(1);
    world.until("it", |what| matches!(what, What::Deploys { .. })).await;
    let others = ["alone", "both"].map(|group| world.deploy(group));
    world.until("it", completed).await;
    world.pass(60).await;
    assert_eq!(others.map(|id| world.status(&id)), ["InProgress", "InProgress"], "{}", world.story());
    assert_eq!(world.count(stopped), 1, "its own");
    assert_eq!(world.settled()[0]["deployments"].as_array().unwrap().len(), 1);
    world.assert_codedeploys_hook_is_its_own();
}

#[tokio::test(start_paused = true)]
async fn each_hook_is_kept_alive_by_whose_it_is() {
    let mut world = launched(&json!({"ready_within": 1500, "repair": false}), SILENT).await;
    let beats = |of: fn(&str) -> bool, who: fn(By) -> bool| {
        let beat = |what: &What| matches!(what, What::Heartbeat { hook, by } if of(hook) && who(*by));
        world.count(beat)
    };
    assert!(beats(|hook| hook == "launchgate", |by| by == By::Token) >= 3, "{}", world.story());
    assert!(beats(|hook| hook.starts_with(OF_CODEDEPLOY), |by| by == By::CodeDeploy) >= 3, "{}", world.story());
    assert_eq!(world.ends()["it"].reason, "agent-missing");
    world.until("it", stopped).await;
    world.assert_codedeploys_hook_is_its_own();
}

/// The hook of a deleted deployment group. Nobody completes it.
fn leave_a_hook_behind(world: &World) -> String {
    let stray = format!("{OF_CODEDEPLOY}old-0b1c2d3e-4f50-4162-8374-95a6b7c8d9e0");
    let members = json!({
        "AutoScalingGroupName": "web", "LifecycleHookName": stray, "HeartbeatTimeout": 600,
        "LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING", "DefaultResult": "ABANDON",
    });
    world.call("autoscaling", "PutLifecycleHook", &members);
    stray
}

/// The gate's own line is written long before that hook ends the launch.
#[tokio::test(start_paused = true)]
async fn a_hook_left_behind_that_holds_a_healthy_launch_is_named_by_the_sweep_once() {
    let told = Told::default();
    let _listening = told.listen();
    let mut world = World::shop(&json!({}), "[[launch]]\nstory = \"it\"\nboots = 10").await;
    let stray = leave_a_hook_behind(&world);
    world.scale_out(1);
    world.pass(590).await;
    assert_eq!(world.settled()[0]["decision"], "CONTINUE");
    let warnings = told.warnings();
    let named = warnings.iter().filter(|line| line.contains("began no deployment")).collect::<Vec<_>>();
    assert_eq!(named.len(), 1, "{warnings:?}");
    assert!(named[0].contains(&format!("--lifecycle-hook-name {stray}")), "{named:?}");
}

#[tokio::test(start_paused = true)]
async fn a_hook_that_a_deleted_deployment_group_left_behind_is_named() {
    let mut world = World::shop(&json!({"ready_within": 150, "repair": false}), SILENT).await;
    let stray = leave_a_hook_behind(&world);
    world.scale_out(1);
    world.until("it", completed).await;
    let warnings = world.settled()[0]["warnings"].to_string();
    assert!(warnings.contains(&format!("--auto-scaling-group-name web --lifecycle-hook-name {stray}")), "{warnings}");
    assert_eq!(warnings.matches("began no deployment").count(), 1, "the other hook is answered: {warnings}");
    world.assert_codedeploys_hook_is_its_own();
}

#[tokio::test(start_paused = true)]
async fn a_stop_that_is_throttled_is_told_and_made_good_at_the_next_tick() {
    let told = Told::default();
    let _listening = told.listen();
    let mut world = World::shop(&strict(), SILENT).await;
    let throttled = Fault::Fail { call: "StopDeployment".into(), times: 3, code: "ThrottlingException".into() };
    world.with(|fleet| fleet.faults.add(throttled));
    world.scale_out(1);
    let abandoned = world.until("it", completed).await;
    assert_eq!(world.count(stopped), 0);
    let warned = told.warnings();
    let of_it = |line: &&String| line.contains("StopDeployment") && line.contains("ThrottlingException");
    assert!(warned.iter().find(of_it).is_some_and(|line| line.contains("runs on")), "{warned:?}");
    let stop = world.until("it", stopped).await;
    assert!(stop - abandoned <= 30.0, "abandoned at {abandoned}, stopped at {stop}");
    world.pass(120).await;
    assert_eq!(world.settled().len(), 1, "told once");
    assert_eq!(world.settled()[0]["decision"], "ABANDON");
    assert!(world.aws.queue().is_empty());
    world.assert_codedeploys_hook_is_its_own();
}

/// Whether `CodeDeploy` answers its hook when its deployment is stopped is UNCONFIRMED (aws-facts 5).
#[tokio::test(start_paused = true)]
async fn our_verdict_is_the_same_whatever_a_stop_does_to_codedeploys_hook() {
    for abandons in [true, false] {
        let mut world = World::shop(&strict(), SILENT).await;
        world.with(|fleet| fleet.settings.codedeploy.stopped_abandons = abandons);
        world.scale_out(1);
        world.until("it", completed).await;
        world.pass(120).await;
        assert_eq!(world.count(|what| matches!(what, What::Completed { .. })), 1, "{abandons}: {}", world.story());
        assert_eq!((world.count(stopped), world.settled().len()), (1, 1), "{abandons}");
        world.assert_codedeploys_hook_is_its_own();
    }
}

#[tokio::test(start_paused = true)]
async fn a_deployment_that_its_owner_stops_ends_the_launch_or_leaves_it_to_codedeploys_time_out() {
    for abandons in [true, false] {
        let mut world = World::shop(&json!({"ready_within": 300, "repair": false}), SILENT).await;
        world.with(|fleet| fleet.settings.codedeploy.stopped_abandons = abandons);
        world.scale_out(1);
        world.pass(30).await;
        let id = world.begun_for_launches().remove(0);
        world.call("codedeploy", "StopDeployment", &json!({"deploymentId": id}));
        world.until_told().await;
        let line = &world.settled()[0];
        let end = if abandons { ("gone", "NONE") } else { ("accepted", "ABANDON") };
        assert_eq!((&line["outcome"], &line["decision"]), (&json!(end.0), &json!(end.1)), "{line}");
        assert_eq!(line["deployments"][0]["status"], "Stopped", "{line}");
        assert_eq!(world.with(|fleet| fleet.calls()[&("codedeploy".to_owned(), "StopDeployment".to_owned())].made), 1);
        world.assert_codedeploys_hook_is_its_own();
    }
}
