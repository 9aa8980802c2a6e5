//! What the decisions change: runs are started, heartbeats sent, lifecycle actions completed. Nothing else here writes
//! to AWS.

mod complete;
mod evidence;
mod gone;
mod heartbeat;
mod start;

use futures_util::StreamExt;
use futures_util::stream;
use lifecycle::decision::{Action, Reason, Rule};
use lifecycle::policy::Mode;

use crate::handler::Invocation;
use crate::look::{Fate, Look};

/// Calls that cannot be batched, at once. Auto Scaling has one request bucket for the whole account (AWS-FACTS 2.4), and
/// standing in line costs less than being throttled.
const AT_ONCE: usize = 16;

/// Carries out the decisions.
pub(crate) async fn act(looks: &mut [Look], invocation: &Invocation<'_>) {
    // Verdicts first: whatever else is late is made good at the next look.
    stream::iter(&mut *looks).for_each_concurrent(AT_ONCE, |look| settle(look, invocation)).await;
    let beating = looks.iter().filter(|look| enforced(look) && decided(look, |decision| decision.heartbeat));
    let beats = stream::iter(beating).for_each_concurrent(AT_ONCE, |look| heartbeat::heartbeat(look, invocation));
    tokio::join!(beats, start::start(looks, invocation));
}

async fn settle(look: &mut Look, invocation: &Invocation<'_>) {
    let Some(decision) = look.decision.clone() else { return };
    look.fate = match decision.action {
        Action::Wait if decision.rule == Rule::Unreadable => Fate::Unfinished,
        Action::Wait | Action::Probe { .. } | Action::Repair(_) => Fate::Open,
        Action::Complete(result) => complete::complete(look, result, invocation).await,
        Action::Settle if decision.reason == Reason::Gone => gone::gone(look, invocation),
        Action::Settle => Fate::Settled,
    };
}

fn enforced(look: &Look) -> bool {
    look.policy.mode == Mode::Enforce
}

fn decided(look: &Look, what: impl Fn(&lifecycle::decision::Decision) -> bool) -> bool {
    look.decision.as_ref().is_some_and(what)
}
