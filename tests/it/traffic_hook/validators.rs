//! Tests each validator: what it asks, and which answers it rejects.

use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::json;

use super::answers::{alarms, cbor, crashed};
use super::asked::Asked;
use super::invocation::{Environment, Function};
use super::trouble::{Fault, Version};
use super::world::{Script, World};
use launchgate_tests::wire::Answer;

/// Answers the first hook of a deployment, in this environment, and returns the reasons.
async fn reasons(
    platform: &'static str,
    environment: Environment<'_>,
    script: impl Fn(&Asked) -> Option<Answer> + Send + Sync + 'static,
) -> (Vec<String>, Vec<Asked>) {
    let script: Script = Box::new(script);
    let world = World::scripted(platform, Version::Healthy, Fault::None, script);
    let deployment = world.deploy(&["BeforeAllowTraffic"]);
    let function = Function::new(&world, environment);
    function.invoke(&world.hook_calls()[0]).await;
    let reasons = function.reasons();
    assert_eq!(world.ends(&deployment).await, if reasons.is_empty() { "Succeeded" } else { "Failed" });
    let asked = world.asked().into_iter().map(|(_, asked)| asked).filter(|asked| asked.service != "codedeploy");
    (reasons, asked.collect())
}

const SMOKE: Environment<'_> =
    &[("SMOKE_EVENT", r#"{"ping":true}"#), ("SMOKE_EXPECT", r#"{"body":{"items":[{"id":1}]}}"#)];

#[tokio::test(start_paused = true)]
async fn the_smoke_event_goes_to_the_version_that_is_deployed() {
    let (_, asked) = reasons("Lambda", SMOKE, |_| None).await;
    assert_eq!(asked.len(), 1);
    assert!(asked[0].uri.ends_with("/2015-03-31/functions/gate%3A2/invocations"), "{}", asked[0].uri);
    assert_eq!(asked[0].members, json!({"payload": {"ping": true}, "log_type": "Tail"}));
}

#[tokio::test(start_paused = true)]
async fn an_answer_must_have_what_is_expected_of_it() {
    let answers = |body: &'static str| move |_: &Asked| Some(Answer::new(200, body));
    for (body, told) in [
        (r#"{"body":{"items":[{"id":1,"name":"a"}]},"more":1}"#, None),
        (
            r#"{"body":{"items":[{"id":2}]}}"#,
            Some("gate:2 answers the smoke event wrongly: at $.body.items[0].id expected 1, found 2"),
        ),
        ("<html>", Some("gate:2 answers the smoke event with what is not JSON")),
        ("", Some("gate:2 answers the smoke event with what is not JSON")),
    ] {
        let (reasons, _) = reasons("Lambda", SMOKE, answers(body)).await;
        assert_eq!(reasons.len(), usize::from(told.is_some()), "{body}: {reasons:?}");
        assert!(reasons.iter().all(|reason| reason.starts_with(told.unwrap())), "{body}: {reasons:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn without_an_expectation_only_an_error_is_bad() {
    let (good, _) = reasons("Lambda", &[("SMOKE_EVENT", "{}")], |_| Some(Answer::new(200, "anything"))).await;
    assert!(good.is_empty(), "{good:?}");
    let (bad, _) = reasons("Lambda", &[("SMOKE_EVENT", "{}")], |_| Some(crashed())).await;
    assert_eq!(bad, ["gate:2 fails on the smoke event (Unhandled)"]);
}

#[tokio::test(start_paused = true)]
async fn on_ecs_there_is_nobody_to_invoke() {
    let (reasons, asked) = reasons("ECS", SMOKE, |_| None).await;
    assert_eq!(reasons, ["nothing to validate with: set HEALTH_URL or ALARMS in the environment of traffic-hook"]);
    assert!(asked.is_empty());
}

const HEALTH: Environment<'_> = &[("HEALTH_URL", "http://shop.internal/health"), ("HEALTH_SUCCESSES", "2")];

#[tokio::test(start_paused = true)]
async fn health_is_good_when_it_has_been_so_in_a_row() {
    let tries = AtomicU32::new(0);
    let statuses = [200, 503, 204, 500, 200, 299];
    let script = move |_: &Asked| {
        let try_ = tries.fetch_add(1, Ordering::Relaxed) as usize;
        Some(Answer::new(statuses[try_], ""))
    };
    let (reasons, asked) = reasons("ECS", HEALTH, script).await;
    assert!(reasons.is_empty(), "{reasons:?}");
    assert_eq!(asked.len(), 6);
    assert!(asked.iter().all(|asked| asked.operation == "GET" && asked.uri == "http://shop.internal/health"));
}

#[tokio::test(start_paused = true)]
async fn a_redirect_is_not_followed_and_not_good() {
    let script = |_: &Asked| Some(Answer::new(302, "").with("location", "http://shop.internal/login"));
    let (reasons, asked) = reasons("Lambda", HEALTH, script).await;
    assert_eq!(reasons.len(), 1);
    assert!(reasons[0].starts_with("GET http://shop.internal/health was not good 2 times in a row within 38 s"));
    assert!(reasons[0].ends_with("the last failure: status 302"), "{reasons:?}");
    assert!(asked.iter().all(|asked| asked.uri.ends_with("/health")));
}

#[tokio::test(start_paused = true)]
async fn alarms_are_asked_for_by_the_hundred_and_as_composite_ones_where_they_are_no_others() {
    let names: Vec<String> = (0..101).map(|number| format!("alarm-{number}")).collect();
    let script = |asked: &Asked| {
        let names = asked.members["AlarmNames"].as_array().unwrap();
        let told: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str().unwrap(), "OK")).collect();
        let (composite, metric): (Vec<_>, Vec<_>) = told.into_iter().partition(|(name, _)| *name == "alarm-7");
        Some(alarms(asked, &metric, &composite))
    };
    let (reasons, asked) = reasons("ECS", &[("ALARMS", &names.join(","))], script).await;
    assert!(reasons.is_empty(), "{reasons:?}");
    let asked: Vec<_> =
        asked.iter().map(|asked| (&asked.members["AlarmNames"], &asked.members["AlarmTypes"])).collect();
    let counts: Vec<_> = asked.iter().map(|(names, _)| names.as_array().unwrap().len()).collect();
    assert_eq!(counts, [100, 1, 1]);
    assert!([0, 2].iter().all(|at| *asked[*at].1 == json!(["MetricAlarm"])));
    assert_eq!(asked[1], (&json!(["alarm-7"]), &json!(["CompositeAlarm"])));
}

#[tokio::test(start_paused = true)]
async fn an_alarm_is_bad_when_it_is_on_or_not_there() {
    let script =
        |asked: &Asked| Some(alarms(asked, &[("errors", "ALARM"), ("new", "INSUFFICIENT_DATA")], &[("all", "ALARM")]));
    let (reasons, _) = reasons("ECS", &[("ALARMS", "errors, new,all,gone")], script).await;
    let gone = "there is no metric or composite alarm \"gone\" in this Region; see ALARMS";
    assert_eq!(reasons, ["the alarm \"errors\" is in ALARM", "the alarm \"all\" is in ALARM", gone]);
}

#[tokio::test(start_paused = true)]
async fn all_pages_of_alarms_are_read() {
    let script = |asked: &Asked| {
        let told = |name: &str| json!([{"AlarmName": name, "StateValue": "OK"}]);
        Some(match asked.members.get("NextToken") {
            None => cbor(200, &json!({"MetricAlarms": told("one"), "CompositeAlarms": [], "NextToken": "more"})),
            Some(_) => cbor(200, &json!({"MetricAlarms": told("two"), "CompositeAlarms": []})),
        })
    };
    let (reasons, asked) = reasons("ECS", &[("ALARMS", "one,two")], script).await;
    assert!(reasons.is_empty(), "{reasons:?}");
    assert_eq!(asked.len(), 2);
}
