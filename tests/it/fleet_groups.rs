//! Tests the rules of Auto Scaling groups and warm pools: replacement, scale-in, termination. The test moves the
//! fleet's clock.

use serde_json::json;

use crate::fleet_world::{World, hook, list, text};

const LAUNCH: &str = "EC2 Instance-launch Lifecycle Action";

/// A group whose only instance waits on its way into the warm pool, for its hook.
fn pooling(pool_state: &str) -> (World, String) {
    let mut world = World::new();
    world.group(0, &[hook("gate")]);
    world.ok(
        "PutWarmPool",
        json!({"AutoScalingGroupName": "web", "MaxGroupPreparedCapacity": 1, "MinSize": 1, "PoolState": pool_state}),
    );
    world.after(1);
    let id = world.only();
    (world, id)
}

#[test]
fn a_pool_instance_waits_twice_with_two_tokens() {
    let (mut world, id) = pooling("Stopped");
    assert_eq!(world.states(), ["Warmed:Pending:Wait"]);
    let into_pool = world.events(LAUNCH).remove(0);
    assert_eq!((into_pool.detail("Origin"), into_pool.detail("Destination")), ("EC2", "WarmPool"));
    world.complete("gate", into_pool.detail("LifecycleActionToken"), "CONTINUE").unwrap();
    assert_eq!(world.states(), ["Warmed:Stopped"]);

    world.ok("SetDesiredCapacity", json!({"AutoScalingGroupName": "web", "DesiredCapacity": 1}));
    world.after(1);
    let into_group = world.events(LAUNCH).remove(0);
    assert_eq!(into_group.detail("EC2InstanceId"), id);
    assert_eq!((into_group.detail("Origin"), into_group.detail("Destination")), ("WarmPool", "AutoScalingGroup"));
    assert_ne!(into_group.detail("LifecycleActionToken"), into_pool.detail("LifecycleActionToken"));
    assert_eq!(world.instances()[0].1, "Pending:Wait");
    world.complete_by_id(&id, "CONTINUE").unwrap();
    assert_eq!(world.instances()[0].1, "InService");
}

#[test]
fn a_restarted_pool_instance_shows_its_old_ping_until_it_pings_anew() {
    let (mut world, id) = pooling("Stopped");
    world.after(20);
    world.complete_by_id(&id, "CONTINUE").unwrap();
    let pings = |world: &mut World| -> Vec<f64> {
        let found = world.ok("DescribeInstanceInformation", json!({}));
        let listed = list(&found, "InstanceInformationList").iter();
        listed.filter(|one| one["InstanceId"] == id).map(|one| one["LastPingDateTime"].as_f64().unwrap()).collect()
    };
    assert!(pings(&mut world).is_empty(), "a stopped one is not listed");
    world.after(3600);
    world.ok("SetDesiredCapacity", json!({"AutoScalingGroupName": "web", "DesiredCapacity": 1}));
    world.after(7);
    let old = pings(&mut world)[0];
    world.after(1);
    assert!(pings(&mut world)[0] - old > 3600.0);
}

#[test]
fn an_abandoned_pool_instance_is_terminated_and_replaced() {
    let (mut world, id) = pooling("Running");
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
fn a_suspended_group_launches_nothing_and_still_terminates() {
    let mut world = World::launching(&[], "");
    world.after(1);
    world.ok("SuspendProcesses", json!({"AutoScalingGroupName": "web", "ScalingProcesses": ["Launch"]}));
    let groups = world.ok("DescribeAutoScalingGroups", json!({}));
    let suspended = json!([{"ProcessName": "Launch", "SuspensionReason": "User suspended at 2026-09-14T08:00:02Z"}]);
    assert_eq!(groups["AutoScalingGroups"][0]["SuspendedProcesses"], suspended);
    world.ok("SetDesiredCapacity", json!({"AutoScalingGroupName": "web", "DesiredCapacity": 3}));
    world.after(600);
    assert_eq!(world.launched().len(), 1);
    world.ok("SetDesiredCapacity", json!({"AutoScalingGroupName": "web", "DesiredCapacity": 0}));
    world.after(2);
    assert_eq!(world.states(), ["Terminated"]);
    world.ok("SetDesiredCapacity", json!({"AutoScalingGroupName": "web", "DesiredCapacity": 2}));
    world.ok("ResumeProcesses", json!({"AutoScalingGroupName": "web", "ScalingProcesses": ["Launch"]}));
    world.after(1);
    assert_eq!(world.launched().len(), 3, "after the resume it catches up");
}

#[test]
fn what_ec2_refuses_is_tried_again_and_leaves_an_activity_without_an_instance() {
    let mut world = World::new();
    world.fleet.refuse_launches(2);
    world.group(1, &[]);
    world.after(30);
    assert_eq!(world.states(), ["InService"]);
    let told = world.ok("DescribeScalingActivities", json!({"AutoScalingGroupName": "web"}));
    let told: Vec<(String, String)> = list(&told, "Activities")
        .iter()
        .map(|one| (text(one, "/StatusCode"), text(one, "/Description").chars().take(30).collect()))
        .collect();
    let refused = ("Failed".to_owned(), "Launching a new EC2 instance. ".to_owned());
    assert_eq!(told[1..], [refused.clone(), refused]);
    assert_eq!(told[0].0, "Successful");
}

#[test]
fn activities_are_filtered_by_the_time_of_their_start_and_by_their_status() {
    let mut world = World::launching(&["gate"], "");
    let id = world.only();
    world.complete_by_id(&id, "ABANDON").unwrap();
    world.after(10);
    let count = |world: &mut World, filters: serde_json::Value| {
        let asked = json!({"AutoScalingGroupName": "web", "Filters": filters});
        list(&world.ok("DescribeScalingActivities", asked), "Activities").len()
    };
    let filter = |name: &str, values: &[&str]| json!({"Name": name, "Values": values});
    assert_eq!(count(&mut world, json!([])), 3, "a launch, its end, and the next launch");
    assert_eq!(count(&mut world, json!([filter("StartTimeLowerBound", &["2026-09-14T08:00:01Z"])])), 2);
    assert_eq!(count(&mut world, json!([filter("StartTimeUpperBound", &["2026-09-14T08:00:00Z"])])), 1);
    assert_eq!(count(&mut world, json!([filter("Status", &["Cancelled"])])), 1);
    assert_eq!(count(&mut world, json!([filter("Status", &["Cancelled", "Successful"])])), 2);
    assert_eq!(count(&mut world, json!([filter("Status", &["Failed"])])), 0);
    for wrong in [filter("Status", &["Cancelled"]), filter("StartTimeLowerBound", &["yesterday"]), filter("Color", &[])]
    {
        let (code, _) = world.refused("DescribeScalingActivities", json!({"Filters": [wrong]}));
        assert_eq!(code, "ValidationError");
    }
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
