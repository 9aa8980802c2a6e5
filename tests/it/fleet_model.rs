//! Tests the rules of hooks, tokens, heartbeats and default results. The test moves the fleet's clock.

use std::time::Duration;

use launchgate_tests::fleet::{By, What};
use serde_json::{Value, json};

use crate::fleet_world::{World, hook, list, text};

const LAUNCH: &str = "EC2 Instance-launch Lifecycle Action";

#[test]
fn all_launch_hooks_start_at_once_and_every_one_must_continue() {
    let mut world = World::launching(&["gate", "other"], "");
    let events = world.events(LAUNCH);
    assert_eq!(events.iter().map(|event| event.detail("LifecycleHookName")).collect::<Vec<_>>(), ["gate", "other"]);
    let tokens: Vec<String> = events.iter().map(|event| event.detail("LifecycleActionToken").to_owned()).collect();
    assert_ne!(tokens[0], tokens[1]);
    world.complete("gate", &tokens[0], "CONTINUE").unwrap();
    assert_eq!(world.states(), ["Pending:Wait"]);
    world.complete("other", &tokens[1], "CONTINUE").unwrap();
    assert_eq!(world.states(), ["InService"]);
    let launched = world.events("EC2 Instance Launch Successful");
    assert_eq!((launched[0].detail("StatusCode"), launched[0].detail("StatusMessage")), ("InProgress", ""));
}

#[test]
fn an_event_has_the_envelope_of_aws() {
    let mut world = World::launching(&["gate"], "");
    let event = world.events(LAUNCH).remove(0);
    assert_eq!(
        (event.text("version"), event.text("source"), event.text("time")),
        ("0", "aws.autoscaling", "2026-09-14T08:00:01Z")
    );
    assert_eq!(event.detail("EC2InstanceId"), world.only());
    assert_eq!(event.detail("LifecycleTransition"), "autoscaling:EC2_INSTANCE_LAUNCHING");
    assert_eq!(event.detail("LifecycleActionToken").len(), 36);
    assert!(text(&event.envelope, "/resources/0").ends_with(":autoScalingGroupName/web"));
    for absent in ["NotificationMetadata", "Origin", "Destination"] {
        assert!(event.envelope["detail"].get(absent).is_none(), "{absent}");
    }
}

#[test]
fn metadata_travels_only_if_the_hook_has_it() {
    let mut world = World::new();
    let mut gate = hook("gate");
    gate["NotificationMetadata"] = json!("{\"mode\":\"observe\"}");
    world.group(1, &[gate]);
    world.after(1);
    assert_eq!(world.events(LAUNCH)[0].detail("NotificationMetadata"), "{\"mode\":\"observe\"}");
}

#[test]
fn the_first_abandon_ends_the_launch_and_the_group_replaces_it() {
    let mut world = World::launching(&["gate", "other"], "");
    let token = world.events(LAUNCH)[1].detail("LifecycleActionToken").to_owned();
    world.complete("other", &token, "ABANDON").unwrap();
    assert_eq!(world.states(), ["Terminating"]);
    let failed = world.events("EC2 Instance Launch Unsuccessful");
    let why = format!(
        "Instance failed to complete user's Lifecycle Action: Lifecycle Action with token {token} was abandoned: Lifecycle Action Completed with ABANDON Result"
    );
    assert_eq!((failed[0].detail("StatusCode"), failed[0].detail("StatusMessage")), ("Failed", why.as_str()));
    world.after(6);
    assert_eq!(world.states(), ["Terminated", "Pending:Wait"]);
    let activities = world.ok("DescribeScalingActivities", json!({"AutoScalingGroupName": "web"}));
    let launch = &list(&activities, "Activities")[2];
    assert_eq!((text(launch, "/StatusCode"), text(launch, "/StatusMessage")), ("Cancelled".to_owned(), why));
    assert_eq!(text(launch, "/Description"), format!("Launching a new EC2 instance: {}", world.launched()[0]));
    world.after(60);
    assert_eq!(world.instances()[0].0, world.launched()[1], "the first one is forgotten");
}

#[test]
fn an_action_is_completed_once_by_token_or_by_instance() {
    let mut world = World::launching(&["gate"], "");
    let (id, token) = (world.only(), world.events(LAUNCH)[0].detail("LifecycleActionToken").to_owned());
    let other_hook = world.complete("other", &token, "CONTINUE").unwrap_err();
    assert_eq!(other_hook.message, format!("No active Lifecycle Action found with token {token}"));
    world.complete_by_id(&id, "CONTINUE").unwrap();
    let again = world.complete("gate", &token, "CONTINUE").unwrap_err();
    assert_eq!(
        (again.code.as_str(), again.message),
        ("ValidationError", format!("No active Lifecycle Action found with token {token}"))
    );
    let again = world.complete_by_id(&id, "CONTINUE").unwrap_err();
    assert_eq!(again.message, format!("No active Lifecycle Action found with instance ID {id}"));
    let by: Vec<By> = world
        .fleet
        .timeline()
        .iter()
        .filter_map(|entry| if let What::Completed { by, .. } = entry.what { Some(by) } else { None })
        .collect();
    assert_eq!(by, [By::Instance]);
}

