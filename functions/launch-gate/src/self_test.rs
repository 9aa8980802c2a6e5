//! The self-test: a new release shows that it reads launch messages and decides as it should. It calls no AWS.
//!
//! traffic-hook asks for it before a new version gets traffic, and after the version has all traffic
//! (ARCHITECTURE.md#the-questions).

use std::time::Duration;

use aws_lambda_events::event::sqs::SqsEvent;
use lifecycle::Timestamp;
use lifecycle::decide;
use lifecycle::decision::{Action, Decision, LifecycleResult};
use lifecycle::event::Destination;
use lifecycle::observation::{GroupHooks, Hook, LifecycleState, Ping, Reading};
use lifecycle::report::Report;
use lifecycle::run::{Purpose, Run, RunState};
use serde::{Deserialize, Serialize};

use crate::batch::{Batch, Opening};
use crate::config::Config;
use crate::look::Look;
use crate::memory::Memory;

/// Messages of launches, and the report that a run on each instance is supposed to have made. It is launch-gate's part of
/// `events/self-test.json`.
#[derive(Debug, Deserialize)]
pub struct SelfTest {
    batch: SqsEvent,
    report: Report,
}

/// What a self-test has shown.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Passed {
    /// Whether every message was read, and each launch decided as the report says: CONTINUE if ready, else ABANDON.
    pub passed: bool,
    /// How many messages could not be read, or are not of our hook.
    pub dropped: usize,
    /// `CONTINUE`, `ABANDON`, or `NONE` for a launch that would go on waiting.
    pub decisions: Vec<&'static str>,
}

/// Takes the test.
pub(crate) fn take_test(test: &SelfTest, config: &Config) -> Passed {
    let batch = Batch::open(
        &test.batch,
        &Opening { home: None, busy: false, config, memory: &Memory::default(), now: Timestamp::default() },
    );
    let results = batch.looks.into_iter().map(|look| name_result(&decide_as_if_reported(look, &test.report)));
    let decisions: Vec<_> = results.collect();
    let expected = if test.report.ready { LifecycleResult::Continue } else { LifecycleResult::Abandon }.as_str();
    let as_expected = !decisions.is_empty() && decisions.iter().all(|decision| *decision == expected);
    Passed { passed: batch.dropped == 0 && as_expected, dropped: batch.dropped, decisions }
}

/// The decision a minute after the launch began, if AWS said that the instance waits and a run had just reported this.
fn decide_as_if_reported(mut look: Look, report: &Report) -> Decision {
    let now = look.seen.began().unwrap_or_default() + Duration::from_mins(1);
    let waits = LifecycleState::Waiting(look.destination().unwrap_or(Destination::Service));
    look.seen.lifecycle_state = Reading::Known(waits);
    look.seen.ping = Reading::Known(Ping::Heard { online: true, at: now });
    let state = RunState::Reported { at: now, report: report.clone() };
    let run = Run { state, ..Run::sent(Purpose::Readiness, String::new(), now) };
    look.seen.runs = Reading::Known(vec![run]);
    let (heartbeat_timeout, global_timeout) = (Duration::from_mins(10), Duration::from_hours(16));
    let ours = Some(Hook { heartbeat_timeout, global_timeout });
    look.seen.hooks = Reading::Known(GroupHooks { ours, of_codedeploy: Vec::new() });
    decide(&look.seen, &look.policy, now)
}

fn name_result(decision: &Decision) -> &'static str {
    match decision.action {
        Action::Complete(result) => result.as_str(),
        Action::Wait | Action::Probe { .. } | Action::Repair(_) | Action::StartAgent(_) | Action::Settle => "NONE",
    }
}
