//! Tests the rules of hooks, tokens, heartbeats and default results. The test moves the fleet's clock.

use std::time::Duration;

use launchgate_tests::fleet::{By, What};
use serde_json::json;

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
    assert_eq!((text(launch, "/StatusCode"), text(launch, "/StatusMessage")), ("Failed".to_owned(), why));
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
