//! What the decisions change: runs are started, heartbeats sent, lifecycle actions completed. Nothing else here writes
//! to AWS.

mod complete;
mod deployments;
mod evidence;
mod gone;
mod heartbeat;
mod held;
mod start;

use futures_util::StreamExt;
use futures_util::future::ready;
use futures_util::stream;
use lifecycle::decision::{Action, Decision, LifecycleResult, Reason, Rule};
use lifecycle::policy::Mode;

use self::deployments::Deployments;
use crate::handler::Invocation;
use crate::look::{Fate, Look};

/// Calls that cannot be batched, at once. Auto Scaling has one request bucket for the whole account (AWS-FACTS 2.4), and
/// standing in line costs less than being throttled.
pub(crate) const AT_ONCE: usize = 16;

/// Carries out the decisions.
pub(crate) async fn act(looks: &mut [Look], invocation: &Invocation<'_>) {
    let deployments = Deployments::of_all(looks, invocation);
    // Whose launch goes on comes first, then what keeps the others waiting; the reasons of those that are given up take
    // reading, which costs nobody else anything then.
    let ready = looks.iter_mut().filter(|look| decided(look, continues));
    stream::iter(ready).for_each_concurrent(AT_ONCE, |look| settle(look, &deployments, invocation)).await;
    let (unheard, ()) = tokio::join!(beat(looks, invocation), start::start(looks, invocation));
    let others = looks.iter_mut().filter(|look| !decided(look, continues));
    stream::iter(others).for_each_concurrent(AT_ONCE, |look| settle(look, &deployments, invocation)).await;
    held::tell(looks, &deployments, invocation).await;
    for place in unheard {
        looks.get_mut(place).into_iter().for_each(|look| look.fate = Fate::Unfinished);
    }
}

/// Sends the heartbeats that are due. The looks, by place, whose heartbeat did not arrive.
async fn beat(looks: &[Look], invocation: &Invocation<'_>) -> Vec<usize> {
    let due = |look: &Look| enforced(look) && decided(look, |decision| decision.heartbeat);
    let beating = looks.iter().enumerate().filter(|(_, look)| due(look));
    let beats =
        beating.map(|(place, look)| async move { heartbeat::heartbeat(look, invocation).await.then_some(place) });
    stream::iter(beats).buffer_unordered(AT_ONCE).filter_map(ready).collect().await
}

async fn settle(look: &mut Look, deployments: &Deployments<'_>, invocation: &Invocation<'_>) {
    let Some(decision) = look.decision.clone() else { return };
    look.fate = match decision.action {
        Action::Wait if decision.rule == Rule::Unreadable => Fate::Unfinished,
        Action::Wait | Action::Probe { .. } | Action::Repair(_) => Fate::Open,
        Action::Complete(result) => complete::complete(look, result, deployments, invocation).await,
        Action::Settle if decision.reason == Reason::Gone => gone::gone(look, deployments, invocation).await,
        Action::Settle => Fate::Settled,
    };
}

fn continues(decision: &Decision) -> bool {
    decision.action == Action::Complete(LifecycleResult::Continue)
}

fn enforced(look: &Look) -> bool {
    look.policy.mode == Mode::Enforce
}

fn decided(look: &Look, what: impl Fn(&Decision) -> bool) -> bool {
    look.decision.as_ref().is_some_and(what)
}
