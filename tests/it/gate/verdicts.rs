//! Nobody is given up unseen, a refused call is no verdict, and the policy is the hook's: the smallest inputs, each with
//! and without nudges, and those that concern runs also on the way into a warm pool.

use std::time::Duration;

use launchgate_tests::fleet::{Fault, What};
use serde_json::{Value, json};

use super::world::{World, hook};

/// The tick, and the seconds that a run and its delivery take.
const TICK: f64 = 30.0 + 6.0;

pub(super) fn ended(what: &What) -> bool {
    matches!(what, What::InService | What::InPool { .. } | What::Terminating { .. })
}

pub(super) fn completed(what: &What) -> bool {
    matches!(what, What::Completed { .. })
}

/// Lets launches with this policy live this story, each once with nudges and once without; `pool` says where they go.
/// Returns how each world stands after these seconds.
async fn worlds(policy: &Value, heartbeat: u32, story: &str, pool: bool, seconds: u64) -> Vec<World> {
    let mut worlds = Vec::new();
    for nudges in [true, false] {
        let mut world = begin(policy, heartbeat, story, 1, pool);
        world.with(|fleet| fleet.settings.nudges = nudges);
        world.pass(seconds).await;
        worlds.push(world);
    }
    worlds
}

pub(super) fn begin(policy: &Value, heartbeat: u32, story: &str, launches: u32, pool: bool) -> World {
    let stories = format!("[default]\nstory = \"it\"\nregisters = 5\nboots = 0\n{story}\n");
    let world = World::hooked(&[hook("launchgate", heartbeat, policy)], &stories);
    if pool {
        let members =
            json!({"AutoScalingGroupName": "web", "MinSize": 1, "MaxGroupPreparedCapacity": 1, "PoolState": "Running"});
        world.call("autoscaling", "PutWarmPool", &members);
    } else {
        world.scale_out(launches);
    }
    world
}

/// When the one launch was completed with this result.
pub(super) fn when_completed(world: &World, expected: &str) -> f64 {
    let with = |what: &What| matches!(what, What::Completed { result, .. } if result == expected);
    let when = world.when("it", with).unwrap_or_else(|| panic!("no {expected}:\n{}", world.story()));
    assert_eq!(world.count(completed), 1, "{}", world.story());
    assert_eq!(world.settled().len(), 1, "one line\n{}", world.story());
    when
}

#[tokio::test(start_paused = true)]
async fn a_run_that_never_ends_ends_no_healthy_launch() {
    for pool in [false, true] {
        for ready_within in [60, 90, 299] {
            let policy = json!({"ready_within": ready_within});
            for world in worlds(&policy, 600, "ssm = { stuck_runs = [1] }", pool, 420).await {
                let when = when_completed(&world, "CONTINUE");
                assert!(when <= f64::from(ready_within) + 2.0 * TICK, "{ready_within} s: at {when}\n{}", world.story());
            }
        }
    }
}

/// The run waits 240 s and must have ended 80 s later; a look each tick sees it.
#[tokio::test(start_paused = true)]
async fn a_run_is_lost_when_it_must_have_ended() {
    for registers in [200, 240, 280] {
        let story = format!("ssm = {{ stuck_runs = [1] }}\nregisters = {registers}");
        let story = story.as_str();
        let stories = format!("[default]\nstory = \"it\"\nboots = 0\n{story}\n");
        let mut world = World::hooked(&[hook("launchgate", 600, &json!({}))], &stories);
        world.scale_out(1);
        world.pass(700).await;
        let when = when_completed(&world, "CONTINUE");
        let must_have_ended = f64::from(registers) + TICK + 240.0 + 80.0;
        assert!(when <= must_have_ended.min(600.0) + 2.0 * TICK, "at {when}\n{}", world.story());
    }
}

#[tokio::test(start_paused = true)]
async fn a_repair_that_mends_and_never_reports_is_seen_within_two_minutes() {
    for pool in [false, true] {
        let story = "agent = [[0, \"missing\"]]\nssm = { stuck_repairs = [1] }";
        for world in worlds(&json!({}), 600, story, pool, 500).await {
            let mended = world.when("it", |what| *what == What::Repaired).unwrap();
            let when = when_completed(&world, "CONTINUE");
            assert!(when - mended <= 120.0, "mended at {mended}, completed at {when}\n{}", world.story());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_queue_that_nobody_reads_past_the_deadline_loses_nobody() {
    for (ready_within, unread, launches) in [(30, 331, 1), (30, 31, 1), (600, 1_200, 20), (600, 601, 3)] {
        let mut world = begin(&json!({"ready_within": ready_within}), 3600, "", launches, false);
        world.reads = false;
        world.pass(unread).await;
        assert_eq!(world.count(completed), 0);
        world.reads = true;
        world.pass(90).await;
        let continued = |what: &What| matches!(what, What::Completed { result, .. } if result == "CONTINUE");
        let launches = usize::try_from(launches).unwrap();
        assert_eq!((world.count(continued), world.count(completed)), (launches, launches), "{}", world.story());
        assert_eq!(world.settled().len(), launches);
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_send_command_is_no_verdict_however_long() {
    for (minutes, code) in [
        (16_u32, "ThrottlingException"),
        (16, "AccessDeniedException"),
        (16, "InvalidDocument"),
        (11, "InternalServerError"),
        (16, "ServiceUnavailable"),
    ] {
        for pool in [false, true] {
            let mut world = begin(&json!({}), 600, "", 1, pool);
            let from = world.now();
            let to = from + Duration::from_secs(60 * u64::from(minutes));
            let away = Fault::Away { call: "SendCommand".into(), from, to, code: code.into() };
            world.with(|fleet| fleet.faults.add(away));
            world.pass(60 * u64::from(minutes)).await;
            assert_eq!(world.count(completed), 0, "{code}\n{}", world.story());
            let late = |what: &What| matches!(what, What::Heartbeat { .. });
            let last = world.timeline.iter().filter(|entry| late(&entry.what)).map(|entry| entry.at).max().unwrap();
            assert!(last <= from + Duration::from_secs(601), "no heartbeat after the deadline: {last}");
            world.pass(70).await;
            let when = when_completed(&world, "CONTINUE");
            assert!(when <= 60.0 * f64::from(minutes) + TICK, "{code}: at {when}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_instance_that_ssm_does_not_send_to_is_given_up_at_its_deadline() {
    let mut world = begin(&json!({"ready_within": 120}), 600, "", 1, false);
    let (from, to) = (world.now(), world.now() + Duration::from_hours(1));
    let away = Fault::Away { call: "SendCommand".into(), from, to, code: "InvalidInstanceId".into() };
    world.with(|fleet| fleet.faults.add(away));
    world.pass(180).await;
    let when = when_completed(&world, "ABANDON");
    assert!((120.0..=120.0 + TICK).contains(&when), "at {when}");
    assert_eq!(world.settled()[0]["reason"], "instance-takes-no-run");
}

/// The sweep looks between the deadline and the next look of the message.
#[tokio::test(start_paused = true)]
async fn a_sweep_delays_no_verdict() {
    for ready_within in [110, 115, 120, 125, 140] {
        let policy = json!({"ready_within": ready_within});
        for world in worlds(&policy, 600, "agent = [[0, \"starting\"]]", false, 280).await {
            let when = when_completed(&world, "ABANDON");
            let latest = f64::from(ready_within) + TICK + 60.0;
            assert!((f64::from(ready_within)..=latest).contains(&when), "{ready_within}: at {when}\n{}", world.story());
        }
    }
}
