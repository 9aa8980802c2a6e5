//! Tests what the SSM Agent does by itself: it fails a run, never tells its end, or lets it wait (aws-facts 17). The test
//! moves the fleet's clock.

use launchgate_tests::fleet::What;
use launchgate_tests::fleet::story::Stories;
use serde_json::json;

use crate::fleet_reports::report;
use crate::fleet_steps::{overall, plugins};
use crate::fleet_world::{World, ready, text};

/// An instance that is healthy at once but for what its agent does.
fn with(ssm: &str) -> (World, String) {
    ready(&format!("[default]\nstory = \"it\"\nboots = 1\nssm = {{ {ssm} }}"))
}

/// The same with an agent of CodeDeploy that a repair installs.
fn mendable(ssm: &str) -> (World, String) {
    let (mut world, id) =
        ready(&format!("[default]\nstory = \"it\"\nboots = 1\nagent = [[0, \"missing\"]]\nssm = {{ {ssm} }}"));
    world.fleet.settings.distributor_sleeps = Default::default();
    (world, id)
}

fn probe(world: &mut World, id: &str) -> String {
    world.send("readiness", &[id], json!({}))
}

fn says_ready(world: &mut World, id: &str) -> bool {
    let command = probe(world, id);
    world.after(2);
    report(world, &command, id)["ready"] == true
}

/// A run that the agent failed: its only trace is `Output` of the first step.
fn assert_failed_by_agent(world: &mut World, command: &str, id: &str, why: &str) {
    assert_eq!(overall(world, command, id), "Failed");
    let (_, status, code, output) = plugins(world, command, id).remove(0);
    assert_eq!((status.as_str(), code), ("Failed", 1));
    assert!(output.contains(why), "{output}");
    let name = text(&world.listed(command, id), "/CommandPlugins/0/Name");
    let named = json!({"CommandId": command, "InstanceId": id, "PluginName": name});
    let got = world.ok("GetCommandInvocation", named);
    let streams = (text(&got, "/StandardOutputContent"), text(&got, "/StandardErrorContent"));
    assert_eq!((streams, &got["ResponseCode"]), (Default::default(), &json!(1)));
}

const WORKER: &str = "document process failed unexpectedly: document worker timed out";

#[test]
fn a_stuck_run_is_in_progress_for_ever_and_the_next_one_is_well() {
    let (mut world, id) = with("stuck_runs = [1, 3]");
    let first = probe(&mut world, &id);
    world.after(5);
    assert!(says_ready(&mut world, &id));
    let third = probe(&mut world, &id);
    world.after(48 * 3600);
    for command in [first, third] {
        assert_eq!(world.status(&command, &id), ("InProgress".to_owned(), "In Progress".to_owned()));
        assert_eq!(
            plugins(&mut world, &command, &id),
            [("probe".to_owned(), "InProgress".to_owned(), -1, String::new())]
        );
    }
}

#[test]
fn a_stuck_run_of_an_instance_that_dies_times_out() {
    let (mut world, id) = ready("[default]\nstory = \"it\"\nboots = 1\ndies = 30\nssm = { stuck_runs = [1] }");
    world.fleet.settings.death_seen_after = std::time::Duration::from_hours(1);
    let command = probe(&mut world, &id);
    world.after(61);
    assert_eq!(overall(&mut world, &command, &id), "Execution Timed Out");
}

#[test]
fn a_stuck_repair_mends_and_leaves_room_for_the_next() {
    let (mut world, id) = mendable("stuck_repairs = [1]");
    assert!(!says_ready(&mut world, &id));
    let first = world.send("mends", &[&id], json!({}));
    world.after(10);
    assert!(says_ready(&mut world, &id), "mended, though nobody says so");
    let second = world.send("mends", &[&id], json!({"Parameters": {"waitSeconds": ["10"]}}));
    world.after(48 * 3600);
    assert_eq!(overall(&mut world, &first, &id), "In Progress");
    let steps = plugins(&mut world, &first, &id);
    let told: Vec<_> =
        steps.iter().map(|(_, status, code, output)| (status.as_str(), *code, output.as_str())).collect();
    assert_eq!(told, [("InProgress", -1, ""), ("Pending", -1, ""), ("Pending", -1, "")]);
    assert_eq!(overall(&mut world, &second, &id), "Success", "it need not wait for the first");
}

