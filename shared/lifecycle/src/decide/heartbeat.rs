//! When a heartbeat is due.
//!
//! AWS does not say when the last heartbeat was, and nothing is remembered here. So the moments are fixed by the
//! beginning of the action: every third of the heartbeat timeout, in the first two looks after it. If both looks fail,
//! the next third makes up for it.

use std::time::Duration;

use crate::observation::{Hook, Observation};
use crate::policy::Policy;
use crate::timestamp::Timestamp;
use crate::timing::deadline;

/// Whether this look sends a heartbeat.
pub(super) fn is_due(seen: &Observation, policy: &Policy, now: Timestamp) -> bool {
    let (Some(hook), Some(began)) = (seen.our_hook(), seen.began()) else {
        return false;
    };
    let open = now.since(began);
    let outlasts = deadline(seen, policy).is_some_and(|end| end.since(began) + 2 * seen.tick > lapses_at(hook, open));
    outlasts && is_in_window(hook, open, seen.tick)
}

/// When the hook times out, counted from the beginning, if no heartbeat is sent in this window and none was sent in the
/// window before.
fn lapses_at(hook: Hook, open: Duration) -> Duration {
    let third = third_of_timeout(hook);
    let windows = open.as_millis() / third.as_millis();
    third.saturating_mul(u32::try_from(windows).unwrap_or(u32::MAX).saturating_add(1))
}

fn is_in_window(hook: Hook, open: Duration, tick: Duration) -> bool {
    let (third, window) = (third_of_timeout(hook).as_millis(), (2 * tick).as_millis());
    third <= window || (open.as_millis() >= third && open.as_millis() % third < window)
}

/// AWS allows no heartbeat timeout under 30 s (aws-facts 2.2). The lower bound of 1 s only keeps the division safe.
fn third_of_timeout(hook: Hook) -> Duration {
    (hook.heartbeat_timeout / 3).max(Duration::from_secs(1))
}
