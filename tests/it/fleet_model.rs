//! The rules of groups, hooks, tokens, time-outs and warm pools, under moved time.

use std::time::Duration;

use launchgate_tests::fleet::story::Stories;
use launchgate_tests::fleet::{By, Fault, What};
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
    assert_eq!((event.text("version"), event.text("source"), event.text("time")), ("0", "aws.autoscaling", "2026-09-14T08:00:01Z"));
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
    let why = format!("Instance failed to complete user's Lifecycle Action: Lifecycle Action with token {token} was abandoned: Lifecycle Action Completed with ABANDON Result");
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
    assert_eq!((again.code.as_str(), again.message), ("ValidationError", format!("No active Lifecycle Action found with token {token}")));
    let again = world.complete_by_id(&id, "CONTINUE").unwrap_err();
    assert_eq!(again.message, format!("No active Lifecycle Action found with instance ID {id}"));
    let by: Vec<By> = world.fleet.timeline().iter().filter_map(|entry| if let What::Completed { by, .. } = entry.what { Some(by) } else { None }).collect();
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

#[test]
fn a_pool_instance_waits_twice_with_two_tokens() {
    let mut world = World::new();
    world.group(0, &[hook("gate")]);
    world.ok("PutWarmPool", json!({"AutoScalingGroupName": "web", "MinSize": 1, "MaxGroupPreparedCapacity": 1}));
    world.after(1);
    assert_eq!(world.states(), ["Warmed:Pending:Wait"]);
    let into_pool = world.events(LAUNCH).remove(0);
    assert_eq!((into_pool.detail("Origin"), into_pool.detail("Destination")), ("EC2", "WarmPool"));
    world.after(20);
    world.complete("gate", into_pool.detail("LifecycleActionToken"), "CONTINUE").unwrap();
    assert_eq!(world.states(), ["Warmed:Stopped"]);
    assert_eq!(list(&world.ok("DescribeInstanceInformation", json!({})), "InstanceInformationList").len(), 0, "a stopped one is not listed");

    world.after(3600);
    world.fleet.take_events();
    world.ok("SetDesiredCapacity", json!({"AutoScalingGroupName": "web", "DesiredCapacity": 1}));
    world.after(1);
    assert_eq!(world.instances()[0].1, "Pending:Wait");
    let into_group = world.events(LAUNCH).remove(0);
    assert_eq!((into_group.detail("Origin"), into_group.detail("Destination")), ("WarmPool", "AutoScalingGroup"));
    assert_ne!(into_group.detail("LifecycleActionToken"), into_pool.detail("LifecycleActionToken"));
    let information = world.ok("DescribeInstanceInformation", json!({}));
    let ping = information["InstanceInformationList"][0]["LastPingDateTime"].as_f64().unwrap();
    assert!(world.now.since(lifecycle::Timestamp::from_millis(0)).as_secs_f64() - ping > 3600.0, "it shows its old ping");
    let id = world.only();
    world.complete_by_id(&id, "CONTINUE").unwrap();
    assert_eq!(world.instances()[0].1, "InService");
}

#[test]
fn an_abandoned_pool_instance_is_terminated_and_replaced() {
    let mut world = World::new();
    world.group(0, &[hook("gate")]);
    world.ok("PutWarmPool", json!({"AutoScalingGroupName": "web", "MinSize": 1, "MaxGroupPreparedCapacity": 1, "PoolState": "Running"}));
    world.after(1);
    let id = world.only();
    world.complete_by_id(&id, "ABANDON").unwrap();
    assert_eq!(world.states(), ["Warmed:Terminating"]);
    world.after(6);
    assert_eq!(world.states(), ["Warmed:Terminated", "Warmed:Pending:Wait"]);
    let id = world.launched().remove(1);
    world.complete_by_id(&id, "CONTINUE").unwrap();
    assert_eq!(world.states()[1], "Warmed:Running");
}

