//! Tests what readiness runs report for each story, and what repairs change. The test moves the fleet's clock.

use serde_json::{Value, json};

use crate::fleet_world::{World, list, ready, text};

pub(crate) fn report(world: &mut World, command: &str, id: &str) -> Value {
    serde_json::from_str(&text(&world.invocation(command, id), "/StandardOutputContent")).unwrap()
}

/// The story, and the finding that a run reports.
const TROUBLES: [(&str, &str, &str); 36] = [
    ("boots = \"never\"\nagent = [[0, \"polling\"]]", "boot-running", "transient"),
    ("boots = 1\nuser_data = \"fails\"\nagent = [[0, \"polling\"]]", "user-data-failed", "fatal"),
    ("boots = 1\nmetadata = \"unreachable\"", "metadata-unreachable", "transient"),
    ("boots = 1\nmetadata = \"disabled\"", "metadata-disabled", "fatal"),
    ("boots = 1\npackage_lock = [0, 90]", "package-lock-held", "transient"),
    ("boots = 1\nagent = [[0, \"missing\"]]", "agent-missing", "repairable"),
    ("boots = 1\nagent = [[0, \"stopped\"]]", "agent-stopped", "repairable"),
    ("boots = 1\nagent = [[0, \"no-worker\"]]", "agent-no-worker", "repairable"),
    ("boots = 1\nagent = [[0, \"restarting\"]]", "agent-restarting", "transient"),
    ("boots = 1\nagent = [[0, \"no-credentials\"]]", "agent-no-credentials", "fatal"),
    ("boots = 1\nagent = [[0, \"poll-fails\"]]", "agent-not-polling", "transient"),
    ("boots = 1\nagent = [[0, \"starting\"]]", "agent-starting", "transient"),
    ("boots = 1\nagent = [[0, \"no-credentials\"]]\ncredentials = \"valid\"", "agent-no-credentials", "transient"),
    ("boots = 1\nagent = [[0, \"no-route\"]]", "agent-no-route", "transient"),
    ("boots = 1\ngeneration = 1\nagent = [[0, \"tls-fails\"]]", "agent-tls-failing", "transient"),
    ("boots = 1\nagent = [[0, \"tls-fails\"]]", "agent-restarting", "transient"),
    ("boots = 1\nagent = [[0, \"worker-killed\"]]", "agent-restarting", "transient"),
    ("boots = 1\nagent = [[0, \"stopping\"]]", "agent-stopping", "transient"),
    ("boots = 1\nagent = [[0, \"clock-skewed\"]]", "agent-clock-skewed", "transient"),
    ("boots = 1\nagent = [[0, \"access-denied\"]]", "agent-access-denied", "transient"),
    ("boots = 1\nmetadata = \"hop-limit\"", "metadata-hop-limit", "transient"),
    ("boots = 1\nmetadata = [[0, \"answers\"], [5, \"blocked\"]]", "metadata-blocked", "transient"),
    ("boots = 1\ncredentials = \"missing\"", "credentials-missing", "transient"),
    ("registers = 130\ncredentials = \"missing\"", "credentials-missing", "fatal"),
    ("boots = 1\ncredentials = \"expired\"", "credentials-expired", "transient"),
    ("boots = 1\ncredentials = \"refused\"", "credentials-refused", "transient"),
    ("boots = 1\nnetwork = \"no-name\"", "network-no-name", "transient"),
    ("boots = 1\nnetwork = [[0, \"no-route\"]]", "network-no-route", "transient"),
    ("boots = 1\nnetwork = \"no-tls\"", "network-tls-failing", "transient"),
    ("boots = 1\nclock_ahead = -241", "clock-skewed", "transient"),
    ("boots = 1\ndisk_full = true", "disk-full", "transient"),
    ("boots = 1\npackages = { java = 200 }", "package-missing", "repairable"),
    ("boots = 1\nunits = { web = 200 }", "unit-not-active", "transient"),
    ("boots = 1\ncommands = { java = 200 }", "command-missing", "transient"),
    ("boots = 1\nports = { 8080 = 200 }", "port-closed", "transient"),
    ("boots = 1\nports = { 8080 = 200 }", "url-failing", "transient"),
];

