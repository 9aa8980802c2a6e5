//! One invocation: observe, decide, act.

use std::convert::Infallible;
use std::time::Duration;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use lambda_runtime::LambdaEvent;
use lifecycle::{Timestamp, decide};
use tracing::info;

use crate::Clock;
use crate::act::{AT_ONCE, act};
use crate::clients::{Clients, Tally};
use crate::config::Config;
use crate::inbox::{Inbox, response};
use crate::input::{Input, Output};
use crate::look::{Fate, Look};
use crate::observe::{look_back, observe, sweep};
use crate::self_test::{self, SelfTest};
use crate::telemetry::{Lines, batch};

/// Kept free before the invocation's own time-out, to answer with what is unfinished.
const TO_ANSWER: Duration = Duration::from_secs(1);

/// The gate: everything that outlives an invocation. It holds no state of any launch.
pub struct Gate {
    config: Config,
    clients: Clients,
    clock: Clock,
    lines: Lines,
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gate").field("config", &self.config).finish_non_exhaustive()
    }
}

/// What the parts of one invocation share.
pub(crate) struct Invocation<'a> {
    pub(crate) config: &'a Config,
    pub(crate) aws: Clients,
    pub(crate) clock: &'a Clock,
    pub(crate) lines: &'a Lines,
    pub(crate) tally: Tally,
}

impl Gate {
    /// A gate that reads the time from `clock` and writes its log lines to `lines`.
    #[must_use]
    pub fn new(config: Config, clients: Clients, clock: Clock, lines: Lines) -> Self {
        Self { config, clients, clock, lines }
    }

    /// Takes a self-test: reads no AWS and changes none.
    fn test_itself(&self, test: SelfTest) -> Output {
        let passed = self_test::take(test, &self.config);
        info!(passed = passed.passed, dropped = passed.dropped, decisions = ?passed.decisions, "self-test");
        Output { response: SqsBatchResponse::default(), self_test: Some(passed) }
    }

    /// Handles one batch within `remaining`. What could not be finished is named in the response and comes back.
    pub async fn handle_batch(&self, event: SqsEvent, remaining: Duration) -> SqsBatchResponse {
        let time = remaining.saturating_sub(TO_ANSWER);
        let tally = Tally::default();
        let invocation = Invocation {
            config: &self.config,
            aws: self.clients.bounded(time, &tally),
            clock: &self.clock,
            lines: &self.lines,
            tally,
        };
        let mut inbox = Inbox::open(event, &self.config);
        let finished = tokio::time::timeout(time, turns(&mut inbox, &invocation)).await.is_ok();
        batch::write(&inbox, finished, &invocation);
        response(&inbox)
    }
}

/// The messages first; the sweep has the time that is left, for the next one is a minute away.
async fn turns(inbox: &mut Inbox, invocation: &Invocation<'_>) {
    turn(&mut inbox.looks, invocation).await;
    if !inbox.sweeps.is_empty() {
        let (mut swept, all) = sweep(&inbox.looks, invocation).await;
        // Where throttles let only the first of many verdicts pass, each look begins with others.
        let ticks =
            u128::from((invocation.clock)().millis().unsigned_abs()) / invocation.config.tick.as_millis().max(1);
        let first = usize::try_from(ticks).unwrap_or(0).wrapping_mul(AT_ONCE) % swept.len().max(1);
        swept.rotate_left(first);
        turn(&mut swept, invocation).await;
        inbox.swept = all && swept.iter().all(|look| look.fate != Fate::Unfinished);
        inbox.looks.extend(swept);
    }
}

/// Observe, decide, act, for these looks together.
async fn turn(looks: &mut [Look], invocation: &Invocation<'_>) {
    observe(looks, (invocation.clock)(), invocation).await;
    let now = (invocation.clock)();
    for look in &mut *looks {
        look.decision = Some(decide(&look.seen, &look.policy, now));
    }
    look_back(looks, invocation).await;
    act(looks, invocation).await;
}

/// Handles what launch-gate is invoked with.
///
/// # Errors
/// None: a message that cannot be handled now is named in the response.
pub async fn handle(gate: &Gate, event: LambdaEvent<Input>) -> Result<Output, Infallible> {
    let now = (gate.clock)();
    match event.payload {
        Input::Batch(batch) => {
            let deadline = Timestamp::from_millis(i64::try_from(event.context.deadline).unwrap_or(i64::MAX));
            Ok(gate.handle_batch(batch, deadline.since(now)).await.into())
        }
        Input::SelfTest(test) => Ok(gate.test_itself(test)),
    }
}
