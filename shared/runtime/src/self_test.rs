//! The self-test: a release shows that it reads what it will be sent and decides as it should, and touches nothing.
//! traffic-hook asks for it before a new version gets any traffic, and after it has got all (DESIGN 7).

use std::time::Duration;

use aws_lambda_events::event::sqs::SqsEvent;
use lifecycle::decide;
use lifecycle::decision::{Action, Decision, LifecycleResult};
use lifecycle::event::Phase;
use lifecycle::observation::{Errand, Ping, Presence, Reading, Run, RunState};
use lifecycle::report::Report;
use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::inbox::Inbox;
use crate::look::Look;

/// Messages of launches, and what a run is supposed to have reported of each instance; launch-gate's part of
/// `events/self-test.json`.
#[derive(Debug, Deserialize)]
pub struct SelfTest {
    batch: SqsEvent,
    report: Report,
}

/// What a self-test has shown.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Passed {
    /// Whether every message was understood, and each launch continued if the report says ready, else abandoned.
    pub passed: bool,
    /// Messages that were not understood, or are not of our hook.
    pub dropped: usize,
    /// `CONTINUE`, `ABANDON`, or `NONE` for a launch that would wait on.
    pub decisions: Vec<&'static str>,
}

/// Takes the test.
pub(crate) fn take(test: SelfTest, config: &Config) -> Passed {
    let inbox = Inbox::open(test.batch, config);
    let decisions: Vec<_> = inbox.looks.into_iter().map(|look| verdict(&decided(look, &test.report))).collect();
    let wanted = if test.report.ready { LifecycleResult::Continue } else { LifecycleResult::Abandon }.as_str();
    let as_wanted = !decisions.is_empty() && decisions.iter().all(|decision| *decision == wanted);
    Passed { passed: inbox.dropped == 0 && as_wanted, dropped: inbox.dropped, decisions }
}

/// The decision a minute after the launch began, if AWS had said that the instance waits, and that a run had just
/// reported this.
fn decided(mut look: Look, report: &Report) -> Decision {
    let now = look.began().unwrap_or_default() + Duration::from_mins(1);
    look.seen.presence = Reading::Known(Presence::Waiting(look.phase().unwrap_or(Phase::Service)));
    look.seen.ping = Reading::Known(Ping::Heard { online: true, at: now });
    let state = RunState::Reported { at: now, report: report.clone() };
    let (command, step, launched, phase) = (String::new(), None, None, None);
    let run = Run { errand: Errand::Readiness, command, step, launched, phase, requested: now, state };
    look.seen.runs = Reading::Known(vec![run]);
    decide(&look.seen, &look.policy, now)
}

fn verdict(decision: &Decision) -> &'static str {
    match decision.action {
        Action::Complete(result) => result.as_str(),
        Action::Wait | Action::Probe { .. } | Action::Repair(_) | Action::Settle => "NONE",
    }
}
