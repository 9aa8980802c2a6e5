//! Carries out decisions: completes lifecycle actions, sends heartbeats, starts runs, stops deployments, suspends
//! Launch. No other part writes to AWS.

mod complete;
mod heartbeat;
mod pace;
mod settle_gone;
mod start_runs;
mod stop_deployments;
mod suspend_launch;

use std::sync::atomic::Ordering;

use futures_util::StreamExt;
use futures_util::stream;
use lifecycle::decision::{Action, Heartbeat, Reason, Rule};

use self::complete::complete;
use self::heartbeat::send_heartbeats;
use self::pace::Pace;
use self::settle_gone::settle_gone;
use self::start_runs::start_runs;
pub(crate) use self::suspend_launch::suspend_launch;
use crate::context::{AT_ONCE, Context};
use crate::evidence::BatchDeployments;
use crate::look::{Decided, Progress};
use crate::telemetry::warn_of_idle_hooks;

/// Carries out the decisions. Ready launches go on, and beside that the others get what they need: Auto Scaling may give
/// many verdicts no time to end, and a launch without a run must not wait for them. Returns how many runs AWS refused to
/// start for a reason that is not the instance's own.
pub(crate) async fn act(all: &mut [Decided], context: &Context<'_>) -> usize {
    let deployments = BatchDeployments::of(all, context);
    all.sort_by_cached_key(|decided| (!decided.continues(), decided.launched_at()));
    let (ready, others) = all.split_at_mut(all.partition_point(Decided::continues));
    let ((), refused) =
        tokio::join!(settle_in_order(ready, &deployments, context), attend_to(others, &deployments, context));
    warn_of_idle_hooks(all, &deployments, context).await;
    refused
}

/// First sends heartbeats and starts runs, last abandons: collecting its evidence is slow, and SSM may just have refused a
/// last look. Returns how many runs were refused.
async fn attend_to(others: &mut [Decided], deployments: &BatchDeployments<'_>, context: &Context<'_>) -> usize {
    let mut unanswered = send_heartbeats(others, Heartbeat::Due, context).await;
    let refused = start_runs(others, context).await;
    for decided in others.iter_mut() {
        let own = refused.instances.contains(&decided.look.instance);
        if own {
            decided.decide_without_run(context.now());
        }
        if own || refused.others.contains(&decided.look.instance) {
            decided.decision.heartbeat = Heartbeat::No;
        }
    }
    unanswered.extend(send_heartbeats(others, Heartbeat::IfRunAccepted, context).await);
    settle_all(others, deployments, context).await;
    for place in unanswered {
        others.get_mut(place).into_iter().for_each(|decided| decided.progress = Progress::Unfinished);
    }
    refused.others.len()
}

/// The oldest launch first, since its heartbeat ends first.
async fn settle_in_order(ready: &mut [Decided], deployments: &BatchDeployments<'_>, context: &Context<'_>) {
    let (mut rest, mut pace) = (ready, Pace::new());
    while !rest.is_empty() {
        let (next, later) = rest.split_at_mut(pace.at_once().min(rest.len()));
        settle_all(next, deployments, context).await;
        pace.note(context.throttled.load(Ordering::Relaxed));
        rest = later;
    }
}

async fn settle_all(all: &mut [Decided], deployments: &BatchDeployments<'_>, context: &Context<'_>) {
    stream::iter(all).for_each_concurrent(AT_ONCE, |decided| settle(decided, deployments, context)).await;
}

async fn settle(decided: &mut Decided, deployments: &BatchDeployments<'_>, context: &Context<'_>) {
    let decision = &decided.decision;
    decided.progress = match decision.action {
        Action::Wait if decision.rule == Rule::Unreadable => Progress::Unfinished,
        Action::Wait | Action::Probe { .. } | Action::Repair(_) | Action::StartAgent(_) => Progress::Open,
        Action::Complete(result) => complete(decided, result, deployments, context).await,
        Action::Settle if decision.reason == Reason::Gone => settle_gone(decided, deployments, context).await,
        Action::Settle => Progress::Settled,
    };
}