#[test]
fn silence_ends_with_the_default_result() {
    let mut world = World::launching(&["gate"], "");
    world.after(59);
    assert_eq!(world.states(), ["Pending:Wait"]);
    world.after(1);
    assert_eq!(world.states(), ["Terminating"]);
    let failed = world.events("EC2 Instance Launch Unsuccessful");
    assert!(failed[0].detail("StatusMessage").ends_with("was abandoned: Heartbeat Timeout"));
}

#[test]
fn an_instance_that_waits_in_a_hook_is_ended_when_the_hook_is_deleted() {
    let mut world = World::launching(&["gate", "other"], "");
    world.ok("DeleteLifecycleHook", json!({"AutoScalingGroupName": "web", "LifecycleHookName": "gate"}));
    assert_eq!(world.states(), ["Terminating"]);
    let failed = world.events("EC2 Instance Launch Unsuccessful");
    assert!(text(&failed[0].envelope, "/detail/StatusMessage").contains("was abandoned"), "{failed:?}");
}

#[test]
fn the_default_result_may_be_continue() {
    let mut world = World::new();
    let mut gate = hook("gate");
    gate["DefaultResult"] = json!("CONTINUE");
    world.group(1, &[gate]);
    world.after(61);
    assert_eq!(world.states(), ["InService"]);
}

#[test]
fn a_heartbeat_starts_the_window_anew_up_to_the_global_timeout() {
    let mut world = World::launching(&["gate"], "");
    let id = world.only();
    for beat in 0..119 {
        world.after(50);
        world.heartbeat(&id).unwrap_or_else(|refused| panic!("beat {beat}: {refused:?}"));
    }
    assert_eq!(world.instances()[0].1, "Pending:Wait");
    world.after(49);
    assert_eq!(world.instances()[0].1, "Pending:Wait", "5,999 s after the action began");
    world.after(1);
    assert_eq!(world.instances()[0].1, "Terminating", "100 x 60 s is the end, whatever the heartbeats");
    assert!(world.heartbeat(&id).unwrap_err().message.starts_with("No active Lifecycle Action found"));
}

#[test]
fn an_action_may_be_accepted_later_than_the_wait_is_seen() {
    let mut world = World::new();
    world.fleet.settings.action_accepted_after = Duration::from_secs(3);
    world.group(1, &[hook("gate")]);
    world.after(1);
    let id = world.only();
    assert_eq!(world.states(), ["Pending:Wait"]);
    assert!(world.complete_by_id(&id, "CONTINUE").is_err());
    world.after(3);
    world.complete_by_id(&id, "CONTINUE").unwrap();
}

#[test]
fn the_end_of_a_launch_may_be_told_later_and_its_beginning_too() {
    let mut world = World::new();
    world.fleet.settings.activities_seen_after = Duration::from_secs(4);
    world.fleet.settings.activities_told_after = Duration::from_mins(1);
    world.group(1, &[hook("gate")]);
    world.after(3);
    let told = |world: &mut World| -> Vec<(String, bool, Option<String>)> {
        let all = world.ok("DescribeScalingActivities", json!({"AutoScalingGroupName": "web"}));
        let launches = list(&all, "Activities").iter().filter(|one| text(one, "/Description").starts_with("Launching"));
        let told = |one: &Value| {
            (text(one, "/StatusCode"), one.get("EndTime").is_some(), one["StatusMessage"].as_str().map(str::to_owned))
        };
        launches.map(told).collect()
    };
    assert_eq!(told(&mut world), []);
    world.after(1);
    let waits = ("MidLifecycleAction".to_owned(), false, None);
    assert_eq!(told(&mut world), std::slice::from_ref(&waits));
    world.ok("SuspendProcesses", json!({"AutoScalingGroupName": "web", "ScalingProcesses": ["Launch"]}));
    world.complete_by_id(&world.only(), "ABANDON").unwrap();
    world.after(59);
    assert_eq!(told(&mut world), [waits]);
    world.after(1);
    let (status, ended, message) = told(&mut world).remove(0);
    assert_eq!((status.as_str(), ended), ("Cancelled", true));
    assert!(message.unwrap().ends_with("Lifecycle Action Completed with ABANDON Result"));
}

#[test]
fn a_launch_whose_instance_died_is_cancelled_and_one_that_came_into_service_is_not() {
    let mut world = World::launching(&["gate"], "[[launch]]\nstory = \"dies\"\ndies = 12");
    world.after(43);
    let launch = |world: &mut World| {
        let all = world.ok("DescribeScalingActivities", json!({"AutoScalingGroupName": "web"}));
        let id = world.launched().pop().unwrap();
        let of = |one: &&Value| text(one, "/Description") == format!("Launching a new EC2 instance: {id}");
        list(&all, "Activities").iter().find(of).unwrap().clone()
    };
    let died = launch(&mut world);
    assert_eq!(text(&died, "/StatusCode"), "Cancelled");
    assert!(text(&died, "/StatusMessage").contains("became unhealthy while waiting"), "{died}");
    world.after(8);
    world.complete_by_id(&world.launched()[1].clone(), "CONTINUE").unwrap();
    let well = launch(&mut world);
    assert_eq!((text(&well, "/StatusCode"), well.get("StatusMessage")), ("Successful".to_owned(), None));
}
