//! One invocation: gather, observe, decide, act.

use std::convert::Infallible;
use std::mem::take;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use lambda_runtime::LambdaEvent;
use runtime::budget::Budget;
use runtime::clients::{Attempts, Clients, SdkConfig, own_partition};
use runtime::process::{Clock, Lines};
use tokio::time::timeout;
use tracing::info;

use crate::act::act;
use crate::batch::{Batch, Opening, Part};
use crate::breaker::judge_breakers;
use crate::config::Config;
use crate::context::{AT_ONCE, Context};
use crate::event::{GateAnswer, GateEvent};
use crate::evidence::read_launch_activities;
use crate::gather::{GivenBack, gather};
use crate::green_fleet::tell_ungated_groups;
use crate::invocation::Invocation;
use crate::look::{Decided, Look, Progress};
use crate::memory::{Memory, Settled};
use crate::observe::{Waiting, ask_green_launches_less, find_waiting, observe};
use crate::response::{list_pressing, list_returning, respond};
use crate::self_test::{self, SelfTest};
use crate::telemetry::{write_batch_line, write_waiting_lines};

/// Kept before the function's time-out, to answer with the messages that come back.
const TO_ANSWER: Duration = Duration::from_secs(1);

/// The queue is busy too if a batch has more messages than this. If more launches than this are open, messages are let come
/// together.
const QUIET: usize = 5;

/// The gate: everything that outlives an invocation.
pub struct Gate {
    config: Config,
    clients: Clients,
    queue: aws_sdk_sqs::Client,
    memory: Memory,
    clock: Clock,
    lines: Lines,
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gate").field("config", &self.config).finish_non_exhaustive()
    }
}

impl Gate {
    /// A gate with clients of these settings. It reads the time from `clock` and writes its log lines to `lines`.
    #[must_use]
    pub fn new(config: Config, settings: &SdkConfig, clock: Clock, lines: Lines) -> Self {
        let queue = aws_sdk_sqs::config::Builder::from(settings).retry_partition(own_partition()).build();
        Self::with_clients(config, Clients::new(settings), aws_sdk_sqs::Client::from_conf(queue), clock, lines)
    }

    pub(crate) fn with_clients(
        config: Config,
        clients: Clients,
        queue: aws_sdk_sqs::Client,
        clock: Clock,
        lines: Lines,
    ) -> Self {
        Self { config, clients, queue, memory: Memory::default(), clock, lines }
    }

    /// Handles what was delivered and what else is in the queue, before the deadline of the invocation. The response names
    /// the delivered messages that come back, among them those of looks that were not finished.
    pub async fn handle_batch(&self, event: SqsEvent, invocation: &Invocation) -> SqsBatchResponse {
        let budget = Budget::until(invocation.deadline, TO_ANSWER, &self.clock);
        let (queue, url) = (&self.queue, self.config.queue_url.as_str());
        let busy = self.memory.is_busy((self.clock)());
        let mut gathered = gather(event, busy || self.memory.instances.count_open() > QUIET, queue, url).await;
        let (received, event) = (gathered.count_received(), take(&mut gathered.event));
        let busy = busy || event.records.len() > QUIET;
        let (time, calls) = (budget.left(), Attempts::default());
        let (config, memory, clock, lines) = (&self.config, &self.memory, &self.clock, &self.lines);
        let share = time / 3;
        let aws = self.clients.bounded(share, busy, &calls);
        let context = Context { config, aws, memory, clock, lines, share, calls, throttled: AtomicBool::new(false) };
        let opening = Opening { home: invocation.home.as_ref(), busy, config, memory, now: context.now() };
        let mut batch = Batch::open(&event, &opening);
        // A thousand bodies are two megabytes, and are not read again.
        drop(event);
        let finished = timeout(time, look_at_all(&mut batch, &context)).await.is_ok();
        batch.join_parts();
        if !batch.sweeps.is_empty() {
            write_waiting_lines(&batch, &context);
        }
        write_batch_line(&batch, received, finished, &context);
        let back = GivenBack { returning: list_returning(&batch), pressing: list_pressing(&batch) };
        gathered.give_back(&back, budget.left_with_reserve(), queue, url).await;
        if batch.messages > 1 {
            self.memory.note_batch((self.clock)());
        }
        respond(&back.returning, &gathered)
    }

