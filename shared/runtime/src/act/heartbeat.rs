//! `RecordLifecycleActionHeartbeat`: restarts the hook's time-out.

use tracing::{info, warn};

use crate::error::CallError;
use crate::handler::Invocation;
use crate::look::Look;

/// Sends a heartbeat. Says whether it failed, and is to be sent again.
pub(super) async fn heartbeat(look: &Look, invocation: &Invocation<'_>) -> bool {
    let Some(group) = &look.group else { return false };
    let call = invocation.aws.autoscaling.record_lifecycle_action_heartbeat();
    let call = call.auto_scaling_group_name(group).lifecycle_hook_name(&invocation.config.hook);
    let call = match &look.token {
        Some(token) => call.lifecycle_action_token(token.as_str()),
        None => call.instance_id(look.instance.as_str()),
    };
    let answer = call.send().await;
    match answer.map_err(|error| CallError::new("RecordLifecycleActionHeartbeat", &look.instance, &error)) {
        Ok(_) => info!(instance = %look.instance, group, "heartbeat"),
        // Settled by somebody else, or not accepted yet: the next look sees which.
        Err(error) if error.no_active_action() => {}
        Err(error) => {
            warn!(%error, "heartbeat failed");
            return true;
        }
    }
    false
}
