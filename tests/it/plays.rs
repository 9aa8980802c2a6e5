//! Runs whole plays: the release binary, real rules, a real queue and mapping, and the fleet in real time.

mod by_hand;

use std::collections::BTreeSet;
use std::fs;
use std::time::{Duration, Instant};

use launchgate_tests::fleet::{Fault, What};
use launchgate_tests::play::{End, Play};
use launchgate_tests::timeline::State;
use serde_json::json;
use tempfile::TempDir;

/// More than any of these plays takes on two busy cores.
const PATIENCE: Duration = Duration::from_mins(3);

async fn play(stories: &str, policy: serde_json::Value) -> Play {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("stories.toml");
    fs::write(&path, stories).unwrap();
    let play = Play::prepare(&path, &|_| ()).await.unwrap();
    play.opt_in(&policy, 120).await.unwrap();
    play
}

async fn pass_until(play: &mut Play, done: impl Fn(&Play) -> bool) {
    let end = Instant::now() + PATIENCE;
    while !done(play) {
        play.pass(Duration::from_millis(200)).await.unwrap();
        let story: Vec<String> = play.timeline.iter().map(ToString::to_string).collect();
        assert!(Instant::now() < end, "not done in {PATIENCE:?}:\n{}", story.join("\n"));
    }
}

fn count(play: &Play, happened: impl Fn(&What) -> bool) -> usize {
    play.timeline.iter().filter(|entry| happened(&entry.what)).count()
}

const KINDS: &str = r#"
[[launch]]
story = "healthy, for real"
registers = 2
boots = 4
real = true
expect = { result = "CONTINUE", reason = "ready" }

[[launch]]
story = "no role, for real"
registers = 2
boots = 3
agent = [[0, "no-credentials"]]
real = true
expect = { result = "ABANDON", reason = "credentials-missing" }

[[launch]]
story = "never heard of"
registers = "never"
expect = { result = "ABANDON", reason = "ssm-not-registered" }

[[launch]]
story = "one of three"
count = 3
registers = 3
boots = 6
expect = { result = "CONTINUE", reason = "ready" }
"#;

#[tokio::test]
async fn every_kind_of_launch_settles_on_the_local_stack_as_its_story_predicts() {
    let mut play = play(KINDS, json!({"ready_within": 40})).await;
    play.scale_out().await.unwrap();
    pass_until(&mut play, Play::over).await;
    let ends = play.ends();
    assert_eq!(ends.unpredicted().map(|end| (&end.story, end.to_string())).collect::<Vec<_>>(), []);
    let waits = ends.to_continue();
    assert_eq!(waits.len(), 4);
    assert!(play.calls().iter().any(|(operation, made)| operation == "CompleteLifecycleAction" && *made == 6));
    assert_timeline_of(&play);
}

/// Every instance of the play is in the lane with the gate, and its story once more in the lane without.
fn assert_timeline_of(play: &Play) {
    let timeline = play.timeline().unwrap();
    let [with, without] = timeline.lanes.as_slice() else { panic!("{timeline:?}") };
    let told: Vec<(&str, &str)> = with.rows.iter().map(|row| (row.instance.as_str(), row.story.as_str())).collect();
    assert_eq!(told, play.instances().map(|(instance, story)| (instance, story.name.as_str())).collect::<Vec<_>>());
    assert_eq!(without.rows.len(), told.len());
    let healthy = with.rows.iter().find(|row| row.story == "healthy, for real").unwrap();
    let states: Vec<State> = healthy.spans.iter().map(|span| span.state).collect();
    assert!(states.starts_with(&[State::Booting, State::Run]) && states.ends_with(&[State::InService]), "{healthy:?}");
    assert_eq!((healthy.end.as_str(), healthy.group.as_str()), ("CONTINUE: ready", "web"));
}

#[tokio::test]
async fn a_function_killed_in_the_middle_of_a_batch_settles_everything_later_and_nothing_twice() {
    let mut play = play("[default]\nstory = \"one of many\"\nregisters = 2\nboots = 4\n", json!({})).await;
    play.fleet.with(|fleet| {
        fleet.faults.add(Fault::Slow { call: "CompleteLifecycleAction".into(), by: Duration::from_secs(4) });
    });
    let size = ["--auto-scaling-group-name", "web", "--desired-capacity", "8", "--endpoint-url", &play.fleet.url];
    let scaled =
        play.stack.tool("aws").args(["autoscaling", "set-desired-capacity"]).args(size).status().await.unwrap();
    assert!(scaled.success());
    // Verdicts are on their way, and their answers are not here yet.
    pass_until(&mut play, |play| count(play, |what| matches!(what, What::Completed { .. })) > 0).await;
    assert!(play.stack.kill_functions() > 0, "no function was running");
    play.fleet.with(|fleet| fleet.faults.clear());
    pass_until(&mut play, |play| count(play, |what| *what == What::InService) == 8).await;
    assert_eq!(count(&play, |what| matches!(what, What::Completed { .. })), 8, "nothing twice");
    let settled: BTreeSet<&String> = play.settled.keys().collect();
    assert!(settled.len() <= 8);
    assert_eq!(count(&play, |what| matches!(what, What::Terminating { .. } | What::DefaultResult { .. })), 0);
}

const SHOP: &str = r#"
[group.shop]
codedeploy = true
heartbeat = 120
policy = { ready_within = 45, checks = { ports = [8080] } }

[all]
group = "shop"
registers = 2
boots = 3

[[launch]]
story = "good"
ports = { 8080 = 14 }
expect = { result = "CONTINUE", reason = "ready", deployment = "Succeeded" }

[[launch]]
story = "fails"
deployment = { fails = "ValidateService", script = "scripts/validate.sh", log = "curl: (7)" }
expect = { result = "NONE", reason = "instance-gone", deployment = "Failed" }

[[launch]]
story = "never polls"
agent = [[0, "missing"]]
repair = "fails"
expect = { result = "ABANDON", reason = "agent-missing", deployment = "Stopped", stopped_within = 60 }
"#;

#[tokio::test]
async fn beside_codedeploy_a_failed_deployment_is_told_and_one_that_would_hang_is_stopped() {
    let mut play = play(SHOP, json!({})).await;
    play.create_groups().await.unwrap();
    play.scale_out().await.unwrap();
    pass_until(&mut play, Play::over).await;
    let ends = play.ends();
    let told = |end: &End| (end.story.clone(), end.to_string(), end.deployment.clone(), end.to_stop);
    assert_eq!(ends.unpredicted().map(told).collect::<Vec<_>>(), []);
    let (instance, _) = play.instances().find(|(_, story)| story.name == "fails").unwrap();
    let deployment = &play.line(instance).unwrap()["deployments"][0];
    assert_eq!(
        (&deployment["lifecycle_event"], &deployment["code"], &deployment["script"]),
        (&json!("ValidateService"), &json!("ScriptFailed"), &json!("scripts/validate.sh"))
    );
    let tail = play.log_tail(deployment["id"].as_str().unwrap(), instance).unwrap();
    assert!(tail.contains("[stderr]curl: (7)") && deployment["log_tail"] == tail.as_str(), "{deployment}");
    assert_eq!(count(&play, |what| *what == What::InService), 2, "the good one, and the one that brought the revision");
    let asked = play.fleet.with(|fleet| fleet.hooks_asked_for().clone());
    assert_eq!(asked.iter().collect::<Vec<_>>(), ["launchgate"]);
}
