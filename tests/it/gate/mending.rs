//! Tests launches that a repair can or cannot make ready.

use std::collections::BTreeMap;

use launchgate_tests::fleet::story::{Group, Stories};
use launchgate_tests::fleet::{By, What};
use launchgate_tests::stack::repository;
use serde_json::{Value, json};

use super::world::World;

const MISSING: &str = "agent = [[0, \"missing\"]]";

/// Runs a launch under this policy to its end, and returns its line.
async fn launch(policy: Value, story: &str) -> (World, Value) {
    let mut world = World::new(&policy, &format!("[[launch]]\nstory = \"it\"\nboots = 5\n{story}\n"));
    world.scale_out(1);
    world.settle().await;
    let line = world.settled().remove(0);
    (world, line)
}

/// Asserts how the launch of this story ends, and which finding each of its repairs mended.
async fn ends(policy: Value, story: &str, reason: &str, repairs: u32, mended: &[&str]) -> (World, Value) {
    let (world, line) = launch(policy, story).await;
    let result = if reason == "ready" { "CONTINUE" } else { "ABANDON" };
    let ended = (&line["decision"], &line["reason"], &line["repairs"]);
    assert_eq!(ended, (&json!(result), &json!(reason), &json!(repairs)), "{story}\n{}", world.story());
    let codes: Vec<&Value> =
        line["mended"].as_array().unwrap().iter().flat_map(|one| one["codes"].as_array().unwrap()).collect();
    assert_eq!(codes, mended.iter().collect::<Vec<_>>(), "{story}\n{line}");
    (world, line)
}

fn seconds(world: &World) -> f64 {
    world.when("it", |what| matches!(what, What::Completed { .. })).unwrap()
}

#[tokio::test(start_paused = true)]
async fn what_is_repairable_is_mended_once() {
    ends(json!({}), MISSING, "ready", 1, &["agent-missing"]).await;
    ends(json!({}), "agent = [[0, \"stopped\"]]\ngeneration = 1", "ready", 1, &["agent-stopped"]).await;
    ends(json!({}), "agent = [[0, \"no-worker\"]]", "ready", 1, &["agent-no-worker"]).await;
}

#[tokio::test(start_paused = true)]
async fn where_one_way_fails_the_other_installs_the_agent() {
    for other in ["region = false", "distributor = false", "distributor = \"hangs\""] {
        ends(json!({}), &format!("{MISSING}\n{other}"), "ready", 1, &["agent-missing"]).await;
    }
}

#[tokio::test(start_paused = true)]
async fn where_distributor_fails_and_somebody_else_installs_the_agent_the_run_counts() {
    let story = "agent = [[0, \"missing\"], [40, \"stopped\"]]\nregion = false\ndistributor = \"throttled\"";
    let (world, _) = ends(json!({}), story, "ready", 1, &["agent-missing"]).await;
    let failed = |what: &What| matches!(what, What::RunEnded { document, details, .. } if document == "install-agent" && details == "Failed");
    assert_eq!(world.count(failed), 1, "one step failed");
}

/// The first repair is given up after its wait and 12 minutes. The second one works although the first is still at
/// Distributor.
#[tokio::test(start_paused = true)]
async fn distributor_that_never_answers_keeps_no_other_repair_from_working() {
    let story = "agent = [[0, \"missing\"], [900, \"stopped\"]]\nregion = false\ndistributor = \"hangs\"";
    let mut world = World::new(&json!({"ready_within": 3600}), &format!("[[launch]]\nstory = \"it\"\n{story}\n"));
    world.scale_out(1);
    world.pass(1100).await;
    let line = &world.settled()[0];
    assert_eq!((&line["reason"], &line["repairs"]), (&json!("ready"), &json!(2)), "{}", world.story());
}