#[test]
fn a_run_whose_worker_is_killed_fails_with_code_1_after_a_minute() {
    let (mut world, id) = with("failed_runs = [1]");
    let command = probe(&mut world, &id);
    world.after(60);
    assert_eq!(overall(&mut world, &command, &id), "In Progress");
    world.after(1);
    assert_failed_by_agent(&mut world, &command, &id, WORKER);
    assert!(says_ready(&mut world, &id));
}

#[test]
fn a_repair_whose_worker_is_killed_fails_although_it_mends() {
    let (mut world, id) = mendable("failed_repairs = [1]");
    let command = world.send("mends", &[&id], json!({}));
    world.after(61);
    assert_failed_by_agent(&mut world, &command, &id, WORKER);
    assert_eq!(plugins(&mut world, &command, &id)[1], ("distributor".into(), "Failed".into(), -1, String::new()));
    assert!(says_ready(&mut world, &id));
}

#[test]
fn a_reboot_fails_what_runs_61_s_after_it_and_what_is_sent_meanwhile_waits() {
    let (mut world, id) = mendable("reboots = 20");
    let waits = json!({"Parameters": {"waitSeconds": ["50"]}});
    let early = [world.send("readiness", &[&id], waits.clone()), {
        world.after(7);
        world.send("mends", &[&id], waits)
    }];
    world.after(6);
    let late = probe(&mut world, &id);
    world.after(9);
    assert_eq!(overall(&mut world, &late, &id), "Delayed");
    world.after(23);
    let told = plugins(&mut world, &late, &id).remove(0);
    assert!(told.1 == "Failed" && told.3.contains("agent-missing"), "{told:?}");
    world.after(45);
    for command in &early {
        assert_eq!(overall(&mut world, command, &id), "In Progress");
    }
    world.after(1);
    for command in &early {
        assert_failed_by_agent(&mut world, command, &id, WORKER);
    }
    assert!(world.fleet.timeline().iter().any(|entry| entry.what == What::Reboots));
}

#[test]
fn a_stuck_repair_that_a_reboot_ends_mends_nothing_and_leaves_room_for_the_next() {
    let (mut world, id) = mendable("stuck_repairs = [1], reboots = 12");
    let first = world.send("mends", &[&id], json!({}));
    world.after(30);
    assert!(!says_ready(&mut world, &id));
    world.send("mends", &[&id], json!({"Parameters": {"waitSeconds": ["10"]}}));
    world.after(20);
    assert!(says_ready(&mut world, &id));
    world.after(3600);
    assert_eq!(overall(&mut world, &first, &id), "In Progress");
}

#[test]
fn on_a_full_disk_no_script_starts() {
    let (mut world, id) = mendable("disk_full = [[20, true], [60, false]]");
    assert!(!says_ready(&mut world, &id), "the script still starts");
    world.after(10);
    for document in ["readiness", "mends"] {
        let command = world.send(document, &[&id], json!({}));
        world.after(1);
        assert_failed_by_agent(&mut world, &command, &id, "no space left on device");
    }
    world.after(40);
    world.send("mends", &[&id], json!({}));
    world.after(10);
    assert!(says_ready(&mut world, &id));
}

#[test]
fn behind_five_other_commands_five_more_are_in_progress_and_the_rest_is_not_read() {
    let (mut world, id) = with("busy = [0, 120]");
    let sent: Vec<String> = (0..7).map(|_| world.send("readiness", &[&id], json!({"TimeoutSeconds": 600}))).collect();
    world.after(100);
    let states = |world: &mut World| -> Vec<String> { sent.iter().map(|one| overall(world, one, &id)).collect() };
    let before = states(&mut world);
    assert_eq!(before[..5], ["In Progress"; 5]);
    assert_eq!(before[5..], ["Pending"; 2]);
    world.after(14);
    assert_eq!(states(&mut world)[..5], ["Success"; 5]);
    world.after(10);
    assert_eq!(states(&mut world), ["Success"; 7]);
}

#[test]
fn what_the_table_of_the_agent_cannot_mean_is_told() {
    let error = |keys: &str| Stories::parse(&format!("[default]\nstory = \"it\"\n{keys}")).unwrap_err().to_string();
    for (keys, words) in [
        ("ssm = { stuck_runs = [0] }", "from 1"),
        ("ssm = { stuck = [1] }", "unknown field `stuck`"),
        ("ssm = { disk_full = \"yes\" }", "invalid type"),
        ("distributor = \"absent\"", "expected true, false, \"throttled\" or \"hangs\""),
    ] {
        let told = error(keys);
        assert!(told.contains(words), "{keys}: {told}");
    }
}
