//! The event source mapping and Lambda: windows, batches, two invocations at once, time-outs, crashes, cold starts
//! (AWS-FACTS 7.1, 7.4).

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region};
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use aws_sdk_ssm::config::{AsyncSleep, Credentials, SharedAsyncSleep, SharedCredentialsProvider, Sleep};
use aws_smithy_runtime::client::retries::RetryPartition;
use launchgate_tests::fleet::{What, api};
use lifecycle::Timestamp;
use runtime::Gate;
use runtime::clients::Clients;
use runtime::config::Config;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::consumer::{Bill, Consumer};
use crate::sabotage::Sabotage;
use crate::wire::Wire;
use crate::world::World;
use crate::{Carriage, carriage};

const CARRIAGE: Carriage = carriage();

/// The mapping, and the Lambda environments that it has warm.
pub(crate) struct Mapping {
    world: Arc<World>,
    window_ends: Option<Timestamp>,
    warm: VecDeque<Environment>,
    started: u64,
    invocations: JoinSet<Ended>,
    bill: Bill,
}

/// One process of the function.
struct Environment {
    gate: Gate,
    number: u64,
}

/// How one invocation ended.
struct Ended {
    batch: Vec<String>,
    response: Option<SqsBatchResponse>,
    environment: Option<Environment>,
    took: Duration,
}

impl Mapping {
    pub(crate) fn of(world: &Arc<World>) -> Self {
        Self {
            world: Arc::clone(world),
            window_ends: None,
            warm: VecDeque::new(),
            started: 0,
            invocations: JoinSet::new(),
            bill: Bill::default(),
        }
    }
}

impl Consumer for Mapping {
    fn is_idle(&self) -> bool {
        self.invocations.is_empty()
    }

    fn next(&self) -> Option<Timestamp> {
        self.window_ends
    }

    fn bill(&self) -> Bill {
        self.bill
    }

    /// Ends what has ended, opens a window when there is something to receive, invokes when it closes.
    fn turn(&mut self) {
        while let Some(ended) = self.invocations.try_join_next() {
            self.end(ended);
        }
        let now = self.world.now();
        let waiting = self.world.with(|inner, now| inner.queue.next().is_some_and(|visible| visible <= now));
        if self.window_ends.is_none() && waiting && self.invocations.len() < CARRIAGE.concurrency {
            self.window_ends = Some(now + CARRIAGE.window);
        }
        if self.window_ends.is_some_and(|ends| ends <= now) {
            self.window_ends = None;
            self.invoke();
        }
    }
}

impl Mapping {
    fn end(&mut self, ended: Result<Ended, tokio::task::JoinError>) {
        let Ok(ended) = ended else { return };
        self.bill.invocations += 1;
        self.bill.busy += ended.took;
        self.warm.extend(ended.environment);
        if let Some(response) = ended.response {
            self.world.with(|inner, _| inner.queue.answer(&ended.batch, &response));
        }
    }

    fn invoke(&mut self) {
        let early = self.world.weather.early_redeliveries;
        let batch = self.world.with(|inner, now| {
            let dice = &mut inner.dice;
            let visibility = || if dice.chance(early) { dice.millis(200..=5_000) } else { CARRIAGE.tick };
            inner.queue.receive(now, &CARRIAGE, visibility)
        });
        if batch.records.is_empty() {
            return;
        }
        let cold = self.warm.is_empty();
        let environment = self.warm.pop_front().unwrap_or_else(|| self.environment());
        let world = Arc::clone(&self.world);
        self.invocations.spawn_local(async move { invocation(&world, environment, batch, cold).await });
    }

    fn environment(&mut self) -> Environment {
        self.started += 1;
        let skew = self.world.weather.clock_skew;
        let two = self.world.weather.two_gates;
        let (ahead, next) = self.world.with(|inner, now| {
            let next = two && inner.dice.chance(0.5);
            if next {
                inner.meet(now, "next release", "");
            }
            (inner.dice.millis(0..=skew * 2), next)
        });
        Environment { gate: gate(&self.world, ahead, skew, next), number: self.started }
    }
}

async fn invocation(world: &Arc<World>, environment: Environment, batch: SqsEvent, cold: bool) -> Ended {
    let ids: Vec<String> = batch.records.iter().filter_map(|record| record.message_id.clone()).collect();
    let began = tokio::time::Instant::now();
    let (start, crash) = world.with(|inner, now| {
        inner.note(now, format_args!("invocation {} of {} messages", environment.number, ids.len()));
        let start = if cold { inner.dice.millis(80..=400) } else { Duration::from_millis(2) };
        let crash = inner.dice.chance(world.weather.crashes).then(|| inner.dice.millis(0..=1_500));
        (start, crash)
    });
    tokio::time::sleep(start).await;
    let throttled = throttles(world);
    let bodies: Vec<Value> = bodies(&batch);
    let work = tokio::time::timeout(CARRIAGE.timeout, environment.gate.handle_batch(batch, CARRIAGE.timeout));
    let crashed = async {
        match crash {
            Some(after) => tokio::time::sleep(after).await,
            None => std::future::pending().await,
        }
    };
    let mut response = tokio::select! {
        biased;
        response = work => response.ok(),
        () = crashed => None,
    };
    if response.is_none() {
        world.with(|inner, now| inner.meet(now, "crash", &format!("of invocation {}", environment.number)));
    }
    sabotage(world, &bodies, throttles(world) > throttled, &mut response);
    let environment = response.is_some().then_some(environment);
    world.woken.notify_one();
    Ended { batch: ids, response, environment, took: began.elapsed() }
}

