//! Tests the bounds of requests, the faults that can be switched on, the seeds, and the story files.

use std::time::Duration;

use launchgate_tests::fleet::story::Stories;
use launchgate_tests::fleet::{Fault, api};
use serde_json::json;

use crate::fleet_world::{World, list};

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
    assert_eq!(
        world.refused("DescribeAutoScalingInstances", json!({})),
        ("Throttling".to_owned(), "Rate exceeded".to_owned())
    );
    world.after(1);
    world.ok("DescribeAutoScalingInstances", json!({}));
    world.fleet.faults.clear();

    world.fleet.faults.add(Fault::Fail {
        call: "SetDesiredCapacity".to_owned(),
        times: 1,
        code: "ResourceContention".to_owned(),
    });
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
fn a_call_that_is_away_is_refused_from_one_moment_to_another_and_others_are_not() {
    let mut world = World::launching(&["gate"], "");
    let away = |call: &str, from: u64, to: u64| Fault::Away {
        call: call.to_owned(),
        from: world.now + Duration::from_secs(from),
        to: world.now + Duration::from_secs(to),
        code: "ServiceUnavailable".to_owned(),
    };
    let (one, all) = (away("DescribeLifecycleHooks", 10, 70), away("*", 80, 90));
    world.fleet.faults.add(one);
    world.fleet.faults.add(all);
    let hooks = json!({"AutoScalingGroupName": "web"});
    let mut seen = Vec::new();
    for step in [9, 1, 59, 1, 10, 9, 1] {
        world.after(step);
        seen.push((
            world.call("DescribeLifecycleHooks", hooks.clone()).is_ok(),
            world.call("DescribeAutoScalingInstances", json!({})).is_ok(),
        ));
    }
    let (well, half, none) = ((true, true), (false, true), (false, false));
    assert_eq!(seen, [well, half, half, well, none, none, well]);
    let calls = world.fleet.calls()[&("autoscaling".to_owned(), "DescribeLifecycleHooks".to_owned())];
    assert_eq!((calls.made, calls.refused), (7, 4));
}

#[test]
fn slow_calls_are_carried_out_at_once_and_answered_later() {
    let mut world = World::launching(&["gate"], "");
    let by = Duration::from_secs(3);
    world.fleet.faults.add(Fault::Slow { call: "DescribeAutoScalingGroups".to_owned(), by });
    let answer = api::call(&mut world.fleet, world.now, "autoscaling", "DescribeAutoScalingGroups", &json!({}));
    assert!(answer.outcome.is_ok());
    assert_eq!(answer.delay, by);
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

#[test]
fn the_story_file_has_one_of_each_kind() {
    let stories = Stories::parse(include_str!("../stories/troubles.toml")).unwrap();
    assert!(stories.upcoming().count() >= 13);
    assert!(stories.upcoming().all(|story| story.expect.is_some()));
}

#[test]
fn what_a_new_key_cannot_mean_is_told_with_its_name() {
    let error = |keys: &str| Stories::parse(&format!("[default]\nstory = \"it\"\n{keys}")).unwrap_err().to_string();
    for (keys, key, words) in [
        ("network = \"opne\"", "network", "unknown variant `opne`"),
        ("network = [[0, \"no-route\"], [9, \"opne\"]]", "network", "unknown variant `opne`"),
        ("metadata = [[9, \"blocked\"], [0, \"answers\"]]", "metadata", "not in the order of time"),
        ("credentials = 5", "credentials", "invalid type"),
        ("clock_ahead = \"late\"", "clock_ahead", "invalid type"),
        ("disk_full = \"yes\"", "disk_full", "invalid type"),
        ("packages = [\"jdk\"]", "packages", "invalid type"),
        ("repair = []", "repair", "it is empty"),
        ("repair = [\"works\", \"often\"]", "repair", "unknown variant `often`"),
        ("user_data = \"lost\"", "user_data", "unknown variant `lost`"),
        ("package_manager = \"rpm\"", "package_manager", "scripts are `real`"),
    ] {
        let told = error(keys);
        assert!(told.contains(&format!("`{key}`")) && told.contains(words), "{keys}: {told}");
    }
    let error = |text: &str| Stories::parse(text).unwrap_err().to_string();
    assert!(error("all = 5").contains("[all]"));
    assert!(error("[group.web]\npolicy = {}").contains("group.web: missing field `heartbeat`"));
    assert!(error("[group.web]").contains("group.web: it has neither a `policy` nor `codedeploy`"));
    assert!(Stories::parse("[group.web]\ncodedeploy = true").unwrap().groups().all(|(_, group)| group.codedeploy));
}

#[test]
fn each_instance_lives_a_story_of_its_group() {
    let stories = "[all]\nregisters = 3\n[group.other]\nheartbeat = 60\n\
                   [[launch]]\nstory = \"others\"\ngroup = \"other\"\n[[launch]]\nstory = \"anybodys\"\nregisters = 4\n";
    let mut world = World::telling(stories);
    world.group(2, &[]);
    world.after(4);
    let lived: Vec<String> = world.launched().iter().map(|id| world.fleet.story(id).unwrap().name.clone()).collect();
    assert_eq!(lived, ["anybodys", "healthy"]);
    let told = Stories::parse(stories).unwrap();
    assert_eq!(told.upcoming().map(|story| story.registers.unwrap().as_secs()).collect::<Vec<_>>(), [3, 4]);
    let groups: Vec<_> = told.groups().map(|(name, group)| (name.as_str(), group.heartbeat, &group.policy)).collect();
    assert_eq!(groups, [("other", 60, &None)]);
}
