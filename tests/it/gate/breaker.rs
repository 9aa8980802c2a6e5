//! Groups in which launches fail: when the breaker tells, when it suspends Launch, and when it does neither.

use std::time::Duration;

use launchgate_tests::fleet::story::Stories;
use launchgate_tests::fleet::{Fault, What};
use serde_json::{Value, json};

use super::world::World;

/// Fails a minute after its launch, and so does what replaces it.
const BAD: &str = "[default]\nstory = \"bad\"\nboots = 20\nuser_data = \"fails\"\nagent = [[0, \"missing\"]]\n";

/// A group whose launches are replaced, with this breaker.
fn world(breaker: &Value, stories: &str) -> World {
    let world = World::new(&json!({"ready_within": 300, "breaker": breaker}), stories);
    world.with(|fleet| fleet.settings.replacements = None);
    world
}

fn suspending() -> Value {
    json!({"failures": 3, "within": 3600, "action": "suspend"})
}

fn launched(world: &World) -> usize {
    world.count(|what| matches!(what, What::Launched { .. }))
}

fn asked(world: &World, operation: &str) -> u64 {
    let key = ("autoscaling".to_owned(), operation.to_owned());
    world.with(|fleet| fleet.calls().get(&key).map_or(0, |calls| calls.made))
}

