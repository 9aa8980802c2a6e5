//! The script of a revision of the release before: it asks once, without a question's name, and does not know `pending`.

use launchgate_tests::fleet::Fault;
use serde_json::json;

use super::shop::{Shop, TIMEOUT, both};

#[tokio::test(start_paused = true)]
async fn it_is_kept_waiting_for_a_service_that_comes_up_in_time() {
    let shop = Shop::whose_service_comes_up_at(135).await;
    let began = shop.fleet.now();
    let answer = shop.ask(both(&shop.request(), &json!({"checks": {"ports": [8080]}}))).await;
    assert_eq!(answer["verdict"], "healthy", "{answer}");
    assert!(shop.fleet.now().since(began) > TIMEOUT / 5, "it was up at once");
    assert_eq!(shop.calls("SendCommand"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_service_that_needs_longer_is_unhealthy_with_its_findings() {
    let shop = Shop::whose_service_comes_up_at(300).await;
    let answer = shop.ask(both(&shop.request(), &json!({"checks": {"ports": [8080]}}))).await;
    assert_eq!(answer["verdict"], "unhealthy", "{answer}");
    assert!(answer["reasons"][0].as_str().unwrap().starts_with("port-closed: "), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn it_is_never_told_pending() {
    for story in ["silent_from = 60", "hangs = true"] {
        let shop = Shop::of(story).await;
        let answer = shop.ask(shop.request()).await;
        assert_eq!(answer["verdict"], "inconclusive", "{story}");
        assert!(answer["reasons"][1].as_str().unwrap().contains("a script that asks again"), "{answer}");
    }
    let never = Shop::deployed("", "takes = 60").await;
    assert_eq!(never.ask(never.request()).await["verdict"], "inconclusive");
    let shop = Shop::of("").await;
    shop.fault(Fault::Throttle { call: "ssm".into(), burst: 0, per_second: 0 });
    let (began, answer) = (shop.fleet.now(), shop.ask(shop.request()).await);
    assert_eq!(answer["verdict"], "inconclusive");
    assert!(answer["reasons"][0].as_str().unwrap().contains("Throttling"), "{answer}");
    assert!(shop.fleet.now().since(began) > TIMEOUT / 2, "given up with time left");
}

#[tokio::test(start_paused = true)]
async fn each_time_that_it_asks_the_instance_is_looked_at() {
    let shop = Shop::of("").await;
    assert_eq!(shop.ask(shop.request()).await["verdict"], "healthy");
    assert_eq!(shop.ask(shop.request()).await["verdict"], "healthy");
    assert_eq!(shop.calls("SendCommand"), 2);
}
