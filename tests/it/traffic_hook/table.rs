//! Tests every combination of platform, lifecycle event, version and fault, and shows them as a table.

use std::collections::BTreeSet;
use std::fmt::Write;

use launchgate_tests::stack::files::sample;
use regex::Regex;
use serde_json::{Value, json};

use super::invocation::{ALL, Environment, Function};
use super::trouble::{Fault, Kind, Place, Version};
use super::world::World;

/// The lifecycle events that have hooks (aws-facts 4.2).
const LAMBDA: [&str; 2] = ["BeforeAllowTraffic", "AfterAllowTraffic"];
const ECS: [&str; 5] =
    ["BeforeInstall", "AfterInstall", "AfterAllowTestTraffic", "BeforeAllowTraffic", "AfterAllowTraffic"];

const VERSIONS: [Version; 3] = [Version::Healthy, Version::Unhealthy, Version::CannotBeTold];

#[tokio::test(start_paused = true)]
async fn on_lambda_every_row_has_the_right_answer_once_and_in_time() {
    insta::assert_snapshot!("lambda", of_platform("Lambda", &LAMBDA).await);
}

#[tokio::test(start_paused = true)]
async fn on_ecs_every_row_has_the_right_answer_once_and_in_time() {
    insta::assert_snapshot!("ecs", of_platform("ECS", &ECS).await);
}

#[tokio::test(start_paused = true)]
async fn ecs_itself_gets_the_right_answer_in_every_row() {
    let mut table = String::new();
    let faults: Vec<_> = Fault::all().into_iter().filter(|fault| reaches_ecs(*fault)).collect();
    for (version, fault) in rows(&faults) {
        tell(&mut table, version, fault, &of_ecs_itself(version, fault).await);
    }
    insta::assert_snapshot!("ecs_itself", table);
}

/// All lifecycle events of a platform are told alike.
async fn of_platform(platform: &'static str, events: &[&str]) -> String {
    let mut table = String::new();
    for (version, fault) in rows(&Fault::all()) {
        let mut cells = BTreeSet::new();
        for event in events {
            cells.insert(of_code_deploy(platform, event, version, fault).await);
        }
        assert_eq!(cells.len(), 1, "{platform}, {version:?}, {fault:?}: {cells:#?}");
        tell(&mut table, version, fault, &cells.pop_first().unwrap());
    }
    table
}

fn rows(faults: &[Fault]) -> Vec<(Version, Fault)> {
    VERSIONS.into_iter().flat_map(|version| faults.iter().map(move |fault| (version, *fault))).collect()
}

fn tell(table: &mut String, version: Version, fault: Fault, cell: &str) {
    writeln!(table, "{:<12} | {:<23} | {cell}", format!("{version:?}"), fault.name()).unwrap();
}

async fn of_code_deploy(platform: &'static str, event: &str, version: Version, fault: Fault) -> String {
    let world = World::new(platform, version, fault);
    let deployment = world.deploy(&[event]);
    let mut payload = world.hook_calls().remove(0);
    happen(&world, fault, &deployment, &mut payload);
    let function = Function::new(&world, environment(fault));
    function.invoke(&payload).await;
    if fault == Fault::DoubledEvent {
        function.invoke(&payload).await;
    }
    let (accepted, answers) = (world.accepted(), answers(&world));
    let end = world.ends(&deployment).await;
    let row = format!("{platform}, {event}, {version:?}, {fault:?}");
    assert_eq!(answers, self::answers(&world), "{row}: an answer left when nobody was there");
    assert_eq!(accepted, right_answer(platform, version, fault), "{row}: {:?}", function.lines());
    assert_eq!(end, right_end(fault, accepted.first()), "{row}");
    cell(&function, &end)
}

/// Before the hook is asked.
fn happen(world: &World, fault: Fault, deployment: &str, payload: &mut Value) {
    if fault == Fault::DeletedDeployment {
        payload["DeploymentId"] = json!("d-AAAAAAAAA");
    }
    if fault == Fault::WrongPlatform {
        payload["LifecycleEventHookExecutionId"] = json!("none of this deployment");
    }
    if fault == Fault::StoppedBefore {
        world.code_deploy_call("StopDeployment", &json!({"deploymentId": deployment}));
    }
}

