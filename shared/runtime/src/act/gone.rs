//! An instance that is gone while its launch message is still here: somebody else ended the launch, or a nudge did, on
//! our behalf, since this message was last seen.

use tracing::debug;

use crate::handler::Invocation;
use crate::look::{Fate, Look};
use crate::telemetry::settled::{Outcome, Settled};

/// Tells of an instance that is gone, unless the look that abandoned it has told already.
pub(super) fn gone(look: &mut Look, invocation: &Invocation<'_>) -> Fate {
    if !look.has_launch_message() {
        return Fate::Settled;
    }
    let ended = look.activity.as_ref().map(|activity| activity.message.clone()).unwrap_or_default();
    if abandoned_by_us(look, &ended) {
        debug!(instance = %look.instance, "already told");
        return Fate::Settled;
    }
    // AWS's own words for the end of the launch.
    look.warnings.extend(Some(ended).filter(|ended| !ended.is_empty()));
    Settled::of(look, Outcome::Gone, None, invocation).write(invocation);
    Fate::Settled
}

/// An explicit ABANDON of exactly this action (AWS-FACTS 1.3).
fn abandoned_by_us(look: &Look, ended: &str) -> bool {
    let token = look.token.as_ref().is_some_and(|token| ended.contains(token.as_str()));
    token && ended.contains("Completed with ABANDON Result")
}
