//! What readiness runs report of each story, and what repairs mend, under moved time.

use serde_json::{Value, json};

use crate::fleet_world::{World, list, ready, text};

pub(crate) fn report(world: &mut World, command: &str, id: &str) -> Value {
    serde_json::from_str(&text(&world.invocation(command, id), "/StandardOutputContent")).unwrap()
}

/// The story, and the finding that a run reports.
const TROUBLES: [(&str, &str, &str); 12] = [
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
    ("boots = 1\nunits = { web = 90 }", "unit-not-active", "transient"),
];

#[test]
fn each_trouble_is_found_with_its_class() {
    for (story, code, class) in TROUBLES {
        let (mut world, id) = ready(&format!("[default]\nstory = \"it\"\n{story}"));
        let command = world.send("readiness", &[&id], json!({"Parameters": {"units": ["web"]}}));
        world.after(3);
        let expected = json!([code, class]);
        let found = report(&mut world, &command, &id);
        let found: Vec<Value> =
            list(&found, "findings").iter().map(|finding| json!([finding["code"], finding["class"]])).collect();
        assert!(found.contains(&expected), "{story}: {found:?}");
        assert_eq!(world.invocation(&command, &id)["ResponseCode"], 10, "{story}");
    }
}

#[test]
fn a_fatal_finding_ends_the_wait_and_so_does_one_that_only_repair_mends() {
    for state in ["no-credentials", "missing"] {
        let (mut world, id) = ready(&format!("[default]\nstory = \"it\"\nboots = 1\nagent = [[0, \"{state}\"]]"));
        let parameters = json!({"waitSeconds": ["600"], "repair": ["offered"]});
        let command = world.send("readiness", &[&id], json!({"Parameters": parameters}));
        world.after(3);
        assert_eq!(world.status(&command, &id).0, "Failed");
    }
}

#[test]
fn a_repair_mends_the_agent_unless_the_story_says_otherwise() {
    for (repair, ready_after) in [("works", true), ("fails", false)] {
        let (mut world, id) =
            ready(&format!("[default]\nstory = \"it\"\nboots = 1\nagent = [[0, \"missing\"]]\nrepair = \"{repair}\""));
        let mend = world.send("install-agent", &[&id], json!({}));
        world.after(6);
        assert_eq!(world.status(&mend, &id).0, if ready_after { "Success" } else { "Failed" });
        let command = world.send("readiness", &[&id], json!({}));
        world.after(3);
        assert_eq!(report(&mut world, &command, &id)["ready"], ready_after);
    }
}

#[test]
fn an_agent_with_much_of_both_outputs_cuts_even_the_head() {
    let (mut world, id) = ready("[default]\nstory = \"it\"\nreal = true");
    for (out, error, kept) in [(2_300, 0, 2_300), (5_000, 0, 2_377), (1_188, 8_000, 1_188), (1_189, 8_000, 1_165)] {
        let command = world.send("readiness", &[&id], json!({}));
        world.after(2);
        let (out, error) = ("o".repeat(out), "e".repeat(error));
        world.fleet.finish_script(world.now, &command, &id, 10, out, error);
        let listed = world.ok("ListCommandInvocations", json!({"CommandId": command, "Details": true}));
        let shown = text(&listed, "/CommandInvocations/0/CommandPlugins/0/Output");
        assert_eq!(shown.bytes().filter(|byte| *byte == b'o').count(), kept);
    }
}