fn environment(fault: Fault) -> Environment<'static> {
    if fault == Fault::BadConfiguration {
        return &[("SMOKE_EVENT", "{"), ("HEALTH_URL", "shop"), ("HEALTH_SUCCESSES", "99")];
    }
    if fault == Fault::NothingConfigured { &[] } else { ALL }
}

fn answers(world: &World) -> usize {
    world.asked_for("PutLifecycleEventHookExecutionStatus").len()
}

/// What `CodeDeploy` must have taken. `Succeeded` is only for a version that was seen to be healthy.
fn right_answer(platform: &str, version: Version, fault: Fault) -> Vec<&'static str> {
    match fault {
        Fault::DeletedDeployment
        | Fault::WrongPlatform
        | Fault::EverythingHangs
        | Fault::StoppedBefore
        | Fault::StoppedMeanwhile => vec![],
        Fault::AllCalls(Place::Answer, kind) if kind != Kind::AnswerLost => vec![],
        Fault::Calls(place, kind, _) if place != Place::Answer && fatal_once(platform, place, kind) => vec!["Failed"],
        Fault::BadConfiguration | Fault::NothingConfigured | Fault::AllCalls(Place::Reads | Place::Checks, _) => {
            vec!["Failed"]
        }
        Fault::Calls(..) | Fault::AllCalls(..) | Fault::None | Fault::DoubledEvent | Fault::TargetsUnreadable => {
            vec![if version == Version::Healthy { "Succeeded" } else { "Failed" }]
        }
    }
}

/// A panic is not tried again; nor is the first check on Lambda, the smoke event, which may take as long as it likes.
fn fatal_once(platform: &str, place: Place, kind: Kind) -> bool {
    kind == Kind::Panics || (kind == Kind::Hangs && place == Place::Checks && platform == "Lambda")
}

/// A deployment whose hook nobody answers fails after an hour (aws-facts 4.2).
fn right_end(fault: Fault, accepted: Option<&String>) -> &str {
    if [Fault::StoppedBefore, Fault::StoppedMeanwhile].contains(&fault) {
        return "Stopped";
    }
    accepted.map_or("Failed", String::as_str)
}

/// What each invocation told, and what the last one gave as its reasons.
fn cell(function: &Function, end: &str) -> String {
    let told = |line: &Value| {
        format!("{} {}", line["status"].as_str().unwrap_or("nothing"), line["outcome"].as_str().unwrap())
    };
    let told: Vec<String> = function.lines().iter().map(told).collect();
    // The SDK's pauses are drawn.
    let drawn = Regex::new(r"\d+ (s|tries)\b").unwrap();
    let reasons = function.reasons().join(" & ");
    format!("{} => {end} | {}", told.join(", "), drawn.replace_all(&reasons, "N $1"))
}

// --- ECS itself --------------------------------------------------------------------------------------------------------

/// ECS takes what the function returns, and `CodeDeploy` is not asked.
fn reaches_ecs(fault: Fault) -> bool {
    let plain = [Fault::None, Fault::EverythingHangs, Fault::BadConfiguration, Fault::NothingConfigured];
    plain.contains(&fault) || (fault != Fault::EverythingHangs && fault.of(Place::Checks).is_some())
}

async fn of_ecs_itself(version: Version, fault: Fault) -> String {
    let world = World::new("ECS", version, fault);
    let function = Function::new(&world, environment(fault));
    let returned = function.attempt(&sample("ecs-deployment-hook").unwrap()).await.unwrap();
    let right = if fault == Fault::EverythingHangs { vec!["Failed"] } else { right_answer("ECS", version, fault) };
    assert_eq!(returned, json!({"hookStatus": right[0].to_uppercase()}), "{version:?}, {fault:?}");
    assert!(world.asked().iter().all(|(_, asked)| asked.service != "codedeploy"), "{version:?}, {fault:?}");
    cell(&function, returned["hookStatus"].as_str().unwrap())
}
