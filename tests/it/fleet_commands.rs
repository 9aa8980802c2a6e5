//! Tests the life of SSM commands, and what readiness runs report for each story. The test moves the fleet's clock.

use launchgate_tests::fleet::Fault;
use serde_json::json;

use crate::fleet_reports::report;
use crate::fleet_world::{World, list, ready};

const INVOCATION: &str = "EC2 Command Invocation Status-change Notification";

#[test]
fn a_command_goes_to_registered_instances_or_to_none() {
    let mut world = World::launching(&["gate"], "");
    world.documents();
    let id = world.only();
    let send = |ids: &[&str]| json!({"DocumentName": "readiness", "InstanceIds": ids});
    assert_eq!(world.refused("SendCommand", send(&[&id])).0, "InvalidInstanceId", "not registered yet");
    world.after(9);
    assert_eq!(world.refused("SendCommand", send(&[&id, "i-0000000000000dead"])).0, "InvalidInstanceId");
    assert_eq!(list(&world.ok("ListCommands", json!({})), "Commands").len(), 0);
    assert_eq!(world.refused("SendCommand", send(&[&id, &id])).0, "DuplicateInstanceId");
    world.ok("SendCommand", send(&[&id]));
}

#[test]
fn a_run_waits_on_the_instance_and_ends_at_the_moment_of_readiness() {
    let (mut world, id) = ready("");
    let command = world.send("readiness", &[&id], json!({"Parameters": {"waitSeconds": ["50"]}}));
    assert_eq!(
        world.refused("GetCommandInvocation", json!({"CommandId": command, "InstanceId": id})).0,
        "InvocationDoesNotExist"
    );
    world.after(1);
    assert_eq!(world.status(&command, &id), ("InProgress".to_owned(), "In Progress".to_owned()));
    assert_eq!(world.invocation(&command, &id)["ResponseCode"], -1);
    world.after(13);
    assert_eq!(world.status(&command, &id), ("Success".to_owned(), "Success".to_owned()));
    let said = report(&mut world, &command, &id);
    assert_eq!(
        (&said["ready"], &said["agent"]["state"], &said["findings"]),
        (&json!(true), &json!("running"), &json!([]))
    );
    let statuses: Vec<String> =
        world.events(INVOCATION).iter().map(|event| event.detail("status").to_owned()).collect();
    assert_eq!(statuses, ["InProgress", "Success"]);
}

#[test]
fn a_silent_agent_is_delayed_and_then_timed_out() {
    let (mut world, id) = ready("[default]\nstory = \"silent\"\nsilent_from = 8.5");
    let command = world.send("readiness", &[&id], json!({}));
    world.after(1);
    assert_eq!(world.status(&command, &id), ("Delayed".to_owned(), "Delayed".to_owned()));
    world.after(88);
    assert_eq!(world.status(&command, &id).0, "Delayed", "the clock is 30 s for delivery and 60 s of the step");
    world.after(1);
    assert_eq!(world.status(&command, &id), ("TimedOut".to_owned(), "Delivery Timed Out".to_owned()));
    world.fleet.settings.spaced_details = false;
    assert_eq!(world.status(&command, &id).1, "DeliveryTimedOut");
}

#[test]
fn a_run_that_hangs_or_loses_its_agent_times_out() {
    for story in ["hangs = true", "dies = 11", "silent_from = 11"] {
        let (mut world, id) = ready(&format!("[default]\nstory = \"it\"\n{story}"));
        world.fleet.settings.death_seen_after = std::time::Duration::from_hours(1);
        let command = world.send("readiness", &[&id], json!({"Parameters": {"waitSeconds": ["50"]}}));
        world.after(59);
        assert_eq!(world.status(&command, &id).0, "InProgress", "{story}");
        world.after(2);
        assert_eq!(world.status(&command, &id), ("TimedOut".to_owned(), "Execution Timed Out".to_owned()), "{story}");
    }
}

#[test]
fn what_was_not_delivered_to_an_instance_that_is_gone_is_undeliverable() {
    let (mut world, id) = ready("[default]\nstory = \"dies\"\ndies = 10.2");
    let command = world.send("readiness", &[&id], json!({}));
    world.after(95);
    assert_eq!(world.status(&command, &id), ("Failed".to_owned(), "Undeliverable".to_owned()));
}

#[test]
fn a_command_can_be_cancelled_before_and_during_its_run() {
    let (mut world, id) = ready("[default]\nstory = \"hangs\"\nhangs = true");
    let early = world.send("readiness", &[&id], json!({}));
    world.ok("CancelCommand", json!({"CommandId": early}));
    let late = world.send("readiness", &[&id], json!({}));
    world.after(1);
    assert_eq!(world.status(&early, &id).0, "Cancelled");
    world.ok("CancelCommand", json!({"CommandId": late}));
    assert_eq!(world.status(&late, &id).0, "Cancelling");
    world.after(1);
    assert_eq!(world.status(&late, &id).0, "Cancelled");
    assert_eq!(world.refused("CancelCommand", json!({"CommandId": "0".repeat(36)})).0, "InvalidCommandId");
}

#[test]
fn too_many_errors_stop_the_later_waves() {
    let mut world = World::telling("[default]\nstory = \"broken\"\nboots = 1\nagent = [[0, \"missing\"]]");
    world.documents();
    world.group(3, &[]);
    world.after(9);
    let ids = world.launched();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let one_by_one = world.send("readiness", &ids, json!({"MaxConcurrency": "1", "MaxErrors": "0"}));
    let all = world.send("readiness", &ids, json!({"MaxConcurrency": "100%", "MaxErrors": "100%"}));
    world.after(5);
    let details = |world: &mut World, command: &str| -> Vec<String> {
        ids.iter().map(|id| world.status(command, id).1).collect()
    };
    assert_eq!(details(&mut world, &one_by_one), ["Failed", "Terminated", "Terminated"]);
    assert_eq!(details(&mut world, &all), ["Failed", "Failed", "Failed"]);
    let commands = world.ok("ListCommands", json!({"CommandId": one_by_one}));
    let command = &list(&commands, "Commands")[0];
    assert_eq!(
        (&command["Status"], &command["TargetCount"], &command["ErrorCount"]),
        (&json!("Failed"), &json!(3), &json!(1))
    );
}

#[test]
fn nudges_can_be_dropped_and_calls_throttled() {
    let mut world = World::launching(&["gate"], "");
    world.fleet.settings.nudges = false;
    world.documents();
    world.after(9);
    let id = world.only();
    world.send("readiness", &[&id], json!({}));
    world.after(30);
    assert!(world.fleet.take_events().iter().all(|event| event.text("source") == "aws.autoscaling"));
    world.fleet.faults.add(Fault::Throttle { call: "SendCommand".to_owned(), burst: 0, per_second: 0 });
    let refused = world.refused("SendCommand", json!({"DocumentName": "readiness", "InstanceIds": [id]}));
    assert_eq!(refused, ("ThrottlingException".to_owned(), "Rate exceeded".to_owned()));
}

#[test]
fn the_registration_is_announced() {
    let mut world = World::launching(&["gate"], "");
    world.after(8);
    let event = world.events("SSM Managed Instance Registration").remove(0);
    assert_eq!((event.text("source"), event.detail("instance-id")), ("aws.ssm", world.only().as_str()));
}