#[test]
fn each_trouble_is_found_with_its_class() {
    for (story, code, class) in TROUBLES {
        let (mut world, id) = ready(&format!("[default]\nstory = \"it\"\n{story}"));
        world.after(if story.contains("130") { 125 } else { 0 });
        let checks = json!({"units": ["web"], "packages": ["java"], "commands": ["java"], "ports": ["8080"],
                            "url": ["http://127.0.0.1:8080/health"]});
        let command = world.send("readiness", &[&id], json!({"Parameters": checks}));
        world.after(15); // the second look at what is fatal comes after 11 s
        let expected = json!([code, class]);
        let found = report(&mut world, &command, &id);
        let found: Vec<Value> =
            list(&found, "findings").iter().map(|finding| json!([finding["code"], finding["class"]])).collect();
        assert!(found.contains(&expected), "{story}: {found:?}");
        assert_eq!(world.invocation(&command, &id)["ResponseCode"], 10, "{story}");
    }
}

#[test]
fn what_is_well_or_not_asked_for_is_no_finding() {
    let well = "boots = 1\nuser_data = \"fails\"\nagent = [[0, \"missing\"]]\ncredentials = \"missing\"\n\
                network = \"no-route\"\npackages = { java = 2 }\nclock_ahead = 9999";
    let (mut world, id) = ready(&format!("[default]\nstory = \"it\"\n{well}"));
    let asked = json!({"agent": ["ignored"], "userData": ["ignored"], "packages": ["java"]});
    let command = world.send("readiness", &[&id], json!({"Parameters": asked}));
    world.after(3);
    assert_eq!(report(&mut world, &command, &id)["findings"], json!([]));
}

#[test]
fn what_a_story_tells_by_the_time_changes_in_time() {
    let story = "boots = 1\nnetwork = [[0, \"no-route\"], [20, \"open\"]]\ncredentials = [[0, \"missing\"], [24, \"valid\"]]\n\
                 disk_full = [[0, true], [28, false]]\nclock_ahead = [[0, 300], [32, 0]]\nmetadata = [[0, \"blocked\"], [36, \"answers\"]]";
    let (mut world, id) = ready(&format!("[default]\nstory = \"it\"\n{story}"));
    let command = world.send("readiness", &[&id], json!({"Parameters": {"waitSeconds": ["50"]}}));
    world.after(25);
    assert_eq!(world.status(&command, &id).0, "InProgress");
    world.after(5);
    let report = report(&mut world, &command, &id);
    assert_eq!((&report["ready"], &report["waited_s"]), (&json!(true), &json!(27)));
}

#[test]
fn a_fatal_finding_ends_the_wait_and_so_does_one_that_only_repair_mends() {
    for state in ["no-credentials", "missing"] {
        let (mut world, id) = ready(&format!("[default]\nstory = \"it\"\nboots = 1\nagent = [[0, \"{state}\"]]"));
        let parameters = json!({"waitSeconds": ["600"], "repair": ["offered"]});
        let command = world.send("readiness", &[&id], json!({"Parameters": parameters}));
        world.after(if state == "missing" { 3 } else { 15 });
        assert_eq!(world.status(&command, &id).0, "Failed");
    }
}

#[test]
fn an_agent_with_much_of_both_outputs_cuts_even_the_head() {
    let (mut world, id) = ready("[default]\nstory = \"it\"\nreal = true");
    // The sentence that the agent adds to standard error counts too: 39 bytes.
    for (out, error, kept) in [(2_400, 0, 2_400), (5_000, 0, 2_415), (1_238, 8_000, 1_238), (1_239, 8_000, 1_215)] {
        let command = world.send("readiness", &[&id], json!({}));
        world.after(2);
        let (out, error) = ("o".repeat(out), "e".repeat(error));
        world.fleet.finish_script(world.now, &command, &id, 10, out, error);
        let listed = world.ok("ListCommandInvocations", json!({"CommandId": command, "Details": true}));
        let shown = text(&listed, "/CommandInvocations/0/CommandPlugins/0/Output");
        assert_eq!(shown.bytes().take_while(|byte| *byte == b'o').count(), kept);
    }
}

#[test]
fn an_agent_cuts_between_bytes_and_not_between_characters() {
    let (mut world, id) = ready("[default]\nstory = \"it\"\nreal = true");
    let command = world.send("readiness", &[&id], json!({}));
    world.after(2);
    world.fleet.finish_script(world.now, &command, &id, 0, "ö".repeat(2_000), String::new());
    let shown = text(&world.listed(&command, &id), "/CommandPlugins/0/Output");
    assert_eq!(shown, format!("{}\u{fffd}\n---Output truncated---", "ö".repeat(1_238)));
}