#[tokio::test(start_paused = true)]
async fn what_the_first_repair_left_the_second_mends() {
    for first in ["fails", "lost"] {
        let story = format!("{MISSING}\nrepair = [\"{first}\", \"works\"]");
        ends(json!({}), &story, "ready", 2, &["agent-missing"]).await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_two_repairs_left_as_it_was_ends_the_launch_early() {
    let (world, line) =
        ends(json!({"ready_within": 3600}), &format!("{MISSING}\nrepair = \"fails\""), "agent-missing", 2, &[]).await;
    assert!(seconds(&world) < 180.0, "{}", world.story());
    assert!(line["evidence"].as_str().is_some_and(|evidence| !evidence.is_empty()), "{line}");
}

#[tokio::test(start_paused = true)]
async fn a_repair_waits_for_the_package_lock_and_then_mends() {
    let (world, _) =
        ends(json!({}), &format!("{MISSING}\npackage_lock = [0, 90]"), "ready", 1, &["agent-missing"]).await;
    let mended = world.when("it", |what| *what == What::Repaired).unwrap();
    assert!((90.0..120.0).contains(&mended), "{mended}");
}

/// The demo's launch, as far as the fleet simulates it.
#[tokio::test(start_paused = true)]
async fn the_launch_of_the_field_report_is_mended_without_a_hand_and_lost_without_the_gate() {
    let text = std::fs::read_to_string(repository().join("tests/stories/demo.toml")).unwrap();
    let stories = Stories::parse(&text).unwrap();
    let groups: BTreeMap<&String, &Group> = stories.groups().collect();
    let told = "package_lock = [0, 90]\nuser_data = \"fails\"\nagent = [[0, \"missing\"]]";
    let policy = groups[&"mended".to_owned()].policy.clone().unwrap();
    let (world, _) = ends(policy, told, "ready", 1, &["package-missing", "agent-missing"]).await;
    assert!(seconds(&world) < 120.0, "{}", world.story());

    assert!(groups[&"unmended".to_owned()].policy.is_none() && groups[&"unmended".to_owned()].codedeploy);
    let mut world = World::shop_without_gate(&format!("[[launch]]\nstory = \"it\"\n{told}\n")).await;
    world.scale_out(1);
    world.pass(3600).await;
    assert_eq!(world.count(|what| matches!(what, What::Terminating { .. })), 0, "{}", world.story());
    world.pass(30).await;
    let abandons =
        |what: &What| matches!(what, What::Completed { result, by: By::CodeDeploy, .. } if result == "ABANDON");
    assert_eq!(world.count(abandons), 1, "after an hour, and not before: {}", world.story());
    assert_eq!(world.settled().len(), 0, "the gate has no part in it");
}

#[tokio::test(start_paused = true)]
async fn a_repair_waits_for_somebody_elses() {
    ends(json!({}), &format!("{MISSING}\nother_repair = [0, 70]"), "ready", 1, &["agent-missing"]).await;
}

#[tokio::test(start_paused = true)]
async fn packages_are_installed_if_they_are_named_and_only_then() {
    let named = json!({"checks": {"packages": ["jdk", "jq"]}});
    ends(named.clone(), "packages = { jdk = 0 }", "ready", 1, &["package-missing"]).await;
    ends(named, MISSING, "ready", 1, &["package-missing", "agent-missing"]).await;
    let (world, _) = ends(json!({}), MISSING, "ready", 1, &["agent-missing"]).await;
    let instance = world.timeline[0].instance.clone();
    let packages = world.with(|fleet| fleet.host(&instance, fleet.now()).unwrap().packages);
    assert!(packages.is_empty(), "{packages:?}");
}

#[tokio::test(start_paused = true)]
async fn failed_user_data_is_fatal_unless_the_policy_ignores_it() {
    let failed = format!("{MISSING}\nuser_data = \"fails\"");
    ends(json!({}), &failed, "user-data-failed", 0, &[]).await;
    let ignored = json!({"user_data": "ignored", "checks": {"packages": ["jdk"]}});
    ends(ignored, &failed, "ready", 1, &["package-missing", "agent-missing"]).await;
}

#[tokio::test(start_paused = true)]
async fn nothing_is_mended_where_the_policy_does_not_want_it() {
    let (world, _) = ends(json!({"repair": false, "ready_within": 300}), MISSING, "agent-missing", 0, &[]).await;
    assert!(seconds(&world) >= 300.0, "{}", world.story());
    ends(json!({"agent": "ignored"}), MISSING, "ready", 0, &[]).await;
}

#[tokio::test(start_paused = true)]
async fn an_observed_launch_is_not_mended() {
    let story = format!("[[launch]]\nstory = \"it\"\nboots = 5\n{MISSING}\n");
    let mut world = World::new(&json!({"mode": "observe", "ready_within": 300}), &story);
    world.scale_out(1);
    world.pass(400).await;
    let line = &world.settled()[0];
    assert_eq!(
        (&line["outcome"], &line["reason"], &line["repairs"]),
        (&json!("observed"), &json!("agent-missing"), &json!(0))
    );
    assert_eq!(world.count(|what| matches!(what, What::Repaired | What::Completed { .. })), 0, "{}", world.story());
}
