//! How much of the account's Lambda concurrency a deployment to a large group takes, in virtual time.

use std::cell::Cell;
use std::time::Duration;

use futures_util::future::join_all;
use lambda_runtime::{Context, LambdaEvent};
use launchgate_tests::fleet::Fault;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};
use validate_service::{Payload, handle};

use super::shop::{APART, Shop, both};

const INSTANCES: u32 = 1_000;
/// Each agent asks for work at moments of its own: one of generation 2 sleeps for 30 s (aws-facts 10.3). So the scripts
/// begin within such a time.
const BEGIN_WITHIN: Duration = Duration::from_secs(30);
/// Every call of AWS takes this long.
const CALL: Duration = Duration::from_millis(100);
/// The AWS CLI takes this long to start.
const CLI: Duration = Duration::from_secs(1);
/// The function's time-out up to the release before, in which it waited for the run.
const WAITED: Duration = Duration::from_mins(3);

/// What Lambda has to do with.
#[derive(Debug, Default)]
struct Executions {
    now: Cell<u32>,
    most: Cell<u32>,
    invocations: Cell<u32>,
    busy: Cell<Duration>,
}

impl Executions {
    async fn invoke(&self, shop: &Shop, event: Value) -> Value {
        let (began, mut context) = (Instant::now(), Context::default());
        context.deadline = (shop.fleet.now() + WAITED).millis().unsigned_abs();
        context.request_id = self.invocations.get().to_string();
        self.invocations.set(self.invocations.get() + 1);
        self.now.set(self.now.get() + 1);
        self.most.set(self.most.get().max(self.now.get()));
        let answer =
            handle(&shop.validator, LambdaEvent::new(Payload::read(&event.to_string()), context)).await.unwrap();
        self.now.set(self.now.get() - 1);
        self.busy.set(self.busy.get() + began.elapsed());
        serde_json::to_value(answer).unwrap()
    }
}

/// Every instance validates. Each service comes up 155 s after its launch: 5 to 35 s after its script began to ask.
async fn validate_all(asks_again: bool) -> Executions {
    let shop = Shop::of_size(INSTANCES, "ports = { 8080 = 155 }", "hangs = \"ValidateService\"").await;
    shop.fault(Fault::Slow { call: "*".into(), by: CALL });
    let (lambda, instances) = (Executions::default(), shop.instances());
    let scripts = instances.iter().zip(0..).map(|(instance, number)| {
        let (shop, lambda) = (&shop, &lambda);
        let question = if asks_again { json!({"question": "1", "patience": 200}) } else { json!({}) };
        let asked = json!({"instance_id": instance, "checks": {"ports": [8080]}});
        let event = both(&both(&shop.request(), &asked), &question);
        async move {
            sleep(BEGIN_WITHIN * number / INSTANCES).await;
            loop {
                sleep(CLI).await;
                let answer = lambda.invoke(shop, event.clone()).await;
                if answer["verdict"] != "pending" {
                    return answer["verdict"] == "healthy";
                }
                sleep(APART).await;
            }
        }
    });
    assert!(join_all(scripts).await.into_iter().all(|healthy| healthy));
    lambda
}

/// `docs/bench.md` has the figures.
#[tokio::test(start_paused = true)]
async fn a_thousand_that_validate_at_once_need_tens_of_executions() {
    let (waits, asks) = (validate_all(false).await, validate_all(true).await);
    for (way, lambda) in [("waits", &waits), ("asks again", &asks)] {
        println!("{way}: {lambda:?}");
    }
    assert!(waits.most.get() > INSTANCES * 9 / 10, "{waits:?}");
    assert!(asks.most.get() < 100, "{asks:?}");
    assert!(asks.busy.get() * 10 < waits.busy.get(), "{asks:?} {waits:?}");
}
