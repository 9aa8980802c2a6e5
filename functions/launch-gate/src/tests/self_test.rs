//! A release that shows that it works, without AWS.

use lambda_runtime::{Context, LambdaEvent};

use super::*;
use crate::{GateEvent, handle};

fn sample() -> Value {
    serde_json::from_str(include_str!("../../../../events/self-test.json")).unwrap()
}

async fn answer(bench: &Bench, event: Value) -> Value {
    let input: GateEvent = serde_json::from_value(event).unwrap();
    serde_json::to_value(handle(&bench.gate, LambdaEvent::new(input, Context::default())).await.unwrap()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_self_test_decides_and_asks_aws_nothing() {
    let bench = Bench::at(16, Wire::default());
    let passed = json!({"passed": true, "dropped": 0, "decisions": ["CONTINUE"]});
    assert_eq!(answer(&bench, sample()).await, json!({"batchItemFailures": [], "self-test": passed}));
    assert!(bench.wire.operations().is_empty());
    assert!(bench.lines("batch").is_empty() && bench.lines("settled").is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_self_test_with_a_report_that_is_not_ready_abandons() {
    let mut event = sample();
    event["self-test"]["report"] =
        json!({"v": 1, "ready": false, "findings": [{"check": "disk", "code": "disk-full", "class": "fatal"}]});
    let told = answer(&Bench::at(16, Wire::default()), event).await;
    assert_eq!(told["self-test"], json!({"passed": true, "dropped": 0, "decisions": ["ABANDON"]}));
}

#[tokio::test(start_paused = true)]
async fn what_it_does_not_understand_or_does_not_hook_fails_the_test() {
    for (from, to) in [("launchgate", "another-hook"), ("Lifecycle Action", "Lifecycle Song")] {
        let mut event = sample();
        let body = event.pointer_mut("/self-test/batch/Records/0/body").unwrap();
        *body = json!(body.as_str().unwrap().replace(from, to));
        let told = answer(&Bench::at(16, Wire::default()), event).await;
        assert_eq!(told["self-test"], json!({"passed": false, "dropped": 1, "decisions": []}), "{to}");
    }
}

#[test]
fn what_is_neither_a_batch_nor_a_self_test_is_refused() {
    for event in [json!({}), json!({"Records": [], "self-test": sample()["self-test"]}), json!([])] {
        serde_json::from_value::<GateEvent>(event.clone()).expect_err(&event.to_string());
    }
}
