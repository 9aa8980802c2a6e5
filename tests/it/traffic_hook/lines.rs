//! Checks the log lines that operators read.

use launchgate_tests::stack::files::sample;
use serde_json::{Value, json};

use super::invocation::{ALL, Function};
use super::trouble::{Fault, Kind, Place, Version};
use super::world::World;

/// The fields of an answered line. docs/operations.md lists them.
const ANSWERED_FIELDS: [&str; 13] = [
    "message",
    "version",
    "deployment",
    "platform",
    "lifecycle_event",
    "revision",
    "functions",
    "status",
    "reasons",
    "evidence",
    "seconds",
    "outcome",
    "error",
];

async fn line(version: Version, fault: Fault) -> (Value, String) {
    let (written, deployment) = written(version, fault).await;
    (serde_json::from_str(&written).unwrap(), deployment)
}

/// The first line as it was written, and the deployment that it is about.
async fn written(version: Version, fault: Fault) -> (String, String) {
    let world = World::new("Lambda", version, fault);
    let deployment = world.deploy(&["AfterAllowTraffic"]);
    let function = Function::new(&world, ALL);
    function.invoke(&world.hook_calls()[0]).await;
    (function.written().remove(0), deployment)
}

#[tokio::test(start_paused = true)]
async fn one_line_tells_what_was_answered_and_why() {
    let (written, deployment) = written(Version::Unhealthy, Fault::None).await;
    let line: Value = serde_json::from_str(&written).unwrap();
    assert_eq!(line.as_object().unwrap().len(), ANSWERED_FIELDS.len());
    let places = ANSWERED_FIELDS.map(|name| written.find(&format!("\"{name}\":")).unwrap());
    assert!(places.is_sorted(), "{written}");
    for (name, value) in [
        ("message", json!("answered")),
        ("deployment", json!(deployment)),
        ("platform", json!("Lambda")),
        ("lifecycle_event", json!("AfterAllowTraffic")),
        ("functions", json!(["gate:2"])),
        ("status", json!("Failed")),
        ("outcome", json!("accepted")),
        ("error", Value::Null),
    ] {
        assert_eq!(line[name], value, "{name}");
    }
    assert_eq!(line["reasons"].as_array().unwrap().len(), 3, "the smoke event, the health URL, the alarm");
    let seconds = line["seconds"].as_f64().unwrap();
    assert!((40.0..41.0).contains(&seconds), "{seconds}");
}

#[tokio::test(start_paused = true)]
async fn a_function_that_fails_leaves_its_answer_and_the_tail_of_its_log() {
    let (line, _) = line(Version::Unhealthy, Fault::None).await;
    let evidence = line["evidence"][0].as_str().unwrap();
    assert!(
        evidence.contains(r#""errorType":"KeyError""#) && evidence.contains("[ERROR] KeyError: 'TABLE'"),
        "{evidence}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_says_why() {
    let (line, _) = line(Version::Healthy, Fault::AllCalls(Place::Answer, Kind::Resets)).await;
    let error = line["error"].as_str().unwrap();
    assert!(error.contains("PutLifecycleEventHookExecutionStatus") && error.contains("connection reset"), "{error}");
    assert_eq!((&line["status"], &line["outcome"]), (&json!("Succeeded"), &json!("lost")));
}

#[tokio::test(start_paused = true)]
async fn a_deployment_of_ecs_is_named_by_its_arn_and_its_revision() {
    let world = World::new("ECS", Version::Healthy, Fault::None);
    let function = Function::new(&world, ALL);
    let payload = sample("ecs-deployment-hook").unwrap();
    function.attempt(&payload).await.unwrap();
    let line = function.lines().remove(0);
    assert_eq!(line["deployment"], payload["resourceArn"]);
    assert_eq!(line["revision"], payload["executionDetails"]["targetServiceRevisionArn"]);
    assert_eq!((&line["lifecycle_event"], &line["outcome"]), (&payload["lifecycleStage"], &json!("returned")));
}
