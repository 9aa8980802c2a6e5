//! `RecordLifecycleActionHeartbeat`: restarts the hook's time-out.

use futures_util::future::ready;
use futures_util::stream::{self, StreamExt};
use runtime::CallError;
use tracing::{info, warn};

use crate::context::{AT_ONCE, Context};
use crate::look::Decided;

/// Sends the heartbeats that are due. Returns the places of the looks whose heartbeat failed and must be sent again.
pub(super) async fn send_heartbeats(all: &[Decided], context: &Context<'_>) -> Vec<usize> {
    let due = all.iter().enumerate().filter(|(_, decided)| decided.wants_heartbeat());
    let heartbeats = due.map(|(place, decided)| async move { send(decided, context).await.then_some(place) });
    stream::iter(heartbeats).buffer_unordered(AT_ONCE).filter_map(ready).collect().await
}

/// Sends one heartbeat. Returns whether it must be sent again.
async fn send(decided: &Decided, context: &Context<'_>) -> bool {
    let look = &decided.look;
    let Some(group) = &look.group else { return false };
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
            false
        }
        // The action was settled by somebody else, or is not accepted yet. The next look finds out which.
        Err(error) if error.is_no_active_action() => false,
        Err(error) => {
            warn!(%error, "heartbeat failed");
            true
        }
    }
}
