//! What the gate leaves alone, and what it notices: the owner's edits, what is not of here, what it does not hold, and what
//! is gone.

use std::time::Duration;

use launchgate_tests::fleet::What;
use launchgate_tests::stack::files::sample_from;
use serde_json::{Value, json};

use super::shop::OF_CODEDEPLOY;
use super::verdicts::{begin, completed, ended, when_completed};
use super::world::{World, hook};

#[tokio::test(start_paused = true)]
async fn the_owner_stops_the_gate_in_the_middle_of_an_incident() {
    for (story, changed_at) in [("agent = [[0, \"starting\"]]", 60), ("registers = \"never\"", 60), ("", 1)] {
        let stories = format!("[default]\nstory = \"it\"\nboots = 20\n{story}\n");
        let mut world = World::hooked(&[hook("launchgate", 3600, &json!({"ready_within": 120}))], &stories);
        world.scale_out(1);
        world.pass(changed_at).await;
        let policy = json!({"ready_within": 120, "mode": "observe"});
        put_hook(&world, 3600, &policy);
        world.pass(300).await;
        assert_eq!(world.count(completed), 0, "{}", world.story());
        let outcomes: Vec<Value> = world.settled().iter().map(|line| line["outcome"].clone()).collect();
        assert_eq!(outcomes, ["observed"], "{}", world.story());
    }
}

#[tokio::test(start_paused = true)]
async fn an_owner_who_raises_ready_within_is_obeyed_at_once() {
    let mut world =
        begin(&json!({"ready_within": 120}), 3600, "agent = [[0, \"starting\"], [200, \"polling\"]]", 1, false);
    world.pass(60).await;
    put_hook(&world, 3600, &json!({"ready_within": 600}));
    world.pass(200).await;
    let when = when_completed(&world, "CONTINUE");
    assert!(when >= 200.0, "at {when}");
}

fn put_hook(world: &World, heartbeat: u32, policy: &Value) {
    let members = json!({
        "AutoScalingGroupName": "web", "LifecycleHookName": "launchgate", "HeartbeatTimeout": heartbeat,
        "DefaultResult": "ABANDON", "LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING",
        "NotificationMetadata": policy.to_string(),
    });
    world.call("autoscaling", "PutLifecycleHook", &members);
}

#[tokio::test(start_paused = true)]
async fn an_event_of_another_region_or_account_is_dropped() {
    let mut world = World::new(&json!({}), "");
    for (region, account) in [("us-east-2", "000000000000"), ("us-east-1", "111122223333")] {
        world.send(sample_from("launch-ec2-to-group", region, account).unwrap());
        world.pass(2).await;
        assert!(world.aws.queue().is_empty(), "{region} {account}");
    }
    let batches = world.lines("batch");
    assert!(batches.iter().all(|line| line["dropped"] == 1 && line["api_calls"] == 0), "{batches:?}");
}

#[tokio::test(start_paused = true)]
async fn an_instance_that_our_hook_does_not_hold_is_not_changed() {
    let other = hook(&format!("{OF_CODEDEPLOY}shop"), 600, &json!({}));
    for added_at in [20, 60, 130] {
        let stories = "[default]\nstory = \"it\"\nregisters = 5\nboots = 5\nagent = [[0, \"missing\"]]\n";
        let mut world = World::hooked(std::slice::from_ref(&other), stories);
        world.scale_out(1);
        world.pass(added_at).await;
        put_hook(&world, 600, &json!({}));
        world.pass(400).await;
        let runs_of =
            |name: &str| world.count(|what| matches!(what, What::RunSent { document, .. } if document == name));
        assert_eq!(runs_of("install-agent"), 0, "added at {added_at}\n{}", world.story());
        assert!(runs_of("readiness") > 0, "it was looked at");
    }
}

#[tokio::test(start_paused = true)]
async fn an_instance_that_is_terminated_is_not_polled_until_its_deadline() {
    for dies in [20, 70, 200] {
        let story = format!("registers = \"never\"\ndies = {dies}");
        let stories = format!("[default]\nstory = \"it\"\nboots = 5\n{story}\n");
        for told_after in [0, 60_u32] {
            let mut world = World::hooked(&[hook("launchgate", 3600, &json!({"ready_within": 3000}))], &stories);
            world.with(|fleet| fleet.settings.activities_told_after = Duration::from_secs(told_after.into()));
            world.scale_out(1);
            world.pass(dies).await;
            let died = world.until("it", |what| matches!(what, What::Died)).await;
            let told = world.until_told().await;
            assert!(told - died <= 125.0 + f64::from(told_after), "died at {died}, told at {told}\n{}", world.story());
            world.pass(90).await;
            assert_eq!(world.settled().len(), 1);
            assert!(world.aws.queue().is_empty());
        }
    }
}

/// The look that abandons is often not that of the launch message, which then meets an instance that is gone.
#[tokio::test(start_paused = true)]
async fn one_line_also_where_the_activity_tells_the_end_late() {
    for told_after in [0, 20, 60, 120] {
        for story in ["agent = [[0, \"no-credentials\"]]", "user_data = \"fails\"", "registers = \"never\""] {
            let stories = format!("[default]\nstory = \"it\"\nboots = 20\n{story}\n");
            let mut world = World::hooked(&[hook("launchgate", 600, &json!({"ready_within": 120}))], &stories);
            world.with(|fleet| fleet.settings.activities_told_after = Duration::from_secs(told_after));
            world.scale_out(1);
            world.pass(420).await;
            assert_eq!(world.count(ended), 1, "{}", world.story());
            assert_eq!(world.settled().len(), 1, "{told_after}\n{}", world.story());
            assert!(world.aws.queue().is_empty(), "its message is gone");
        }
    }
}

/// After three lost runs one more every two minutes, whoever looks.
#[tokio::test(start_paused = true)]
async fn lost_runs_are_followed_by_one_every_two_minutes() {
    let all = (1..=20).map(|number| number.to_string()).collect::<Vec<_>>().join(", ");
    let story = format!("ssm = {{ failed_runs = [{all}] }}");
    let mut world = begin(&json!({"ready_within": 900}), 3600, &story, 1, false);
    world.pass(880).await;
    let sent: Vec<f64> = world
        .timeline
        .iter()
        .filter(|entry| matches!(entry.what, What::RunSent { .. }))
        .map(|entry| world.seconds_of(entry))
        .collect();
    let after: Vec<f64> = sent.windows(2).skip(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(after.iter().all(|gap| *gap >= 110.0), "{sent:?}");
}