#[test]
fn scale_in_with_a_reuse_policy_goes_back_to_the_pool() {
    let mut world = World::new();
    let terminating = json!({"LifecycleHookName": "drain", "LifecycleTransition": "autoscaling:EC2_INSTANCE_TERMINATING", "HeartbeatTimeout": 60, "DefaultResult": "CONTINUE"});
    world.group(1, &[terminating]);
    world.after(2);
    assert_eq!(world.states(), ["InService"]);
    world.ok("PutWarmPool", json!({"AutoScalingGroupName": "web", "MaxGroupPreparedCapacity": 1, "InstanceReusePolicy": {"ReuseOnScaleIn": true}}));
    world.fleet.take_events();
    world.ok("SetDesiredCapacity", json!({"AutoScalingGroupName": "web", "DesiredCapacity": 0}));
    world.after(1);
    assert_eq!(world.states(), ["Warmed:Pending:Wait"]);
    let event = world.events("EC2 Instance-terminate Lifecycle Action").remove(0);
    assert_eq!((event.detail("Origin"), event.detail("Destination")), ("AutoScalingGroup", "WarmPool"));
    world.after(60);
    assert_eq!(world.states(), ["Warmed:Stopped"]);
}

#[test]
fn a_termination_waits_for_its_hooks_too() {
    let mut world = World::new();
    let terminating = json!({"LifecycleHookName": "gate", "LifecycleTransition": "autoscaling:EC2_INSTANCE_TERMINATING", "HeartbeatTimeout": 60});
    world.group(1, &[terminating]);
    world.after(2);
    let id = world.only();
    world.ok("TerminateInstanceInAutoScalingGroup", json!({"InstanceId": id, "ShouldDecrementDesiredCapacity": true}));
    world.after(1);
    assert_eq!(world.states(), ["Terminating:Wait"]);
    world.complete_by_id(&id, "ABANDON").unwrap();
    assert_eq!(world.states(), ["Terminated"]);
    world.after(60);
    assert!(world.states().is_empty());
}

#[test]
fn replacements_can_be_limited_and_launches_suspended() {
    let mut world = World::new();
    world.fleet.settings.replacements = Some(1);
    world.group(1, &[hook("gate")]);
    world.after(600);
    assert_eq!(world.launched().len(), 2);

    let mut world = World::launching(&["gate"], "");
    world.ok("SuspendProcesses", json!({"AutoScalingGroupName": "web", "ScalingProcesses": ["Launch"]}));
    world.after(600);
    assert_eq!(world.launched().len(), 1);
    world.ok("ResumeProcesses", json!({"AutoScalingGroupName": "web"}));
    assert_eq!(world.launched().len(), 2);
}

#[test]
fn an_instance_that_dies_waits_until_its_group_sees_it() {
    let mut world = World::launching(&["gate"], "[default]\nstory = \"dies\"\ndies = 12");
    world.after(12);
    let id = world.only();
    assert_eq!(world.states(), ["Pending:Wait"]);
    world.after(30);
    assert_eq!(world.instances()[0], (id.clone(), "Terminated".to_owned()));
    assert!(world.complete_by_id(&id, "CONTINUE").is_err());
}

#[test]
fn a_group_with_instances_is_deleted_only_by_force_and_without_hooks() {
    let mut world = World::launching(&["gate"], "");
    assert_eq!(world.refused("DeleteAutoScalingGroup", json!({"AutoScalingGroupName": "web"})).0, "ResourceInUse");
    world.ok("DeleteAutoScalingGroup", json!({"AutoScalingGroupName": "web", "ForceDelete": true}));
    assert_eq!(world.states(), ["Terminated"]);
    world.after(600);
    assert_eq!(world.launched().len(), 1);
}

#[test]
fn instances_are_looked_up_fifty_at_a_time_and_unknown_ids_are_ignored() {
    let mut world = World::launching(&["gate"], "");
    let found = world.ok("DescribeAutoScalingInstances", json!({"InstanceIds": [world.only(), "i-0000000000000dead"]}));
    assert_eq!(list(&found, "AutoScalingInstances").len(), 1);
    let many: Vec<String> = (0..51).map(|n| format!("i-{n:017x}")).collect();
    assert_eq!(world.refused("DescribeAutoScalingInstances", json!({"InstanceIds": many})).0, "ValidationError");
}