    fn test_itself(&self, test: &SelfTest) -> GateAnswer {
        let passed = self_test::take_test(test, &self.config);
        info!(passed = passed.passed, dropped = passed.dropped, decisions = ?passed.decisions, "self-test");
        passed.into()
    }
}

/// The looks of the messages come first. The sweep has the time that is left, because the next one is a minute away.
async fn look_at_all(batch: &mut Batch, context: &Context<'_>) {
    batch.split_recalled(context.memory);
    let Batch { recalled, others, .. } = batch;
    let (first, second) = tokio::join!(look_at(recalled, context), look_at(others, context));
    batch.refused_runs = first + second;
    batch.join_parts();
    tell_ungated_groups(&mut batch.deployed, context).await;
    if !batch.sweeps.is_empty() {
        sweep(batch, context).await;
    }
    judge_breakers(&batch.decided, context).await;
}

/// Sees, decides and acts for one part of the batch. Returns how many runs were refused.
async fn look_at(part: &mut Part, context: &Context<'_>) -> usize {
    see_all(&mut part.looks, context).await;
    part.decided = decide_all(take(&mut part.looks), context);
    let refused = carry_out(&mut part.decided, context).await;
    part.decided.iter().for_each(|decided| remember(decided, context));
    refused
}

/// Reads what the decisions need.
async fn see_all(looks: &mut [Look], context: &Context<'_>) {
    observe(looks, context.now(), context).await;
    ask_green_launches_less(looks, context).await;
}

/// Notes which launches are open, and which are settled.
fn remember(decided: &Decided, context: &Context<'_>) {
    let (look, now) = (&decided.look, context.now());
    let instances = &context.memory.instances;
    match (decided.progress, look.has_launch_message()) {
        // AWS has accepted its verdict.
        (Progress::Settled, _) if instances.read(&look.instance, |known| known.has_settled(look.token.as_ref())) => (),
        (Progress::Settled, true) => {
            let settled = Settled { token: look.token.clone(), accepted: None };
            instances.note(&look.instance, |known| *known = settled.into());
        }
        // A nudge may see less than the launch message, and what is remembered may be an earlier action.
        (Progress::Settled, false) => instances.forget(&look.instance),
        (Progress::Open | Progress::Unfinished, true) => {
            let launch = decided.tell_open_launch();
            instances.note(&look.instance, |known| (known.looked, known.launch) = (Some(now), launch));
        }
        (Progress::Open | Progress::Unfinished, false) => {
            instances.note_open(&look.instance, |known| known.launch = decided.tell_open_launch());
        }
    }
}

async fn sweep(batch: &mut Batch, context: &Context<'_>) {
    let Waiting { mut looks, known, all } = find_waiting(&batch.decided, context).await;
    batch.known = known;
    see_all(&mut looks, context).await;
    let mut swept = decide_all(looks, context);
    rotate(&mut swept, context);
    batch.refused_runs += carry_out(&mut swept, context).await;
    for decided in &swept {
        remember(decided, context);
    }
    batch.swept = all && swept.iter().all(|decided| decided.progress != Progress::Unfinished);
    batch.decided.extend(swept);
}

/// Begins each sweep with other instances. If throttles let only the first of many verdicts pass, every instance is first
/// in some sweep.
fn rotate(swept: &mut [Decided], context: &Context<'_>) {
    let ticks = u128::from(context.now().millis().unsigned_abs()) / context.config.tick.as_millis().max(1);
    let first = usize::try_from(ticks).unwrap_or(0).wrapping_mul(AT_ONCE) % swept.len().max(1);
    swept.rotate_left(first);
}

fn decide_all(looks: Vec<Look>, context: &Context<'_>) -> Vec<Decided> {
    let now = context.now();
    looks.into_iter().map(|look| look.decide(now)).collect()
}

async fn carry_out(decided: &mut [Decided], context: &Context<'_>) -> usize {
    read_launch_activities(decided, context).await;
    act(decided, context).await
}

/// Handles what launch-gate is invoked with.
///
/// # Errors
/// None. The answer names the messages that could not be handled now.
pub async fn handle(gate: &Gate, event: LambdaEvent<GateEvent>) -> Result<GateAnswer, Infallible> {
    match event.payload {
        GateEvent::Batch(batch) => Ok(gate.handle_batch(batch, &Invocation::read(&event.context)).await.into()),
        GateEvent::SelfTest(test) => Ok(gate.test_itself(&test)),
    }
}