fn bodies(batch: &SqsEvent) -> Vec<Value> {
    let bodies = batch.records.iter().filter_map(|record| record.body.as_deref());
    bodies.filter_map(|body| serde_json::from_str(body).ok()).collect()
}

fn throttles(world: &World) -> u64 {
    world.with(|inner, _| inner.met.get("throttled call").copied().unwrap_or(0))
}

/// What a broken gate does beside what the real one did.
fn sabotage(world: &World, bodies: &[Value], throttled: bool, response: &mut Option<SqsBatchResponse>) {
    match world.sabotage {
        Some(Sabotage::ThrottleAbandons) if throttled => complete_all(world, bodies, "EC2InstanceId", "ABANDON"),
        Some(Sabotage::NudgeIsProof) => complete_all(world, bodies, "instance-id", "CONTINUE"),
        Some(Sabotage::ForgetsToReturn) => *response = response.as_ref().map(|_| SqsBatchResponse::default()),
        Some(Sabotage::ThrottleAbandons | Sabotage::NoHeartbeats | Sabotage::NoTokens) | None => {}
    }
}

fn complete_all(world: &World, bodies: &[Value], by: &str, result: &str) {
    for instance in bodies.iter().filter_map(|body| body.pointer(&format!("/detail/{by}"))?.as_str()) {
        let members = json!({"AutoScalingGroupName": "web", "LifecycleHookName": "launchgate",
            "InstanceId": instance, "LifecycleActionResult": result});
        world.with(|inner, now| {
            drop(api::call(&mut inner.fleet, now, "autoscaling", "CompleteLifecycleAction", &members));
        });
    }
}

/// The gate as the template configures it, with a clock that is `ahead - behind` off, in milliseconds.
fn gate(world: &Arc<World>, ahead: Duration, behind: u64, next: bool) -> Gate {
    let variables = BTreeMap::from([
        ("READINESS_DOCUMENT", if next { "readiness-next" } else { "readiness" }),
        ("INSTALL_DOCUMENT", "install-agent"),
        ("TICK_SECONDS", "15"),
    ]);
    let config = Config::read(|name| variables.get(name).map(|value| (*value).to_owned()));
    let config = config.unwrap_or_else(|error| unreachable!("{error}"));
    let (clock, lines) = (Arc::clone(world), Arc::clone(world));
    let ahead = i64::try_from(ahead.as_millis()).unwrap_or(0) - i64::try_from(behind).unwrap_or(0);
    Gate::new(
        config,
        clients(world),
        Arc::new(move || Timestamp::from_millis(clock.now().millis() + ahead)),
        Arc::new(move |line| {
            let line: Value = serde_json::from_str(line).unwrap_or_default();
            lines.with(|inner, now| {
                if let Some(told) = told(&line) {
                    inner.note(now, told);
                }
                inner.lines.push(line);
            });
        }),
    )
}

/// What a settling line says, for the timeline.
fn told(line: &Value) -> Option<String> {
    let text = |name: &str| line.get(name).and_then(Value::as_str);
    (text("message")? == "settled")
        .then(|| ["instance", "decision", "reason", "outcome"].map(|name| text(name).unwrap_or_default()).join(" "))
        .map(|rest| format!("settled {rest}"))
}

/// The real clients with the retries of the function; each environment has its own budget for them.
pub(crate) fn clients(world: &Arc<World>) -> Clients {
    let sdk = aws_config::SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new("AKID", "secret", None, None, "storm")))
        .http_client(Wire(Arc::clone(world)))
        .sleep_impl(SharedAsyncSleep::new(TokioSleep))
        .retry_config(RetryConfig::standard())
        .build();
    let own = |clients: Clients| Clients {
        autoscaling: aws_sdk_autoscaling::Client::from_conf(
            clients.autoscaling.config().to_builder().retry_partition(RetryPartition::custom("storm").build()).build(),
        ),
        ssm: aws_sdk_ssm::Client::from_conf(
            clients.ssm.config().to_builder().retry_partition(RetryPartition::custom("storm").build()).build(),
        ),
    };
    own(Clients::new(&sdk))
}

#[derive(Debug)]
struct TokioSleep;

impl AsyncSleep for TokioSleep {
    fn sleep(&self, duration: Duration) -> Sleep {
        Sleep::new(tokio::time::sleep(duration))
    }
}

/// Whether a launch is over, one way or another.
pub(crate) fn ends(what: &What) -> bool {
    matches!(what, What::InService | What::Terminating { .. })
}
