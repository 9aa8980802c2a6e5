//! Lambda behind the event source mapping: concurrent invocations, time-outs, crashes and cold starts
//! (aws-facts 7.1, 7.4).

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsMessage};
use launch_gate::Invocation;
use launchgate_tests::fleet::{What, api};
use launchgate_tests::queue::{self, Delivery, Queue, event_of};
use lifecycle::Timestamp;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::consumer::{Bill, Consumer};
use crate::dice::Dice;
use crate::lambda::{Environment, gate};
use crate::outage::{Away, Outage};
use crate::sabotage::Sabotage;
use crate::world::{Inner, START, World};

const DELIVERY: Delivery = Delivery::TEMPLATE;

/// The event source mapping, and the Lambda environments that are warm.
pub(crate) struct Mapping {
    world: Arc<World>,
    source: queue::Mapping,
    way: Way,
    warm: VecDeque<Environment>,
    started: u64,
    invocations: JoinSet<Ended>,
    bill: Bill,
}

/// How one invocation ended.
struct Ended {
    batch: Vec<SqsMessage>,
    response: Option<SqsBatchResponse>,
    environment: Option<Environment>,
    took: Duration,
}

/// Which queue a mapping reads, and with which processes behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Way {
    /// Whether it reads the queue of the nudges.
    pub(crate) nudges: bool,
    /// Whether each invocation has a new process, which remembers nothing.
    pub(crate) forgets: bool,
}

impl Mapping {
    /// As the template has it.
    pub(crate) fn of(world: &Arc<World>) -> Self {
        let delivery = Delivery { ahead: world.weather.received_ahead, ..DELIVERY };
        Self::with(world, delivery, Way { nudges: false, forgets: false })
    }

    /// For a comparison.
    pub(crate) fn with(world: &Arc<World>, delivery: Delivery, way: Way) -> Self {
        Self {
            world: Arc::clone(world),
            source: queue::Mapping::new(delivery),
            way,
            warm: VecDeque::new(),
            started: 0,
            invocations: JoinSet::new(),
            bill: Bill::default(),
        }
    }
}

impl Way {
    fn choose<'a>(self, queue: &'a mut Queue, nudges: &'a mut Option<Queue>) -> &'a mut Queue {
        nudges.as_mut().filter(|_| self.nudges).unwrap_or(queue)
    }
}

impl Consumer for Mapping {
    fn is_idle(&self) -> bool {
        self.invocations.is_empty() && self.source.is_idle()
    }

    fn next(&self) -> Option<Timestamp> {
        self.away().map(|outage| START + Duration::from_secs(outage.to)).or(self.source.next())
    }

    fn bill(&self) -> Bill {
        self.bill
    }

    /// Ends what has ended, lets the pollers receive, and invokes while an invocation is free.
    fn turn(&mut self) {
        while let Some(ended) = self.invocations.try_join_next() {
            self.end(ended);
        }
        while let Some(batch) = self.receive() {
            self.invoke(batch);
        }
    }
}

impl Mapping {
    fn end(&mut self, ended: Result<Ended, tokio::task::JoinError>) {
        let Ok(ended) = ended else { return };
        self.bill.invocations += 1;
        self.bill.busy += ended.took;
        self.warm.extend(ended.environment.filter(|_| !self.way.forgets));
        if let Some(response) = ended.response {
            self.world.with(|inner, _| {
                self.way.choose(&mut inner.queue, &mut inner.nudges).answer(&ended.batch, &response);
            });
        }
    }

    /// The outage in which the function cannot be invoked now.
    fn away(&self) -> Option<&Outage> {
        let second = self.world.elapsed().as_secs();
        let outages = self.world.weather.outages.iter();
        outages.filter(|outage| outage.away == Away::Function).find(|outage| outage.is_at(second))
    }

    fn receive(&mut self) -> Option<Vec<SqsMessage>> {
        if self.away().is_some() {
            return None;
        }
        let twice = self.world.weather.doubled_messages;
        let early = self.world.weather.early_redeliveries;
        let running = self.invocations.len();
        self.world.with(|inner, now| {
            let Inner { queue, nudges, dice, .. } = inner;
            let queue = self.way.choose(queue, nudges);
            let mut batch = self.source.poll(queue, now, running, || visibility(early, dice))?;
            if dice.chance(twice) {
                batch.extend(batch.first().cloned());
            }
            Some(batch)
        })
    }

    fn invoke(&mut self, batch: Vec<SqsMessage>) {
        let cold = self.warm.is_empty() && !self.way.forgets;
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
        gate(&self.world, ahead, skew, next, self.started)
    }
}

/// How long a received message stays invisible: mostly the queue's visibility timeout.
pub(crate) fn visibility(early: f64, dice: &mut Dice) -> Duration {
    if dice.chance(early) { dice.millis(200..=5_000) } else { DELIVERY.tick }
}

async fn invocation(world: &Arc<World>, environment: Environment, batch: Vec<SqsMessage>, cold: bool) -> Ended {
    let began = tokio::time::Instant::now();
    let (start, crash) = world.with(|inner, now| {
        inner.note(now, format_args!("invocation {} of {} messages", environment.number, batch.len()));
        let start = if cold { inner.dice.millis(80..=400) } else { Duration::from_millis(2) };
        let crash = inner.dice.chance(world.weather.crashes).then(|| inner.dice.millis(0..=1_500));
        (start, crash)
    });
    tokio::time::sleep(start).await;
    let throttled = throttles(world);
    let bodies: Vec<Value> = bodies(&batch);
    let lambda = Invocation { deadline: environment.now() + DELIVERY.timeout, home: Some(world.home()) };
    let work = environment.gate.handle_batch(event_of(batch.clone()), &lambda);
    let work = tokio::time::timeout(DELIVERY.timeout, work);
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
    Ended { batch, response, environment, took: began.elapsed() }
}

fn bodies(batch: &[SqsMessage]) -> Vec<Value> {
    let bodies = batch.iter().filter_map(|record| record.body.as_deref());
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
        Some(_) | None => {}
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

/// Whether a launch is over, one way or another.
pub(crate) fn ends(what: &What) -> bool {
    matches!(what, What::InService | What::Terminating { .. })
}