#[test]
fn members_are_held_to_the_bounds_of_the_service_model() {
    let mut world = World::launching(&["gate"], "");
    let bad = [
        json!({"AutoScalingGroupName": "web", "LifecycleHookName": "a b", "LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING"}),
        json!({"AutoScalingGroupName": "web", "LifecycleHookName": "a", "LifecycleTransition": "launching"}),
        json!({"AutoScalingGroupName": "web", "LifecycleHookName": "a", "LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING", "HeartbeatTimeout": 29}),
        json!({"AutoScalingGroupName": "web", "LifecycleHookName": "a"}),
        json!({"AutoScalingGroupName": "nobody", "LifecycleHookName": "a", "LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING"}),
    ];
    for members in bad {
        assert_eq!(world.refused("PutLifecycleHook", members.clone()).0, "ValidationError", "{members}");
    }
    assert!(world.complete("gate", "short", "CONTINUE").unwrap_err().message.contains("at 'lifecycleActionToken'"));
}

#[test]
fn faults_meet_the_calls_they_name() {
    let mut world = World::launching(&["gate"], "");
    world.fleet.faults.add(Fault::Throttle { call: "autoscaling".to_owned(), burst: 2, per_second: 1 });
    world.ok("DescribeAutoScalingGroups", json!({}));
    world.ok("DescribeAutoScalingInstances", json!({}));
    assert_eq!(world.refused("DescribeAutoScalingInstances", json!({})), ("Throttling".to_owned(), "Rate exceeded".to_owned()));
    world.after(1);
    world.ok("DescribeAutoScalingInstances", json!({}));
    world.fleet.faults.clear();

    world.fleet.faults.add(Fault::Fail { call: "SetDesiredCapacity".to_owned(), times: 1, code: "ResourceContention".to_owned() });
    let wish = json!({"AutoScalingGroupName": "web", "DesiredCapacity": 2});
    assert_eq!(world.refused("SetDesiredCapacity", wish.clone()).0, "ResourceContention");
    world.ok("SetDesiredCapacity", wish);

    world.fleet.faults.add(Fault::LoseAnswer { call: "CompleteLifecycleAction".to_owned(), times: 1 });
    let id = world.only();
    assert_eq!(world.complete_by_id(&id, "CONTINUE").unwrap_err().code, "InternalFailure");
    assert_eq!(world.instances()[0].1, "InService", "it was carried out all the same");
    let calls = world.fleet.calls()[&("autoscaling".to_owned(), "DescribeAutoScalingInstances".to_owned())];
    assert_eq!((calls.made, calls.throttled), (4, 1));
}

#[test]
fn a_run_is_a_function_of_its_seed() {
    let told = || {
        let mut world = World::launching(&["gate", "other"], include_str!("../stories/troubles.toml"));
        world.documents();
        world.after(500);
        let events = world.fleet.take_events();
        format!("{:?}{events:?}", world.fleet.timeline())
    };
    assert_eq!(told(), told());
}

#[test]
fn a_story_file_with_a_slip_is_refused_with_the_key_and_the_story() {
    let error = |text: &str| Stories::parse(text).unwrap_err().to_string();
    let unknown = error("[[launch]]\nstory = \"boots\"\nbots = 20");
    assert!(unknown.contains("\"boots\"") && unknown.contains("`bots`"), "{unknown}");
    assert!(error("[[launch]]\nboots = 20").contains("number 1"));
    assert!(error("[[launch]]\nstory = \"x\"\nregisters = \"sometimes\"").contains("\"never\""));
    assert!(error("[[launch]]\nstory = \"x\"\ndies = -1").contains("-1"));
    assert!(error("[[lunch]]\nstory = \"x\"").contains("lunch"));
}
