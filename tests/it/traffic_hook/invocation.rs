//! Invokes traffic-hook as Lambda does: with a time-out, and again after a failed asynchronous invocation.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use lambda_runtime::{Context, LambdaEvent};
use launchgate_tests::wire::{Wire, settings};
use serde_json::Value;
use traffic_hook::clients::Clients;
use traffic_hook::config::Config;
use traffic_hook::{Hook, handle};

use super::trouble::Place;
use super::world::World;

/// The time-out of the function.
pub(super) const TIMEOUT: Duration = Duration::from_mins(1);
/// Between Lambda's attempts at an asynchronous invocation
/// (<https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html>).
const RETRIES: [Duration; 2] = [Duration::from_mins(1), Duration::from_mins(2)];

/// The function, and the lines that it wrote.
pub(super) struct Function {
    world: Arc<World>,
    hook: Hook,
    lines: Arc<Mutex<Vec<String>>>,
}

/// Names and values of its environment.
pub(super) type Environment<'a> = &'a [(&'a str, &'a str)];

/// Everything that there is to validate with.
pub(super) const ALL: Environment<'_> = &[
    ("SMOKE_EVENT", r#"{"ping":true}"#),
    ("SMOKE_EXPECT", r#"{"ok":true}"#),
    ("HEALTH_URL", "http://shop.internal/health"),
    ("ALARMS", "errors,latency"),
];

impl Function {
    pub(super) fn new(world: &Arc<World>, environment: Environment<'_>) -> Self {
        let read = |name: &str| environment.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        let lines = Arc::new(Mutex::new(Vec::new()));
        let (clock, written) = (Arc::clone(world), Arc::clone(&lines));
        let hook = Hook::new(
            Config::read(read),
            Clients::new(&settings(Wire::to(world), "traffic-hook"), SharedHttpConnector::new(Wire::to(world))),
            Arc::new(move || clock.now()),
            Arc::new(move |line| written.lock().unwrap().push(line.to_owned())),
        );
        Self { world: Arc::clone(world), hook, lines }
    }

    pub(super) async fn attempt(&self, payload: &Value) -> Result<Value, String> {
        self.attempt_within(TIMEOUT, payload).await
    }

    /// One attempt. It is over before its time-out, and so is its answer, which is one call of the SDK.
    pub(super) async fn attempt_within(&self, time: Duration, payload: &Value) -> Result<Value, String> {
        let deadline = self.world.now() + time;
        let before = self.world.asked().len();
        let mut context = Context::default();
        context.deadline = deadline.millis().unsigned_abs();
        let event = LambdaEvent::new(payload.clone(), context);
        let end = tokio::time::timeout(time, handle(&self.hook, event)).await;
        let end = end.unwrap_or_else(|_| panic!("the function was cut off by its time-out"));
        let asked = self.world.asked().split_off(before);
        let answers: Vec<_> = asked.iter().filter(|(_, asked)| asked.place() == Place::Answer).collect();
        for (at, answer) in &answers {
            assert!(*at < deadline, "an answer left at {at}, the time-out was at {deadline}");
            assert_eq!(answer.invocation, answers[0].1.invocation, "the answer is more than one call of the SDK");
        }
        end.map_err(|error| error.to_string())
    }

    /// As `CodeDeploy` invokes it: after an error Lambda comes again, twice.
    pub(super) async fn invoke(&self, payload: &Value) {
        let mut pauses = RETRIES.into_iter();
        while self.attempt(payload).await.is_err() {
            let Some(pause) = pauses.next() else { return };
            tokio::time::sleep(pause).await;
        }
    }

    pub(super) fn lines(&self) -> Vec<Value> {
        self.written().iter().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The same as they were written.
    pub(super) fn written(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }

    /// The texts of the last line's reasons.
    pub(super) fn reasons(&self) -> Vec<String> {
        let lines = self.lines();
        let reasons = lines.last().unwrap()["reasons"].as_array().unwrap();
        reasons.iter().map(|reason| reason.as_str().unwrap().to_owned()).collect()
    }
}
