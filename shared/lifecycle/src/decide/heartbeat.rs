//! When a heartbeat is due. AWS does not tell when the last one was, and nothing is remembered here, so the moments are
//! fixed by the beginning of the action: every third of the heartbeat timeout, in either of the two looks after it.
//! One window that is missed whole is made good by the next.

use std::time::Duration;

use super::deadline::{began, deadline};
use crate::Timestamp;
use crate::observation::{Hook, Observation};
use crate::policy::Policy;

/// Whether this look sends a heartbeat.
pub(super) fn due(seen: &Observation, policy: &Policy, now: Timestamp) -> bool {
    let (Some(hook), Some(began)) = (seen.hook.known().copied().flatten(), began(seen)) else {
        return false;
    };
    let open = now.since(began);
    let outlasts = deadline(seen, policy).is_some_and(|end| end.since(began) + 2 * seen.tick > lapse(hook, open));
    outlasts && in_window(hook, open, seen.tick)
}

/// When the hook times out, counted from the beginning, if this window sends no heartbeat and the one before was missed.
fn lapse(hook: Hook, open: Duration) -> Duration {
    let third = third(hook);
    let windows = open.as_millis() / third.as_millis();
    third.saturating_mul(u32::try_from(windows).unwrap_or(u32::MAX).saturating_add(1))
}

fn in_window(hook: Hook, open: Duration, tick: Duration) -> bool {
    let (third, window) = (third(hook).as_millis(), (2 * tick).as_millis());
    third <= window || (open.as_millis() >= third && open.as_millis() % third < window)
}

/// AWS allows no heartbeat timeout under 30 s (AWS-FACTS 2.2); the bound keeps the division safe.
fn third(hook: Hook) -> Duration {
    (hook.heartbeat_timeout / 3).max(Duration::from_secs(1))
}
