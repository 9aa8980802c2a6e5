//! An instance that is gone while its launch message is still here: somebody else ended the launch, or a nudge did, on
//! our behalf, since this message was last seen.

use tracing::debug;

use crate::handler::Invocation;
use crate::look::{Fate, Look};
use crate::observe::{Activity, activities};
use crate::telemetry::settled::{Outcome, Settled};

/// Tells of an instance that is gone, unless the look that abandoned it has told already.
pub(super) async fn gone(look: &mut Look, invocation: &Invocation<'_>) -> Fate {
    if !look.has_launch_message() {
        return Fate::Settled;
    }
    let Some(group) = look.group.clone() else { return Fate::Settled };
    // AWS's own words for the end of the launch; without them the line is written all the same.
    let ended = activities(&group, vec![&look.instance], invocation).await.unwrap_or_default();
    let ended = ended.get(&look.instance);
    if ended.is_some_and(|ended| abandoned_by_us(look, ended)) {
        debug!(instance = %look.instance, "already told");
        return Fate::Settled;
    }
    look.warnings.extend(ended.filter(|ended| !ended.message.is_empty()).map(|ended| ended.message.clone()));
    Settled::of(look, Outcome::Gone, None, invocation).write(invocation);
    Fate::Settled
}

/// An explicit ABANDON of exactly this action (AWS-FACTS 1.3).
fn abandoned_by_us(look: &Look, ended: &Activity) -> bool {
    let token = look.token.as_ref().is_some_and(|token| ended.message.contains(token.as_str()));
    token && ended.message.contains("Completed with ABANDON Result")
}
