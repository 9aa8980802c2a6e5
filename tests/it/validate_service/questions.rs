//! Which run is the answer to which question. Nothing is remembered between questions but what SSM keeps: the comment.

use std::time::Duration;

use launchgate_tests::fleet::Fault;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::shop::{APART, Shop, both};

#[tokio::test(start_paused = true)]
async fn a_question_starts_one_run_and_finds_it_again() {
    let shop = Shop::whose_service_comes_up_at(150).await;
    let question = both(&shop.question("1"), &json!({"checks": {"ports": [8080]}}));
    let mut told = Vec::new();
    for _ in 0..3 {
        told.push(shop.ask(question.clone()).await["reasons"][0].as_str().unwrap().to_owned());
        sleep(APART).await;
    }
    assert!(told[0].ends_with("was started") && told[1].ends_with("is in progress"), "{told:?}");
    assert_eq!((&told[1], shop.calls("SendCommand")), (&told[2], 1));
    assert_eq!(shop.calls("GetDeploymentTarget"), 1, "a run in progress proves that CodeDeploy asked");
    sleep(Duration::from_secs(30)).await;
    assert_eq!(shop.ask(question).await["verdict"], "healthy");
    assert_eq!((shop.calls("SendCommand"), shop.calls("GetDeploymentTarget")), (1, 2));
}

/// Each of these runs is ready, on the same instance and of the same document.
#[tokio::test(start_paused = true)]
async fn the_run_of_anything_else_is_no_answer() {
    let shop = Shop::of("").await;
    let asked = shop.question("1");
    assert_eq!(shop.ask(asked.clone()).await["verdict"], "pending");
    let own = shop.newest_command().await["Comment"].as_str().unwrap().to_owned();
    sleep(APART).await;
    assert_eq!(shop.ask(asked).await["verdict"], "healthy");
    let (deployment, cut) = (shop.deployment.as_str(), &own[..own.len() - 1]);
    for comment in [
        "",
        "launchgate: waits 0",
        &format!("launchgate: validates {deployment}"),
        &own.replace(deployment, "d-AAAAAAAAA"),
        &own.replace("ValidateService", "AfterInstall"),
        cut,
    ] {
        let shop = Shop::of("").await;
        shop.run_readiness(comment);
        sleep(APART).await;
        assert_eq!(shop.ask(shop.question("1")).await["verdict"], "pending", "{comment}");
        assert_eq!(shop.calls("SendCommand"), 2, "{comment}: it was taken for the own run");
    }
}

#[tokio::test(start_paused = true)]
async fn another_question_or_other_checks_are_looked_at_themselves() {
    let shop = Shop::of("ports = { 8080 = 10 }").await;
    let ports = |port: u32| both(&shop.question("1"), &json!({"checks": {"ports": [port]}}));
    assert_eq!(shop.validate_as(ports(8080)).await["verdict"], "healthy");
    assert_eq!(shop.ask(ports(9090)).await["verdict"], "pending", "the first says nothing about this port");
    assert_eq!(shop.ask(both(&ports(8080), &json!({"question": "2"}))).await["verdict"], "pending");
    assert_eq!(shop.ask(shop.question("1")).await["verdict"], "pending");
    assert_eq!(shop.calls("SendCommand"), 4);
}

#[tokio::test(start_paused = true)]
async fn a_ready_report_is_not_healthy_once_the_lifecycle_event_is_over() {
    let shop = Shop::of("").await;
    assert_eq!(shop.ask(shop.question("1")).await["verdict"], "pending");
    sleep(APART).await;
    shop.fleet.call("codedeploy", "StopDeployment", &json!({"deploymentId": shop.deployment}));
    let answer = shop.ask(shop.question("1")).await;
    assert_eq!(answer["verdict"], "inconclusive");
    assert!(answer["reasons"][0].as_str().unwrap().contains("not in progress"), "{answer}");
}

/// The first run was carried out although nobody heard so, or SSM lists it late (aws-facts 6.2, 6.4).
#[tokio::test(start_paused = true)]
async fn a_run_that_is_not_known_of_costs_a_second_one_and_changes_no_verdict() {
    let lost = Shop::of("").await;
    lost.fault(Fault::LoseAnswer { call: "SendCommand".into(), times: 1 });
    let late = Shop::of("").await;
    late.fleet.with(|fleet| fleet.settings.invocations_seen_after = APART + Duration::from_secs(1));
    for shop in [lost, late] {
        assert_eq!(shop.validate(shop.request()).await["verdict"], "healthy");
        assert!(shop.calls("SendCommand") <= 2);
    }
}

/// The run ends while the caller still asks.
#[tokio::test(start_paused = true)]
async fn the_run_waits_as_long_as_its_caller_has_patience_for() {
    for (patience, wait) in [(200, "120"), (100, "70"), (10, "0"), (0, "0")] {
        let shop = Shop::of("").await;
        shop.ask(both(&shop.question("1"), &json!({"patience": patience}))).await;
        assert_eq!(shop.newest_command().await["Parameters"]["waitSeconds"], json!([wait]), "{patience}");
    }
    let shop = Shop::of("").await;
    shop.ask(both(&shop.request(), &json!({"question": "1"}))).await;
    assert_eq!(shop.newest_command().await["Parameters"]["waitSeconds"], json!(["120"]));
}

/// The note belongs to the policy with which the run was started, whatever the group's hook says by now.
#[tokio::test(start_paused = true)]
async fn whether_anybody_named_checks_is_told_of_the_run_that_was_made() {
    let shop = Shop::of("").await;
    shop.ask(shop.question("1")).await;
    shop.hook(&json!({"checks": {"ports": [8080]}}));
    sleep(APART).await;
    let answer: Value = shop.ask(shop.question("1")).await;
    assert_eq!(answer["verdict"], "healthy");
    assert!(answer["reasons"][0].as_str().unwrap().contains("only the instance itself"), "{answer}");
}
