//! Tests validate-service on the fleet, with the real handler and the real SDK clients, under tokio's paused clock.

mod crowd;
mod hostile;
mod old_script;
mod questions;
mod shop;

use std::time::Duration;

use lambda_runtime::{Context, LambdaEvent};
use launchgate_tests::fleet::Fault;
use launchgate_tests::stack::files::sample;
use serde_json::json;
use validate_service::{Payload, handle};

use self::shop::{Shop, both};

#[tokio::test(start_paused = true)]
async fn a_service_that_passes_the_checks_of_the_request_is_healthy() {
    let shop = Shop::whose_service_comes_up_at(100).await;
    let answer = shop.validate_with(json!({"ports": [8080]})).await;
    assert_eq!((&answer["verdict"], &answer["reasons"]), (&json!("healthy"), &json!([])));
    assert_eq!(answer["report"]["ready"], true);
    assert_eq!(shop.calls("DescribeLifecycleHooks"), 0, "the request says all");
}

#[tokio::test(start_paused = true)]
async fn the_run_waits_on_the_instance_for_a_service_that_is_slow() {
    let shop = Shop::whose_service_comes_up_at(200).await;
    let answer = shop.validate_with(json!({"ports": [8080]})).await;
    assert_eq!(answer["verdict"], "healthy");
    assert!(answer["report"]["waited_s"].as_u64().unwrap() > 30, "{answer}");
    assert_eq!(shop.calls("SendCommand"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_service_that_does_not_come_up_is_unhealthy_with_each_finding() {
    let shop = Shop::of("units = { web = 10 }").await;
    let answer = shop.validate_with(json!({"units": ["web"], "ports": [8080, 9090]})).await;
    assert_eq!(answer["verdict"], "unhealthy");
    let reasons = answer["reasons"].as_array().unwrap();
    assert_eq!(reasons.len(), answer["report"]["findings"].as_array().unwrap().len());
    assert!(reasons[0].as_str().unwrap().starts_with("port-closed: "), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn without_checks_the_policy_of_the_group_says_what_must_be_true() {
    let shop = Shop::whose_service_comes_up_at(10).await;
    shop.hook(&json!({"checks": {"ports": [9090]}}));
    assert_eq!(shop.validate(shop.request()).await["verdict"], "unhealthy");
    shop.hook(&json!({"checks": {"ports": [8080]}}));
    assert_eq!(shop.validate(shop.request()).await["verdict"], "healthy");
}

#[tokio::test(start_paused = true)]
async fn where_nobody_names_checks_the_answer_says_so() {
    let shop = Shop::of("").await;
    let answer = shop.validate(shop.request()).await;
    assert_eq!(answer["verdict"], "healthy");
    assert!(answer["reasons"][0].as_str().unwrap().contains("only the instance itself"), "{answer}");
}

/// CloudFormation may not make the new version the default one (aws-facts 6.5).
#[tokio::test(start_paused = true)]
async fn the_latest_version_of_the_document_is_run() {
    let shop = Shop::whose_service_comes_up_at(10).await;
    shop.update_document();
    assert_eq!(shop.validate_with(json!({"ports": [8080]})).await["verdict"], "healthy");
    assert_eq!(shop.newest_command().await["DocumentVersion"], "2");
}

/// The gate falls back on the default; here that would be healthy without a look.
#[tokio::test(start_paused = true)]
async fn a_policy_that_cannot_be_read_is_no_reason_to_be_healthy() {
    let shop = Shop::of("").await;
    shop.hook(&json!({"chekcs": {}}));
    shop.refuses_as("the metadata of the group's hook launchgate is wrong: policy key \"chekcs\"").await;
}

/// What a launch is judged by is no question of the service.
#[tokio::test(start_paused = true)]
async fn neither_user_data_that_failed_nor_the_agent_counts() {
    let shop = Shop::of("user_data = \"fails\"\nports = { 8080 = 10 }").await;
    assert_eq!(shop.validate_with(json!({"ports": [8080]})).await["verdict"], "healthy");
}

#[tokio::test(start_paused = true)]
async fn nobody_can_have_an_instance_looked_at_that_no_deployment_asks_about() {
    let shop = Shop::of("").await;
    for (key, value, why) in [
        ("instance_id", "i-00000000000000000", "i-00000000000000000 is not a target of"),
        ("deployment_id", "d-AAAAAAAAA", "is not a target of d-AAAAAAAAA"),
        ("lifecycle_event", "AfterInstall", "is Succeeded, not in progress"),
        ("lifecycle_event", "BeforeAllowTraffic", "has no lifecycle event BeforeAllowTraffic"),
        ("instance_id", "web-1", "is not an EC2 instance id"),
        ("check", "", "unknown field `check`"),
    ] {
        let mut request = shop.request();
        request[key] = json!(value);
        shop.refuses(request, why).await;
    }
    shop.refuses(both(&shop.request(), &json!({"checks": {"ports": ["x"]}})), "checks.ports").await;
    shop.refuses(json!("ValidateService"), "cannot be read").await;
    shop.fleet.call("codedeploy", "StopDeployment", &json!({"deploymentId": shop.deployment}));
    shop.refuses_as("not in progress").await;
}

/// How soon `CodeDeploy` shows that an event has begun is not documented.
#[tokio::test(start_paused = true)]
async fn an_event_that_has_not_begun_is_asked_for_again_and_nothing_is_run_before() {
    // The seventh event begins after 72 s, and the question comes after 60.
    let soon = Shop::deployed("", "takes = 12\nhangs = \"ValidateService\"").await;
    assert_eq!(soon.validate(soon.request()).await["verdict"], "healthy");
    let never = Shop::deployed("", "takes = 60").await;
    let answer = never.validate(never.request()).await;
    assert_eq!(answer["verdict"], "pending");
    assert!(answer["reasons"][0].as_str().unwrap().contains("has not begun on"), "{answer}");
    assert_eq!(never.calls("SendCommand"), 0);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_looked_at_is_pending_to_the_end_and_never_healthy() {
    for call in [
        "GetDeploymentTarget",
        "DescribeAutoScalingInstances",
        "DescribeLifecycleHooks",
        "SendCommand",
        "ListCommandInvocations",
    ] {
        let shop = Shop::of("").await;
        shop.hook(&json!({}));
        shop.fault(Fault::Throttle { call: call.into(), burst: 0, per_second: 0 });
        let answer = shop.validate(shop.request()).await;
        assert_eq!(answer["verdict"], "pending", "{call}");
        assert!(answer["reasons"][0].as_str().unwrap().contains("Throttling"), "{answer}");
    }
}

/// While AWS throttles, a question must not hold its execution: the next one is the retry.
#[tokio::test(start_paused = true)]
async fn a_question_that_aws_throttles_ends_at_once() {
    let shop = Shop::of("").await;
    shop.fault(Fault::Throttle { call: "*".into(), burst: 0, per_second: 0 });
    let began = shop.fleet.now();
    assert_eq!(shop.ask(shop.question("1")).await["verdict"], "pending");
    assert!(shop.fleet.now().since(began) <= Duration::from_secs(3), "{:?}", shop.fleet.now().since(began));
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_for_good_is_inconclusive_at_once() {
    for call in ["GetDeploymentTarget", "SendCommand", "ListCommandInvocations"] {
        let shop = Shop::of("").await;
        shop.fault(Fault::Fail { call: call.into(), times: 99, code: "AccessDeniedException".into() });
        let answer = shop.ask(shop.question("1")).await;
        assert_eq!(answer["verdict"], "inconclusive", "{call}: {answer}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_hangs_leaves_time_to_answer() {
    for call in ["GetDeploymentTarget", "SendCommand", "ListCommandInvocations"] {
        let shop = Shop::of("").await;
        shop.fault(Fault::Slow { call: call.into(), by: Duration::from_hours(1) });
        assert_eq!(shop.ask(shop.question("1")).await["verdict"], "pending", "{call}");
        // A run was started although nobody answered that; it is found.
        let verdict = if call == "SendCommand" { "healthy" } else { "inconclusive" };
        assert_eq!(shop.ask(shop.request()).await["verdict"], verdict, "{call}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_throttle_that_passes_changes_nothing() {
    let shop = Shop::whose_service_comes_up_at(10).await;
    for call in ["GetDeploymentTarget", "SendCommand", "ListCommandInvocations"] {
        shop.fault(Fault::Fail { call: call.into(), times: 20, code: "ThrottlingException".into() });
    }
    assert_eq!(shop.validate_with(json!({"ports": [8080]})).await["verdict"], "healthy");
}

#[tokio::test(start_paused = true)]
async fn an_instance_that_ssm_has_lost_or_whose_run_hangs_is_pending_and_the_reason_says_how_far_it_came() {
    for (story, told) in [("silent_from = 60", "has not taken the run"), ("hangs = true", "is in progress")] {
        let shop = Shop::of(story).await;
        let answer = shop.validate(shop.request()).await;
        assert_eq!(answer["verdict"], "pending");
        assert!(answer["reasons"][0].as_str().unwrap().contains(told), "{answer}");
        assert_eq!(shop.calls("SendCommand"), 1, "{story}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_self_test_passes_without_aws() {
    let shop = Shop::of("").await;
    let before = shop.fleet.with(|fleet| fleet.calls().clone());
    let mut event = sample("self-test").unwrap();
    for (request, passed) in [(event["self-test"]["request"].clone(), true), (json!({"instance_id": "?"}), false)] {
        event["self-test"]["request"] = request;
        let answer = handle(&shop.validator, LambdaEvent::new(Payload::read(&event.to_string()), Context::default()))
            .await
            .unwrap();
        assert_eq!(serde_json::to_value(answer).unwrap(), json!({"self-test": {"passed": passed}}));
    }
    assert_eq!(shop.fleet.with(|fleet| fleet.calls().clone()), before);
}