/// The processes that are suspended.
fn suspended(world: &World) -> Vec<String> {
    let groups = world.call("autoscaling", "DescribeAutoScalingGroups", &json!({}));
    let processes = groups["AutoScalingGroups"][0]["SuspendedProcesses"].as_array().unwrap().clone();
    processes.iter().map(|process| process["ProcessName"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_group_that_fails_three_times_is_suspended_and_the_line_says_how_to_resume_it() {
    let mut world = world(&suspending(), BAD);
    world.scale_out(1);
    world.pass(900).await;
    assert_eq!((launched(&world), suspended(&world)), (3, vec!["Launch".to_owned()]), "{}", world.story());
    let lines = world.lines("breaker");
    assert_eq!(lines.len(), 1);
    let line = &lines[0];
    assert_eq!((&line["group"], &line["action"]), (&json!("web"), &json!("suspended")));
    assert_eq!((&line["failures"], &line["in_a_row"], &line["open"]), (&json!(3), &json!(3), &json!(0)));
    assert_eq!(line["reasons"], json!({"user-data-failed": 3}));
    assert_eq!(line["newest"][0]["instance"], world.settled()[2]["instance"]);
    assert_eq!((line["newest"].as_array().unwrap().len(), &line["within"]), (3, &json!(3600)));
    let to_do = line["what_to_do"].as_str().unwrap();
    let command = "aws autoscaling resume-processes --auto-scaling-group-name web --scaling-processes Launch";
    assert!(to_do.ends_with(command), "{to_do}");
    assert!(line["meanwhile"].as_str().unwrap().contains("not replaced"), "{line}");
    assert_eq!((&line["breakers"], line.get("not_suspended")), (&json!(1), None));
}

#[tokio::test(start_paused = true)]
async fn after_a_resume_the_first_new_failure_suspends_again_unless_a_launch_has_succeeded() {
    let mut world = world(&suspending(), BAD);
    let resume = json!({"AutoScalingGroupName": "web", "ScalingProcesses": ["Launch"]});
    world.scale_out(1);
    world.pass(600).await;
    world.call("autoscaling", "ResumeProcesses", &resume);
    world.pass(300).await;
    assert_eq!((launched(&world), suspended(&world).len()), (4, 1), "{}", world.story());

    world.with(|fleet| {
        let stories = format!("[[launch]]\nstory = \"good\"\n{BAD}");
        fleet.tell(Stories::parse(&stories).unwrap());
    });
    world.call("autoscaling", "ResumeProcesses", &resume);
    world.pass(300).await;
    assert_eq!((launched(&world), suspended(&world).len()), (5, 0), "the good one is in service");
    world.scale_out(2);
    world.pass(60).await;
    assert_eq!((launched(&world), suspended(&world).len()), (7, 0), "{}", world.story());
    let line = world.lines("breaker").pop().unwrap();
    assert_eq!((&line["action"], &line["in_a_row"]), (&json!("alarm"), &json!(1)));
    assert!(line["not_suspended"].as_str().unwrap().contains("has succeeded"), "{line}");
}

#[tokio::test(start_paused = true)]
async fn an_activity_that_is_told_late_delays_nothing() {
    let mut world = world(&suspending(), BAD);
    world.with(|fleet| fleet.settings.activities_told_after = Duration::from_secs(20));
    world.scale_out(1);
    world.pass(900).await;
    assert_eq!((launched(&world), suspended(&world).len()), (3, 1), "{}", world.story());
}

#[tokio::test(start_paused = true)]
async fn an_alarm_tells_and_changes_nothing() {
    let mut world = world(&json!({"failures": 2}), BAD);
    world.scale_out(1);
    world.pass(400).await;
    assert!(launched(&world) > 4 && suspended(&world).is_empty());
    assert_eq!(asked(&world, "SuspendProcesses"), 0);
    let lines = world.lines("breaker");
    assert_eq!(lines.len(), world.settled().len() - 1, "each failure from the second on");
    let line = &lines[0];
    assert_eq!((&line["action"], line.get("not_suspended")), (&json!("alarm"), None));
    let suspend = "aws autoscaling suspend-processes --auto-scaling-group-name web --scaling-processes Launch";
    assert!(line["what_to_do"].as_str().unwrap().contains(suspend), "{line}");
}

#[tokio::test(start_paused = true)]
async fn of_many_at_once_half_must_fail_before_it_is_sure() {
    let mut world = world(&suspending(), BAD);
    world.with(|fleet| {
        let story =
            |number| format!("[[launch]]\nstory = \"{number}\"\nboots = {}\nuser_data = \"fails\"\n", number * 30);
        let stories: Vec<String> = (1..=10).map(story).collect();
        fleet.tell(Stories::parse(&(stories.concat() + BAD)).unwrap());
    });
    world.scale_out(10);
    world.pass(600).await;
    let lines = world.lines("breaker");
    let first = lines.iter().position(|line| line["action"] == "suspended").unwrap();
    assert!(
        lines[..first].iter().all(|line| line["not_suspended"].as_str().unwrap().contains("more launches are open"))
    );
    let (row, open) = (lines[first]["in_a_row"].as_u64().unwrap(), lines[first]["open"].as_u64().unwrap());
    assert!(open <= row && first > 0, "{lines:#?}");
}

#[tokio::test(start_paused = true)]
async fn good_launches_among_the_bad_ones_keep_the_group() {
    let kinds = ["", "user_data = \"fails\"\n"];
    let kind = |number| kinds[usize::from(number % 3 == 0)];
    let story = |number| format!("[[launch]]\nstory = \"{number}\"\nboots = 20\n{}", kind(number));
    let stories: Vec<String> = (0..12).map(story).collect();
    let mut world = world(&suspending(), &stories.concat());
    for desired in 1..=8 {
        world.scale_out(desired);
        world.pass(100).await;
    }
    assert!(world.lines("breaker").len() >= 2, "{}", world.story());
    assert_eq!((asked(&world, "SuspendProcesses"), suspended(&world).len()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn what_ec2_refuses_to_launch_does_not_count() {
    let mut world = world(&suspending(), BAD);
    world.with(|fleet| fleet.refuse_launches(5));
    world.scale_out(1);
    world.pass(100).await;
    assert_eq!((launched(&world), world.lines("breaker").len()), (2, 0), "{}", world.story());
}

#[tokio::test(start_paused = true)]
async fn a_group_without_the_key_is_neither_told_of_nor_touched() {
    let mut world = World::new(&json!({"ready_within": 300}), BAD);
    world.with(|fleet| fleet.settings.replacements = Some(4));
    world.scale_out(1);
    world.settle().await;
    assert_eq!((launched(&world), asked(&world, "SuspendProcesses")), (5, 0));
    assert!(world.lines("breaker").is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_observed_group_is_only_told_of() {
    let policy = json!({"ready_within": 300, "mode": "observe", "breaker": suspending()});
    let mut world = World::hooked(&[super::world::hook("launchgate", 120, &policy)], BAD);
    world.with(|fleet| fleet.settings.replacements = None);
    world.scale_out(1);
    world.pass(900).await;
    let line = world.lines("breaker").pop().unwrap();
    assert!(line["not_suspended"].as_str().unwrap().contains("observe"), "{line}");
    assert_eq!(asked(&world, "SuspendProcesses"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_group_whose_operator_refuses_is_told_of() {
    let mut world = world(&suspending(), BAD);
    world.with(|fleet| {
        fleet.faults.add(Fault::Fail { call: "SuspendProcesses".into(), times: 9, code: "AccessDenied".into() });
    });
    world.scale_out(1);
    world.pass(600).await;
    let line = &world.lines("breaker")[0];
    assert_eq!(line["action"], "alarm");
    assert!(line["not_suspended"].as_str().unwrap().starts_with("AWS refused it: SuspendProcesses"), "{line}");
    assert!(launched(&world) > 3);
}

#[tokio::test(start_paused = true)]
async fn a_list_that_cannot_be_read_is_read_at_the_next_failure() {
    let mut world = world(&suspending(), BAD);
    world.sweeps = false;
    world.with(|fleet| {
        let call = "DescribeScalingActivities".into();
        // Three attempts after each of three failures.
        fleet.faults.add(Fault::Fail { call, times: 9, code: "ServiceUnavailable".into() });
    });
    world.scale_out(1);
    world.pass(900).await;
    assert_eq!((launched(&world), suspended(&world).len()), (4, 1), "{}", world.story());
}
