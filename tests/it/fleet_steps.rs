//! Tests documents of several steps, which run as the SSM Agent runs them. The test moves the fleet's clock.

use launchgate_tests::fleet::ScriptEnd;
use serde_json::{Value, json};

use crate::fleet_reports::report;
use crate::fleet_world::{World, list, ready, text};

const REAL: &str = "[default]\nstory = \"real\"\nreal = true";

/// Three scripts; `inputs` stand in the first.
fn three(inputs: &str) -> String {
    let step = |name: &str, inputs: &str| {
        format!(
            "  - action: aws:runShellScript\n    name: {name}\n    inputs: {{{inputs}runCommand: [\"echo {name}\"]}}\n"
        )
    };
    let steps = [step("first", inputs), step("then", "timeoutSeconds: 20, "), step("last", "")].concat();
    format!("schemaVersion: '2.2'\nmainSteps:\n{steps}")
}

/// A world in which a command of that document is on its instance, and the names of the steps that were begun.
fn sent(content: &str) -> (World, String, String) {
    let (mut world, id) = ready(REAL);
    world.document("three", content);
    let command = world.send("three", &[&id], json!({}));
    world.after(1);
    (world, id, command)
}

fn begun(world: &mut World) -> Vec<String> {
    world.fleet.take_scripts().into_iter().map(|script| script.script).collect()
}

fn finish(world: &mut World, command: &str, id: &str, code: i64) {
    let now = world.now;
    world.fleet.finish_script(now, command, id, code, "said\n".to_owned(), "wrong\n".to_owned());
}

/// (`Name`, `Status`, `ResponseCode`, `Output`) of each step.
pub(crate) fn plugins(world: &mut World, command: &str, id: &str) -> Vec<(String, String, i64, String)> {
    let listed = world.listed(command, id);
    let plugin = |one: &Value| {
        (text(one, "/Name"), text(one, "/Status"), one["ResponseCode"].as_i64().unwrap(), text(one, "/Output"))
    };
    list(&listed, "CommandPlugins").iter().map(plugin).collect()
}

pub(crate) fn overall(world: &mut World, command: &str, id: &str) -> String {
    text(&world.listed(command, id), "/StatusDetails")
}

#[test]
fn the_steps_run_in_order_and_a_failed_one_fails_the_run_whatever_the_later_ones_do() {
    let (mut world, id, command) = sent(&three(""));
    for (step, code) in [("first", 0), ("then", 10), ("last", 0)] {
        assert_eq!(begun(&mut world), [format!("echo {step}")]);
        assert_eq!(overall(&mut world, &command, &id), "In Progress");
        finish(&mut world, &command, &id, code);
    }
    assert_eq!(begun(&mut world), [""; 0]);
    assert_eq!(overall(&mut world, &command, &id), "Failed");
    let told = plugins(&mut world, &command, &id);
    let error = |more: &str| format!("said\n\n----------ERROR-------\nwrong\n{more}");
    assert_eq!(told[0], ("first".into(), "Success".into(), 0, error("")));
    assert_eq!(told[1], ("then".into(), "Failed".into(), 10, error("failed to run commands: exit status 10")));
    assert_eq!(told[2], ("last".into(), "Success".into(), 0, error("")));
}

#[test]
fn exit_codes_168_and_169_end_the_document_as_success_and_failure() {
    for (code, status, marked) in [(168, "Success", "succeeded"), (169, "Failed", "Failed")] {
        let sentence = format!(
            "\nStep exited with code {code}. Therefore, marking step as {marked}. Further document steps will be skipped."
        );
        let (mut world, id, command) = sent(&three(""));
        finish(&mut world, &command, &id, code);
        assert_eq!(begun(&mut world).len(), 1, "the others are not begun");
        assert_eq!(overall(&mut world, &command, &id), status);
        let got = |world: &mut World, step: &str| {
            world.ok("GetCommandInvocation", json!({"CommandId": command, "InstanceId": id, "PluginName": step}))
        };
        let first = got(&mut world, "first");
        assert_eq!(text(&first, "/StandardOutputContent"), format!("said\n{sentence}"));
        let error = if code == 168 {
            String::new()
        } else {
            format!("wrong\nfailed to run commands: exit status 169{sentence}")
        };
        assert_eq!(text(&first, "/StandardErrorContent"), error);
        let then = got(&mut world, "then");
        assert_eq!((text(&then, "/StandardOutputContent"), text(&then, "/StandardErrorContent")), Default::default());
        let told = plugins(&mut world, &command, &id);
        // Made before the sentence is added, and without the errors of a success.
        let shown = if code == 168 {
            "said\n"
        } else {
            "said\n\n----------ERROR-------\nwrong\nfailed to run commands: exit status 169"
        };
        assert_eq!((told[0].1.as_str(), told[0].2, told[0].3.as_str()), (status, code, shown));
        let skipped =
            "Plugin with name aws:runShellScript and id last skipped due to prior step with an exit condition";
        assert_eq!(told[2], ("last".into(), "Success".into(), 0, skipped.into()));
    }
}

