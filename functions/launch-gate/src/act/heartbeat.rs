//! `RecordLifecycleActionHeartbeat`: restarts the hook's time-out.

use futures_util::future::join_all;
use lifecycle::Timestamp;
use lifecycle::decision::Heartbeat;
use runtime::CallError;
use tracing::{info, warn};

use super::pace::Pace;
use crate::context::Context;
use crate::look::Decided;

/// What AWS said to a heartbeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    /// Our hook holds the instance.
    Held,
    /// The action was settled by somebody else, is not accepted yet, or never was ours. The next look finds out which.
    NotOpen,
    /// The heartbeat must be sent again.
    Failed,
    /// The same, because of too many requests.
    Throttled,
}

/// Sends the heartbeats of this kind that are due, and notes which were accepted. Returns the places of the looks whose
/// heartbeat failed and must be sent again.
pub(super) async fn send_heartbeats(all: &mut [Decided], kind: Heartbeat, context: &Context<'_>) -> Vec<usize> {
    let mut due: Vec<_> = all.iter_mut().enumerate().filter(|(_, decided)| is_due(decided, kind, context)).collect();
    // If throttles let only some of them pass, these are the ones that need it most.
    due.sort_by_cached_key(|(_, decided)| estimate_beat(decided, context));
    let (mut failed, mut pace, mut throttled) = (Vec::new(), Pace::new(), false);
    let mut rest = due.into_iter().peekable();
    while rest.peek().is_some() {
        let some = rest.by_ref().take(pace.at_once()).map(|(place, decided)| async move {
            let answer = send(decided, context).await;
            decided.held = answer == Answer::Held;
            (place, answer)
        });
        for (place, answer) in join_all(some).await {
            throttled |= answer == Answer::Throttled;
            failed.extend(matches!(answer, Answer::Throttled | Answer::Failed).then_some(place));
        }
        pace.note(throttled);
    }
    failed
}

/// A repair needs a heartbeat of its own look. Any other may be left out if one was accepted less than a sixth of the
/// hook's time-out ago: half the time after which the next is due.
fn is_due(decided: &Decided, kind: Heartbeat, context: &Context<'_>) -> bool {
    let repairs = decided.decision.action.mends();
    let sixth = decided.look.seen.our_hook().map(|hook| hook.heartbeat_timeout / 6).unwrap_or_default();
    let recent = || last_beat(decided, context).is_some_and(|beat| context.now().since(beat) < sixth);
    decided.wants_heartbeat(kind) && (repairs || !recent())
}

/// When AWS last accepted a heartbeat, as far as this process knows.
fn last_beat(decided: &Decided, context: &Context<'_>) -> Option<Timestamp> {
    context.memory.instances.read(&decided.look.instance, |known| known.beat)
}

/// When the time-out was restarted last, as far as can be told. A launch that is older than its time-out was kept alive by
/// another process, or by this one before it began anew: half of the time-out ago, on average. A younger one may never have
/// been.
fn estimate_beat(decided: &Decided, context: &Context<'_>) -> Option<Timestamp> {
    let seen = &decided.look.seen;
    let guess = || {
        let (began, timeout) = (seen.began()?, seen.our_hook()?.heartbeat_timeout);
        let is_young = context.now().since(began) < timeout;
        Some(if is_young { began } else { context.now() - timeout / 2 })
    };
    last_beat(decided, context).or_else(guess)
}

async fn send(decided: &Decided, context: &Context<'_>) -> Answer {
    let look = &decided.look;
    let Some(group) = &look.group else { return Answer::NotOpen };
    let call = context.aws.autoscaling.record_lifecycle_action_heartbeat();
    let call = call.auto_scaling_group_name(group).lifecycle_hook_name(&context.config.readiness.hook);
    let call = match &look.token {
        Some(token) => call.lifecycle_action_token(token.as_str()),
        None => call.instance_id(look.instance.as_str()),
    };
    let answer = call.send().await;
    match answer.map_err(|error| CallError::new("RecordLifecycleActionHeartbeat", &look.instance, &error)) {
        Ok(_) => {
            info!(instance = %look.instance, group, "heartbeat");
            context.memory.instances.note(&look.instance, |known| known.beat = Some(context.now()));
            Answer::Held
        }
        Err(error) if error.is_no_active_action() => Answer::NotOpen,
        Err(error) => {
            warn!(%error, "heartbeat failed");
            if error.is_throttled() { Answer::Throttled } else { Answer::Failed }
        }
    }
}
