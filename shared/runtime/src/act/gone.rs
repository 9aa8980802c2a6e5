//! An instance that is gone while its launch message is still here: somebody else ended the launch, or a nudge did, on
//! our behalf, since this message was last seen.

use tracing::debug;

use crate::handler::Invocation;
use crate::look::{Fate, Look};
use crate::telemetry::settled::{Evidence, Outcome, Settled};

use super::deployments::Deployments;
use super::enforced;

/// Tells of an instance that is gone, unless the look that abandoned it has told already.
pub(super) async fn gone(look: &mut Look, deployments: &Deployments<'_>, invocation: &Invocation<'_>) -> Fate {
    if !look.has_launch_message() {
        return Fate::Settled;
    }
    let ended = look.activity.as_ref().map(|activity| activity.message.clone()).unwrap_or_default();
    if abandoned_by_us(look, &ended) {
        debug!(instance = %look.instance, "already told");
        // The look that told may have had no time left for this, or AWS did not let it.
        return deployments.stop(look, &deployments.running(look).await).await;
    }
    let own = deployments.of(look).await;
    let evidence = Evidence { text: None, deployments: own.known.clone(), partial: own.more };
    // AWS's own words for the end of the launch.
    look.warnings.extend(Some(ended).filter(|ended| !ended.is_empty()));
    Settled::of(look, Outcome::Gone, &evidence, invocation).write(invocation);
    if enforced(look) {
        // It is told now, and what comes back would be told again.
        deployments.stop(look, &own).await;
    }
    Fate::Settled
}

/// An explicit ABANDON of exactly this action (AWS-FACTS 1.3).
fn abandoned_by_us(look: &Look, ended: &str) -> bool {
    let token = look.token.as_ref().is_some_and(|token| ended.contains(token.as_str()));
    token && ended.contains("Completed with ABANDON Result")
}