#[test]
fn on_failure_and_on_success_end_the_document_where_they_say_so() {
    for (inputs, code, begins, status) in [
        ("onFailure: exit, ", 3, 1, "Failed"),
        ("onFailure: exit, ", 0, 2, "In Progress"),
        ("onFailure: successAndExit, ", 3, 1, "Success"),
        ("onSuccess: exit, ", 0, 1, "Success"),
        ("onSuccess: exit, ", 3, 2, "In Progress"),
    ] {
        let (mut world, id, command) = sent(&three(inputs));
        finish(&mut world, &command, &id, code);
        assert_eq!(begun(&mut world).len(), begins, "{inputs} {code}");
        assert_eq!(overall(&mut world, &command, &id), status, "{inputs} {code}");
    }
}

#[test]
fn a_finally_step_runs_after_an_exit_all_the_same() {
    let (mut world, id, command) =
        sent(&three("").replace(
            "inputs: {runCommand: [\"echo last\"]}",
            "inputs: {finallyStep: true, runCommand: [\"echo last\"]}",
        ));
    finish(&mut world, &command, &id, 169);
    assert_eq!(begun(&mut world), ["echo first", "echo last"]);
}

#[test]
fn a_step_out_of_time_is_stopped_and_the_next_one_runs() {
    let (mut world, id, command) = sent(&three(""));
    finish(&mut world, &command, &id, 0);
    world.after(21);
    assert_eq!(begun(&mut world), ["echo first", "echo then", "echo last"]);
    finish(&mut world, &command, &id, 0);
    assert_eq!(overall(&mut world, &command, &id), "Execution Timed Out");
    assert_eq!(
        (plugins(&mut world, &command, &id)[1].1.as_str(), plugins(&mut world, &command, &id)[1].2),
        ("TimedOut", 137)
    );
}

#[test]
fn the_end_of_a_script_whose_step_is_over_is_not_taken_for_the_next_ones() {
    let (mut world, id, command) = sent(&three("timeoutSeconds: 5, "));
    let first = world.fleet.take_scripts().remove(0);
    world.after(6);
    let now = world.now;
    world.fleet.script_ended(now, &first, ScriptEnd { code: 168, stdout: String::new(), stderr: String::new() });
    assert_eq!(plugins(&mut world, &command, &id)[1].1, "InProgress");
}

#[test]
fn a_step_for_another_platform_is_skipped_and_an_unknown_one_fails() {
    let content = "schemaVersion: '2.2'\nmainSteps:\n  - {action: 'aws:runShellScript', name: other, precondition: {StringEquals: [platformType, Windows]}, inputs: {runCommand: [x]}}\n  - {action: 'aws:newPlugin', name: unknown}\n";
    let (mut world, id, command) = sent(content);
    let told = plugins(&mut world, &command, &id);
    assert_eq!(
        told[0].3,
        "Step execution skipped due to unsatisfied preconditions: '\"StringEquals\": [platformType, Windows]'. Step name: other"
    );
    assert_eq!((told[1].1.as_str(), told[1].2), ("Failed", 1));
    assert_eq!(overall(&mut world, &command, &id), "Failed");
}

#[test]
fn of_several_steps_one_must_be_named() {
    let (mut world, id, command) = sent(&three(""));
    let by = |name: Option<&str>| {
        let mut members = json!({"CommandId": command, "InstanceId": id});
        if let Some(name) = name {
            members["PluginName"] = json!(name);
        }
        members
    };
    for name in [None, Some("aws:runShellScript")] {
        assert_eq!(world.refused("GetCommandInvocation", by(name)).0, "InvalidPluginName");
    }
    let then = world.ok("GetCommandInvocation", by(Some("then")));
    assert_eq!((text(&then, "/Status"), &then["ResponseCode"]), ("Pending".to_owned(), &json!(-1)));
}

#[test]
fn what_a_document_does_follows_from_its_steps_and_not_from_its_name() {
    let (mut world, id) = ready("[default]\nstory = \"it\"\nboots = 1");
    world.document("preinstalled", crate::fleet_world::READINESS);
    let command = world.send("preinstalled", &[&id], json!({}));
    world.after(3);
    assert_eq!(report(&mut world, &command, &id)["ready"], true);
}
