//! When a heartbeat is due.
//!
//! AWS does not say when the last heartbeat was, and nothing is remembered here. So the moments are fixed by the
//! beginning of the action: every third of the heartbeat timeout, in the first two looks after it. If both looks fail,
//! the next third makes up for it.

use std::time::Duration;

use super::situation::{Row, Situation};
use crate::decision::{Action, Heartbeat, Rule};
use crate::observation::Hook;
use crate::timestamp::Timestamp;
use crate::timing::{LAST_LOOK, deadline, earliest_deadline};

impl Situation<'_> {
    /// Whether this look sends a heartbeat. A repair is preceded by one: only an instance that our hook holds is changed.
    /// After the deadline only a last look that SSM has accepted is kept alive. If AWS refuses every run, the hook's own
    /// time-out is the end. A sweep does not know the deadline exactly, so for it this begins with the earliest deadline.
    pub(super) fn choose_heartbeat(&self, (rule, action, _): &Row) -> Heartbeat {
        let has_passed = |deadline: Option<Timestamp>| deadline.is_some_and(|deadline| deadline <= self.now);
        let late = has_passed(deadline(self.seen, self.policy));
        let launched = self.history.newest().and_then(|run| run.launched);
        let perhaps_late = has_passed(earliest_deadline(self.seen, self.policy, launched, self.now));
        let due = |due| if due { Heartbeat::Due } else { Heartbeat::No };
        match action {
            Action::Complete(_) | Action::Settle => Heartbeat::No,
            Action::Repair(_) | Action::StartAgent(_) => Heartbeat::Due,
            // Whenever SSM accepted the last look, its report must come before the hook's time-out.
            Action::Wait if late && *rule == Rule::Run => due(self.seen.our_hook().is_some()),
            Action::Wait => due(!late && self.is_heartbeat_due()),
            Action::Probe { .. } if perhaps_late => Heartbeat::IfRunAccepted,
            Action::Probe { .. } => due(self.is_heartbeat_due()),
        }
    }

    fn is_heartbeat_due(&self) -> bool {
        let (seen, now) = (self.seen, self.now);
        let (Some(hook), Some(began)) = (seen.our_hook(), seen.began()) else {
            return false;
        };
        let open = now.since(began);
        let reserve = LAST_LOOK + 2 * seen.tick;
        let outlasts =
            deadline(seen, self.policy).is_some_and(|end| end.since(began) + reserve > lapses_at(hook, open));
        outlasts && is_in_window(hook, open, seen.tick)
    }
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
